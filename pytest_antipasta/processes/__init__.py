"""Supervised children, what they may take, and being told to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.processes.cgroups import find_processor_share as find_processor_share
    from pytest_antipasta.processes.child import (
        HEAD as HEAD,
        MARK as MARK,
        STARTUP as STARTUP,
        Answers as Answers,
        Child as Child,
        begin as begin,
        read_frame as read_frame,
        write_frame as write_frame,
    )
    from pytest_antipasta.processes.interrupts import (
        Interrupted as Interrupted,
        defer_signals as defer_signals,
        obey_signals as obey_signals,
    )
    from pytest_antipasta.processes.limits import (
        Limits as Limits,
        Watch as Watch,
        count_fitting as count_fitting,
        read_usage as read_usage,
        share_memory as share_memory,
        timeout_error as timeout_error,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "cgroups": "find_processor_share",
        "child": "Answers Child HEAD MARK STARTUP begin read_frame write_frame",
        "interrupts": "Interrupted defer_signals obey_signals",
        "limits": "Limits Watch count_fitting read_usage share_memory timeout_error",
    },
)
