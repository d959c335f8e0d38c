"""Facts about a run besides its verdicts: statistics, workers, the review of a baseline."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeAlias

from msgspec import Meta, Struct

from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import ErrorKind, FileError
from pytest_antipasta.model.waivers import Waivers

MissReason: TypeAlias = Literal["new", "other_versions", "forgotten", "unreadable", "error", "no_store"]
"""Why a file was measured: new content; known to other versions only; removed from the store; unreadable in
the store; an error, which is not stored; no store."""


JudgedState: TypeAlias = Literal["working tree", "index", "named files", "commits"]
"""What a check has judged. ``named files`` are those of ``git commit -- FILE``, or of a program with an
index of its own."""


class Review(Struct, frozen=True):
    """The changes that pruning a baseline would make.

    Attributes:
        better: entries of values that improved and are still over their limit.
        worse: values that are worse than recorded, and tolerated.
        within: entries of values within their limit.
        gone: entries whose code was deleted, renamed or moved.
        moved: values of renamed or moved code with an entry.
        is_known: whether all files have values; otherwise missing code may be in a file without values, or in
            one of another shard.
    """

    better: int = 0
    worse: int = 0
    within: int = 0
    gone: int = 0
    moved: int = 0
    is_known: bool = True

    @property
    def unneeded(self) -> int:
        """Entries of deleted code or of values within their limit."""
        return max(self.within + self.gone - self.moved, 0) if self.is_known else self.within

    def __add__(self, other: Review) -> Review:
        """Return the combined changes of two runs over different files."""
        return Review(
            self.better + other.better,
            self.worse + other.worse,
            self.within + other.within,
            self.gone + other.gone,
            self.moved + other.moved,
            self.is_known and other.is_known,
        )


class Shard(Struct, frozen=True):
    """One of several parts of all files.

    Attributes:
        number: number of the part, from 1.
        of: number of parts.
    """

    number: Annotated[int, Meta(ge=1, le=1000)]
    of: Annotated[int, Meta(ge=1, le=1000)]

    def __str__(self) -> str:
        """Return it in the format of the option, such as ``1/4``."""
        return f"{self.number}/{self.of}"


class ShardFacts(Shard, frozen=True):
    """A shard, the facts that must be equal in all shards, and those that only all together can decide.

    Attributes:
        asked_for: other restrictions of the run: files, a change, options of pytest.
        files: digest of the files of all shards, and their sizes.
        commit: the judged or the checked-out commit; ``None`` outside a repository.
        settings_digest: digest of settings, baseline and options.
        version: version of this package.
        faults: why metrics with a limit were judged in no file.
        warnings: warnings of the run, including the faults.
        review: review of the baseline for the shard's files; ``None`` without a baseline.
        named_baseline: path of the baseline relative to the root, if an option names it.
    """

    asked_for: tuple[str, ...]
    files: str
    commit: str | None
    settings_digest: str
    version: str
    faults: tuple[str, ...]
    warnings: tuple[str, ...]
    review: Review | None
    named_baseline: str | None


class Workers(NamedTuple):
    """The number of workers that a run uses or has used.

    Attributes:
        number: number of worker processes, after the run the most at the same time; 0 for this process only.
        reason: the reason, for the summary.
        most: their maximum number; ``None`` if the user chose the number.
    """

    number: int
    reason: str
    most: int | None = None


class Process(Struct, frozen=True):
    """A process that judges files, with its figures at its end.

    Attributes:
        pid: process id.
        kind: the main process, one of our workers or of pytest-xdist's, a process for files that may exceed
            limits, or one that calls extensions.
        seconds: lifetime in seconds.
        processor: processor time in seconds; ``None`` if unknown.
        peak_memory: peak resident memory in bytes; ``None`` if unknown.
    """

    pid: int
    kind: Literal["main", "worker", "pytest-xdist", "guard", "extension"]
    seconds: float
    processor: float | None = None
    peak_memory: int | None = None


class ProcessFacts(Process, frozen=True):
    """The work of a process.

    Attributes:
        files: number of files that it judged.
        measured: number of files that it measured.
        busy: seconds spent on files; ``None`` if files were not timed.
        utilisation: busy seconds divided by lifetime; ``None`` if files were not timed.
    """

    files: int = 0
    measured: int = 0
    busy: float | None = None
    utilisation: float | None = None


class SlowFile(Struct, frozen=True):
    """A file that took longer than most.

    Attributes:
        path: path of the file.
        seconds: duration in seconds.
        pid: id of the process that judged it.
    """

    path: str
    seconds: float
    pid: int | None


class Spread(Struct, frozen=True):
    """The distribution of durations of store reads or writes, in seconds; ``None`` without any."""

    number: int = 0
    seconds: float = 0.0
    median: float | None = None
    p95: float | None = None
    worst: float | None = None


class StoreFacts(Struct, frozen=True):
    """The use of the store.

    Attributes:
        reads: durations of reads, in all processes.
        writes: durations of writes of this process.
        size: size of the database in bytes.
        max_size: maximum size in bytes.
        shared: numbers of contents requested from, found in and written to a shared store; ``None`` without
            one.
    """

    reads: Spread
    writes: Spread
    size: int | None
    max_size: float
    shared: dict[str, int] | None


class OtherLimits(Struct, frozen=True):
    """Paths of files with limits other than the default, and these limits."""

    files: list[str]
    limits: PathLimits


def group_limits(limits: Iterable[tuple[str, PathLimits]]) -> list[OtherLimits]:
    """Return groups of files with equal limits, from pairs of a path and its limits."""
    files: dict[PathLimits, list[str]] = {}
    for path, own in limits:
        files.setdefault(own, []).append(path)
    return [OtherLimits(paths, own) for own, paths in files.items()]


class RunFacts(Struct, frozen=True, dict=True):
    """Facts about a run besides its verdicts: ``run`` of a JSON report.

    Attributes:
        seconds: duration of the run.
        phases: duration of each phase, in seconds.
        ended: end of the run, in seconds since 1970.
        processor: processor time of this process in each phase.
        hits: files found in the store.
        misses: files that were measured, or could not be measured.
        coalesced: files with the same content as another file of the run.
        missed: number of measured files for each reason.
        retries: files that were judged twice.
        errors: number of files that could not be measured, by kind of error.
        slowest: the files with the longest durations.
        processes: the processes; the main process comes first.
        store: use of the store; ``None`` without a store, or for merged runs.
        handles: open files, pipes and sockets of this process; ``None`` if unknown.
        workers: number of worker processes.
        strategy: reason for this number.
        total: number of source files of the root; ``None`` if not counted.
        narrowed_by: what restricted the files.
        stopped: why the run ended before all files were judged; ``None`` if all were.
        complete: whether all source files were judged.
        root: folder that paths are relative to.
        git_top: top of the git repository; ``None`` without one.
        settings: path of the settings file, relative to the root; ``None`` for the defaults.
        change: the judged change, if any.
        baseline: path of the baseline; ``None`` without one.
        limits: default limits of all files, by metric.
        overrides: limits of groups of files.
        not_in_generated: metrics that have no limit in generated files by ``limits``.
        has_other_limits: whether limits are those of one run or of a commit, and not of the settings.
        shard: the judged part of all files; ``None`` for all.
    """

    seconds: float = 0.0
    phases: dict[str, float] = {}
    ended: float = 0.0
    processor: dict[str, float] = {}
    hits: int = 0
    misses: int = 0
    coalesced: int = 0
    missed: dict[MissReason, int] = {}
    retries: int = 0
    errors: dict[ErrorKind, int] = {}
    slowest: list[SlowFile] = []
    processes: list[ProcessFacts] = []
    store: StoreFacts | None = None
    handles: int | None = None
    workers: int = 0
    strategy: str = ""
    total: int | None = None
    narrowed_by: list[str] = []
    stopped: str | None = None
    complete: bool = False
    root: str = ""
    git_top: str | None = None
    settings: str | None = None
    change: str | None = None
    baseline: str | None = None
    limits: dict[str, Threshold] = {}
    overrides: list[OtherLimits] = []
    not_in_generated: tuple[str, ...] = ()
    has_other_limits: bool = False
    shard: ShardFacts | None = None

    @cached_property
    def _default_limits(self) -> PathLimits:
        """The limits of all files without others."""
        return PathLimits(tuple(self.limits.values()), (), self.not_in_generated)

    @cached_property
    def _other_limits(self) -> dict[str, PathLimits]:
        """The limits of the files with others, by path."""
        return {path: item.limits for item in self.overrides for path in item.files}

    def find_limits(self, path: str) -> PathLimits:
        """Return the limits of a file, by its path in reports; the same object for one set."""
        return self._other_limits.get(path, self._default_limits)

    def list_limited(self) -> set[str]:
        """Return the metrics that have a limit in any file."""
        several = (self._default_limits, *(item.limits for item in self.overrides))
        return {name for limits in several for name in limits.list_metrics()}


class GateVerdict(Struct, frozen=True):
    """The result of judging a change.

    Attributes:
        verdicts: verdicts on the changed files, sorted by path.
        left_out: files skipped because of the time budget or after the first failure.
        is_out_of_time: whether the time budget was the reason, or is why the change was not checked fully.
        slow_git: what git did not answer within the time budget, with what to do; empty if nothing.
        unreadable: files whose old or new content git does not have.
        not_compared: files whose old version could not be measured, so that they are not judged, each with
            the error.
        waivers: what the change newly allows.
        changes: effect of the change on blocks, if requested.
        notebooks: changed notebooks that are not checked, if the settings leave that open.
        commit: the commit that the change leads to; ``None`` for the index and the working tree.
    """

    verdicts: tuple[Verdict, ...]
    left_out: tuple[str, ...] = ()
    is_out_of_time: bool = False
    slow_git: str = ""
    unreadable: tuple[str, ...] = ()
    not_compared: tuple[tuple[str, FileError], ...] = ()
    waivers: Waivers = Waivers()
    changes: Changes | None = None
    notebooks: tuple[str, ...] = ()
    commit: str | None = None


class RunStats(Struct, frozen=True):
    """Statistics for a summary, besides the verdicts.

    Attributes:
        total: number of source files of the root; ``None`` if not counted.
        narrowed_by: the requested files and folders; ``None`` for all.
        warnings: warnings about settings and store.
        is_change: whether only a change was judged, which may be empty.
        changes: effect of the change on blocks.
        waivers: what the change newly allows.
        review: baseline entries that are not needed as they are; ``None`` without a baseline.
        pruning: the command that updates the baseline.
        deselected_by: options of pytest that deselected files.
        stopped: why the run ended before all files were judged; ``None`` if all were.
        unlisted: number of passing files without a verdict.
        unlisted_functions: number of their functions.
        coverage: coverage data of the files; ``None`` if not requested.
        bare_root: the root, if it has no settings.
        folder: the root of a change from git's top; empty if it is the top.
    """

    total: int | None
    narrowed_by: tuple[str, ...] | None
    warnings: tuple[str, ...]
    is_change: bool = False
    changes: Changes | None = None
    waivers: Waivers = Waivers()
    review: Review | None = None
    pruning: str = ""
    deselected_by: tuple[str, ...] = ()
    stopped: str | None = None
    unlisted: int = 0
    unlisted_functions: int = 0
    coverage: CoverageFacts | None = None
    bare_root: Path | None = None
    folder: str = ""


def find_folder(root: str, top: str | None) -> str:
    """Return a root from git's top; empty if it is the top, or without one."""
    return root.removeprefix(top or root).strip("/")
