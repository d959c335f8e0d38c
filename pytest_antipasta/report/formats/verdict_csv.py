"""CSV with a row for each violation, each tolerated value and each problem."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.report.csv_cells import format_cell_path, format_rows

_NUMBERS = ("value", "comparison", "limit", "before", "change", "recorded")
_COLUMNS = (
    "path", "status", "metric", "qualified_name", "line", "value", "comparison", "threshold", "before",
    "change", "recorded", "fails", "message", "cell",
)  # fmt: skip


def write(report: Report) -> bytes:
    """Return the rows by path; ``status`` is ``violation``, ``warning``, or the reason for neither."""
    return format_rows(chain([_COLUMNS], map(_make_row, report.findings)))


def _make_row(finding: Finding) -> Sequence[object]:
    status, metric = finding.rule, None
    if finding.is_number:
        status, metric = "violation" if finding.fails else finding.reason or finding.status, finding.rule
    numbers = (getattr(finding, name) for name in _NUMBERS)
    place = format_cell_path(finding.path)
    return [
        place,
        status,
        metric,
        finding.block,
        finding.line,
        *numbers,
        finding.fails,
        finding.message,
        finding.cell,
    ]
