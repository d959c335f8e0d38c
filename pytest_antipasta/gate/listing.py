"""List the effect of a change on each block that it touches, also within the limits."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Literal

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.gate.change_sets import iter_common
from pytest_antipasta.gate.snapshots import ChangeStates, Parent
from pytest_antipasta.metrics.following.comparison import ComparedFiles, FollowedBlock, identify_blocks
from pytest_antipasta.metrics.following.file_version import BlockId, FileVersion
from pytest_antipasta.model.changes import (
    BlockChange,
    ChangeKind,
    Changes,
    MetricChange,
    ModuleCode,
    NotCompared,
    Split,
)
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.measured import (
    CELL,
    DECIMALS,
    FOREIGN,
    NO_CONTENT,
    Block,
    FileError,
    Number,
    find_number,
)
from pytest_antipasta.policy.limits import divide_limits, find_nested
from pytest_antipasta.settings.path_thresholds import ThresholdFinder

# With several parents, the smallest change counts.
_ORDER: dict[ChangeKind, int] = {"moved": 0, "renamed": 0, "modified": 1, "added": 2, "deleted": 2}
# What untested complexity is computed from.
_COMPLEXITY = "cyclomatic_complexity"
# Comparing as many pairs of functions takes some 0.1 s.
_MOST_PAIRS = 100_000


class BlockLimits:
    """The limits of blocks, and whether a block has limits."""

    def __init__(self, rules: Rules) -> None:
        self._thresholds = rules.thresholds
        self._of_coverage = ThresholdFinder(rules.settings, needs_coverage=True)
        self._has_nested = rules.settings.nested_blocks
        self._find_nested = cache(lambda version: find_nested(version.measurement))

    def find(self, version: FileVersion, block: Block) -> list[Threshold]:
        """Return the limits for a block of a file."""
        limits = self._thresholds.find(version.path).for_content(version.measurement)
        return divide_limits(limits.of(block)).of_blocks

    def needs_coverage(self, path: str, block: Block) -> bool:
        """Return whether a block of a file has a limit that needs coverage data."""
        return bool(self._of_coverage.find(path).of(block))

    def has_cognitive(self, version: FileVersion) -> bool:
        """Return whether the functions of a file have a limit of cognitive complexity."""
        limits = self._thresholds.find(version.path).for_content(version.measurement)
        return limits.find("cognitive_complexity", None) is not None

    def list_generated(self, change: ChangeStates) -> tuple[str, ...]:
        """Return the paths of changed files without default limits, as they say that they are generated."""
        versions = change.after.versions.items()  # of a merge, also of files that are those of a parent
        generated = [path for path, file in versions if path in change.diffs and file.measurement.generated]
        return tuple(sorted(path for path in generated if self._thresholds.find(path).not_in_generated))

    def hold_for(self, version: FileVersion, name: str) -> bool:
        """Return whether a block is judged."""
        return self._has_nested or name not in self._find_nested(version)


def list_changes(change: ChangeStates, unread: Mapping[str, FileError]) -> Changes:
    """Return the effect of a change on blocks. With several parents, only blocks that differ from all count.

    ``unread`` has the files of the change that could not be measured, with the reason.
    """
    limits = BlockLimits(change.rules)
    listings = [_Listing(parent, unread, limits) for parent in change.parents]
    not_compared = {path: _make_not_compared(path, NO_CONTENT, "before") for path in change.lost}
    not_compared |= {file.path: file for listing in listings for file in listing.iter_not_compared()}
    not_compared |= {path: _make_not_compared(path, error, "after") for path, error in unread.items()}
    touched = [block for block in _combine(listings) if block.path not in not_compared]
    # A merge does not change what it takes from one of its parents.
    paths = set.intersection(*(listing.find_paths() for listing in listings)) | unread.keys()
    reported = [not_compared[path] for path in sorted(paths & not_compared.keys())]
    listed = tuple(sorted(touched, key=_find_place))
    return Changes(
        listed,
        tuple(reported),
        tuple(_find_splits(change, listed)),
        module_code=tuple(_combine_module_code(listings)),
        generated=limits.list_generated(change),
    )


def _find_splits(change: ChangeStates, listed: Sequence[BlockChange]) -> Sequence[Split]:
    if not {"added"} < {block.change for block in listed}:
        return ()
    from pytest_antipasta.gate.splits import find_splits

    versions = change.after.versions.items()
    contents = {path: version.read for path, version in versions if version.measurement.foreign is None}
    old = chain.from_iterable(parent.comparison.before.versions.items() for parent in change.parents)
    return find_splits(listed, contents, {path: version.read for path, version in old})


def _combine(listings: Sequence[_Listing]) -> Iterator[BlockChange]:
    """Yield the changes of the blocks that differ from every parent."""
    found = ({_find_place(block): block for block in listing.iter_touched()} for listing in listings)
    for _, changes in iter_common(found):
        yield min(changes, key=lambda block: _ORDER[block.change])


def _find_place(change: BlockChange) -> tuple[str, bool, int, int, str]:
    return change.path, change.line is None, change.cell or 0, change.line or 0, change.qualified_name


def _combine_module_code(listings: Sequence[_Listing]) -> list[ModuleCode]:
    """Return the code outside of functions that differs from every parent, as it differs the least."""
    found = ({item.path: item for item in listing.iter_module_code()} for listing in listings)
    shared = (min(items, key=lambda item: item.after - item.before) for _, items in iter_common(found))
    return sorted(shared, key=lambda item: item.path)


class _Listing:
    """The effect of a change on blocks, compared with one parent."""

    def __init__(self, parent: Parent, unread: Container[str], limits: BlockLimits) -> None:
        parent.before.measure()
        parent.after.measure()
        self._parent = parent.comparison
        self._find_followed = parent.find_followed
        self._before, self._after = parent.comparison.before, parent.comparison.after
        self._limits = limits
        self._paths = {
            old: path
            for path, old in self._parent.origins.items()
            if path in self._after.versions or path in unread
        }

    def find_paths(self) -> set[str]:
        """Return the paths that the listing can have."""
        return {*self._after.versions, *map(self._find_path, self._before.versions)}

    def iter_not_compared(self) -> Iterator[NotCompared]:
        """Yield the files that could not be measured before the change."""
        for old, version in self._before.versions.items():
            if (error := version.measurement.error) is not None:
                yield _make_not_compared(self._find_path(old), error, "before")

    def iter_module_code(self) -> Iterator[ModuleCode]:
        """Yield the files whose code outside of functions has other points than before."""
        for path, version in self._after.versions.items():
            before = self._count_before(path)
            after = _count_outside(version) if self._limits.has_cognitive(version) else None
            if before is not None and after is not None and before != after:
                yield ModuleCode(path, before, after)

    def _count_before(self, path: str) -> int | None:
        """Return the points of code outside of functions that a file had; ``None`` if unknown."""
        old = self._parent.origins.get(path)
        if old is None:
            return 0
        return _count_outside(self._before.versions[old]) if old in self._before.versions else None

    def iter_touched(self) -> Iterator[BlockChange]:
        """Yield the blocks that were added, changed or deleted."""
        found = {**identify_blocks(self._parent)}
        found |= self._follow(found)
        for block, change in found.items():
            is_judged = self._limits.hold_for(self._after.versions[block[0]], block[1])
            if is_judged and _is_touched(block, change):
                yield self._compare(block, change)
        for old in self._iter_gone(found):
            version = self._before.versions[old[0]]
            if self._limits.hold_for(version, old[1]):
                # The block may be in a file that can't be measured after the change.
                is_gone = not self._after.find_text(version.block_lines(old[1]))
                yield from [self._delete(old)] if is_gone else []

    def _iter_gone(self, found: Mapping[BlockId, FollowedBlock]) -> Iterator[BlockId]:
        there = {change.before for change in found.values()}
        return (old for old in self._before.list_blocks() if old not in there)

    def _follow(self, found: Mapping[BlockId, FollowedBlock]) -> Mapping[BlockId, FollowedBlock]:
        """Return the changes of edited functions that count as others, which are gone.

        These are judged as those, or have limits of other metrics, as tests have. Their points are neither
        added nor removed. If there are too many to compare all of them, only those that are judged count.
        """
        gone = [*self._iter_gone(found)]
        limited = {self._find_limited(self._before, old) for old in gone}
        others = [
            block
            for block, change in found.items()
            if change.state == "added" and limited - {self._find_limited(self._after, block)}
        ]
        if len(gone) * len(others) > _MOST_PAIRS:
            others = []
        return {
            block: FollowedBlock("modified" if block[1].startswith(CELL) else "renamed", old)
            for block, old in self._find_followed(others, self._has_other_limits).items()
        }

    def _has_other_limits(self, block: BlockId, old: BlockId) -> bool:
        """Return whether other metrics have a limit for a block than for the one that it was."""
        return self._find_limited(self._after, block) != self._find_limited(self._before, old)

    def _find_limited(self, files: ComparedFiles, block: BlockId) -> frozenset[str]:
        """Return the metrics that have a limit for a block."""
        version = files.versions[block[0]]
        return frozenset(limit.metric for limit in self._limits.find(version, version.blocks[block[1]]))

    def _find_path(self, old: str) -> str:
        """Return the path after the change of a file before it, or the old path of a deleted file."""
        return self._paths.get(old, old)

    def _compare(self, block: BlockId, change: FollowedBlock) -> BlockChange:
        (path, name), old = block, change.before
        new = self._after.versions[path].blocks[name]
        limits = self._limits.find(self._after.versions[path], new)
        cell, line = self._after.versions[path].measurement.locate(new.line)
        lines = (line, line + new.end_line - new.line)
        if old is None:
            return BlockChange(path, None, name, None, *lines, "added", _compare(None, new, limits), cell)
        kind: ChangeKind = "modified"
        if change.state == "renamed":
            kind = "renamed" if old[0] == self._parent.origins.get(path) else "moved"
        before = self._before.versions[old[0]].blocks[old[1]]
        numbers = _compare(before, new, limits)
        is_hidden = _COMPLEXITY not in numbers and self._limits.needs_coverage(path, new)
        names = (path, _unless(old[0], path), name, _unless(old[1], name))
        hidden = before.cyclomatic_complexity if is_hidden else None
        return BlockChange(*names, *lines, kind, numbers, cell, hidden)

    def _delete(self, old: BlockId) -> BlockChange:
        before = self._before.versions[old[0]]
        path, block = self._find_path(old[0]), before.blocks[old[1]]
        # Both have the limits after the change, which new functions in this file have too.
        limits = self._limits.find(self._after.versions.get(self._paths.get(old[0], ""), before), block)
        numbers = _compare(block, None, limits)
        return BlockChange(path, _unless(old[0], path), old[1], None, None, None, "deleted", numbers)


def _count_outside(version: FileVersion) -> int | None:
    """Return the points of cognitive complexity of code outside of functions; ``None`` if unknown."""
    measurement = version.measurement
    total = measurement.metrics.total_cognitive_complexity
    if total is None or measurement.has_cells:  # cells have their own points
        return None
    return total - sum(block.cognitive_complexity or 0 for block in measurement.blocks)


def _is_touched(block: BlockId, change: FollowedBlock) -> bool:
    """Return whether a block is changed. Blocks of a file that was not measured before count as unchanged."""
    if change.state == "renamed" and block[1].startswith(CELL):
        return False  # cells have numbers, which change when other cells are added or removed
    return change.state == "added" or (change.state != "unchanged" and change.before is not None)


def _make_not_compared(path: str, error: FileError, side: Literal["before", "after"]) -> NotCompared:
    return NotCompared(path, side, error.kind, error.message)


def _unless(text: str, other: str) -> str | None:
    return text if text != other else None


def _compare(old: Block | None, new: Block | None, limits: Sequence[Threshold]) -> dict[str, MetricChange]:
    return {limit.metric: _compare_number(old, new, limit) for limit in limits}


def _compare_number(old: Block | None, new: Block | None, limit: Threshold) -> MetricChange:
    numbers = [find_number(block, limit.metric) if block else None for block in (old, new)]
    # A missing value of an extension's metric is unknown. Other missing values count as 0, as closures have
    # no points of their own.
    is_owed = FOREIGN in limit.metric and any(
        block is not None and number is None for block, number in zip((old, new), numbers, strict=True)
    )
    before, after = numbers
    delta: Number | None = None
    if not (before is after is None or is_owed):
        delta = round((after or 0) - (before or 0), DECIMALS)
    return MetricChange(before, after, delta, limit.limit, limit.comparison)
