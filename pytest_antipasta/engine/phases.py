"""Timing the phases of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Step: TypeAlias = Callable[[int, int], object]
"""Is told how many are done, and of how many."""


def tell_nobody(done: int, total: int) -> None:
    """Do nothing."""


class Phases:
    """What the parts of a run took.

    Attributes:
        seconds: by the part's name, in the order in which they began.
    """

    def __init__(self) -> None:
        """Begin the run's own time."""
        self._started = time.perf_counter()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time of the block to a part."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - started)

    def add(self, name: str, seconds: float) -> None:
        """Add what was measured elsewhere to a part."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def total(self) -> float:
        """Return the seconds since the run began."""
        return time.perf_counter() - self._started
