"""How often each function was changed, under whichever name and in whichever file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from pytest_antipasta.git import FileDiff
from pytest_antipasta.metrics import BlockComparison, BlockId, Change, LineIndex, identify_blocks
from pytest_antipasta.model import Hotspot
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.versions import Pair, Part, Versions

# Commits whose contents are read at once.
_AHEAD = 25


class _Count(NamedTuple):
    """How often a block was changed, and its cyclomatic complexity when it last had one."""

    changes: int
    complexity: int


class BlockChurn:
    """Counts changes of functions, methods and closures; comments, layout and another name are none.

    A content that has no numbers is passed over: its file is taken for what it was before, and what the
    content did is seen in the next one that has numbers.

    Attributes:
        unread: contents that have numbers in the store, and are not here to be compared.
    """

    def __init__(self, versions: Versions) -> None:
        """Begin with nothing."""
        self.unread = versions.unread
        self._versions = versions
        self._counts: dict[str, dict[str, _Count]] = {}
        # Of each file whose content has no numbers the last one that had some; none for a file that came so.
        self._last: dict[str, OldFile | None] = {}

    def apply(self, changes: Sequence[Sequence[FileDiff]]) -> None:
        """Count what commits change, with renames found."""
        for start in range(0, len(changes), _AHEAD):
            some = list(map(self._versions.pair, changes[start : start + _AHEAD]))
            files = chain.from_iterable(chain.from_iterable(some))
            self._versions.prefetch(file for file in files if file is not None)
            for pairs in some:
                self._apply(pairs)

    def _apply(self, pairs: Sequence[Pair]) -> None:
        before = [self._find_last(old) for old, _ in pairs]
        after = [self._pass_over(held, new) for held, (_, new) in zip(before, pairs, strict=True)]
        comparison = self._versions.compare(zip([held and Part(held) for held in before], after, strict=True))
        counts = {path: self._counts.pop(path, {}) for path in comparison.before.versions}
        waiting = _find_waiting(after, pairs)
        broken = self._index_broken(before, pairs)
        for block, what in identify_blocks(comparison).items():
            if block[0] not in waiting:
                known = _find_count(counts, what)
                self._count(comparison, block, known, is_changed=_is_changed(comparison, block, what, broken))
        for path, part in waiting.items():
            self._last[path] = part.file
            self._counts[path] = counts[comparison.origins[path]]
        self._versions.keep_bodies(comparison)

    def _index_broken(self, before: Sequence[OldFile | None], pairs: Sequence[Pair]) -> dict[str, LineIndex]:
        """Return the lines of the contents without numbers that others stand for, by path."""
        found = [(held, old) for held, (old, _) in zip(before, pairs, strict=True) if held != old]
        return {held.path: self._versions.index_lines(old) for held, old in found if held and old}

    def _find_last(self, old: OldFile | None) -> OldFile | None:
        """Return what a file is taken for before a change."""
        return old and self._last.pop(old.path, old)

    def _pass_over(self, held: OldFile | None, new: OldFile | None) -> Part | None:
        """Return what a file is taken for after a change, ``None`` where it is not there.

        Of a content without numbers that is what its file was before, as far as its text still has that: what
        else there was may have gone to another file.
        """
        if new is None or self._versions.has_numbers(new):
            return new and Part(new)
        if held is None:
            self._last[new.path] = None
            return None
        return self._versions.keep_standing(held, new) if self._versions.has_numbers(held) else Part(new)

    def _count(
        self, comparison: BlockComparison, block: BlockId, known: _Count | None, *, is_changed: bool
    ) -> None:
        path, name = block
        now = comparison.after.versions[path].blocks[name]
        changes = (known.changes if known else 0) + is_changed
        if changes and now.kind != "cell":
            self._counts.setdefault(path, {})[name] = _Count(changes, now.cyclomatic_complexity or 0)

    def rank(self, paths: Iterable[str]) -> list[Hotspot]:
        """Return those that were changed, in files that are there, the hottest first."""
        found = (
            Hotspot(path, *one, name) for path in paths for name, one in self._counts.get(path, {}).items()
        )
        return sorted(found, key=lambda one: (-one.score, one.path, one.qualified_name or ""))


def _find_count(counts: Mapping[str, Mapping[str, _Count]], what: Change) -> _Count | None:
    """Return what was counted of the block that another was before."""
    return None if what.before is None else counts[what.before[0]].get(what.before[1])


def _find_waiting(after: Sequence[Part | None], pairs: Sequence[Pair]) -> dict[str, Part]:
    """Return by path what files are taken for whose contents have no numbers."""
    return {part.path: part for part, (_, new) in zip(after, pairs, strict=True) if part and part.file != new}


def _is_changed(
    comparison: BlockComparison, block: BlockId, what: Change, broken: Mapping[str, LineIndex]
) -> bool:
    """Whether a change made the code of a block another.

    Args:
        comparison: of both sides of the change.
        block: of the later side.
        what: happened to it.
        broken: by path the contents without numbers that the change begins with. One that has not the text of
            a block, neither as it was before nor as it is, did something to it, which counts now.
    """
    if what.state in ("added", "modified"):
        return True
    if what.before is None or what.before[0] not in broken:
        return False
    old, new = comparison.before.versions[what.before[0]], comparison.after.versions[block[0]]
    texts = old.block_lines(what.before[1]), new.block_lines(block[1])
    return not any(map(broken[old.path].has, texts))
