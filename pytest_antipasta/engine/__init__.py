"""Running a check: sources to verdicts; measuring, memory, worker processes and statistics in subpackages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.decisions import *
    from pytest_antipasta.engine.file_tree import *
    from pytest_antipasta.engine.judge import *
    from pytest_antipasta.engine.misses import *
    from pytest_antipasta.engine.opening import *
    from pytest_antipasta.engine.phases import *
    from pytest_antipasta.engine.recording import *
    from pytest_antipasta.engine.results import *
    from pytest_antipasta.engine.rules import *
    from pytest_antipasta.engine.run import *
    from pytest_antipasta.engine.sources import *
    from pytest_antipasta.engine.verdict import *
    from pytest_antipasta.engine.worker_count import *

__getattr__ = lazy_names(
    __name__,
    {
        "decisions": "describe_phases describe_places explain_workers iter_debug_lines",
        "file_tree": "FileTree",
        "judge": "FileJudge",
        "misses": "describe_commit",
        "opening": "Narrow keep_all open_content_run open_run read_rules",
        "phases": "Phases Step tell_nobody",
        "recording": "Recording",
        "results": "Measured Judge Result defer hand_out",
        "rules": "Rules",
        "run": "Ending Run",
        "sources": (
            "CopiedSource HeldSource Source Task decode_tasks digest_content encode_tasks find_language "
            "reread"
        ),
        "verdict": "LimitJudge",
        "worker_count": "count_processors",
    },
)
