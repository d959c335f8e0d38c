"""Verdicts to words, one module a format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.report.baseline import (
        format_entries as format_entries,
        format_update as format_update,
    )
    from pytest_antipasta.report.commit import format_gate as format_gate
    from pytest_antipasta.report.distribution import iter_distributions as iter_distributions
    from pytest_antipasta.report.explain import (
        Explained as Explained,
        iter_explanation as iter_explanation,
    )
    from pytest_antipasta.report.explain_record import make_explanation as make_explanation
    from pytest_antipasta.report.failure import (
        format_failure as format_failure,
        format_headline as format_headline,
    )
    from pytest_antipasta.report.formats import (
        FORMATS as FORMATS,
        Output as Output,
        find_format as find_format,
        parse_output as parse_output,
        require_no_source as require_no_source,
        write_report as write_report,
    )
    from pytest_antipasta.report.limits import (
        Limit as Limit,
        find_limits as find_limits,
    )
    from pytest_antipasta.report.measure_csv import format_measurements as format_measurements
    from pytest_antipasta.report.measure_ranking import (
        format_ranking_csv as format_ranking_csv,
        iter_ranking_lines as iter_ranking_lines,
        iter_table as iter_table,
        rank as rank,
    )
    from pytest_antipasta.report.next_step import (
        Invocation as Invocation,
        suggest_next as suggest_next,
    )
    from pytest_antipasta.report.ranking import (
        BY_EXCESS as BY_EXCESS,
        iter_ranked as iter_ranked,
    )
    from pytest_antipasta.report.records import (
        SCHEMA_VERSION as SCHEMA_VERSION,
        encode as encode,
        make_measurements as make_measurements,
    )
    from pytest_antipasta.report.rich_table import (
        draw_ranking as draw_ranking,
        draw_table as draw_table,
        has_rich as has_rich,
    )
    from pytest_antipasta.report.summary import (
        format_nothing as format_nothing,
        format_summary as format_summary,
        format_unfailed_errors as format_unfailed_errors,
    )
    from pytest_antipasta.report.suppressions import (
        format_list as format_list,
        make_list as make_list,
    )
    from pytest_antipasta.report.terminal import (
        Paint as Paint,
        has_color as has_color,
        is_terminal as is_terminal,
    )
    from pytest_antipasta.report.wording import (
        format_error_line as format_error_line,
        format_number as format_number,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "baseline": "format_entries format_update",
        "commit": "format_gate",
        "distribution": "iter_distributions",
        "explain": "Explained iter_explanation",
        "explain_record": "make_explanation",
        "failure": "format_failure format_headline",
        "formats": "FORMATS Output find_format parse_output require_no_source write_report",
        "limits": "Limit find_limits",
        "measure_csv": "format_measurements",
        "measure_ranking": "format_ranking_csv iter_ranking_lines iter_table rank",
        "next_step": "Invocation suggest_next",
        "ranking": "BY_EXCESS iter_ranked",
        "records": "SCHEMA_VERSION encode make_measurements",
        "rich_table": "draw_ranking draw_table has_rich",
        "summary": "format_nothing format_summary format_unfailed_errors",
        "suppressions": "format_list make_list",
        "terminal": "Paint has_color is_terminal",
        "wording": "format_error_line format_number",
    },
)
