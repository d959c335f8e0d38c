"""The type of functions that receive the progress of a long operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Step: TypeAlias = Callable[[int, int], object]
"""Is called with how many are done, and of how many."""


def tell_nobody(done: int, total: int) -> None:
    """Ignore progress."""
