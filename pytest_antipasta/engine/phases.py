"""What the parts of a run took, and where settings and store were, for who wonders."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pytest_antipasta.settings import Settings


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


def iter_debug_lines(
    settings: Settings, cache_dir: Path | None, phases: Mapping[str, float], seconds: float
) -> Iterator[str]:
    """Yield where settings and store are, and what the parts of a run and all of it took."""
    yield f"debug: root {settings.root}, settings from {settings.source or 'nowhere: defaults'}"
    yield f"debug: store {cache_dir or 'switched off'}"
    parts = (f"{name} {part:.3f} s" for name, part in phases.items())
    yield f"debug: {', '.join(parts)}, {seconds:.3f} s in all"
