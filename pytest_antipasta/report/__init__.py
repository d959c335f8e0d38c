"""Reports: verdicts and histories as text and files; formats and explanations are in subpackages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.agent import *
    from pytest_antipasta.report.baseline import *
    from pytest_antipasta.report.blocks import *
    from pytest_antipasta.report.commit import *
    from pytest_antipasta.report.coverage import *
    from pytest_antipasta.report.failure import *
    from pytest_antipasta.report.findings import *
    from pytest_antipasta.report.hints import *
    from pytest_antipasta.report.measure import *
    from pytest_antipasta.report.merging import *
    from pytest_antipasta.report.next_step import *
    from pytest_antipasta.report.passing import *
    from pytest_antipasta.report.places import *
    from pytest_antipasta.report.plans import *
    from pytest_antipasta.report.records import *
    from pytest_antipasta.report.summary import *
    from pytest_antipasta.report.suppressions import *
    from pytest_antipasta.report.terminal import *
    from pytest_antipasta.report.trend_data import *
    from pytest_antipasta.report.trend_text import *
    from pytest_antipasta.report.waivers import *
    from pytest_antipasta.report.wording import *
    from pytest_antipasta.report.writing import *

__getattr__ = lazy_names(
    __name__,
    {
        "agent": "format_agent",
        "baseline": "format_entries format_looser format_update",
        "blocks": "BY_EXCESS BY_PATH Row find_rows format_concise",
        "commit": "format_gate",
        "coverage": "format_untested",
        "failure": (
            "find_worst_row format_failures format_headline iter_ranked iter_unmeasured iter_wrong_comments "
            "rank"
        ),
        "findings": "find_findings make_report",
        "hints": (
            "Advice Hints LOWERED MOST_TRIED NO_HINTS allow_seconds can_be_tried find_function_limits "
            "find_hints format_hint format_proof iter_steps"
        ),
        "measure": "iter_distributions make_measure_csv make_measure_table",
        "merging": "Merged merge_reports read_report",
        "next_step": "Invocation find_own_comment is_refused propose_comment suggest_next",
        "plans": "find_none make_finder",
        "passing": "find_near find_warned format_near format_warned",
        "places": "place_path place_verdicts show_verdicts",
        "records": "SCHEMA_VERSION encode make_measurements",
        "summary": "format_nothing format_summary format_unfailed_errors",
        "suppressions": "format_list format_remarks make_list",
        "terminal": "PLAIN Paint find_width fold_line has_color",
        "trend_data": "iter_trend_csv iter_trend_json make_life make_life_csv",
        "trend_text": "find_worst iter_hotspot_lines iter_life_lines iter_trend_lines iter_trend_notes",
        "waivers": "format_waivers",
        "wording": "find_allowances format_error_line format_number has_number",
        "writing": "write_parts write_report",
    },
)
