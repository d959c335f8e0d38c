"""Ranking violations, the worst first, for ``check --top`` and ``--sort``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import excess_ratio
from pytest_antipasta.report.failure import format_failure, iter_violation
from pytest_antipasta.report.suppressions import format_failing

BY_PATH, BY_EXCESS = "path", "excess"


class Over(NamedTuple):
    """A violation, and the verdict that has it."""

    verdict: Verdict
    violation: Violation


def iter_ranked(verdicts: Sequence[Verdict], sort: str, top: int | None) -> Iterator[str]:
    """Yield what fails for other reasons, then the violations, each with complexipy's plans.

    Args:
        verdicts: in the order of their paths.
        sort: ``path``, ``excess`` (how many times over the limit), or a metric, whose numbers come first.
        top: show no more than that; ``None`` for all.
    """
    for verdict in verdicts:
        if verdict.failed and not verdict.violations:
            yield format_failure(verdict)
        yield from format_failing(verdict) if verdict.violations else ()
    over = sort_violations(verdicts, sort)
    chosen = over[:top]
    if over:
        yield _format_headline(len(chosen), len(over), sort)
    for verdict, violation in chosen:
        yield from iter_violation(verdict, violation)


def sort_violations(verdicts: Sequence[Verdict], sort: str) -> list[Over]:
    """Return all violations in an order; what is equally bad stays in the order of the paths."""
    over = [Over(verdict, violation) for verdict in verdicts for violation in verdict.violations]
    if sort != BY_PATH:
        over.sort(key=lambda one: (one.violation.metric != sort, -excess_ratio(one.violation)))
    return over


def _format_headline(shown: int, number: int, sort: str) -> str:
    if shown < number and sort == BY_PATH:
        return f"the first {shown} of {count(number, 'violation')}"
    if shown < number:
        return f"the {shown} worst of {count(number, 'violation')}"
    return f"{count(number, 'violation')}"
