"""What is over a limit of 0 in a source, less what the comments of tools suppress."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.policy.suppressions.apply import SuppressionRules, suppress
from tests.policy.judging import judge


def find_over(metrics: Iterable[str], source: str, *tools: str) -> set[tuple[int, str]]:
    """Return the line and the metric of each number."""
    measurement = measure(source.encode())
    assert measurement.error is None, source
    thresholds = [Threshold(metric, 0, "<=") for metric in metrics]
    rules = SuppressionRules(tools, False, False, lambda _: False)
    over = judge(measurement, thresholds).violations
    left, _, _ = suppress(over, measurement, PathLimits(tuple(thresholds)), rules)
    return {(violation.line or 0, violation.metric) for violation in left}
