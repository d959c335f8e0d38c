"""Count the changes of each function, under any name and in any file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.metrics.following.comparison import BlockComparison, FollowedBlock, identify_blocks
from pytest_antipasta.metrics.following.file_version import BlockId, FileVersion
from pytest_antipasta.model.trend import Hotspot
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.versions import Pair, PartialFile, Versions

# Commits whose contents are read in one batch.
_AHEAD = 25


class _Count(NamedTuple):
    """The number of changes of a block, and its last cyclomatic complexity."""

    changes: int
    complexity: int


class BlockChurn:
    """Counts edits of the code of functions, methods and closures.

    Comments, docstrings, annotations, layout and names are no code, and a new function has no edits.

    A content without values is skipped: its changes are counted in the next content of the file with values.

    Attributes:
        unread: contents with stored values that git does not have, so that they can't be compared.
    """

    def __init__(self, versions: Versions) -> None:
        self.unread = versions.unread
        self._versions = versions
        self._counts: dict[str, dict[str, _Count]] = {}
        # For each file whose content has no values, the last content with values; ``None`` for a new file.
        self._last: dict[str, OldFile | None] = {}

    def apply(self, changes: Sequence[Sequence[FileDiff]]) -> None:
        """Count the changes of commits, with renames detected."""
        for start in range(0, len(changes), _AHEAD):
            some = list(map(self._versions.pair, changes[start : start + _AHEAD]))
            files = chain.from_iterable(chain.from_iterable(some))
            self._versions.prefetch(file for file in files if file is not None)
            for pairs in some:
                self._apply(pairs)

    def _apply(self, pairs: Sequence[Pair]) -> None:
        before = [old and self._last.pop(old.path, old) for old, _ in pairs]
        after = [self._pass_over(held, new) for held, (_, new) in zip(before, pairs, strict=True)]
        comparison = self._versions.compare(zip(before, after, strict=True))
        counts = {path: self._counts.pop(path, {}) for path in comparison.before.versions}
        waiting = _find_waiting(after, pairs)
        broken = self._open_broken(before, pairs)
        for block, what in identify_blocks(comparison).items():
            if block[0] not in waiting:
                known = None if what.before is None else counts[what.before[0]].get(what.before[1])
                self._count(comparison, block, known, is_changed=_is_changed(comparison, block, what, broken))
        for path, part in waiting.items():
            self._last[path] = part.file
            self._counts[path] = counts[comparison.origins[path]]
        self._versions.keep_bodies(comparison)

    def _open_broken(self, before: Sequence[OldFile | None], pairs: Sequence[Pair]) -> dict[str, FileVersion]:
        """Return the contents without values that others replace, by path."""
        found = [(held, old) for held, (old, _) in zip(before, pairs, strict=True) if held != old]
        return {held.path: self._versions.open(old) for held, old in found if held and old}

    def _pass_over(self, held: OldFile | None, new: OldFile | None) -> PartialFile | None:
        if (part := self._versions.pass_over(held, new)) is None and new is not None:
            self._last[new.path] = None
        return part

    def _count(
        self, comparison: BlockComparison, block: BlockId, known: _Count | None, *, is_changed: bool
    ) -> None:
        path, name = block
        now = comparison.after.versions[path].blocks[name]
        changes = (known.changes if known else 0) + is_changed
        if changes and now.kind != "cell":
            self._counts.setdefault(path, {})[name] = _Count(changes, now.cyclomatic_complexity or 0)

    def rank(self, paths: Iterable[str]) -> list[Hotspot]:
        """Return the changed functions in existing files, highest score first."""
        found = (
            Hotspot(path, *item, name) for path in paths for name, item in self._counts.get(path, {}).items()
        )
        return sorted(found, key=lambda item: (-item.score, item.path, item.qualified_name or ""))


def _find_waiting(after: Sequence[PartialFile | None], pairs: Sequence[Pair]) -> dict[str, PartialFile]:
    """Return the contents used for files without values, by path."""
    return {part.path: part for part, (_, new) in zip(after, pairs, strict=True) if part and part.file != new}


def _is_changed(
    comparison: BlockComparison, block: BlockId, what: FollowedBlock, broken: Mapping[str, FileVersion]
) -> bool:
    """Return whether a change edited the code of a block that was there before.

    Args:
        comparison: comparison of both sides of the change.
        block: block of the new side.
        what: the kind of change.
        broken: contents without values before the change, by path. If one has neither the old nor the new
            text of a block, it has modified the block, which counts here.
    """
    if what.before is None:
        return False
    if what.state == "modified":
        return comparison.has_new_code(block, what.before)
    if what.before[0] not in broken:
        return False
    old, new = comparison.before.versions[what.before[0]], comparison.after.versions[block[0]]
    texts = old.block_lines(what.before[1]), new.block_lines(block[1])
    return not any(map(broken[old.path].has_lines, texts))
