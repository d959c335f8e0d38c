"""Run a check: from sources to verdicts; subpackages measure, store, start workers and count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.check import *
    from pytest_antipasta.engine.covering import *
    from pytest_antipasta.engine.diagnostics import *
    from pytest_antipasta.engine.digests import *
    from pytest_antipasta.engine.file_tree import *
    from pytest_antipasta.engine.judge import *
    from pytest_antipasta.engine.ledger import *
    from pytest_antipasta.engine.memo import *
    from pytest_antipasta.engine.opening import *
    from pytest_antipasta.engine.outcome import *
    from pytest_antipasta.engine.plan import *
    from pytest_antipasta.engine.planning import *
    from pytest_antipasta.engine.recording import *
    from pytest_antipasta.engine.result import *
    from pytest_antipasta.engine.rules import *
    from pytest_antipasta.engine.run_log import *
    from pytest_antipasta.engine.tally import *

__getattr__ = lazy_names(
    __name__,
    {
        "check": "LimitJudge",
        "covering": "cover_run require_coverage",
        "diagnostics": "Diagnostics ReportProgress RunWarning ignore_progress",
        "file_tree": "FileTree",
        "judge": "FileJudge",
        "memo": "find_wrong_memo",
        "opening": "Narrow Passing divide_sources keep_all open_content_run open_run",
        "planning": "MOST_POINTS Planner plan_run",
        "recording": "Recording",
        "outcome": "Judge Outcome defer hand_out",
        "rules": "Rules decode_orders encode_orders read_rules",
        "ledger": "Ledger",
        "plan": "Part Plan",
        "tally": "Tally",
        "result": "Ending Result sum_seconds",
        "run_log": "describe_commit describe_phases describe_places iter_debug_lines",
        "digests": "digest_content find_language",
    },
)
