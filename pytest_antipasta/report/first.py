"""What to fix first: the worst functions, and among these the ones that were edited lately."""

from __future__ import annotations

from itertools import islice

from pytest_antipasta.model.finding import Report, Row
from pytest_antipasta.report.rows import leave_out_inner

MOST_FIRST = 10
"""How many functions and files reports list first."""
MOST_CONSIDERED = 50
"""Of so many of the worst, the edited ones come first."""


def list_worst(report: Report) -> list[Row]:
    """Return the worst functions and files: of many, without functions inside others before them."""
    rows = report.rows
    return [*rows] if len(rows) <= MOST_FIRST else [*islice(leave_out_inner(rows), MOST_FIRST)]


def rank_to_fix(report: Report) -> list[Row]:
    """Return what to fix first: functions that were edited lately before others, except in a change."""
    edited = {} if report.edits is None or report.facts.change is not None else report.edits.counts
    considered = islice(leave_out_inner(report.rows), MOST_CONSIDERED)
    return sorted(considered, key=lambda row: row.key not in edited)[:MOST_FIRST]
