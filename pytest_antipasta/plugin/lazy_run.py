"""A run that begins when pytest needs it."""

from __future__ import annotations

from collections.abc import Callable

from pytest_antipasta.engine import Run


class LazyRun:
    """A run that begins when it is needed.

    Attributes:
        has_begun: whether it was.
    """

    def __init__(self, begin: Callable[[], Run]) -> None:
        """Keep what begins it."""
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
