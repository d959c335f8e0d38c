"""Which process judges which source of a run, and what comes back of others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from functools import cached_property
from typing import Protocol

from msgspec.structs import replace

from pytest_antipasta.engine.decisions import Decisions
from pytest_antipasta.engine.executor.worker_count import choose_workers, estimate_seconds, explain_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.measuring.roster import Roster
from pytest_antipasta.engine.outcome import Outcome, hand_out
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sources import Source, Task
from pytest_antipasta.logs import Phases
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import BaselineEntry, Workers
from pytest_antipasta.runtime import trusted_first

Outcomes = Generator[Outcome, None, None]
"""What an executor gives for its tasks: an outcome for each, more or less in their order.

Closing it ends all that is at work. Where the user interrupts it, it yields what there is and raises then.
"""


class Schedule(Protocol):
    """Answers for the sources of a run, in one way or another.

    Attributes:
        workers: how the sources are to be spread, once that is decided; in the end, how they were.
        roster: the processes that it has begun.
    """

    workers: Workers | None
    roster: Roster

    def choose_workers(self, tasks: Sequence[Task], most: int) -> Workers:
        """Decide how many workers files are worth, at most as many as given."""

    def prefetch(self) -> None:
        """Have workers judge files before they are asked for, if they are worth it."""

    def begin(self, tasks: Sequence[Task]) -> None:
        """Let workers that are ahead begin with tasks that will be asked for, in this order."""

    def judge_one(self, source: Source, /) -> Outcome:
        """Return the outcome of one source."""

    def run(self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")) -> Outcomes:
        """Yield the outcomes of tasks, from this process or from as many workers; nothing is kept.

        With workers, what is not there by the deadline, on the clock of ``time.monotonic``, is left out.
        """

    def judge_apart(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Return the outcomes of files, judged by a worker of their own: one of them may be what ends it."""

    def complete(self, outcome: Outcome, task: Task) -> Outcome:
        """Return the outcome that a worker of xdist has sent, with what only this process can say."""

    def find_unmoved(self) -> Sequence[BaselineEntry]:
        """Return the entries of a baseline that have followed nothing."""

    def describe(self) -> Decisions:
        """Yield how many workers there are to be, or were, and why, if that is decided."""

    def end(self) -> Sequence[Outcome]:
        """End all workers; return what they have judged and was not asked for."""


class LiveSchedule:
    """Has sources judged in this process, or in as many workers as they are worth.

    Attributes:
        workers: see :class:`Schedule`.
        roster: the processes that it has begun.
    """

    def __init__(self, rules: Rules, measurer: Measurer, phases: Phases) -> None:
        """Begin nothing yet.

        Args:
            rules: what is judged by.
            measurer: measures in this process; workers look into the same store.
            phases: what is timed.
        """
        self.workers: Workers | None = None
        self.roster = measurer.roster
        self._rules = rules
        self._measurer = measurer
        self._phases = phases
        self._most: int | None = None
        self._planned = 0
        self._ahead: _Ahead | None = None

    @cached_property
    def _here(self) -> FileJudge:
        """Judges in this process."""
        return FileJudge(self._rules, self._measurer)

    def choose_workers(self, tasks: Sequence[Task], most: int) -> Workers:
        """Decide how many workers files are worth, at most as many as given."""
        self._most = most
        self.workers = self._plan(tasks, most)
        return self.workers

    def prefetch(self) -> None:
        """Have workers judge files before they are asked for, if they are worth it."""
        if self.workers is not None and self.workers.number > 1:
            self._ahead = _Ahead(self._here)

    def begin(self, tasks: Sequence[Task]) -> None:
        """Let workers that are ahead begin with tasks that will be asked for, in this order."""
        if self._ahead is None or self.workers is None:
            return
        if len(tasks) < self._planned:
            self.workers = self._plan(tasks, self.workers.number)
        if self.workers.number:
            with self._phases.time("judge"):
                self._ahead.begin(tasks, self._run_in_pool(tasks, self.workers.number))

    def judge_one(self, source: Source) -> Outcome:
        """Return the outcome of one source, and count the time until it is there as that of the run."""
        # As Phases.time does, which costs as much as a hook of pytest.
        started, processor_before = time.perf_counter(), time.process_time()
        outcome = self._here.run(source) if self._ahead is None else self._ahead.judge(source)
        self._phases.add("judge", time.perf_counter() - started, time.process_time() - processor_before)
        return outcome

    def run(self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")) -> Outcomes:
        """Yield the outcomes of tasks, see :class:`Schedule`."""
        if workers < 2:
            yield from map(self._here.run, tasks)
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
            # Workers look at no file but the one that they judge.
            while moved:
                yield self._here.resolve_moves(moved[0], sources[moved[0].verdict.path])
                moved.popleft()
        except KeyboardInterrupt:
            yield from moved
            raise

    def judge_apart(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Return the outcomes of files, judged by a worker of their own: one of them may be what ends it."""
        self.roster.retries += len(tasks)
        by_path = {outcome.verdict.path: outcome for outcome in self._run_in_pool(tasks, 1)}
        return [by_path[task.path] for task in tasks]

    def complete(self, outcome: Outcome, task: Task) -> Outcome:
        """Return what a worker of another program has found of a task, with what only this process can say.

        Where the worker has left the file to this process, it is judged. A file for which it had too little
        memory, beside others, is judged once more.
        """
        error = outcome.verdict.error
        if outcome.is_deferred:
            judged = self._here.run(task)
            return replace(judged, warnings=(*outcome.warnings, *judged.warnings))
        if error is not None and error.kind == "out_of_memory":
            warn = self._measurer.storage.diagnostics.warn
            warn(f"low memory: measuring {make_printable(task.path)} again")
            (outcome,) = self.judge_apart([task])
            return outcome
        return self._here.resolve_moves(outcome, task)

    def find_unmoved(self) -> Sequence[BaselineEntry]:
        """Return the entries of a baseline that have followed nothing."""
        return self._here.tolerance.find_unmoved() if self._rules.recorded else ()

    def describe(self) -> Decisions:
        """Yield how many workers there are to be, or were, and why, if that is decided."""
        if self.workers is not None:
            yield from explain_workers(self.workers, self._most)

    def end(self) -> Sequence[Outcome]:
        """End all workers; return what they have judged and was not asked for."""
        left = self._ahead.end() if self._ahead is not None else ()
        if self.workers is not None:
            self.workers = self.workers._replace(number=self.roster.most)
        return left

    def _plan(self, tasks: Sequence[Task], most: int) -> Workers:
        self._planned = len(tasks)
        with self._phases.time("estimate"):
            sizes = [task.size for task in tasks]
            workers = choose_workers(estimate_seconds(sizes), most)
            if workers.number:  # if all of them had to be measured; a look at some costs reading them
                is_known = self._measurer.is_known
                workers = choose_workers(estimate_seconds(sizes, lambda at: is_known(tasks[at])), most)
        return workers

    def _run_in_pool(self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")) -> Outcomes:
        with trusted_first():
            from pytest_antipasta.engine.executor.pool import run_in_pool  # brings processes and threads

        storage = self._measurer.storage
        return run_in_pool(
            tasks,
            self._rules,
            storage.cache_dir,
            workers,
            self._here,
            self.roster,
            storage.diagnostics,
            deadline,
        )


class GivenOutcomes:
    """Hands out outcomes that are there already: those of a change, or of standard input.

    Attributes:
        workers: how they came to be; see :class:`Schedule`.
        roster: the processes that it has begun.
        outcomes: those of all sources.
    """

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        unmoved: Sequence[BaselineEntry] = (),
        roster: Roster | None = None,
        workers: Workers | None = None,
    ) -> None:
        """Take outcomes, and with them the entries of the baseline that have followed nothing."""
        self.workers = workers
        self.roster = roster or Roster()
        self.outcomes = outcomes
        self._unmoved = unmoved
        self._most: int | None = None
        self.judge_one = hand_out(outcomes)

    def choose_workers(self, tasks: Sequence[Task], most: int) -> Workers:
        """Return how the sources were spread."""
        self.workers = self.workers or Workers(0, "little to measure")
        self._most = most
        return self.workers

    def prefetch(self) -> None:
        """Have nothing measured ahead."""

    def begin(self, tasks: Sequence[Task]) -> None:
        """Have nothing measured ahead."""

    def run(self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")) -> Outcomes:
        """Yield the outcomes of the sources."""
        yield from map(self.judge_one, tasks)

    def judge_apart(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Return the outcomes of the sources."""
        return list(map(self.judge_one, tasks))

    def complete(self, outcome: Outcome, task: Task) -> Outcome:
        """Return the outcome of a task that was left to this process."""
        if not outcome.is_deferred:
            return outcome
        given = self.judge_one(task)
        return replace(given, warnings=(*outcome.warnings, *given.warnings))

    def find_unmoved(self) -> Sequence[BaselineEntry]:
        """Return the entries of a baseline that have followed nothing."""
        return self._unmoved

    def describe(self) -> Decisions:
        """Yield how the outcomes came to be, if that is known."""
        if self.workers is not None:
            yield from explain_workers(self.workers, self._most)

    def end(self) -> Sequence[Outcome]:
        """End nothing, and say how many workers there were."""
        if self.workers is not None:
            self.workers = self.workers._replace(number=self.roster.most)
        return ()


class _Ahead:
    """Hands out outcomes one at a time that an executor has, or will soon have."""

    def __init__(self, here: FileJudge) -> None:
        """Begin nothing yet; what judges in this process is for sources that are asked for twice."""
        self._here = here
        self._coming: Outcomes = _yield_nothing()
        self._missing: set[str] = set()
        self._outcomes: dict[str, Outcome] = {}

    def begin(self, tasks: Sequence[Task], coming: Outcomes) -> None:
        """Take what an executor gives for tasks, which will be asked for in this order, more or less."""
        self._missing = {task.path for task in tasks}
        self._coming = coming
        if tasks:  # starting workers must not count as the first file's time
            self._wait_for(tasks[0].path)

    def judge(self, source: Source) -> Outcome:
        """Return the outcome of one source, as soon as it is known."""
        if source.path in self._missing:
            self._wait_for(source.path)
        outcome = self._outcomes.pop(source.path, None)
        if outcome is None:  # another plugin has a file judged again
            return self._here.run(source)
        # Workers look at no file but the one that they judge.
        return self._here.resolve_moves(outcome, source)

    def end(self) -> list[Outcome]:
        """End the workers; return what they have judged and was not asked for."""
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
