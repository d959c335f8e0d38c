"""The changes that complexipy marks as safe to apply, for functions over their limit of cognitive complexity.

They are not measured values: they are looked for when a report for programs is written, in the files that
have such functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from pytest_antipasta.metrics.cognitive import find_plans
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.model.finding import BriefPlan
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import CELL

PLANNED = "cognitive_complexity"
"""The metric that these changes lower."""
FindPlans: TypeAlias = Callable[[Verdict], Sequence[BriefPlan]]


def find_none(_: Verdict) -> Sequence[BriefPlan]:
    """Return no plans, for reports that show none."""
    return ()


def make_finder(read: Callable[[Verdict], bytes | None]) -> FindPlans:
    """Return a function that returns the plans for the violations and warnings of a verdict, by line.

    Args:
        read: returns the content that a verdict is about; ``None`` if it can't be read any more.
    """

    def find(verdict: Verdict) -> Sequence[BriefPlan]:
        points = dict(_iter_over(verdict))
        data = read(verdict) if points else None
        if data is None:
            return ()
        plans = find_plans(decode_source(data), points)
        return [
            BriefPlan(line, plan.first_line, plan.last_line, plan.title, plan.reduction)
            for line in sorted(plans)
            for plan in plans[line]
        ]

    return find


def _iter_over(verdict: Verdict) -> Iterable[tuple[int, int]]:
    """Yield line and points of each function in Python that is over its limit."""
    if verdict.measurement.foreign is not None:
        return
    for violation in (*verdict.violations, *verdict.warnings):
        name, line = violation.qualified_name, violation.line
        if violation.metric == PLANNED and line is not None and name and not name.startswith(CELL):
            yield line, int(violation.value)
