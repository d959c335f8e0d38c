"""Facts about a run besides its verdicts: statistics, workers, the review of a baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeAlias

from msgspec import Meta, Struct

from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.judged import BaselineEntry, Comparison, Level, Verdict
from pytest_antipasta.model.measured import ErrorKind, FileError, Number
from pytest_antipasta.model.waivers import Waivers

MissReason: TypeAlias = Literal["new", "other_versions", "forgotten", "unreadable", "error", "no_store"]
"""Why a file was measured: its content was never seen, only other versions have measured it, the store has
removed its numbers, or had some that were unreadable; nothing is kept of errors; and there was no store."""


class Review(Struct, frozen=True):
    """What pruning would change.

    Attributes:
        better: entries of numbers that are better than recorded, and still over their limit.
        worse: numbers that are worse than recorded, and tolerated.
        within: entries of what is within its limit.
        gone: entries of what is gone, or has another name or place now.
        moved: numbers that have one of those.
        is_known: whether all files have numbers; what is gone may else be in one that has none.
    """

    better: int = 0
    worse: int = 0
    within: int = 0
    gone: int = 0
    moved: int = 0
    is_known: bool = True

    @property
    def unneeded(self) -> int:
        """Entries of what is gone or within its limit."""
        return max(self.within + self.gone - self.moved, 0) if self.is_known else self.within

    def __add__(self, other: Review) -> Review:
        """Return what both would change, of a baseline of which each has seen other files."""
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
        number: from 1.
        of: how many parts there are.
    """

    number: Annotated[int, Meta(ge=1, le=1000)]
    of: Annotated[int, Meta(ge=1, le=1000)]

    def __str__(self) -> str:
        """Return it as an option has it."""
        return f"{self.number}/{self.of}"


class ShardFacts(Shard, frozen=True):
    """A shard, what must be the same in all of them, and what of a run only all together can tell.

    Attributes:
        asked_for: what may have narrowed the run besides: files, a change, options of pytest.
        files: stands for the files of all shards, and their sizes.
        commit: that was checked out; ``None`` where git knows of none.
        settings_digest: stands for settings, baseline and options.
        version: of this package.
        faults: why metrics that have a limit were judged in no file.
        warnings: that the run had, these among them.
        review: of the baseline, as far as the shard's files go; ``None`` without one.
        named_baseline: where that is, relative to the root, if an option names it.
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
    """How a run is to be spread, or was.

    Attributes:
        number: of worker processes, in the end of those at work at once; 0 for the process that asks.
        reason: why, for the summary.
    """

    number: int
    reason: str


class Process(Struct, frozen=True):
    """A process that judges files, as it was when it ended.

    Attributes:
        pid: its id.
        kind: the process that the user sees, a worker of ours or of pytest-xdist, one for files that may take
            too much, or one that asks extensions.
        seconds: that it was there.
        processor: the seconds of processor time that it has taken; ``None`` where the system does not say.
        peak_memory: the most bytes that were resident, likewise.
    """

    pid: int
    kind: Literal["main", "worker", "pytest-xdist", "guard", "extension"]
    seconds: float
    processor: float | None = None
    peak_memory: int | None = None


class ProcessFacts(Process, frozen=True):
    """What a process did.

    Attributes:
        files: that it judged.
        measured: those of them that it measured.
        busy: seconds that it spent on files; ``None`` where nobody has looked at the clock for each.
        utilisation: that by the seconds that it was there, likewise.
    """

    files: int = 0
    measured: int = 0
    busy: float | None = None
    utilisation: float | None = None


class SlowFile(Struct, frozen=True):
    """A file that took longer than most.

    Attributes:
        path: of the file.
        seconds: that it took.
        pid: of the process that judged it; ``None`` for the one that the user sees.
    """

    path: str
    seconds: float
    pid: int | None


class Spread(Struct, frozen=True):
    """How long questions to the store took, or writings to it, in seconds; ``None`` without any."""

    number: int = 0
    seconds: float = 0.0
    median: float | None = None
    p95: float | None = None
    worst: float | None = None


class StoreFacts(Struct, frozen=True):
    """What the store was asked.

    Attributes:
        reads: the questions, in all processes.
        writes: what this process wrote.
        size: of its database, in bytes.
        max_size: that it may have.
        shared: how many contents a shared store was asked for, had and was given; ``None`` without one.
    """

    reads: Spread
    writes: Spread
    size: int | None
    max_size: float
    shared: dict[str, int] | None


class LimitFacts(Struct, frozen=True):
    """What a metric may be; see :class:`~pytest_antipasta.model.judged.Threshold`."""

    limit: Number
    comparison: Comparison
    block_limit: Number | None = None
    level: Level = "error"


LimitTable: TypeAlias = dict[str, LimitFacts]
"""Limits by metric."""


class Override(Struct, frozen=True):
    """The files that have other limits than the settings give all files, and these limits."""

    files: list[str]
    limits: LimitTable


class RunFacts(Struct, frozen=True):
    """What a run says of itself, besides its verdicts: ``run`` of a JSON report.

    Attributes:
        seconds: that it took.
        phases: what its parts took, in seconds.
        ended: when, in seconds since 1970.
        processor: the processor time of this process in those parts.
        hits: files whose measurements the store had.
        misses: files that were measured, or could not be.
        coalesced: files with the content of another one of the run.
        missed: how many files were measured for each reason.
        retries: files that were judged once more.
        errors: how many files could not be measured, by the kind of error.
        slowest: the files that took longest.
        processes: that there were, the one that the user sees first.
        store: what it was asked; ``None`` where there is none, or several runs had one each.
        handles: files, pipes and sockets that this process had open; ``None`` where nobody knows.
        workers: how many worker processes there were.
        strategy: why so many.
        total: source files of the root; ``None`` where they were not counted.
        narrowed_by: what has left out files.
        stopped: why the run ended before all files were judged; ``None`` if it did not.
        complete: whether all source files were judged.
        root: what paths are relative to.
        git_top: the top of its repository; ``None`` without one.
        change: what was judged, if that was a change.
        baseline: where what is tolerated was recorded; ``None`` without one.
        limits: that the settings give all files.
        overrides: limits of some files.
        shard: which part of all files was judged; ``None`` for all.
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
    change: str | None = None
    baseline: str | None = None
    limits: LimitTable = {}
    overrides: list[Override] = []
    shard: ShardFacts | None = None


class GateVerdict(Struct, frozen=True):
    """The result of judging a change.

    Attributes:
        verdicts: of the changed files, in the order of their paths.
        left_out: files that there was no time for, or that came behind the first failure.
        is_out_of_time: whether it was the time.
        unreadable: files whose content, or what it was before, git does not have.
        not_compared: files that are not judged, as they could not be measured as they were before; each with
            the error.
        unmoved: of a baseline, the entries that have followed nothing, where a file fails.
        waivers: what the change allows that was not allowed before it.
        changes: what the change does to blocks, where somebody has asked.
    """

    verdicts: tuple[Verdict, ...]
    left_out: tuple[str, ...] = ()
    is_out_of_time: bool = False
    unreadable: tuple[str, ...] = ()
    not_compared: tuple[tuple[str, FileError], ...] = ()
    unmoved: tuple[BaselineEntry, ...] = ()
    waivers: Waivers = Waivers()
    changes: Changes | None = None


class RunStats(Struct, frozen=True):
    """What a summary reports besides the verdicts.

    Attributes:
        total: source files of the root; ``None`` where they were not counted.
        narrowed_by: the files and folders that were asked for; ``None`` for all.
        seconds: that the run took.
        warnings: what the user should know of settings and store.
        has_store: whether measurements were looked up.
        workers: how the run was spread and why, where that was decided.
        is_change: whether only what changed was looked at, which may be nothing.
        changes: what the change did to blocks, if one was looked at.
        waivers: what the change allows that was not allowed before it.
        review: which entries of the baseline are not needed as they are; ``None`` where there is none.
        named_baseline: where that is, if an option names it.
        deselected_by: the options of pytest that have left files out.
        stopped: why the run ended before all files were judged; ``None`` if it did not.
        is_beside_tests: whether other things than files were run meanwhile, which the seconds leave out.
        shards: how many runs it was made of, if several; the seconds are those of the longest.
        unlisted: how many more files pass than there are verdicts.
        coverage: what coverage data says of the files; ``None`` where nobody asked.
    """

    total: int | None
    narrowed_by: tuple[str, ...] | None
    seconds: float
    warnings: tuple[str, ...]
    has_store: bool
    workers: Workers | None = None
    is_change: bool = False
    changes: Changes | None = None
    waivers: Waivers = Waivers()
    review: Review | None = None
    named_baseline: Path | None = None
    deselected_by: tuple[str, ...] = ()
    stopped: str | None = None
    is_beside_tests: bool = False
    shards: int = 0
    unlisted: int = 0
    coverage: CoverageFacts | None = None
