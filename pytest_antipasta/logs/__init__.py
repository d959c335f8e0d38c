"""Logs: notes of what a run does, and the file that they are written to where one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.logs.notes import *
    from pytest_antipasta.logs.opening import *
    from pytest_antipasta.logs.options import *

__getattr__ = lazy_names(
    __name__,
    {
        "notes": "DEBUG ERROR INFO WARNING Kind is_noted note note_all note_failure",
        "opening": "Log",
        "options": "FORMATS LEVELS begin_log",
    },
)
