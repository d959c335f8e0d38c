"""The states before and after a change: the files that differ, with their values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from pytest_antipasta.engine.diagnostics import ReportProgress, ignore_progress
from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.gate.change_sets import ChangeSet
from pytest_antipasta.gate.measuring import ContentMeasurer, HeldFile
from pytest_antipasta.gate.sides import Side
from pytest_antipasta.gate.trees import CommitTree
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.metrics.following.comparison import BlockComparison
from pytest_antipasta.metrics.following.file_version import BlockId
from pytest_antipasta.model.judged import Threshold, Verdict, Violation
from pytest_antipasta.model.measured import (
    DECIMALS,
    INVALID_SOURCE,
    Block,
    FileError,
    Measurement,
    Number,
    find_number,
)
from pytest_antipasta.policy.limits import find_limit
from pytest_antipasta.settings.patterns import compile_patterns

if TYPE_CHECKING:
    from pytest_antipasta.metrics.following.similar import SimilarOrigins

StateBefore: TypeAlias = Literal["none", "within", "over", "suppressed", "recorded"]
"""The state of a value: ``suppressed`` if a comment allows it, ``recorded`` if the baseline does."""

# Values of a function without branches, which are the least that a function can keep.
_OF_NO_BRANCHES = {"cyclomatic_complexity": 1, "mccabe_complexity": 1}


class Snapshot:
    """Some files before or after a change.

    Attributes:
        versions: the files by path, each measured on first use of its values.
    """

    def __init__(
        self,
        contents: Mapping[str, bytes],
        measurer: ContentMeasurer,
        limit_judge: LimitJudge,
    ) -> None:
        """Hold the contents of files by path, in the order of measuring; judge them by their limits."""
        self.versions: dict[str, HeldFile] = {}
        self._measurer = measurer
        self._limit_judge = limit_judge
        self._verdicts: dict[str, Verdict] = {}
        self._states: dict[str, dict[tuple[str | None, str], StateBefore]] = {}
        self.add(contents)

    def warn(self, text: str) -> None:
        """Add a warning to those of the run."""
        self._measurer.measurer.diagnostics.warn(text)

    def add(self, contents: Mapping[str, bytes]) -> None:
        """Add files that are not in the snapshot yet."""
        for path, data in contents.items():
            if path not in self.versions:
                self.versions[path] = HeldFile(path, data, self._measurer)

    def measure(
        self, paths: Iterable[str] | None = None, report_progress: ReportProgress = ignore_progress
    ) -> None:
        """Measure some files, or all, in one batch; ``report_progress`` is called before each."""
        if waiting := self.find_waiting(paths):
            self._measurer.measure(waiting, report_progress)

    def find_waiting(self, paths: Iterable[str] | None = None) -> list[HeldFile]:
        """Return the files, of some paths or of all, that are not measured yet."""
        wanted = self.versions if paths is None else dict.fromkeys(paths)
        files = (self.versions[path] for path in wanted if path in self.versions)
        return [file for file in files if not file.is_measured]

    def judge(self, path: str) -> Verdict:
        """Return the verdict on a whole file by the limits of its path."""
        if path not in self._verdicts:
            self._verdicts[path] = self._limit_judge.judge(path, self.versions[path].known)
        return self._verdicts[path]

    def look_up_state(self, path: str, name: str | None, metric: str) -> StateBefore:
        """Return the state of a value of a block by limits and comments: only the baseline records values.

        A ``name`` of ``None`` is for the file.
        """
        if path not in self._states:
            verdict = self.judge(path)
            states = self._states[path] = {}
            over = (*verdict.violations, *verdict.warnings)
            states |= {(number.qualified_name, number.metric): "over" for number in over}
            states |= {(number.qualified_name, number.metric): "suppressed" for number in verdict.tolerated}
        return self._states[path].get((name, metric), "within")

    def find_limit(self, path: str, name: str | None, metric: str) -> Threshold | None:
        """Return the limit of a value of a block; a ``name`` of ``None`` is for the file."""
        version = self.versions[path]
        limits = self._limit_judge.thresholds.find(path).for_content(version.measurement)
        return find_limit(limits, metric, None if name is None else version.blocks[name])


class PassedOn(NamedTuple):
    """The value that an edited function keeps from before it was renamed or moved.

    Attributes:
        origin: the function before the change.
        source: the function that had the value. For points of an inner function, it is the outermost
            function.
        value: the value. If the source still has branches, it is what the source lost.
    """

    origin: BlockId
    source: BlockId
    value: Number


class Parent(Struct, frozen=True, eq=False, dict=True):
    """A parent that a change is compared with.

    Attributes:
        before: the files of the parent that differ.
        after: the files after the change that differ from any parent, also those that are not judged.
        comparison: matches the blocks after the change with those before it.
        lost: the paths before the change of files whose content git does not have.
    """

    before: Snapshot
    after: Snapshot
    comparison: BlockComparison
    lost: frozenset[str]

    def find_passed_on(
        self, block: BlockId, violation: Violation, origins: SimilarOrigins
    ) -> PassedOn | None:
        """Return the value that an added function keeps from before it was renamed or moved, if any.

        If the source still exists, it passed on the points that it lost. An added function with more points
        than those is new. A source without branches, such as a thin wrapper, passed on all of its points.

        The violation has the value after the change. The origins are those of functions over a limit, or of
        all.
        """
        metric = violation.metric
        if (similar := origins.find(block)) is None:
            return None
        source = self.comparison.look_up_measured(similar.before, metric)
        value = _find_value(self.before, source, metric)
        if value is None or origins.find_taker(source, metric) != block:
            return None
        left = similar.after if source == similar.before else self.comparison.find_successor(source)
        if left is not None:
            kept = _find_value(self.after, left, metric) or 0
            if kept > _OF_NO_BRANCHES.get(metric, 0):
                value = round(value - kept, DECIMALS)
            if value < violation.value or violation.comparison not in ("<", "<="):
                return None
        return PassedOn(similar.before, source, value)

    def find_origin(
        self, path: str, violation: Violation, origins: SimilarOrigins
    ) -> tuple[str, str | None] | None:
        """Return the path and the block that had a value before the change; ``None`` for a new value.

        :meth:`find_passed_on` has the same ``origins``.
        """
        name = violation.qualified_name
        origin = self.comparison.find_origin(path, name, violation.metric)
        if origin is not None or name is None:
            return origin
        passed = self.find_passed_on((path, name), violation, origins)
        return None if passed is None else passed.source

    def find_followed(
        self, others: Collection[BlockId], counts: Callable[[BlockId, BlockId], bool]
    ) -> Mapping[BlockId, BlockId]:
        """Return the old functions that are gone, by those that are the same with another name, and edited.

        Functions over a limit come first, then some others, if ``counts`` says so of the new and the old one.
        """
        over = _keep_gone(self.origins_of_over)
        if not others:
            return over
        found, taken = _keep_gone(self._find_similar(lambda: others)), set(over.values())
        return {new: old for new, old in found.items() if old not in taken and counts(new, old)} | over

    @cached_property
    def origins_of_over(self) -> SimilarOrigins:
        """The old functions of those over a limit that were renamed or moved, and edited."""
        return self._find_similar(lambda: list(self._iter_over()))

    @cached_property
    def origins_of_all(self) -> SimilarOrigins:
        """The old functions of all that were renamed or moved, and edited, also of those within limits."""
        return self._find_similar(self.comparison.after.list_blocks)

    def _find_similar(self, list_rivals: Callable[[], Iterable[BlockId]]) -> SimilarOrigins:
        from pytest_antipasta.metrics.following.similar import SimilarOrigins

        return SimilarOrigins(self.comparison, list_rivals, self.after.warn)

    def _iter_over(self) -> Iterator[BlockId]:
        """Yield the functions that are over a limit, also if a comment or the baseline allows it."""
        for path in self.comparison.after.versions:
            verdict = self.after.judge(path)
            names = (violation.qualified_name for violation in verdict.over_limits)
            yield from ((path, name) for name in dict.fromkeys(names) if name is not None)


def _keep_gone(origins: SimilarOrigins) -> dict[BlockId, BlockId]:
    return {block: similar.before for block, similar in origins.pairs.items() if similar.after is None}


def _find_value(files: Snapshot, block: BlockId, metric: str) -> Number | None:
    return find_number(files.versions[block[0]].blocks[block[1]], metric)


class SideFiles:
    """Files of a repository, selected and judged by the rules of one side of a change.

    Attributes:
        side: the side that has the rules.
        rules: the rules of the root.
        settings: the settings of the root.
        repository: the repository.
        measurer: measures contents.
        paths: which files of the repository are source files.
        limit_judge: compares values with limits, with comments.
    """

    def __init__(self, side: Side, measurer: ContentMeasurer) -> None:
        self.side = side
        self.rules = side.rules
        self.settings = side.rules.settings
        self.repository = side.tree.repository
        self.measurer = measurer
        self.paths = SourcePaths(self.settings, self.repository.top)
        self.limit_judge = LimitJudge(self.rules)

    def open(self, contents: Mapping[str, bytes], limit_judge: LimitJudge | None = None) -> Snapshot:
        """Return a snapshot of files, by path; ``limit_judge`` takes the place of the own one."""
        return Snapshot(contents, self.measurer, limit_judge or self.limit_judge)

    def find_limit(
        self, path: str, metric: str, block: Block | None, measurement: Measurement
    ) -> Threshold | None:
        """Return the limit of a metric for a block of a file at a path, or for the file for ``None``."""
        return find_limit(self.rules.thresholds.find(path).for_content(measurement), metric, block)


class ChangeStates(SideFiles):
    """The states of the files of a change: after it, and before it in each parent.

    Attributes:
        change_set: the change.
        diffs: the files that differ from every parent, by the paths that reports have.
        after: the judged files, critical files first, then other files that differ from a parent.
    """

    def __init__(
        self,
        change_set: ChangeSet,
        measurer: ContentMeasurer,
        only: Container[str] | None,
    ) -> None:
        """Read the source files that a change adds or modifies; :class:`Gate` has the same arguments."""
        super().__init__(change_set.after, measurer)
        self.change_set = change_set
        self.diffs = self.paths.find_new(change_set.iter_changed(only))
        self._only = only
        self._parents: list[Parent] | None = None
        contents = change_set.read(self.diffs)
        is_first = compile_patterns(self.settings.critical_paths)
        order = sorted(contents, key=lambda path: (not is_first(path), -len(contents[path]), path))
        self.after = self.open({path: contents[path] for path in order})

    @property
    def parents(self) -> list[Parent]:
        """The states before the change, read on first use, as most commits need none.

        Reading them adds to ``after`` the files that are not judged.
        """
        if self._parents is None:
            both = zip(self.change_set.diffs_by_parent, self.change_set.parent_trees, strict=True)
            self._parents = [self._open_parent(diffs, tree) for diffs, tree in both]
        return self._parents

    @cached_property
    def notebooks(self) -> tuple[str, ...]:
        """The changed notebooks that are not checked, if the settings leave that open."""
        changed = (diff.path for diff in self.change_set.iter_changed(self._only))
        return tuple(map(self.paths.name, self.paths.select_unchecked(changed)))

    @property
    def lost(self) -> frozenset[str]:
        """The files whose content before the change is not in git."""
        return frozenset(
            path
            for parent in self.parents
            for path, old in parent.comparison.origins.items()
            if old in parent.lost
        )

    @property
    def measured_parents(self) -> Sequence[Parent]:
        """The states before the change if all files of all states are measured already; otherwise none."""
        parents = self._parents or ()
        states = (self.after, *(parent.before for parent in parents)) if parents else ()
        return () if any(snapshot.find_waiting() for snapshot in states) else parents

    def measure_all(self, report_progress: ReportProgress) -> None:
        """Measure all files of all states in one batch; ``report_progress`` is called before each."""
        snapshots = [self.after, *(parent.before for parent in self.parents)]
        self.measurer.measure(
            [file for snapshot in snapshots for file in snapshot.find_waiting()], report_progress
        )

    def measure_before(self, paths: Iterable[str]) -> None:
        """Measure the previous versions of files in one batch."""
        wanted = list(paths)
        for parent in self.parents if wanted else ():
            origins = parent.comparison.origins
            parent.before.measure(origins[path] for path in wanted if path in origins)

    def keep_bodies(self) -> None:
        """Store the bodies that comparisons computed."""
        if self._parents is not None:
            for snapshot in (self.after, *(parent.before for parent in self._parents)):
                for file in snapshot.versions.values():
                    file.keep_bodies()

    def find_trouble(self, path: str) -> FileError | None:
        """Return why the previous version of a file could not be measured, except for invalid source."""
        files = (parent.comparison.file_before(path) for parent in self.parents)
        errors = (file.measurement.error for file in files if file is not None)
        return next(
            (error for error in errors if error is not None and error.kind not in INVALID_SOURCE), None
        )

    def is_introduced(self, key: tuple[str, str | None, str]) -> bool:
        """Return whether the change adds or edits the block of a key: path, qualified name and metric."""
        path, name, _ = key
        parents = self.parents
        return bool(parents) and all(parent.comparison.is_introduced(path, name) for parent in parents)

    def _open_parent(self, diffs: Sequence[FileDiff], tree: CommitTree) -> Parent:
        name = self.paths.name
        blobs = {path: diff.old_blob for path, diff in self.paths.find_old(diffs).items()}
        before, there = self.open(tree.read(blobs)), self._read_after(diffs)
        pairs = [(diff.path, diff.old_path) for diff in diffs if diff.path and diff.old_path]
        origins = {name(path): name(old) for path, old in pairs}
        measure = before.measure, partial(self.after.measure, there)
        versions = [self.after.versions[path] for path in there]
        comparison = BlockComparison(before.versions.values(), versions, origins, measure)
        lost = frozenset(blobs.keys() - before.versions.keys())
        return Parent(before, self.after, comparison, lost)

    def _read_after(self, diffs: Iterable[FileDiff]) -> list[str]:
        """Return the paths of the files that differ from a parent, and read those that are not judged.

        Files that are not judged equal another parent, or were not selected. A block that still exists there
        was not moved to a judged file.
        """
        differing, versions = self.paths.find_new(diffs), self.after.versions
        others = {path: diff for path, diff in differing.items() if path not in versions}
        if others:
            self.after.add(self.change_set.read(others))
        return [path for path in differing if path in versions]
