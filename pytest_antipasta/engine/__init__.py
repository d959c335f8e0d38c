"""Running a check: looking measurements up or measuring, judging, scheduling processes, storing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.decisions import *
    from pytest_antipasta.engine.file_tree import *
    from pytest_antipasta.engine.judge import *
    from pytest_antipasta.engine.kernels import *
    from pytest_antipasta.engine.lookup import *
    from pytest_antipasta.engine.measurer import *
    from pytest_antipasta.engine.memory import *
    from pytest_antipasta.engine.misses import *
    from pytest_antipasta.engine.opening import *
    from pytest_antipasta.engine.phases import *
    from pytest_antipasta.engine.recording import *
    from pytest_antipasta.engine.results import *
    from pytest_antipasta.engine.rules import *
    from pytest_antipasta.engine.run import *
    from pytest_antipasta.engine.schedule import *
    from pytest_antipasta.engine.sources import *
    from pytest_antipasta.engine.stats import *
    from pytest_antipasta.engine.verdict import *
    from pytest_antipasta.engine.worker_count import *
    from pytest_antipasta.engine.worker_orders import *

__getattr__ = lazy_names(
    __name__,
    {
        "decisions": "describe_phases describe_places explain_workers iter_debug_lines",
        "file_tree": "FileTree",
        "judge": "FileJudge",
        "verdict": "LimitJudge",
        "kernels": "describe_other_kernels",
        "lookup": "Lookup current_fingerprint",
        "measurer": "Measurer measure_once open_measurer",
        "memory": "Memory choose_bounds choose_history_bounds open_history open_memory",
        "misses": "describe_commit",
        "opening": "Narrow keep_all open_content_run open_run read_rules",
        "phases": "Phases Step tell_nobody",
        "recording": "Recording",
        "results": "Measured Judge Result defer hand_out",
        "rules": "Rules",
        "run": "Ending Run",
        "schedule": "Schedule",
        "worker_count": "count_processors",
        "worker_orders": "decode_orders encode_orders",
        "sources": (
            "CopiedSource HeldSource Source Task decode_tasks digest_content encode_tasks find_language "
            "reread"
        ),
        "stats": "describe_run find_warnings make_stats",
    },
)
