"""CSV with a row for each violation, each tolerated value and each problem."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pytest_antipasta.model import Finding, Report
from pytest_antipasta.report.csv_cells import format_cell_path, format_rows

_NUMBERS = ("value", "comparison", "limit", "before", "change", "recorded")
_COLUMNS = (
    "path", "status", "metric", "qualified_name", "line", "value", "comparison", "threshold", "before",
    "change", "recorded", "fails", "message", "cell",
)  # fmt: skip


def write(report: Report) -> bytes:
    """Return the rows by path; ``status`` is ``violation``, ``warning``, or the reason for neither."""
    return format_rows(chain([_COLUMNS], map(_make_row, report.findings)))


def _make_row(one: Finding) -> Sequence[object]:
    status, metric = one.rule, None
    if one.is_number:
        status, metric = "violation" if one.fails else one.reason or one.status, one.rule
    numbers = (getattr(one, name) for name in _NUMBERS)
    place = format_cell_path(one.path)
    return [place, status, metric, one.block, one.line, *numbers, one.fails, one.message, one.cell]
