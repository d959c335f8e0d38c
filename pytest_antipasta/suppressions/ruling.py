"""What one metric of a comment suppresses, beside the limit that holds for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pytest_antipasta.model import Comparison, SuppressedMetric, SuppressionState, Threshold, Violation
from pytest_antipasta.policy import keeps_to
from pytest_antipasta.suppressions.directives import Item

_UPWARDS: tuple[Comparison, ...] = (">=", ">")


class Ruling(NamedTuple):
    """What comes of one metric of a comment.

    Attributes:
        metric: as reports tell it.
        suppressed: the violations that it takes out.
        problem: why it is not honoured.
    """

    metric: SuppressedMetric
    suppressed: tuple[Violation, ...] = ()
    problem: str | None = None


def refuse(item: Item, problem: str) -> Ruling:
    """Return what comes of a metric that is not honoured."""
    return Ruling(SuppressedMetric(*item, "not honoured"), (), problem)


def rule_item(item: Item, violations: Sequence[Violation], threshold: Threshold | None) -> Ruling:
    """Return what comes of a metric.

    Args:
        item: the metric, and up to where it is suppressed.
        violations: that the comment is about.
        threshold: of the metric in this file; ``None`` where it has none, or all metrics are meant.
    """
    problem = _find_mistake(item, threshold) if threshold else None
    if problem is not None:
        return refuse(item, problem)
    own = [violation for violation in violations if item.metric in (None, violation.metric)]
    suppressed = tuple(violation for violation in own if _is_within(item, violation))
    # What fails is what there is to see, though other numbers of a class or a file be suppressed.
    state: SuppressionState = "unused" if not own else "used" if len(suppressed) == len(own) else "exceeded"
    return Ruling(SuppressedMetric(*item, state), suppressed)


def _is_within(item: Item, violation: Violation) -> bool:
    if item.ceiling is None or item.comparison is None:
        return True
    return keeps_to(violation.value, item.comparison, item.ceiling)


def _find_mistake(item: Item, threshold: Threshold) -> str | None:
    """Return why a ceiling is none, beside the limit that it is to be above."""
    if item.ceiling is None or item.comparison is None:
        return None
    relation = threshold.comparison
    limit = f"{threshold.metric} must be {relation} {threshold.limit}"
    if relation in ("==", "!="):
        return f"{limit}, and there is no ceiling for that"
    if (item.comparison in _UPWARDS) != (relation in _UPWARDS):
        return f"{limit}: write its ceiling with {'>=' if relation in _UPWARDS else '<='}"
    if all(keeps_to(item.ceiling, relation, number) for number in _find_limits(threshold)):
        return f"{limit}, and the ceiling {item.ceiling} allows no more than that"
    return None


def _find_limits(threshold: Threshold) -> tuple[float, ...]:
    numbers = (threshold.limit, threshold.block_limit)
    return tuple(number for number in numbers if number is not None)
