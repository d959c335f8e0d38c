"""Which process judges which source, and the processes of ours that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.workers.schedule import *

__getattr__ = lazy_names(
    __name__,
    {
        "schedule": "Schedule",
    },
)
