"""Prefetching: worker processes judge ahead of a caller that asks for one source at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeAlias

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.results import Result
from pytest_antipasta.engine.sources import Source, Task

Results: TypeAlias = Generator[Result, None, None]


class Prefetcher:
    """Hands out results that workers have, or will soon have."""

    def __init__(self, judge: FileJudge, judge_in_workers: Callable[[Sequence[Task], int], Results]) -> None:
        """Begin nothing yet; what judges in this process is for sources that are asked for twice."""
        self._judge = judge
        self._judge_in_workers = judge_in_workers
        self._coming: Results = judge_in_workers((), 0)
        self._missing: set[str] = set()
        self._results: dict[str, Result] = {}

    def begin(self, tasks: Sequence[Task], workers: int) -> None:
        """Let so many workers begin with what will be asked for, more or less in this order."""
        self._missing = {task.path for task in tasks}
        self._coming = self._judge_in_workers(tasks, workers)
        if tasks:  # starting workers must not count as the first file's time
            self._wait_for(tasks[0].path)

    def run(self, source: Source) -> Result:
        """Return the result of one source, as soon as it is known."""
        if source.path in self._missing:
            self._wait_for(source.path)
        result = self._results.pop(source.path, None)
        if result is None:  # another plugin has a file judged again
            return self._judge.run(source)
        # Workers look at no file but the one that they judge.
        return self._judge.resolve_moves(result, source)

    def end(self) -> list[Result]:
        """End the workers; return what they have judged and was not asked for."""
        self._coming.close()
        return list(self._results.values())

    def _wait_for(self, path: str) -> None:
        for result in self._coming:
            self._missing.discard(result.verdict.path)
            self._results[result.verdict.path] = result
            if result.verdict.path == path:
                return
