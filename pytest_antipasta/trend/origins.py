"""Find which functions those of a commit were before it, by their code."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from pytest_antipasta.metrics.following.comparison import BlockComparison, identify_block
from pytest_antipasta.metrics.following.file_version import BlockId
from pytest_antipasta.trend.opening import Past
from pytest_antipasta.trend.standings import FindOrigin
from pytest_antipasta.trend.versions import Pair, Versions


def make_origin_finder(past: Past) -> FindOrigin:
    """Return what compares single commits, and in them only the files that may have had a function."""
    versions = Versions(past.contents)

    @cache
    def list_pairs(index: int) -> list[Pair]:
        (change,) = past.list_changes(index, index + 1, needs_contents=False)
        return versions.pair(change)

    @cache
    def compare(index: int, path: str, paths: frozenset[str]) -> BlockComparison:
        return versions.compare(
            (old, versions.pass_over(old, new))
            for old, new in list_pairs(index)
            if (new and new.path == path) or (old and old.path in paths)
        )

    def find(index: int, block: BlockId, paths: Collection[str]) -> BlockId | None:
        comparison = compare(index, block[0], frozenset(paths))
        if block not in comparison.after.list_blocks():
            return None
        found = identify_block(comparison, block)
        versions.keep_bodies(comparison)
        return found.before

    return find
