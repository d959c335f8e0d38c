"""All that a run over a root needs, put together in one place for every way in."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measurer import choose_bounds, limits_of, merge_warnings, open_measurer
from pytest_antipasta.engine.memory import Memory
from pytest_antipasta.engine.phases import Phases, iter_debug_lines
from pytest_antipasta.engine.schedule import Prefetcher, choose_workers, estimate_seconds
from pytest_antipasta.engine.tasks import Judge, Result, Task
from pytest_antipasta.files import Selection, begin_selecting, finish_selecting
from pytest_antipasta.model import Verdict, Workers
from pytest_antipasta.processes import defer_signals
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.settings import Settings

if TYPE_CHECKING:
    from pytest_antipasta.model import Review
from pytest_antipasta.model import RunStats


class Run:
    """One run over the files of a root.

    Attributes:
        settings: what applies.
        selection: the files it is about.
        tasks: one for each of them, in the order of their paths.
        sweep: what judges them in this process.
        results: those of all tasks, where they were there from the beginning.
        verdicts: what is known so far, by path.
        workers: how it is spread, once that is decided.
        deselected_by: the options of pytest that have left files out.
        stopped: why it ended before all files were judged; ``None`` if it did not.
        is_beside_tests: whether other things than files are run meanwhile, whose time is not the run's.
    """

    def __init__(self, settings: Settings, asked_for: Sequence[str] | None, cache_dir: Path | None) -> None:
        """Find the files and open the store.

        Args:
            settings: of the root.
            asked_for: absolute locations of files and folders to narrow the run to; ``None`` for all.
            cache_dir: the store's folder, or ``None`` for a run without one.
        """
        self._phases = Phases()
        self.settings = settings
        self._search: AbstractContextManager[None] = nullcontext()
        with self._phases.time("find"):
            select = self._begin_selecting(asked_for)
        with self._phases.time("open"), self._search:  # while git thinks about what it ignores
            self._cache_dir = cache_dir
            self._engine = open_measurer(cache_dir, limits_of(settings), settings)
        with self._phases.time("find"):
            self.selection = select()
        with self._phases.time("open"):
            self._memory = Memory(settings.root, self._engine, choose_bounds(settings))
            self.tasks = self._memory.make_tasks(self.selection.files)
            self._engine.load(task.digest for task in self.tasks if task.digest)
        self._sweep = FileJudge(settings, self._engine)
        self.sweep: Judge = self._sweep
        self._ahead: Prefetcher | None = None
        self.results: list[Result] | None = None
        self.verdicts: dict[str, Verdict] = {}
        self.workers: Workers | None = None
        self.deselected_by: tuple[str, ...] = ()
        self.stopped: str | None = None
        self.is_beside_tests = False
        self._troubles: list[str] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should be told of settings, paths and the store, a line each."""
        self._troubles += self._engine.pop_warnings()
        notes = dict.fromkeys((*self.settings.notes, *self.selection.notes))
        return (*notes, *merge_warnings(self._troubles))

    @property
    def has_lost_store(self) -> bool:
        """Whether there should be a store, and it had to be switched off; ``warnings`` say why."""
        return self._engine.has_lost_store

    def choose_workers(self, most: int) -> Workers:
        """Decide how many workers the files are worth, at most as many as given."""
        self.workers = self._plan(self.tasks, most)
        return self.workers

    def _plan(self, tasks: Sequence[Task], most: int) -> Workers:
        with self._phases.time("estimate"):
            sizes = [task.size for task in tasks]
            workers = choose_workers(estimate_seconds(sizes), most, is_bound=True)
            if workers.number:  # if all of them had to be measured; a look at some costs reading them
                seconds = estimate_seconds(sizes, lambda index: self.sweep.is_known(tasks[index]))
                workers = choose_workers(seconds, most)
        return workers

    def judge_ahead(self) -> None:
        """Have workers judge files before they are asked for, if they are worth it."""
        if self.workers is not None and self.workers.number > 1:
            self.sweep = self._ahead = Prefetcher(self._sweep, self._judge_in_workers)

    def begin(self, tasks: Sequence[Task]) -> None:
        """Let those workers begin.

        Args:
            tasks: what will be asked for, in this order.
        """
        if self._ahead is None or self.workers is None:
            return
        if len(tasks) < len(self.tasks):
            self.workers = self._plan(tasks, self.workers.number)
        if self.workers.number:
            self._ahead.begin(tasks)

    def keep_to(self, locations: Container[str]) -> None:
        """Leave out all files but those at some locations."""
        self.tasks = [task for task in self.tasks if task.location in locations]

    def judge_all(self, workers: int) -> None:
        """Judge all files, in this process or in as many workers, and remember what was learned.

        What was judged before an interruption is remembered, too.
        """
        try:
            # Closed, so that no worker is at work any more when what was learned is written.
            with self._phases.time("judge"), closing(self._iter_results(workers)) as results:
                for result in results:
                    self.note(result)
        finally:
            self.finish()

    def note(self, result: Result, seconds: float = 0.0) -> None:
        """Take what came of one file, from this process or another, and what it took there."""
        self._phases.add("judge", seconds)
        self.verdicts[result.verdict.path] = result.verdict
        self._troubles += result.warnings
        self._memory.note(result)

    def follow(self, result: Result) -> Result:
        """Return what a worker has found, with what only a look at other files tells."""
        if self.results is not None:
            return result
        return self._sweep.follow(result, self._locations[result.verdict.path])

    @cached_property
    def _locations(self) -> dict[str, str]:
        return {task.path: task.location for task in self.tasks}

    def close(self) -> None:
        """Let go of the store, for a run over which nothing is judged."""
        self._engine.close()

    def finish(self) -> None:
        """Remember what was learned."""
        is_whole = self.selection.narrowed_by is None
        with self._phases.time("remember"), defer_signals():
            for result in self._ahead.end() if self._ahead is not None else ():
                self._memory.note(result)
            self._memory.write((file.path for file in self.selection.files) if is_whole else None)
            self._engine.close()

    def sorted_verdicts(self) -> list[Verdict]:
        """Return all verdicts in the order of their paths."""
        return [self.verdicts[path] for path in sorted(self.verdicts)]

    def facts(self) -> dict[str, object]:
        """Return what may differ between two runs over the same tree."""
        hits = sum(verdict.from_store for verdict in self.verdicts.values())
        workers = self.workers or Workers(0, "")
        return {
            "seconds": self._seconds(),
            "phases": dict(self._phases.seconds),
            "hits": hits,
            "misses": len(self.verdicts) - hits,
            "workers": workers.number,
            "strategy": workers.reason,
            **self._describe_extent(),
        }

    def _describe_extent(self) -> dict[str, object]:
        """Return how much of all there is the verdicts are about, and why not of all."""
        total = self.selection.total
        narrowed_by = [*(self.selection.narrowed_by or ()), *self.deselected_by]
        is_complete = not narrowed_by and self.stopped is None and len(self.verdicts) == total
        return {
            "total": total,
            "narrowed_by": narrowed_by,
            "stopped": self.stopped,
            "complete": is_complete,
        }

    def stats(self) -> RunStats:
        """Return what a summary tells besides the verdicts."""
        return RunStats(
            total=self.selection.total,
            narrowed_by=self.selection.narrowed_by,
            seconds=self._seconds(),
            is_beside_tests=self.is_beside_tests,
            warnings=self.warnings,
            has_store=self._cache_dir is not None,
            workers=self.workers,
            is_change=self.results is not None,
            review=self._review(),
            deselected_by=self.deselected_by,
            stopped=self.stopped,
        )

    def _seconds(self) -> float:
        return sum(self._phases.seconds.values()) if self.is_beside_tests else self._phases.total()

    def _review(self) -> Review | None:
        if self.settings.recorded is None:
            return None
        # Here, because many roots have none.
        from pytest_antipasta.baseline import review_baseline
        from pytest_antipasta.model import Review

        if self.results is not None:
            return Review()  # of a change that leaves most numbers out
        # pytest may have deselected some, or somebody ended the run.
        is_whole = self.selection.narrowed_by is None and len(self.verdicts) == self.selection.total
        return review_baseline(self.settings.recorded, self.verdicts, self._is_there, is_whole=is_whole)

    def _is_there(self, path: str) -> bool:
        return os.path.lexists(self.settings.root / path)

    def _begin_selecting(self, asked_for: Sequence[str] | None) -> Callable[[], Selection]:
        search = begin_selecting(self.settings, asked_for)
        self._search = search or nullcontext()
        return partial(finish_selecting, self.settings, search, asked_for)

    def debug_lines(self) -> Iterator[str]:
        """Yield where things came from and what they took, for who wonders."""
        return iter_debug_lines(self.settings, self._cache_dir, self._phases.seconds, self._seconds())

    def _iter_results(self, workers: int) -> Generator[Result, None, None]:
        if workers < 2 or self.results is not None:
            yield from map(self.sweep.run, self.tasks)
            return
        again: list[Result] = []
        for result in self._judge_in_workers(self.tasks, workers):
            yield result
            if self._sweep.may_have_moved(result.verdict):
                again.append(result)
        # Workers look at no file but the one that they judge.
        yield from map(self.follow, again)

    def _judge_in_workers(
        self, tasks: Sequence[Task], workers: int | None = None
    ) -> Generator[Result, None, None]:
        if workers is None:
            workers = self.workers.number if self.workers else 0
        # Here, because it brings processes and threads with it.
        with trusted_first():
            from pytest_antipasta.engine.pool import judge_in_pool

        yield from judge_in_pool(tasks, self.settings, self._cache_dir, workers, self._sweep)


class LazyRun:
    """A run that begins when somebody needs it.

    Attributes:
        has_begun: whether somebody did.
    """

    def __init__(self, begin: Callable[[], Run]) -> None:
        """Take what begins it."""
        self._begin = begin
        self._run: Run | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there is a run yet."""
        return self._run is not None

    def get(self) -> Run:
        """Return the run, the same one every time."""
        if self._run is None:
            self._run = self._begin()
        return self._run
