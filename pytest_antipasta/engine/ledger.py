"""The ledger of a run: takes outcomes, stores what is new, and makes the result."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from operator import attrgetter

from msgspec.structs import asdict, replace

from pytest_antipasta.engine.diagnostics import (
    ReportProgress,
    RunWarning,
    ignore_progress,
    merge_warnings,
)
from pytest_antipasta.engine.executor.judging import Ahead, judge_apart, judge_many
from pytest_antipasta.engine.executor.worker_count import count_processors, plan_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.plan import RunPlan
from pytest_antipasta.engine.result import Exchange, Result, read_whole
from pytest_antipasta.engine.run_log import describe_plan, log_known, log_outcome
from pytest_antipasta.files.source import Source
from pytest_antipasta.logs.notes import INFO, WARNING, log_all, log_event
from pytest_antipasta.logs.spans import Phases, record_counts
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import Process, Workers
from pytest_antipasta.processes.interrupts import defer_signals
from pytest_antipasta.runtime.environment import is_ci
from pytest_antipasta.store.journal import PastRun, RunKind, record_run


class Ledger:
    """What a run adds up: judges the open sources of a plan, and takes their outcomes.

    Attributes:
        plan: the plan.
        judge: judges sources in this process.
        phases: duration of each phase.
        verdicts: verdicts so far, by path.
        spent: process and seconds by path, see :class:`Outcome`.
        workers: the chosen number of workers, if decided; at the end, the number used.
        is_interrupted: whether the user has interrupted the run.
    """

    def __init__(
        self,
        plan: RunPlan,
        judge: FileJudge,
        phases: Phases,
        *,
        journal: RunKind | None = "other",
        at_end: Sequence[Callable[[Ledger], object]] = (),
    ) -> None:
        """Begin a run.

        Args:
            plan: the plan.
            judge: judges sources in this process; it is closed at the end.
            phases: duration of each phase so far.
            journal: kind of the run in the store's journal, outside CI; ``None`` for a run without an entry.
            at_end: called with the ledger once the results are stored, for what a run may have besides.
        """
        self.plan = plan
        self.judge = judge
        self.phases = phases
        self.verdicts: dict[str, Verdict] = {}
        self.spent: dict[str, tuple[int, float]] = {}
        self.workers = plan.workers
        self._storage = judge.storage
        self._diagnostics = judge.measurer.diagnostics
        self._journal = journal
        self.is_interrupted = False
        self._at_end = at_end
        self._exchange: Exchange | None = None
        self._tracebacks: list[str] = []
        self._reads: list[float] = []
        self._warnings: list[RunWarning] = []
        self._ahead: Ahead | None = None
        log_all(INFO, describe_plan(plan, judge.storage.cache_dir))
        notes = (*plan.rules.notes, *plan.selection.list_notes())
        log_all(WARNING, (("warning", warning) for warning in notes))

    # Judging.

    def judge_all(
        self, workers: int | None = None, report_progress: ReportProgress = ignore_progress
    ) -> Result:
        """Judge all sources in this process or in workers, and store the results.

        Results from before an interruption are stored too.

        Args:
            workers: number of worker processes; 0 for this process only, ``None`` for automatic.
            report_progress: called with the number of judged files and of all files after each.
        """
        plan = self.plan
        try:
            judged = judge_many(plan.open_sources, self.judge, self.decide_workers(workers))
            # Closed, so that all workers have stopped when results are written.
            with self.phases.time("judge"), closing(judged) as outcomes:
                self.verdicts |= plan.known
                log_known(plan.known.values())
                for outcome in outcomes:
                    self.add(outcome)
                    report_progress(len(self.verdicts), len(plan.sources))
        except KeyboardInterrupt:
            self.interrupt()
            raise
        finally:
            result = self.finish()
        return result

    def decide_workers(self, requested: int | None, most: int = sys.maxsize) -> int:
        """Return how many workers judge the open sources: a number that is known already stays.

        Args:
            requested: the number that the user has chosen; ``None`` for as many as the sources are worth.
            most: their maximum number.
        """
        if requested is not None:
            number = min(requested, most)
            self.workers = self.workers or Workers(number, f"{number} requested")
        elif self.workers is None:
            most = min(count_processors(), most)
            with self.phases.time("estimate"):
                self.workers = plan_workers(self.plan.open_sources, most, self.judge.measurer.is_stored)
        return self.workers.number

    def begin(self, sources: Iterable[Source]) -> None:
        """Let the chosen workers, if any, judge files in advance, which will be requested in this order."""
        coming = [source for source in sources if source.path not in self.plan.known]
        if self.workers is None or self.workers.number < 2 or not coming:
            return
        most = self.workers.most
        if most is not None and len(coming) < len(self.plan.open_sources):
            with self.phases.time("estimate"):
                self.workers = plan_workers(coming, most, self.judge.measurer.is_stored)
        if self.workers.number:
            with self.phases.time("judge"):
                self._ahead = Ahead(coming, self.judge, self.workers.number)

    def judge_one(self, source: Source) -> Outcome:
        """Return the outcome of one source; the caller passes it to :meth:`add`."""
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
        """Return the outcome of a worker of pytest-xdist, completed by what only this process knows.

        Moved baseline entries are searched for here, and a file that the worker has deferred is judged here.
        A file that failed for lack of memory beside others is judged once more.
        """
        known, error = self._find_known(source), outcome.verdict.error
        if outcome.is_deferred:
            judged = known or self.judge.run(source)
        elif known is not None:
            return outcome
        elif error is not None and error.kind == "out_of_memory":
            self.warn(f"low memory: measuring {make_printable(source.path)} again")
            judged = judge_apart(source, self.judge)
        else:
            return self.judge.resolve_moves(outcome, source)
        return replace(judged, warnings=(*outcome.warnings, *judged.warnings))

    def read_whole(self, verdict: Verdict) -> Verdict:
        """Return a verdict with all of its values, during the run."""
        if not verdict.is_brief:
            return verdict
        return read_whole(verdict, self.judge.measurer, self.plan.by_path[verdict.path])

    def _find_known(self, source: Source) -> Outcome | None:
        verdict = self.plan.known.get(source.path)
        return None if verdict is None else Outcome(verdict, process=os.getpid())

    # Outcomes.

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of one source; values that are stored are dropped here."""
        outcome = self._storage.mark_copy(outcome)
        verdict, numbers = outcome.verdict, outcome.verdict.measurement
        if (
            self.plan.is_brief
            and self._storage.store is not None
            and not verdict.is_brief
            and (not verdict.is_miss or outcome.record)
            and not (numbers.errors or numbers.has_cells)
        ):
            verdict = verdict.shorten(self._recorded_names.get(verdict.path, ()))
        self.verdicts[verdict.path] = verdict
        self.spent[verdict.path] = (outcome.process, outcome.seconds)
        self._note_warnings()
        self._reads += outcome.reads
        self._warnings += outcome.warnings
        if outcome.traceback:
            self._tracebacks.append(outcome.traceback)
        log_outcome(outcome)
        self._storage.put(outcome, learns_file=not self.plan.is_recalled)

    @cached_property
    def _recorded_names(self) -> Mapping[str, set[str | None]]:
        """The qualified names that have baseline entries, by path."""
        names: dict[str, set[str | None]] = {}
        for entry in self.plan.rules.recorded or ():
            names.setdefault(entry.path, set()).add(entry.qualified_name)
        return names

    def warn(self, text: str) -> None:
        """Add a warning about the run."""
        self._diagnostics.warn(text)

    def add_processes(self, ended: Iterable[Process]) -> None:
        """Add the use of resources of processes that others have started."""
        self._diagnostics.add_ended(ended)

    def note_exchange(self, exchange: Exchange) -> None:
        """Add what was exchanged with a shared store."""
        self._exchange = exchange

    # The end.

    def interrupt(self) -> None:
        """Note that the user interrupts the run, and waits for nothing but its results."""
        self.is_interrupted = True

    def finish(self) -> Result:
        """End the workers, store the results, and return the result."""
        plan, storage, ended = self.plan, self._storage, self._end_workers()
        is_whole = plan.selection.narrowed_by is None and not plan.is_recalled
        with self.phases.time("remember"), defer_signals():
            for outcome in ended:
                log_outcome(outcome)
                storage.put(outcome, learns_file=not plan.is_recalled)
            there = (file.path for file in plan.selection.files) if is_whole else None
            storage.write(there, uses_all=plan.is_whole)
            for call in self._at_end:
                call(self)
            self._write_counts()
            self.judge.measurer.close()
        result = self.make_result()
        log_all(INFO, result.describe_end())
        return result

    def _write_counts(self) -> None:
        """Write how many files the store had into the trace, and into the journal with the run's duration."""
        hits, misses, copies = self._count_found()
        files = hits + misses + copies
        record_counts({"antipasta.files": files, "antipasta.hits": hits})
        if files and self._journal is not None:
            kind, seconds = "ci" if is_ci() else self._journal, round(self.phases.total(), 3)
            past = PastRun(time.time(), kind, hits, misses, copies, seconds)
            self._storage.ask(lambda store: record_run(store.directory, past))

    def _count_found(self) -> tuple[int, int, int]:
        """Return how many files the store had; see :class:`Result`."""
        found = Counter(map(attrgetter("origin"), self.verdicts.values()))
        return found["store"] + self.plan.unlisted, found["measured"], found["copy"]

    def close(self) -> None:
        """Close the store and end all processes, without storing anything."""
        self._end_workers()
        self.judge.measurer.close()

    def make_result(self) -> Result:
        """Return the result so far."""
        self._note_warnings()
        return Result(
            **asdict(self.plan) | {"workers": self.workers},
            verdicts=self.verdicts,
            found=self._count_found(),
            store=self._storage.describe_use(self._reads),
            phases=self.phases,
            spent=self.spent,
            warnings=merge_warnings(self._warnings),
            tracebacks=self._tracebacks,
            ended=self._diagnostics.ended,
            retries=self._diagnostics.retries,
            exchange=self._exchange,
        )

    def _note_warnings(self) -> None:
        """Add and log the warnings of this process since the last call."""
        for warning in self._diagnostics.take():
            log_event(WARNING, "warning", warning.text)
            self._warnings.append(warning)

    def _end_workers(self) -> Sequence[Outcome]:
        """End all workers; return outcomes that were never requested."""
        ended = () if self._ahead is None else self._ahead.end()
        if self.workers is not None:
            self.workers = self.workers._replace(number=self._diagnostics.most_busy)
        return ended
