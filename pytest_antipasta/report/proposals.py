"""How to lower the values of the functions that a report lists first: proven plans, in words.

They depend on the report, the sources on disk and the Python that writes it, and not on time. So the report
of one run and the one that is merged from shards are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from pytest_antipasta.messages import format_argument, make_printable
from pytest_antipasta.model.finding import FunctionKey, Proposal, Report
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.report.findings import find_failing
from pytest_antipasta.report.first import MOST_FIRST, find_key, rank_to_fix
from pytest_antipasta.report.hints import (
    PlanFinder,
    find_hints,
    format_command,
    format_reach,
    is_worth_showing,
    iter_steps,
)
from pytest_antipasta.report.records import LimitSets
from pytest_antipasta.report.rows import Row, find_rows

if TYPE_CHECKING:
    from pytest_antipasta.advice.plan import Plan


def find_proposals(
    report: Report, verdicts: Sequence[Verdict], planner: PlanFinder
) -> Mapping[FunctionKey, Proposal]:
    """Return the plans for the worst functions, and for those to fix first.

    Args:
        report: the findings.
        verdicts: the verdicts that they were made from, which may be brief.
        planner: finds the plans.
    """
    groups = [*find_failing(report.findings)[:MOST_FIRST], *rank_to_fix(report)]
    keys = [key for key in dict.fromkeys(map(find_key, groups)) if key[1]]
    by_path = {verdict.path: verdict for verdict in verdicts}
    rows = [row for path, name in keys for row in _find_rows(by_path[path], name)]
    hints = find_hints(rows, planner, LimitSets(report.facts).find, len(rows).__gt__)
    found: dict[FunctionKey, Proposal] = {}
    for row in rows:
        key = row.verdict.path, row.name or ""
        if (plan := hints.get(key)) is not None and (proposal := _propose(row, plan)) is not None:
            found[key] = proposal
    return found


def _find_rows(verdict: Verdict, name: str) -> list[Row]:
    """Return the row of a function with its values over limits."""
    rows = find_rows([verdict], attrgetter("over_limits"))
    return [row for row in rows if row.name == name and name in verdict.by_name]


def _propose(row: Row, plan: Plan) -> Proposal | None:
    """Return a plan in words; ``None`` if its command can't be typed, or if it helps little."""
    target = format_argument(f"{row.verdict.path}::{row.name}")
    command = format_command(plan.steps, f"pytest-antipasta fix {target}")
    if make_printable(command) != command or not is_worth_showing(row, plan):
        return None
    return Proposal(format_reach(row, plan), command, tuple(chain.from_iterable(iter_steps(plan))))
