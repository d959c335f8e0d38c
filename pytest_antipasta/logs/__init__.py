"""Logs: records of what a run does, for a log file or a trace, if requested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.logs.notes import *
    from pytest_antipasta.logs.opening import *
    from pytest_antipasta.logs.options import *
    from pytest_antipasta.logs.spans import *
    from pytest_antipasta.logs.tracers import *
    from pytest_antipasta.logs.tracing import *

__getattr__ = lazy_names(
    __name__,
    {
        "notes": "DEBUG ERROR INFO NAMELESS WARNING Kind is_logged log_event log_all log_failure",
        "opening": "Log",
        "options": "FORMATS LEVELS begin_log",
        "spans": "Attributes Phases SLOW record_counts record_phase record_slow_file record_step",
        "tracers": "is_traced",
        "tracing": "Tracing trace_call",
    },
)
