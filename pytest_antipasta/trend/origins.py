"""Find which functions those of a commit were before it, by their code."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from pytest_antipasta.metrics.following.comparison import BlockComparison, identify_block
from pytest_antipasta.metrics.following.file_version import BlockId
from pytest_antipasta.trend.opening import Past
from pytest_antipasta.trend.versions import Pair, PartialFile, Versions


class CodeOrigins:
    """Compares single commits of a history, and in them only the files that may have had a function."""

    def __init__(self, past: Past) -> None:
        """Compare nothing yet."""
        self._past = past
        self._versions = Versions(past.contents)
        self._list_pairs = cache(self._read_pairs)
        self._compare = cache(self._compare_files)

    def find(self, index: int, block: BlockId, paths: Collection[str]) -> BlockId | None:
        """Return which block a block was before a commit; ``None`` for a new one.

        Args:
            index: index of the commit.
            block: path and qualified name after the commit.
            paths: old paths of further files that may have had it.
        """
        comparison = self._compare(index, block[0], frozenset(paths))
        if block not in comparison.after.list_blocks():
            return None
        found = identify_block(comparison, block)
        self._versions.keep_bodies(comparison)
        return found.before

    def _read_pairs(self, index: int) -> list[Pair]:
        (change,) = self._past.list_changes(index, index + 1, needs_contents=False)
        return self._versions.pair(change)

    def _compare_files(self, index: int, path: str, paths: frozenset[str]) -> BlockComparison:
        some = [
            (old, new and PartialFile(new))
            for old, new in self._list_pairs(index)
            if (new and new.path == path) or (old and old.path in paths)
        ]
        return self._versions.compare(some)
