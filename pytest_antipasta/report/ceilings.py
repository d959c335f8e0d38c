"""Which numbers a comment that suppresses is about, and up to where, in words."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_antipasta.model import SuppressedMetric, Suppression, Verdict, Violation
from pytest_antipasta.report.wording import format_number


def format_exceeded(verdict: Verdict, violation: Violation) -> Iterator[str]:
    """Yield the ceilings that a number is beyond."""
    for suppression in verdict.suppressions:
        for metric in suppression.metrics:
            is_meant = metric.metric == violation.metric and metric.state == "exceeded"
            if is_meant and _is_about(verdict, suppression, violation):
                where = f"line {suppression.line}"
                if suppression.qualified_name not in (None, violation.qualified_name):
                    where += f", at {name_target(verdict, suppression)},"
                yield f"the comment in {where} suppresses it up to {format_ceiling(metric)}"


def _is_about(verdict: Verdict, suppression: Suppression, violation: Violation) -> bool:
    own, name = suppression.qualified_name, violation.qualified_name
    if own is None or own == name:
        return True
    return name is not None and name.startswith(f"{own}.") and _is_at_class(verdict, suppression)


def name_target(verdict: Verdict, suppression: Suppression) -> str:
    """Return what a comment is about: a function, all functions of a class, or the file."""
    name = suppression.qualified_name
    return "the file" if name is None else f"class {name}" if _is_at_class(verdict, suppression) else name


def _is_at_class(verdict: Verdict, suppression: Suppression) -> bool:
    name, blocks = suppression.qualified_name, verdict.measurement.blocks
    return any(block.kind == "class" and block.qualified_name == name for block in blocks)


def format_ceiling(metric: SuppressedMetric) -> str:
    """Return up to where a metric is suppressed, as in ``<= 14``."""
    return f"{metric.comparison} {format_number(metric.ceiling or 0)}"
