"""The changes that complexipy marks as safe to apply, for functions over their limit of cognitive complexity.

They are not measured values: they are looked for when a report for programs is written, in the files that
have such functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pytest_antipasta.metrics.cognitive import find_plans
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.model.finding import BriefPlan
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import CELL

PLANNED = "cognitive_complexity"
"""The metric that these changes lower."""


def find_brief_plans(
    verdicts: Iterable[Verdict], read: Callable[[Verdict], bytes | None]
) -> dict[str, list[BriefPlan]]:
    """Return the plans for violations and warnings, by path and in their order.

    Args:
        verdicts: the verdicts.
        read: returns the content that a verdict is about; ``None`` if it can't be read any more.
    """
    found: dict[str, list[BriefPlan]] = {}
    for verdict in verdicts:
        points = dict(_iter_over(verdict))
        if points and (data := read(verdict)) is not None:
            plans = find_plans(decode_source(data), points)
            found[verdict.path] = [
                BriefPlan(line, plan.first_line, plan.last_line, plan.title, plan.reduction)
                for line in points
                for plan in plans.get(line, ())
            ]
    return found


def _iter_over(verdict: Verdict) -> Iterable[tuple[int, int]]:
    """Yield line and points of each function in Python that is over its limit."""
    if verdict.measurement.foreign is not None:
        return
    for violation in (*verdict.violations, *verdict.warnings):
        name, line = violation.qualified_name, violation.line
        if violation.metric == PLANNED and line is not None and name and not name.startswith(CELL):
            yield line, int(violation.value)
