"""What is known of the files of a root from earlier runs, and what a run adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.memory.memory import *

__getattr__ = lazy_names(
    __name__,
    {
        "memory": "Memory choose_bounds choose_history_bounds open_history open_memory",
    },
)
