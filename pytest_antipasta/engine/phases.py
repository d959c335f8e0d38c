"""Timing the phases of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from pytest_antipasta.logs import note_phase

Step: TypeAlias = Callable[[int, int], object]
"""Is told how many are done, and of how many."""


def tell_nobody(done: int, total: int) -> None:
    """Do nothing."""


class Phases:
    """What the parts of a run took.

    Attributes:
        seconds: by the part's name, in the order in which they began.
        processor: the seconds of this process's processor time, likewise.
    """

    def __init__(self) -> None:
        """Begin the run's own time."""
        self._started = time.perf_counter()
        self._processor_before = time.process_time()
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time of the block to a part."""
        started, processor_before = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - started, time.process_time() - processor_before)

    def add(self, name: str, seconds: float, processor: float = 0.0) -> None:
        """Add what was measured elsewhere, and has just ended, to a part."""
        self._add(name, seconds, processor)
        note_phase(name, seconds, processor)

    def _add(self, name: str, seconds: float, processor: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.processor[name] = self.processor.get(name, 0.0) + processor

    def add_rest(self, name: str) -> None:
        """Add to a part what has passed since the run began and is of no other part."""
        processor = time.process_time() - self._processor_before
        self._add(name, self.total() - sum(self.seconds.values()), processor - sum(self.processor.values()))

    def total(self) -> float:
        """Return the seconds since the run began."""
        return time.perf_counter() - self._started
