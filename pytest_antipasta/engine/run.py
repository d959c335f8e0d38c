"""One run: its sources, the processes that judge them, and their results."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.engine.decisions import (
    Decisions,
    describe_files,
    describe_judged,
    describe_phases,
    describe_places,
    explain_workers,
)
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measurer import open_measurer
from pytest_antipasta.engine.memory import Memory
from pytest_antipasta.engine.part import Part, divide_tasks
from pytest_antipasta.engine.partial import is_given_up
from pytest_antipasta.engine.phases import Phases
from pytest_antipasta.engine.prefetcher import Prefetcher
from pytest_antipasta.engine.recall import Recall, divide_known
from pytest_antipasta.engine.results import Judge, Result, hand_out
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sources import Source, Task
from pytest_antipasta.engine.tally import Tally
from pytest_antipasta.engine.worker_count import choose_workers, estimate_seconds
from pytest_antipasta.files import Selection
from pytest_antipasta.logs import INFO, WARNING, note_all
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import BaselineEntry, Changes, MissReason, Shard, Verdict, Workers
from pytest_antipasta.processes import defer_signals
from pytest_antipasta.runtime import trusted_first

if TYPE_CHECKING:
    from pytest_antipasta.engine.sharing import Sharing

RunKind: TypeAlias = Literal["files", "content", "change"]


class Ending(NamedTuple):
    """How a run ended, where that was not up to it.

    Attributes:
        deselected_by: the options of pytest that may have left files out.
        stopped: why it ended before all files were judged; ``None`` if it did not.
        is_beside_tests: whether other things than files were run meanwhile, whose time is not the run's.
    """

    deselected_by: tuple[str, ...] = ()
    stopped: str | None = None
    is_beside_tests: bool = False


class Run:
    """One run over sources.

    Attributes:
        rules: what the sources are judged by.
        memory: what is remembered between runs.
        phases: what its parts took.
        selection: the files it is about.
        tasks: one for each of them, in the order of their paths.
        open_tasks: those of them that were not judged when the run began.
        results: those of all tasks, where they were there from the beginning.
        kind: what it is over.
        changes: where it is over a change, what that does to blocks; ``None`` if nobody asked.
        judge: gives the result of a task in this process.
        tally: its results so far.
        workers: how it is to be spread, once that is decided; in the end, how it was.
        roster: the processes that it has begun.
        ending: how it ended.
        part: what of its files is judged, where they are divided among several machines.
        sharing: what it has to do with a store that machines share, if there is one.
    """

    def __init__(
        self,
        rules: Rules,
        memory: Memory,
        phases: Phases,
        selection: Selection,
        tasks: Sequence[Task],
        results: Sequence[Result] | None = None,
        kind: RunKind = "files",
        unmoved: Sequence[BaselineEntry] = (),
        changes: Changes | None = None,
        shard: Shard | None = None,
    ) -> None:
        """Begin a run over tasks, or over a shard of them, or represent one whose results are there already.

        With such results come the entries of the baseline that have followed nothing.
        """
        self.rules = rules
        self.memory = memory
        self.phases = phases
        self.selection = selection
        self.tasks = tasks
        self.results = results
        self.kind = kind
        self.changes = changes
        self._unmoved = unmoved
        self._here = FileJudge(rules, memory.measurer)
        self._prefetcher: Prefetcher | None = None
        self.judge: Judge = self._here.run if results is None else hand_out(results)
        self.tally = Tally(memory)
        self.workers: Workers | None = None
        self.roster = memory.measurer.roster
        self._most: int | None = None
        self.ending = Ending()
        self.part = Part()
        self.sharing: Sharing | None = None
        if shard is not None:
            self.tasks, self.changes, self.part = divide_tasks(tasks, changes, shard)
        self.open_tasks = self.tasks
        self._passing: Sequence[Verdict] = ()
        self._recall: Recall | None = None
        note_all(INFO, self._describe_begin())
        notes = (*rules.notes, *selection.notes, *selection.left_out)
        note_all(WARNING, (("warning", warning) for warning in notes))

    def leave_numbers(self) -> None:
        """Leave to the store what it has or gets, until somebody asks for it.

        What the worst numbers of a file say is within all limits is not looked up at all.
        """
        settings, cache_dir = self.rules.settings, self.memory.cache_dir
        self._recall = Recall(
            self.tally.sorted_verdicts,
            lambda path: self.by_path[path],
            lambda: open_measurer(settings, cache_dir),
        )
        self._passing, self.open_tasks = divide_known(self.tasks, self.rules, self.memory, self._recall)

    def choose_workers(self, most: int) -> Workers:
        """Decide how many workers the files are worth, at most as many as given."""
        self._most = most
        self.workers = self._plan(self.open_tasks, most)
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
        if len(tasks) < len(self.tasks):
            self.workers = self._plan(tasks, self.workers.number)
        if self.workers.number:
            with self.phases.time("judge"):
                self._prefetcher.begin(tasks, self.workers.number)

    def judge_one(self, source: Source) -> Result:
        """Return the result of one source, and count the time until it is there as that of the run."""
        # As Phases.time does, which costs as much as a hook of pytest.
        started, processor_before = time.perf_counter(), time.process_time()
        result = self.judge(source)
        self.phases.add("judge", time.perf_counter() - started, time.process_time() - processor_before)
        return result

    def describe(self) -> Decisions:
        """Yield what it does, or did, and why."""
        yield from self._describe_begin()
        yield from self._describe_end()

    def _describe_begin(self) -> Decisions:
        yield from describe_places(self.rules.settings, self.memory.cache_dir)
        yield from describe_files(len(self.tasks), self.selection, self.part.shard)

    def _describe_end(self) -> Decisions:
        if self.workers is not None:
            yield from explain_workers(self.workers, self._most)
        yield from describe_judged(self.tally.verdicts.values(), self.miss_reasons)
        if self.sharing is not None:
            yield "store", self.sharing.describe()
        yield describe_phases(self.phases)

    def judge_all(self, workers: int, tell: Callable[[Verdict], object] = lambda _: None) -> None:
        """Judge all files, in this process or in as many workers, and remember what was learned.

        What was judged before an interruption is remembered, too.

        Args:
            workers: processes; 0 for this one.
            tell: is given each verdict as it is reached.
        """
        self.workers = self.workers or Workers(workers, f"{workers} asked for")
        try:
            # Closed, so that no worker is at work any more when what was learned is written.
            with self.phases.time("judge"), closing(self.iter_results(workers)) as results:
                self.tally.note_passing(self._passing)
                for result in results:
                    self.tally.note(result, self._find_recall(result))
                    tell(result.verdict)
        except KeyboardInterrupt:
            self.stop_sharing()
            raise
        finally:
            self.finish()

    def iter_results(self, workers: int) -> Generator[Result, None, None]:
        """Yield the results of all open tasks, from here or from as many workers; nothing is noted."""
        if workers < 2 or self.results is not None:
            yield from map(self.judge, self.open_tasks)
            return
        moved: deque[Result] = deque()
        try:
            for result in self._judge_in_workers(self.open_tasks, workers):
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
        if self.results is not None:
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
        if self.results is not None:
            return result
        if error is not None and error.kind == "out_of_memory":
            self._here.warn(f"memory is short: {make_printable(task.path)} is measured once more")
            (result,) = self.judge_apart([task])
            return result
        return self._here.resolve_moves(result, task)

    def _find_recall(self, result: Result) -> Recall | None:
        """Return what gives the numbers of a result again, if it need not keep them."""
        numbers, has_store = result.verdict.numbers, self.memory.measurer.store is not None
        if self._recall is None or numbers is None or numbers.errors or numbers.has_cells:
            return None
        return self._recall if has_store and (result.verdict.from_store or result.record) else None

    def find_unmoved(self) -> Sequence[BaselineEntry]:
        """Return the entries of a baseline that have followed nothing."""
        if self.results is not None:
            return self._unmoved
        return self._here.tolerance.find_unmoved() if self.rules.recorded else ()

    def finish(self) -> None:
        """Remember what was learned, and how many workers were at work at once."""
        is_whole = self.selection.narrowed_by is None
        with self.phases.time("remember"), defer_signals():
            for result in self._prefetcher.end() if self._prefetcher is not None else ():
                self.memory.note(result)
            self.memory.write((file.path for file in self.selection.files) if is_whole else None)
            if self.sharing is not None:
                self.sharing.write()  # from the store that has been written
            self.memory.close()
        if self.workers is not None:
            self.workers = self.workers._replace(number=self.roster.most)
        note_all(INFO, self._describe_end())

    def stop_sharing(self) -> None:
        """Write nothing for other machines: who interrupts a run does not wait for that."""
        if self.sharing is not None:
            self.sharing.close()

    def measure_seconds(self) -> float:
        """Return what it took; beside tests, what its parts did."""
        return sum(self.phases.seconds.values()) if self.ending.is_beside_tests else self.phases.total()

    @cached_property
    def miss_reasons(self) -> Mapping[str, MissReason]:
        """Why files were measured, by path, once the run has ended."""
        # Here, because nobody asks in most runs.
        from pytest_antipasta.engine.misses import find_miss_reasons

        verdicts = self.tally.verdicts.values()
        return find_miss_reasons(self.memory, self.rules.settings.cache_journal, verdicts)

    @cached_property
    def by_path(self) -> dict[str, Task]:
        """The tasks, by the paths that they are reported under."""
        return {task.path: task for task in self.tasks}

    def _plan(self, tasks: Sequence[Task], most: int) -> Workers:
        with self.phases.time("estimate"):
            sizes = [task.size for task in tasks]
            workers = choose_workers(estimate_seconds(sizes), most, is_bound=True)
            if workers.number:  # if all of them had to be measured; a look at some costs reading them
                seconds = estimate_seconds(sizes, lambda index: self._is_known(tasks[index]))
                workers = choose_workers(seconds, most)
        return workers

    def _is_known(self, task: Task) -> bool:
        return self.results is not None or self.memory.measurer.is_known(task)

    def _judge_in_workers(self, tasks: Sequence[Task], workers: int) -> Generator[Result, None, None]:
        # Here, because it brings processes and threads with it.
        with trusted_first():
            from pytest_antipasta.engine.pool import judge_in_pool

        pool = judge_in_pool(tasks, self.rules, self.memory.cache_dir, workers, self._here, self.roster)
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
