"""The two states of a change: the files that differ, before it and after it, with their numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Literal, NamedTuple, TypeAlias

from pytest_antipasta.engine import HeldSource, Rules, Step, reread, tell_nobody
from pytest_antipasta.files import SourcePaths
from pytest_antipasta.gate.change_sets import ChangeSet, read_sources
from pytest_antipasta.gate.measuring import MeasureAll
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.metrics import BlockComparison, FileVersion
from pytest_antipasta.model import FileError, Known, Verdict

State: TypeAlias = Literal["none", "within", "over", "suppressed", "recorded"]
"""What a number is beside its limit: a comment allows what is ``suppressed``, the baseline ``recorded``."""

# What can't be read as Python has nothing to compare with, and a later run will not read it either.
_OWN_FAULTS = frozenset({"syntax", "encoding"})


class OutOfTimeError(Exception):
    """The time budget is used up, whichever side of a file it was that was to be measured."""


class Bench:
    """Measures the contents of a change within its time budget, and compares the numbers with limits."""

    def __init__(
        self, measure_all: MeasureAll, judge: Callable[[str, Known], Verdict], deadline: float
    ) -> None:
        """Measure until a deadline.

        Args:
            measure_all: measures sources.
            judge: returns the verdict on numbers by the limits of a path.
            deadline: on the clock of ``time.monotonic``.
        """
        self.judge = judge
        self._measure_all = measure_all
        self._ready: dict[HeldSource, Verdict] = {}
        self._deadline = deadline

    def check_time(self) -> None:
        """Raise :class:`OutOfTimeError` if the budget is used up."""
        if time.monotonic() >= self._deadline:
            raise OutOfTimeError

    def measure(self, source: HeldSource) -> Verdict:
        """Return the measurement of one source, for once the one that is ready if there is one."""
        known = self._ready.pop(source, None)
        return next(self.iter_measured([source])) if known is None else known

    def measure_ahead(self, sources: Sequence[HeldSource]) -> None:
        """Measure in one go what will be asked for next, and nothing else before it."""
        self._ready = dict(zip(sources, self.iter_measured(sources), strict=True))

    def iter_measured(self, sources: Sequence[HeldSource]) -> Iterator[Verdict]:
        """Yield the measurements of sources, which are all asked for at once."""
        found = self._measure_all(sources, self._deadline)
        try:
            for _ in sources:
                self.check_time()
                known = next(found, None)
                if known is None:  # what measures has seen that the time is up
                    raise OutOfTimeError
                yield known
            next(found, None)  # which raises if all of this came because the user has interrupted it
        finally:
            if isinstance(found, Generator):
                found.close()


class Snapshot:
    """Files as they are on one side of a change.

    Attributes:
        versions: the files by path; one that is not measured yet is when its numbers are asked for.
    """

    def __init__(self, contents: Mapping[str, bytes], bench: Bench) -> None:
        """Hold the contents of files by path, in the order in which they are measured."""
        self.versions: dict[str, FileVersion] = {}
        self._bench = bench
        self._waiting: dict[str, HeldSource] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._states: dict[str, dict[tuple[str | None, str], State]] = {}
        self.add(contents)

    def add(self, contents: Mapping[str, bytes]) -> None:
        """Hold more files, but for those that are there."""
        for path, data in contents.items():
            if path not in self.versions:
                source = self._waiting[path] = HeldSource(path, data)
                read, find = partial(_read, source), partial(self._measure_one, source)
                self.versions[path] = FileVersion(path, read, find, self._bench.check_time)

    def measure(self, paths: Iterable[str] | None = None, tell: Step = tell_nobody) -> None:
        """Measure some files, or all, in one go; ``tell`` hears of each before it is measured."""
        wanted = list(self._waiting) if paths is None else paths
        sources = [self._waiting[path] for path in wanted if path in self._waiting]
        measured = self._bench.iter_measured(sources) if sources else iter(())
        for number, source in enumerate(sources):
            tell(number, len(sources))
            self.take(source, next(measured))

    def list_waiting(self) -> list[HeldSource]:
        """Return the sources that are not measured yet."""
        return list(self._waiting.values())

    def list_measured(self) -> list[FileVersion]:
        """Return the files that are measured."""
        return [version for path, version in self.versions.items() if path not in self._waiting]

    def take(self, source: HeldSource, known: Known) -> None:
        """Take the numbers of a source."""
        self.versions[source.path].known = known
        del self._waiting[source.path]

    def judge(self, path: str) -> Verdict:
        """Return the verdict on a whole file by the limits of its path."""
        if path not in self._verdicts:
            self._verdicts[path] = self._bench.judge(path, self.versions[path].known)
        return self._verdicts[path]

    def find_state(self, path: str, name: str | None, metric: str) -> State:
        """Return what a number of a block is beside its limit, or of the file for ``None``."""
        if path not in self._states:
            verdict = self.judge(path)
            states = self._states[path] = {}
            states |= {(one.qualified_name, one.metric): "over" for one in verdict.violations}
            states |= {(one.qualified_name, one.metric): "suppressed" for one in verdict.tolerated}
        return self._states[path].get((name, metric), "within")

    def _measure_one(self, source: HeldSource) -> Known:
        """Return what measuring one file gives, for its version, which keeps that."""
        known = self._bench.measure(source)
        del self._waiting[source.path]
        return known


def _read(source: HeldSource) -> bytes:
    return reread(source) or b""


class Parent(NamedTuple):
    """What a change is compared with.

    Attributes:
        before: the files that differ from it, as it has them.
        after: the files of all parents as the change leaves them, those included that are not judged.
        comparison: which block of them each block after the change was.
        lost: the files, by their paths after the change, whose earlier content git does not have.
    """

    before: Snapshot
    after: Snapshot
    comparison: BlockComparison
    lost: frozenset[str] = frozenset()


class Case(NamedTuple):
    """A change to judge, and what that takes.

    Attributes:
        rules: of the root.
        repository: that has the change.
        change_set: the change.
        paths: which files of the repository are source files.
        bench: measures contents.
    """

    rules: Rules
    repository: Repository
    change_set: ChangeSet
    paths: SourcePaths
    bench: Bench


class Sides:
    """A change as two states of the same files: after it, and before it as each parent has them.

    Attributes:
        after: the files that are judged, and others that differ from a parent.
    """

    def __init__(self, case: Case, contents: Mapping[str, bytes]) -> None:
        """Take a change apart, of which these are the contents of the files that are judged."""
        self.after = Snapshot(contents, case.bench)
        self._case = case

    @cached_property
    def parents(self) -> list[Parent]:
        """The states before; nothing is read before they are asked for, as most commits need none."""
        return [self._open_parent(diffs) for diffs in self._case.change_set.parents]

    @property
    def lost(self) -> frozenset[str]:
        """The files whose earlier content git does not have; it is not known how they changed."""
        return frozenset().union(*(parent.lost for parent in self.parents))

    @property
    def are_known(self) -> bool:
        """Whether all files of all states are measured."""
        if "parents" not in self.__dict__:
            return False
        return not any(
            one.list_waiting() for one in (self.after, *(parent.before for parent in self.parents))
        )

    def measure_all(self, tell: Step = tell_nobody) -> None:
        """Measure all files of all states in one go; ``tell`` hears of each before it is measured."""
        snapshots = [self.after, *(parent.before for parent in self.parents)]
        waiting = [(snapshot, source) for snapshot in snapshots for source in snapshot.list_waiting()]
        measured = self._case.bench.iter_measured([source for _, source in waiting]) if waiting else iter(())
        for number, (snapshot, source) in enumerate(waiting):
            tell(number, len(waiting))
            snapshot.take(source, next(measured))

    def measure_before(self, paths: Iterable[str]) -> None:
        """Measure in one go what some files were."""
        wanted = list(paths)
        for parent in self.parents if wanted else ():
            origins = (parent.comparison.origins.get(path) for path in wanted)
            parent.before.measure(origin for origin in origins if origin in parent.before.versions)

    def find_trouble(self, path: str) -> FileError | None:
        """Return why a file could not be measured as it was before, unless that was its own fault."""
        files = (parent.comparison.file_before(path) for parent in self.parents)
        errors = (file.measurement.error for file in files if file is not None)
        return next((error for error in errors if error is not None and error.kind not in _OWN_FAULTS), None)

    def is_introduced(self, key: tuple[str, str | None, str]) -> bool:
        """Whether the change brings a number, or makes it what it is; by path, qualified name and metric."""
        path, name, _ = key
        parents = self.parents
        return bool(parents) and all(parent.comparison.is_introduced(path, name) for parent in parents)

    def _open_parent(self, diffs: Sequence[FileDiff]) -> Parent:
        paths = self._case.paths
        before, missing = self._read_before(diffs)
        there = self._read_after(diffs)
        pairs = [(diff.path, diff.old_path) for diff in diffs if diff.path and diff.old_path]
        origins = {paths.name(path): paths.name(old) for path, old in pairs}
        measure = before.measure, partial(self.after.measure, there)
        versions = [self.after.versions[path] for path in there]
        comparison = BlockComparison(before.versions.values(), versions, origins, measure)
        lost = frozenset(path for path, old in origins.items() if old in missing)
        return Parent(before, self.after, comparison, lost)

    def _read_before(self, diffs: Iterable[FileDiff]) -> tuple[Snapshot, set[str]]:
        """Return the files as a parent has them, and those whose content git does not have."""
        find = self._case.paths.find
        blobs = {path: diff.old_blob for diff in diffs if diff.old_path and (path := find(diff.old_path))}
        found = self._case.repository.objects.read_blobs(blobs.values())
        contents = {path: found[blob] for path, blob in blobs.items() if blob in found}
        return Snapshot(contents, self._case.bench), blobs.keys() - contents.keys()

    def _read_after(self, diffs: Iterable[FileDiff]) -> list[str]:
        """Return the paths of the files that differ from a parent, and read those that are not judged.

        They are what another parent has, or nobody asked for; a block that is there has not moved to where
        it is judged.
        """
        find, versions = self._case.paths.find, self.after.versions
        differing = {path: diff for diff in diffs if diff.path and (path := find(diff.path))}
        others = {path: diff for path, diff in differing.items() if path not in versions}
        self.after.add(read_sources(self._case.change_set, others))
        return [path for path in differing if path in versions]
