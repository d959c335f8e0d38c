"""How often each function was changed, under whichever name and in whichever file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from pytest_antipasta.git import FileDiff
from pytest_antipasta.metrics import BlockComparison, BlockId, Change, identify_blocks
from pytest_antipasta.model import Hotspot
from pytest_antipasta.trend.versions import Versions

# Commits whose contents are read at once.
_AHEAD = 25

_Counts: TypeAlias = dict[str, dict[str, Hotspot]]
"""What was changed, by path and qualified name."""


class BlockChurn:
    """Counts changes of functions, methods and closures; comments, layout and another name are none.

    Attributes:
        unread: contents that have numbers in the store, and are not here to be compared.
    """

    def __init__(self, versions: Versions) -> None:
        """Begin with nothing."""
        self.unread = versions.unread
        self._versions = versions
        self._counts: _Counts = {}

    def apply(self, changes: Sequence[Sequence[FileDiff]]) -> None:
        """Count what commits change, with renames found."""
        for start in range(0, len(changes), _AHEAD):
            some = changes[start : start + _AHEAD]
            self._versions.prefetch(chain.from_iterable(map(self._versions.list_files, some)))
            for change in some:
                self._apply(change)

    def _apply(self, change: Sequence[FileDiff]) -> None:
        comparison = self._versions.compare(change)
        before = {path: self._counts.pop(path, {}) for path in comparison.before.versions}
        for path, version in comparison.after.versions.items():
            # Of what has no numbers for a while the counts wait until it has.
            is_waiting = version.measurement.error is not None
            self._counts[path] = before.get(comparison.origins.get(path, ""), {}) if is_waiting else {}
        for block, what in identify_blocks(comparison).items():
            path, name = _find_place(comparison, block, what)
            known = before.get(path, {}).get(name)
            changes = (known.changes if known else 0) + (what.state in ("added", "modified"))
            if changes:
                complexity = comparison.after.versions[block[0]].blocks[block[1]].cyclomatic_complexity
                self._counts[block[0]][block[1]] = Hotspot(block[0], changes, complexity or 0, block[1])
        self._versions.keep_bodies(comparison)

    def rank(self, paths: Mapping[str, object]) -> list[Hotspot]:
        """Return those that were changed, in files that are there, the hottest first."""
        found = (one for path in paths for one in self._counts.get(path, {}).values())
        return sorted(found, key=lambda one: (-one.score, one.path, one.qualified_name or ""))


def _find_place(comparison: BlockComparison, block: BlockId, what: Change) -> BlockId:
    """Return the block that one was, by its place where that had no numbers; empty for none."""
    if what.before is not None:
        return what.before
    origin = comparison.file_before(block[0])
    has_no_numbers = origin is not None and origin.measurement.error is not None
    return (comparison.origins[block[0]], block[1]) if has_no_numbers else ("", "")
