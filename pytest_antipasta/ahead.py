"""Judging in worker processes ahead of who asks for results one by one, as pytest's loop over items does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeAlias

from pytest_antipasta.sweep import Result, Sweep, Task

_Results: TypeAlias = Generator[Result, None, None]


class Ahead:
    """Hands out results that workers have, or will soon have."""

    def __init__(
        self, sweep: Sweep, judge: Callable[[Sequence[Task]], Generator[Result, None, None]]
    ) -> None:
        """Take what judges in this process, and what does so in workers."""
        self._sweep = sweep
        self._judge = judge
        self._coming: _Results = judge(())
        self._missing: set[str] = set()
        self._results: dict[str, Result] = {}

    def begin(self, tasks: Sequence[Task]) -> None:
        """Let workers begin.

        Args:
            tasks: what will be asked for, more or less in this order.
        """
        self._missing = {task.path for task in tasks}
        self._coming = self._judge(tasks)
        if tasks:  # whoever watches over the time of each file is not to see that of starting workers
            self._wait_for(tasks[0].path)

    def run(self, task: Task) -> Result:
        """Return what came of one file, as soon as it is known."""
        if task.path in self._missing:
            self._wait_for(task.path)
        result = self._results.pop(task.path, None)
        if result is None:  # another plugin has a file judged again
            return self._sweep.run(task)
        # Workers look at no file but the one that they judge.
        return self._sweep.follow(result, task.location)

    def is_known(self, task: Task) -> bool:
        """Whether there is nothing to measure for a file."""
        return self._sweep.is_known(task)

    def end(self) -> list[Result]:
        """End the workers; return what they have judged and nobody has asked for."""
        self._coming.close()
        return list(self._results.values())

    def _wait_for(self, path: str) -> None:
        for result in self._coming:
            self._missing.discard(result.verdict.path)
            self._results[result.verdict.path] = result
            if result.verdict.path == path:
                return
