"""Child processes: start and end them, limit their time and memory, and handle signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.processes.cgroups import *
    from pytest_antipasta.processes.child import *
    from pytest_antipasta.processes.interrupts import *
    from pytest_antipasta.processes.limits import *
    from pytest_antipasta.processes.serving import *

__getattr__ = lazy_names(
    __name__,
    {
        "cgroups": "count_oom_kills find_processor_share",
        "child": "Answers Child HEAD LoneChild MARK STARTUP_LIMIT read_frame write_frame",
        "interrupts": "Interrupted defer_signals obey_signals",
        "limits": (
            "ResourceLimits Watch count_fitting describe_exit explain_kill find_room no_time_error read_peak "
            "read_usage share_memory shortage_error timeout_error"
        ),
        "serving": "Answering answer_requests limit_next_file",
    },
)
