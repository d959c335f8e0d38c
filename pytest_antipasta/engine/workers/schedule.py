"""Which process judges which source of a run, and what comes back of others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from functools import cached_property

from msgspec.structs import replace

from pytest_antipasta.engine.decisions import Decisions, explain_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.partial import is_given_up
from pytest_antipasta.engine.memory.memory import Memory
from pytest_antipasta.engine.phases import Phases
from pytest_antipasta.engine.results import Judge, Result, hand_out
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sources import Source, Task
from pytest_antipasta.engine.worker_count import choose_workers, estimate_seconds
from pytest_antipasta.engine.workers.prefetcher import Prefetcher
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import BaselineEntry, Workers
from pytest_antipasta.runtime import trusted_first


class Schedule:
    """Has sources judged in this process, or in as many workers as they are worth.

    Attributes:
        judge: gives the result of one source: of this process, of a worker that is ahead, or there already.
        workers: how the sources are to be spread, once that is decided; in the end, how they were.
        roster: the processes that it has begun.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        rules: Rules,
        memory: Memory,
        phases: Phases,
        results: Sequence[Result] | None = None,
    ) -> None:
        """Begin nothing yet.

        Args:
            tasks: all that may be asked for.
            rules: what workers judge by.
            memory: what is remembered; workers look into its store.
            phases: what is timed.
            results: those of all tasks, where they are there already and nothing has to be judged.
        """
        self._tasks = tasks
        self._here = FileJudge(rules, memory.measurer)
        self._rules = rules
        self._memory = memory
        self._phases = phases
        self._results = results
        self.judge: Judge = self._here.run if results is None else hand_out(results)
        self.workers: Workers | None = None
        self.roster = memory.measurer.roster
        self._most: int | None = None
        self._planned = 0
        self._prefetcher: Prefetcher | None = None

    def choose_workers(self, tasks: Sequence[Task], most: int) -> Workers:
        """Decide how many workers files are worth, at most as many as given."""
        self._most = most
        self.workers = self._plan(tasks, most)
        return self.workers

    def prefetch(self) -> None:
        """Have workers judge files before they are asked for, if they are worth it."""
        if self.workers is not None and self.workers.number > 1:
            self._prefetcher = Prefetcher(self._here, self._judge_in_workers)
            self.judge = self._prefetcher.run

    def begin(self, tasks: Sequence[Task]) -> None:
        """Let those workers begin.

        Args:
            tasks: what will be asked for, in this order.
        """
        if self._prefetcher is None or self.workers is None:
            return
        if len(tasks) < self._planned:
            self.workers = self._plan(tasks, self.workers.number)
        if self.workers.number:
            with self._phases.time("judge"):
                self._prefetcher.begin(tasks, self.workers.number)

    def judge_one(self, source: Source) -> Result:
        """Return the result of one source, and count the time until it is there as that of the run."""
        # As Phases.time does, which costs as much as a hook of pytest.
        started, processor_before = time.perf_counter(), time.process_time()
        result = self.judge(source)
        self._phases.add("judge", time.perf_counter() - started, time.process_time() - processor_before)
        return result

    def iter_results(self, tasks: Sequence[Task], workers: int) -> Generator[Result, None, None]:
        """Yield the results of files, from this process or from as many workers; nothing is noted."""
        if workers < 2 or self._results is not None:
            yield from map(self.judge, tasks)
            return
        moved: deque[Result] = deque()
        try:
            for result in self._judge_in_workers(tasks, workers):
                if self._here.may_have_moved(result.verdict):
                    moved.append(result)
                else:
                    yield result
            # Workers look at no file but the one that they judge.
            while moved:
                yield self.complete(moved[0])
                moved.popleft()
        except KeyboardInterrupt:
            yield from moved
            raise

    def judge_apart(self, tasks: Sequence[Task]) -> list[Result]:
        """Return the results of files, judged by a worker of their own: one of them may be what ends it."""
        if self._results is not None:
            return list(map(self.judge, tasks))
        self.roster.retries += len(tasks)
        by_path = {result.verdict.path: result for result in self._judge_in_workers(tasks, 1)}
        return [by_path[task.path] for task in tasks]

    def complete(self, result: Result) -> Result:
        """Return what a worker has found, with what only a look at other files can say.

        Where the worker has left the file to this process, it is judged. A file for which it had too little
        memory, beside others, is judged once more.
        """
        task, error = self.by_path[result.verdict.path], result.verdict.error
        if result.is_deferred:
            judged = self.judge(task)
            return replace(judged, warnings=(*result.warnings, *judged.warnings))
        if self._results is not None:
            return result
        if error is not None and error.kind == "out_of_memory":
            self._here.warn(f"memory is short: {make_printable(task.path)} is measured once more")
            (result,) = self.judge_apart([task])
            return result
        return self._here.resolve_moves(result, task)

    def find_unmoved(self) -> Sequence[BaselineEntry]:
        """Return the entries of a baseline that have followed nothing."""
        return self._here.tolerance.find_unmoved()

    def describe(self) -> Decisions:
        """Yield how many workers there are to be, or were, and why, if that is decided."""
        if self.workers is not None:
            yield from explain_workers(self.workers, self._most)

    def end(self) -> Sequence[Result]:
        """End all workers; return what they have judged and was not asked for."""
        left = self._prefetcher.end() if self._prefetcher is not None else ()
        if self.workers is not None:
            self.workers = self.workers._replace(number=self.roster.most)
        return left

    @cached_property
    def by_path(self) -> dict[str, Task]:
        """The tasks, by the paths that they are reported under."""
        return {task.path: task for task in self._tasks}

    def _plan(self, tasks: Sequence[Task], most: int) -> Workers:
        self._planned = len(tasks)
        with self._phases.time("estimate"):
            sizes = [task.size for task in tasks]
            workers = choose_workers(estimate_seconds(sizes), most)
            if workers.number:  # if all of them had to be measured; a look at some costs reading them
                seconds = estimate_seconds(sizes, lambda index: self._is_known(tasks[index]))
                workers = choose_workers(seconds, most)
        return workers

    def _is_known(self, task: Task) -> bool:
        return self._results is not None or self._memory.measurer.is_known(task)

    def _judge_in_workers(self, tasks: Sequence[Task], workers: int) -> Generator[Result, None, None]:
        # Here, because it brings processes and threads with it.
        with trusted_first():
            from pytest_antipasta.engine.workers.pool import judge_in_pool

        pool = judge_in_pool(tasks, self._rules, self._memory.cache_dir, workers, self._here, self.roster)
        given_up: list[Result] = []
        try:
            with closing(pool) as results:
                for result in results:
                    if is_given_up(result.verdict.error):
                        given_up.append(result)
                    else:
                        yield result
        except KeyboardInterrupt:
            yield from given_up
            raise
        # One after the other, when nothing else takes time and memory.
        for result in given_up:
            yield self._here.complete(result, self.by_path[result.verdict.path])
