"""One run: its sources, their outcomes, and what reports need afterwards, also from the store."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, overload

from msgspec.structs import replace

from pytest_antipasta.engine.check import LimitJudge
from pytest_antipasta.engine.diagnostics import RunWarning, merge_warnings
from pytest_antipasta.engine.digests import digest_content
from pytest_antipasta.engine.executor.schedule import Schedule
from pytest_antipasta.engine.executor.worker_count import count_processors
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.run_log import (
    LogLines,
    describe_files,
    describe_judged,
    describe_phases,
    describe_places,
)
from pytest_antipasta.files import Selection, Source, iter_notebook_notes
from pytest_antipasta.logs import INFO, WARNING, Phases, log_all, log_event
from pytest_antipasta.model import (
    LEFT_TO_STORE,
    Changes,
    CoverageFacts,
    FileError,
    Measurement,
    MissReason,
    Shard,
    Verdict,
    Waivers,
    Workers,
)
from pytest_antipasta.processes import defer_signals

if TYPE_CHECKING:
    from pytest_antipasta.engine.memo import TreeMemory
    from pytest_antipasta.engine.sharing import Sharing

# Number of records that are read at once for reports, some megabytes.
_RECORDS_AHEAD = 2000
RunKind: TypeAlias = Literal["files", "content", "change"]


class Ending(NamedTuple):
    """How a run ended, if something outside the run ended it.

    Attributes:
        deselected_by: options of pytest that may have deselected files.
        stopped: why the run ended before all files were judged; ``None`` if all were.
        is_beside_tests: whether tests ran during the same session, whose time does not count.
    """

    deselected_by: tuple[str, ...] = ()
    stopped: str | None = None
    is_beside_tests: bool = False


class Part(NamedTuple):
    """The part of the files that this run judges, if files are divided among several machines.

    Attributes:
        shard: number of the part; ``None`` for all files.
        others: sources for the files of other shards.
        files: digest of all divided files; empty for a run without shards.
    """

    shard: Shard | None = None
    others: Sequence[Source] = ()
    files: str = ""


class Run:
    """One run over sources.

    Attributes:
        rules: the rules to judge by.
        measurer: measures in this process.
        storage: stored measurements and file statuses.
        schedule: which process judges which source.
        phases: duration of each phase.
        selection: the files of the run.
        sources: one source for each file.
        open_sources: sources that were not judged when the run began.
        seen_sources: sources whose files were checked, and not taken from a memo.
        kind: what the run covers.
        changes: effect of a change on blocks; ``None`` if not requested.
        part: the part of the files that this run judges, if divided among machines.
        sharing: exchange with a shared store, if there is one.
        verdicts: verdicts so far, by path.
        waivers: what a change newly allows.
        tracebacks: tracebacks of internal errors.
        spent: process and seconds by path, see :class:`Outcome`; files that pass by the stat index have no
            entry.
        reads: duration of each read from the store in seconds, in all processes.
        ending: how the run ended.
        memory: memo of the root's tree, made or updated at the end of the run.
        unlisted: how many more files pass and have no verdict.
        coverage: coverage data of the files; ``None`` if not requested.
    """

    def __init__(
        self,
        rules: Rules,
        measurer: Measurer,
        schedule: Schedule,
        phases: Phases,
        selection: Selection,
        sources: Sequence[Source],
        kind: RunKind = "files",
        changes: Changes | None = None,
        part: Part | None = None,
    ) -> None:
        """Begin a run over sources, which may be a part of all."""
        self.rules = rules
        self.measurer = measurer
        self.storage = measurer.storage
        self.schedule = schedule
        self.phases = phases
        self.selection = selection
        self.sources = self.open_sources = self.seen_sources = sources
        self.kind = kind
        self.changes = changes
        self.waivers = Waivers()
        self.part = part or Part()
        self.sharing: Sharing | None = None
        self.verdicts: dict[str, Verdict] = {}
        self.tracebacks: list[str] = []
        self.spent: dict[str, tuple[int, float]] = {}
        self.reads: list[float] = []
        self.ending = Ending()
        self.memory: TreeMemory | None = None
        self.unlisted = 0
        self.coverage: CoverageFacts | None = None
        self._warnings: list[RunWarning] = []
        self._passing: Mapping[str, Verdict] = {}
        self._leaves_numbers = False
        log_all(INFO, self._describe_begin())
        left_out = (*selection.left_out, *iter_notebook_notes(selection.notebooks))
        notes = (*rules.notes, *selection.notes, *left_out)
        log_all(WARNING, (("warning", warning) for warning in notes))

    @cached_property
    def by_path(self) -> dict[str, Source]:
        """The sources, by the paths that they are reported under."""
        return {source.path: source for source in self.sources}

    @cached_property
    def _recorded_names(self) -> Mapping[str, set[str | None]]:
        """The qualified names that have baseline entries, by path."""
        names: dict[str, set[str | None]] = {}
        for entry in self.rules.recorded or ():
            names.setdefault(entry.path, set()).add(entry.qualified_name)
        return names

    def leave_numbers(self) -> None:
        """Use brief verdicts for stored measurements, see :meth:`read_numbers`.

        Files that pass by their worst values are not read from the store at all, unless they have baseline
        entries: their values decide whether an entry is still needed.
        """
        self._leaves_numbers = True
        passes, passing, others = LimitJudge(self.rules).passes, dict[str, Verdict](), list[Source]()
        for source, worst in zip(self.sources, self.storage.files.list_worst(self.sources), strict=True):
            path = source.path
            if worst and passes(path, worst) and path not in self._recorded_names:
                passing[path] = Verdict(
                    path, LEFT_TO_STORE, from_store=True, digest=source.digest, is_brief=True
                )
            else:
                others.append(source)
        self._passing, self.open_sources = passing, others

    def take_known(
        self, verdicts: Mapping[str, Verdict], open_sources: Sequence[Source], unlisted: int
    ) -> None:
        """Add verdicts that are known without reading their files.

        Args:
            verdicts: verdicts by path.
            open_sources: the other files.
            unlisted: how many more files pass.
        """
        self._passing, self.open_sources, self.unlisted = verdicts, open_sources, unlisted
        self.seen_sources = open_sources
        self.storage.learns_files = False
        self._leaves_numbers = True

    # Judging.

    def judge_all(
        self, workers: int | None = None, report: Callable[[Verdict], object] = lambda _: None
    ) -> None:
        """Judge all files in this process or in workers, and store the results.

        Results from before an interruption are stored too.

        Args:
            workers: number of worker processes; 0 for this process only, ``None`` for automatic.
            report: receives each verdict as soon as it is known.
        """
        schedule = self.schedule
        try:
            if workers is None:
                workers = schedule.choose_workers(self.open_sources, count_processors()).number
            else:
                schedule.workers = schedule.workers or Workers(workers, f"{workers} requested")
            judged = schedule.run(self.open_sources, workers)
            # Closed, so that all workers have stopped when results are written.
            with self.phases.time("judge"), closing(judged) as outcomes:
                self.verdicts |= self._passing
                self.storage.put_passing(self._passing.values(), self.unlisted)
                for outcome in outcomes:
                    self.put(outcome)
                    report(outcome.verdict)
        except KeyboardInterrupt:
            self.stop_sharing()
            raise
        finally:
            self.finish()

    def begin(self, sources: Sequence[Source]) -> None:
        """Let workers judge files in advance; the files will be requested in this order."""
        self.schedule.begin([source for source in sources if source.path not in self._passing])

    def judge_one(self, source: Source) -> Outcome:
        """Return the outcome of one source; the caller passes it to :meth:`put`."""
        if (verdict := self._passing.get(source.path)) is not None:
            return Outcome(verdict, verdict.digest, process=os.getpid())
        return self.schedule.judge_one(source)

    def put(self, outcome: Outcome) -> None:
        """Add the outcome of one source; values that are stored are dropped here."""
        verdict, numbers = outcome.verdict, outcome.verdict.measurement
        if (
            self._leaves_numbers
            and self.storage.store is not None
            and not verdict.is_brief
            and (verdict.from_store or outcome.record)
            and not (numbers.errors or numbers.has_cells)
        ):
            verdict = verdict.shorten(self._recorded_names.get(verdict.path, ()))
        self.verdicts[verdict.path] = verdict
        self.spent[verdict.path] = (outcome.process, outcome.seconds)
        self.reads += outcome.reads
        self._warnings += outcome.warnings
        if outcome.traceback:
            self.tracebacks.append(outcome.traceback)
        self.storage.put(outcome)

    def finish(self) -> None:
        """End the workers, and store the results."""
        is_whole = self.selection.narrowed_by is None and self.storage.learns_files
        with self.phases.time("remember"), defer_signals():
            for outcome in self.schedule.end():
                self.storage.put(outcome)
            if self.memory is not None and len(self.verdicts) == len(self.sources):
                began = time.time() - self.phases.total()
                self.memory.check(self.schedule.judge_one)
                self.memory.keep(self.selection, self.verdicts, began)
            self.storage.write((file.path for file in self.selection.files) if is_whole else None)
            if self.sharing is not None:
                self.sharing.write()  # read again from the store after writing
            self.measurer.close()
        log_all(INFO, self._describe_end())

    def close(self) -> None:
        """Close the store and end all processes, without storing anything."""
        self.schedule.end()
        self.measurer.close()

    def stop_sharing(self) -> None:
        """Write nothing to the shared store: after an interruption, nobody waits for that."""
        if self.sharing is not None:
            self.sharing.close()

    # Facts about the run.

    @property
    def warnings(self) -> list[str]:
        """Warnings of all processes, one line each."""
        taken = self.storage.diagnostics.take()
        for warning in taken:
            log_event(WARNING, "warning", warning.text)
        self._warnings[:0] = taken  # workers have used the store after this process
        return merge_warnings(self._warnings)

    def sorted_verdicts(self) -> list[Verdict]:
        """Return all verdicts, sorted by path."""
        return sorted(self.verdicts.values(), key=attrgetter("path"))

    def complete(self, verdict: Verdict) -> Verdict:
        """Return a verdict with all of its values, during the run."""
        return (
            _read_whole(verdict, self.measurer, self.by_path[verdict.path]) if verdict.is_brief else verdict
        )

    def reread(self, verdict: Verdict) -> bytes | None:
        """Return the content that a verdict is about; ``None`` if the file on disk has another one."""
        content, languages = self.by_path[verdict.path].reread(), self.rules.settings.languages
        if content is None or digest_content(content, languages, verdict.path) != verdict.digest:
            return None
        return content

    def read_numbers(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        """Return verdicts with all of their values, after the run."""
        settings, cache_dir = self.rules.settings, self.storage.cache_dir
        return _WholeVerdicts(
            verdicts,
            lambda: open_measurer(settings, cache_dir, makes_store=False),
            lambda path: self.by_path[path],
        )

    def sum_seconds(self) -> dict[int, float]:
        """Return the total seconds of the sources in each process."""
        seconds: dict[int, float] = {}
        for process, spent in self.spent.values():
            seconds[process] = seconds.get(process, 0.0) + spent
        return seconds

    def measure_seconds(self) -> float:
        """Return the duration of the run in seconds; in a session with tests, the sum of its phases."""
        return sum(self.phases.seconds.values()) if self.ending.is_beside_tests else self.phases.total()

    @cached_property
    def miss_reasons(self) -> Mapping[str, MissReason]:
        """Why files were measured, by path, after the run."""
        return self.storage.find_miss_reasons(self.rules.settings.cache_journal, self.verdicts.values())

    def describe(self) -> LogLines:
        """Yield what the run does, or did, and why."""
        yield from self._describe_begin()
        yield from self._describe_end()

    def _describe_begin(self) -> LogLines:
        yield from describe_places(self.rules.settings, self.storage.cache_dir)
        yield from describe_files(len(self.sources) + self.unlisted, self.selection, self.part.shard)

    def _describe_end(self) -> LogLines:
        yield from self.schedule.describe()
        yield from describe_judged(self.verdicts.values(), self.miss_reasons, self.unlisted)
        if self.sharing is not None:
            yield "store", self.sharing.describe()
        yield describe_phases(self.phases)


class _WholeVerdicts(Sequence[Verdict]):
    """Verdicts with all of their values, for reports: iterating reads the store.

    Some thousand verdicts are read at a time, as those of a large tree don't fit into memory. Records missing
    from the store are measured again if the file still has the judged content.
    """

    def __init__(
        self,
        verdicts: Sequence[Verdict],
        open_measurer: Callable[[], Measurer],
        find_source: Callable[[str], Source],
    ) -> None:
        """Read nothing yet.

        Args:
            verdicts: the verdicts, brief or complete.
            open_measurer: opens a measurer, which is closed after each iteration.
            find_source: returns the source of a path.
        """
        self._verdicts = verdicts
        self._open_measurer = open_measurer
        self._find_task = find_source
        self._last: tuple[int, Sequence[Verdict]] = (-1, ())

    def __len__(self) -> int:
        """Return the number of verdicts."""
        return len(self._verdicts)

    @overload
    def __getitem__(self, place: int) -> Verdict: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, place: int | slice) -> Verdict | Sequence[Verdict]:
        """Return a slice of the verdicts."""
        if isinstance(place, slice):
            return self._complete(self._verdicts[place])
        return self._complete([self._verdicts[place]])[0]

    def __iter__(self) -> Iterator[Verdict]:
        """Yield the verdicts in order."""
        for start in range(0, len(self), _RECORDS_AHEAD):
            if self._last[0] != start:
                self._last = start, self._complete(self._verdicts[start : start + _RECORDS_AHEAD])
            yield from self._last[1]

    def _complete(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        if not any(verdict.is_brief for verdict in verdicts):
            return verdicts
        with closing(self._open_measurer()) as measurer:
            measurer.storage.load(
                verdict.digest for verdict in verdicts if verdict.is_brief and verdict.digest is not None
            )
            return [
                _read_whole(verdict, measurer, self._find_task(verdict.path)) if verdict.is_brief else verdict
                for verdict in verdicts
            ]


def _read_whole(verdict: Verdict, measurer: Measurer, source: Source) -> Verdict:
    """Return a brief verdict with all of its values, or with an error if the file's content has changed.

    A verdict of a memo that only says that the file passes has no digest: the file is read.
    """
    outcome = measurer.measure(source._replace(digest=verdict.digest))
    measurement = outcome.verdict.measurement
    if verdict.digest is not None and outcome.digest != verdict.digest:
        error = FileError("missing", "the file changed or was deleted during the run")
        measurement = Measurement.of(error)
    return replace(verdict, measurement=measurement, is_brief=False)
