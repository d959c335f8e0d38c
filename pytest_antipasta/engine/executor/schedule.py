"""Decide which process judges which source of a run, and complete outcomes of other processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from functools import cached_property
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.executor.worker_count import explain_workers, plan_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.outcome import Outcome, hand_out
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.run_log import LogLines
from pytest_antipasta.engine.sources import Source, Task
from pytest_antipasta.logs import Phases
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import UnmovedEntry, Workers

Outcomes = Generator[Outcome, None, None]
"""An outcome for each task of an executor, roughly in their order. Nothing is stored. Workers read no file
but the one that they judge, so the schedule resolves moved baseline entries. After a deadline, workers leave
out the remaining tasks. Closing it ends all work. If the user interrupts it, it yields the available outcomes
and then raises. ``tests/engine/executor/test_contract.py`` compares the executors."""


class LiveSchedule:
    """Judges sources in this process, or in as many workers as the work is worth.

    Attributes:
        workers: the chosen number of workers, if decided; at the end, the number used.
        diagnostics: the processes that were started, and warnings.
    """

    def __init__(self, rules: Rules, measurer: Measurer, phases: Phases) -> None:
        """Start no process yet.

        Args:
            rules: the rules to judge by.
            measurer: measures in this process; workers look into the same store.
            phases: counts the time of the run's phases.
        """
        self.workers: Workers | None = None
        self.diagnostics = measurer.storage.diagnostics
        self._rules = rules
        self._measurer = measurer
        self._phases = phases
        self._most: int | None = None
        self._planned = 0
        self._ahead: _Ahead | None = None

    @cached_property
    def _here(self) -> FileJudge:
        """The judge of this process."""
        return FileJudge(self._rules, self._measurer)

    def choose_workers(self, tasks: Sequence[Task], most: int) -> Workers:
        """Decide how many workers some files are worth, up to a maximum."""
        self._most = most
        self.workers = self._plan(tasks, most)
        return self.workers

    def prefetch(self) -> None:
        """Start workers that judge files before they are requested, if that saves time."""
        if self.workers is not None and self.workers.number > 1:
            self._ahead = _Ahead(self._here)

    def begin(self, tasks: Sequence[Task]) -> None:
        """Start prefetching tasks, which will be requested roughly in this order."""
        if self._ahead is None or self.workers is None:
            return
        if len(tasks) < self._planned:
            self.workers = self._plan(tasks, self.workers.number)
        if self.workers.number:
            with self._phases.time("judge"):
                self._ahead.begin(tasks, self._run_in_pool(tasks, self.workers.number))

    def judge_one(self, source: Source) -> Outcome:
        """Return the outcome of one source, and add the time to the run's."""
        # Inlined from Phases.time, which costs as much as a hook of pytest.
        started, processor_before = time.perf_counter(), time.process_time()
        outcome = self._here.run(source) if self._ahead is None else self._ahead.judge(source)
        spent, processor = time.perf_counter() - started, time.process_time() - processor_before
        self._phases.add("judge", spent, processor, started)
        return outcome

    def run(self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")) -> Outcomes:
        """Yield the outcomes of tasks, judged in this process or in workers; store nothing.

        Fewer than two workers mean this process. With workers, tasks without an outcome by the deadline (on
        the clock of ``time.monotonic``) are left out.
        """
        if workers < 2:
            for task in tasks:
                yield self._here.run(task)
            return
        sources = {task.path: task for task in tasks}
        moved: deque[Outcome] = deque()
        try:
            with closing(self._run_in_pool(tasks, workers, deadline)) as outcomes:
                for outcome in outcomes:
                    if self._here.may_have_moved(outcome.verdict):
                        moved.append(outcome)
                    else:
                        yield outcome
            # Workers read no file but the one that they judge.
            while moved:
                yield self._here.resolve_moves(moved[0], sources[moved[0].verdict.path])
                moved.popleft()
        except KeyboardInterrupt:
            yield from moved
            raise

    def judge_apart(self, task: Task) -> Outcome:
        """Return the outcome of a file, judged in a separate process, as it may end it."""
        self.diagnostics.retries += 1
        (outcome,) = self._run_in_pool([task], 1)
        return self._here.resolve_moves(outcome, task)

    def complete(self, outcome: Outcome, task: Task) -> Outcome:
        """Return the outcome of another program's worker, completed by what only this process can look up.

        A file that the worker has deferred is judged here. A file that failed for lack of memory beside
        others is judged once more.
        """
        error = outcome.verdict.error
        if outcome.is_deferred:
            judged = self._here.run(task)
            return replace(judged, warnings=(*outcome.warnings, *judged.warnings))
        if error is not None and error.kind == "out_of_memory":
            self.diagnostics.warn(f"low memory: measuring {make_printable(task.path)} again")
            judged = self.judge_apart(task)
            return replace(judged, warnings=(*outcome.warnings, *judged.warnings))
        return self._here.resolve_moves(outcome, task)

    def find_unmoved(self) -> Sequence[UnmovedEntry]:
        """Return the entries of a baseline that no moved code was matched with."""
        return self._here.tolerance.find_unmoved() if self._rules.recorded else ()

    def describe(self) -> LogLines:
        """Yield the number of workers and its reason, if decided."""
        if self.workers is not None:
            yield from explain_workers(self.workers, self._most)

    def end(self) -> Sequence[Outcome]:
        """End all workers; return outcomes that were never requested."""
        left = self._ahead.end() if self._ahead is not None else ()
        if self.workers is not None:
            self.workers = self.workers._replace(number=self.diagnostics.most_busy)
        return left

    def _plan(self, tasks: Sequence[Task], most: int) -> Workers:
        self._planned = len(tasks)
        with self._phases.time("estimate"):
            is_known = self._measurer.is_known
            return plan_workers([task.size for task in tasks], most, lambda at: is_known(tasks[at]))

    def _run_in_pool(self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")) -> Outcomes:
        from pytest_antipasta.engine.executor.pool import run_in_pool  # imports threading

        return run_in_pool(tasks, self._rules, self._measurer.storage, self._here, workers, deadline)


class GivenOutcomes:
    """Returns outcomes that exist already: those of a change, or of standard input.

    Attributes:
        workers: the number of workers used, if known.
        diagnostics: the processes that were started.
        outcomes: the outcomes of all sources.
    """

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        unmoved: Sequence[UnmovedEntry] = (),
        diagnostics: Diagnostics | None = None,
        workers: Workers | None = None,
    ) -> None:
        """Take outcomes, and the baseline entries that no moved code was matched with."""
        self.workers = workers
        self.diagnostics = diagnostics or Diagnostics()
        self.outcomes = outcomes
        self._unmoved = unmoved
        self._most: int | None = None
        self.judge_one = hand_out(outcomes)

    def choose_workers(self, tasks: Sequence[Task], most: int) -> Workers:
        """Return how many workers were used."""
        self.workers = self.workers or Workers(0, "little to measure")
        self._most = most
        return self.workers

    def prefetch(self) -> None:
        """Start no workers, as all outcomes exist."""

    def begin(self, tasks: Sequence[Task]) -> None:
        """Start no workers, as all outcomes exist."""

    def run(self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")) -> Outcomes:
        """Yield the outcomes of the sources."""
        yield from map(self.judge_one, tasks)

    def judge_apart(self, task: Task) -> Outcome:
        """Return the outcome of a source."""
        return self.judge_one(task)

    def complete(self, outcome: Outcome, task: Task) -> Outcome:
        """Return the outcome of a task that was deferred to this process."""
        if not outcome.is_deferred:
            return outcome
        given = self.judge_one(task)
        return replace(given, warnings=(*outcome.warnings, *given.warnings))

    def find_unmoved(self) -> Sequence[UnmovedEntry]:
        """Return the entries of a baseline that no moved code was matched with."""
        return self._unmoved

    def describe(self) -> LogLines:
        """Yield how many workers were used, if known."""
        if self.workers is not None:
            yield from explain_workers(self.workers, self._most)

    def end(self) -> Sequence[Outcome]:
        """Return no further outcomes."""
        if self.workers is not None:
            self.workers = self.workers._replace(number=self.diagnostics.most_busy)
        return ()


Schedule: TypeAlias = LiveSchedule | GivenOutcomes
"""Which process judges which source of a run, or has judged it."""


class _Ahead:
    """Returns single outcomes from an executor that runs ahead of the requests."""

    def __init__(self, here: FileJudge) -> None:
        """Start nothing yet; ``here`` is for sources that are requested twice."""
        self._here = here
        self._coming: Outcomes = _yield_nothing()
        self._missing: set[str] = set()
        self._outcomes: dict[str, Outcome] = {}

    def begin(self, tasks: Sequence[Task], coming: Outcomes) -> None:
        """Start an executor for tasks, which will be requested roughly in this order."""
        self._missing = {task.path for task in tasks}
        self._coming = coming
        if tasks:  # starting workers must not count as the first file's time
            self._wait_for(tasks[0].path)

    def judge(self, source: Source) -> Outcome:
        """Return the outcome of one source, as soon as the executor has it."""
        if source.path in self._missing:
            self._wait_for(source.path)
        outcome = self._outcomes.pop(source.path, None)
        if outcome is None:  # another plugin has requested a file twice
            return self._here.run(source)
        # Workers read no file but the one that they judge.
        return self._here.resolve_moves(outcome, source)

    def end(self) -> list[Outcome]:
        """End the workers; return outcomes that were never requested."""
        self._coming.close()
        return list(self._outcomes.values())

    def _wait_for(self, path: str) -> None:
        for outcome in self._coming:
            self._missing.discard(outcome.verdict.path)
            self._outcomes[outcome.verdict.path] = outcome
            if outcome.verdict.path == path:
                return


def _yield_nothing() -> Outcomes:
    nothing: Iterable[Outcome] = ()
    yield from nothing
