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
from pytest_antipasta.engine.executor.judging import (
    Ahead,
    choose_workers,
    complete_outcome,
    judge_apart,
    judge_many,
)
from pytest_antipasta.engine.executor.worker_count import count_processors, explain_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.outcome import Outcome
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
    UnmovedEntry,
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
        storage: stored measurements and file statuses.
        judge: judges sources in this process.
        workers: the chosen number of workers, if decided; at the end, the number used.
        phases: duration of each phase.
        selection: the files of the run.
        sources: one source for each file.
        known: verdicts that need no judging: of a change, of a content, of a memo, or by the stat index.
        open_sources: the other sources.
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
        judge: FileJudge,
        phases: Phases,
        selection: Selection,
        sources: Sequence[Source],
        kind: RunKind = "files",
        *,
        known: Mapping[str, Verdict] = {},
        changes: Changes | None = None,
        part: Part | None = None,
        waivers: Waivers | None = None,
        unmoved: Sequence[UnmovedEntry] | None = None,
        workers: Workers | None = None,
    ) -> None:
        """Begin a run over sources, which may be a part of all.

        Args:
            judge: judges sources, by the rules of the run.
            phases: duration of each phase.
            selection: the files of the run.
            sources: the sources, with or without files.
            kind: what the run covers.
            known: verdicts on all sources, if they were judged before.
            changes: effect of a change on blocks; ``None`` if not requested.
            part: the part of the files that this run judges; all by default.
            waivers: what a change newly allows.
            unmoved: entries of a baseline that no moved code was matched with, if known.
            workers: the number of workers that have judged, if known.
        """
        self.rules = judge.rules
        self.judge = judge
        self.storage = judge.storage
        self.workers = workers
        self.phases = phases
        self.selection = selection
        self.sources = self.seen_sources = sources
        self.known = known
        self.open_sources = [] if known else sources
        self.kind = kind
        self.changes = changes
        self.waivers = waivers or Waivers()
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
        self._leaves_numbers = False
        self._unmoved = unmoved
        self._most: int | None = None
        self._ahead: Ahead | None = None
        log_all(INFO, self._describe_begin())
        left_out = (*selection.left_out, *iter_notebook_notes(selection.notebooks))
        notes = (*self.rules.notes, *selection.notes, *left_out)
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
        self.known, self.open_sources = passing, others

    def take_known(
        self, verdicts: Mapping[str, Verdict], open_sources: Sequence[Source], unlisted: int
    ) -> None:
        """Add verdicts that are known without reading their files.

        Args:
            verdicts: verdicts by path.
            open_sources: the other files.
            unlisted: how many more files pass.
        """
        self.known, self.open_sources, self.unlisted = verdicts, open_sources, unlisted
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
        try:
            if workers is None:
                self.choose_workers(count_processors())
            else:
                self.workers = self.workers or Workers(workers, f"{workers} requested")
            number = self.workers.number if self.workers else 0
            judged = judge_many(self.open_sources, self.judge, number)
            # Closed, so that all workers have stopped when results are written.
            with self.phases.time("judge"), closing(judged) as outcomes:
                self.verdicts |= self.known
                self.storage.put_known(self.known.values(), self.unlisted)
                for outcome in outcomes:
                    self.put(outcome)
                    report(outcome.verdict)
        except KeyboardInterrupt:
            self.stop_sharing()
            raise
        finally:
            self.finish()

    def choose_workers(self, most: int) -> None:
        """Decide how many workers the open sources are worth, up to a maximum, unless that is known."""
        self._most = most
        if self.workers is None:
            with self.phases.time("estimate"):
                self.workers = choose_workers(self.open_sources, self.judge.measurer, most)

    def begin(self, sources: Sequence[Source]) -> None:
        """Let the chosen workers, if any, judge files in advance, which will be requested in this order."""
        coming = [source for source in sources if source.path not in self.known]
        if self.workers is None or self.workers.number < 2 or not coming:
            return
        if self._most is not None and len(coming) < len(self.open_sources):
            with self.phases.time("estimate"):
                self.workers = choose_workers(coming, self.judge.measurer, self.workers.number)
        if self.workers.number:
            with self.phases.time("judge"):
                self._ahead = Ahead(coming, self.judge, self.workers.number)

    def judge_one(self, source: Source) -> Outcome:
        """Return the outcome of one source; the caller passes it to :meth:`put`."""
        if (known := self._find_known(source)) is not None:
            return known
        # Inlined from Phases.time, which costs as much as a hook of pytest.
        started, processor_before = time.perf_counter(), time.process_time()
        outcome = self.judge.run(source) if self._ahead is None else self._ahead.take(source)
        spent, processor = time.perf_counter() - started, time.process_time() - processor_before
        self.phases.add("judge", spent, processor, started)
        return outcome

    def judge_apart(self, source: Source) -> Outcome:
        """Return the outcome of one source, judged in a separate process, as it may end it."""
        return self._find_known(source) or judge_apart(source, self.judge)

    def complete_outcome(self, outcome: Outcome, source: Source) -> Outcome:
        """Return the outcome of another program's worker, completed by what only this process knows."""
        known = self._find_known(source)
        if known is None:
            return complete_outcome(outcome, source, self.judge)
        return replace(known, warnings=outcome.warnings) if outcome.is_deferred else outcome

    def _find_known(self, source: Source) -> Outcome | None:
        verdict = self.known.get(source.path)
        return None if verdict is None else Outcome(verdict, process=os.getpid())

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
            self._end_workers()
            if self.memory is not None and len(self.verdicts) == len(self.sources):
                began = time.time() - self.phases.total()
                self.memory.check(self.judge.run)
                self.memory.keep(self.selection, self.verdicts, began)
            self.storage.write((file.path for file in self.selection.files) if is_whole else None)
            if self.sharing is not None:
                self.sharing.write()  # read again from the store after writing
            self.judge.measurer.close()
        log_all(INFO, self._describe_end())

    def close(self) -> None:
        """Close the store and end all processes, without storing anything."""
        if self._ahead is not None:
            self._ahead.end()
        self.judge.measurer.close()

    def _end_workers(self) -> None:
        """End all workers; store what was never requested."""
        for outcome in self._ahead.end() if self._ahead is not None else ():
            self.storage.put(outcome)
        if self.workers is not None:
            self.workers = self.workers._replace(number=self.storage.diagnostics.most_busy)

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

    def find_unmoved(self) -> Sequence[UnmovedEntry]:
        """Return the entries of a baseline that no moved code was matched with."""
        if self._unmoved is not None:
            return self._unmoved
        return self.judge.tolerance.find_unmoved() if self.rules.recorded else ()

    def complete(self, verdict: Verdict) -> Verdict:
        """Return a verdict with all of its values, during the run."""
        return (
            _read_whole(verdict, self.judge.measurer, self.by_path[verdict.path])
            if verdict.is_brief
            else verdict
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
        if self.workers is not None:
            yield from explain_workers(self.workers, self._most)
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
        self._find_source = find_source
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
                _read_whole(verdict, measurer, self._find_source(verdict.path))
                if verdict.is_brief
                else verdict
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
