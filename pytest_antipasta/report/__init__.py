"""Reports: verdicts as text and in other formats, one module for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.baseline import *
    from pytest_antipasta.report.commit import *
    from pytest_antipasta.report.distribution import *
    from pytest_antipasta.report.explain import *
    from pytest_antipasta.report.explain_record import *
    from pytest_antipasta.report.failure import *
    from pytest_antipasta.report.formats import *
    from pytest_antipasta.report.html_page.assembly import *
    from pytest_antipasta.report.life_data import *
    from pytest_antipasta.report.life_text import *
    from pytest_antipasta.report.limits import *
    from pytest_antipasta.report.measure_output import *
    from pytest_antipasta.report.merging import *
    from pytest_antipasta.report.next_step import *
    from pytest_antipasta.report.places import *
    from pytest_antipasta.report.ranking import *
    from pytest_antipasta.report.reading import *
    from pytest_antipasta.report.records import *
    from pytest_antipasta.report.summary import *
    from pytest_antipasta.report.suppressions import *
    from pytest_antipasta.report.terminal import *
    from pytest_antipasta.report.trend_data import *
    from pytest_antipasta.report.trend_text import *
    from pytest_antipasta.report.wording import *
    from pytest_antipasta.report.writing import *

__getattr__ = lazy_names(
    __name__,
    {
        "baseline": "format_entries format_update",
        "commit": "format_gate",
        "distribution": "iter_distributions",
        "explain": "Explained find_namesakes iter_explanation",
        "explain_record": "make_explanation",
        "failure": "format_failure format_headline",
        "formats": (
            "Output choose_format find_format find_formats parse_outputs parse_path require_apart "
            "require_no_source write_reports"
        ),
        "html_page.assembly": "write_life_page write_trend_page",
        "life_data": "make_life_csv make_life_json",
        "life_text": "iter_life_lines",
        "limits": "find_limits",
        "measure_output": "make_measure_csv make_measure_table",
        "merging": "Merged merge_reports",
        "next_step": "Invocation suggest_next",
        "places": "place_path place_verdicts show_verdicts",
        "ranking": "BY_EXCESS iter_ranked sort_violations",
        "reading": "read_report",
        "records": "SCHEMA_VERSION encode make_measurements",
        "summary": "format_nothing format_summary format_unfailed_errors",
        "suppressions": "format_list make_list",
        "terminal": "PLAIN Paint has_color",
        "trend_data": "iter_trend_csv iter_trend_json",
        "trend_text": "find_worst iter_hotspot_lines iter_trend_lines iter_trend_notes",
        "wording": "format_error_line format_number",
        "writing": "write_parts write_report",
    },
)
