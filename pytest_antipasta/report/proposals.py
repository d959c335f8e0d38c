"""How to lower the values of the functions that a report lists first: proven plans, in words.

They depend on the report, the sources on disk and the Python that writes it, and not on time. So the report
of one run and the one that is merged from shards are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from pytest_antipasta.messages import can_be_typed, format_argument
from pytest_antipasta.model.finding import FunctionKey, Proposal, Report, Row
from pytest_antipasta.report.first import list_worst, rank_to_fix
from pytest_antipasta.report.hints import (
    PlanFinder,
    can_be_tried,
    find_hints,
    format_command,
    format_reach,
    is_worth_showing,
    iter_steps,
)
from pytest_antipasta.report.rows import find_rows

if TYPE_CHECKING:
    from pytest_antipasta.advice.plan import Plan


def find_proposals(
    report: Report, planner: PlanFinder, critical: Sequence[str]
) -> Mapping[FunctionKey, Proposal]:
    """Return the plans for the worst functions of a report, and for those to fix first.

    In functions that the patterns ``critical`` select, nothing is tolerated.
    """
    worst = {row.key: row for row in (*list_worst(report), *rank_to_fix(report))}
    rows = [over for row in filter(can_be_tried, worst.values()) for over in _find_over(row)]
    hints = find_hints(rows, planner, report.facts.find_limits, most=None)
    found: dict[FunctionKey, Proposal] = {}
    for row in rows:
        plan = hints.get(row.key)
        if plan is None or not is_worth_showing(worst[row.key], plan, critical):
            continue  # it may lower only what is tolerated
        if (proposal := _propose(row, plan, critical)) is not None:
            found[row.key] = proposal
    return found


def _find_over(row: Row) -> list[Row]:
    """Return the row of a function with all of its values over limits; none for a file."""
    rows = find_rows([row.verdict], attrgetter("over_limits"))
    return [over for over in rows if over.name == row.name and row.name in row.verdict.by_name]


def _propose(row: Row, plan: Plan, critical: Sequence[str]) -> Proposal | None:
    """Return a plan in words; ``None`` if its command can't be typed."""
    target = format_argument(f"{row.verdict.path}::{row.name}")
    command = format_command(plan.steps, f"pytest-antipasta fix {target}")
    if not can_be_typed(command):
        return None
    return Proposal(format_reach(row, plan, critical), command, tuple(iter_steps(plan)))
