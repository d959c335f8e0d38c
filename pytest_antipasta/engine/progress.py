"""The type of functions that receive the progress of a long operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

ReportProgress: TypeAlias = Callable[[int, int], object]
"""Called with the number of finished items, and the number of all items."""


def ignore_progress(done: int, total: int) -> None:
    """Ignore progress."""
