"""Ranking violations, the worst first, for a terminal and for ``check --top`` and ``--sort``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import excess_ratio
from pytest_antipasta.report.failure import format_failure, iter_violation
from pytest_antipasta.report.suppressions import format_failing
from pytest_antipasta.report.terminal import Paint

BY_PATH, BY_EXCESS = "path", "excess"


class Over(NamedTuple):
    """A violation, and the verdict that has it."""

    verdict: Verdict
    violation: Violation


def iter_ranked(
    verdicts: Sequence[Verdict], sort: str, top: int | None, paint: Paint, *, has_plans: bool = True
) -> Iterator[str]:
    """Yield what fails for other reasons, then the violations.

    Args:
        verdicts: in the order of their paths.
        sort: ``path``, ``excess`` (how many times over the limit), or a metric, whose numbers come first.
        top: show no more than that of functions, of files, and of what fails for other reasons; ``None``
            for all of them, in one list.
        paint: gives colours.
        has_plans: whether complexipy's plans are shown: they take up to three lines a function.
    """
    yield from _iter_others(verdicts, top, paint)
    over = sort_violations(verdicts, sort)
    if top is None:
        yield from _iter_list(over, len(over), "", sort, paint, has_plans=has_plans)
        return
    for noun, of_blocks in ((" in functions", True), (" of files", False)):
        group = [one for one in over if (one.violation.qualified_name is not None) == of_blocks]
        yield from _iter_list(group[:top], len(group), noun, sort, paint, has_plans=has_plans)


def _iter_others(verdicts: Sequence[Verdict], top: int | None, paint: Paint) -> Iterator[str]:
    """Yield the files that fail without a violation, and wrong comments of those with one."""
    others = [verdict for verdict in verdicts if verdict.failed and not verdict.violations]
    shown = others[:top]
    yield from (format_failure(verdict, paint) for verdict in shown)
    if len(shown) < len(others):
        yield f"and {count(len(others) - len(shown), 'more file')}"
    for verdict in verdicts:
        yield from format_failing(verdict) if verdict.violations else ()


def sort_violations(verdicts: Sequence[Verdict], sort: str) -> list[Over]:
    """Return all violations in an order; what is equally bad stays in the order of the paths."""
    over = [Over(verdict, violation) for verdict in verdicts for violation in verdict.violations]
    if sort != BY_PATH:
        over.sort(key=lambda one: (one.violation.metric != sort, -excess_ratio(one.violation)))
    return over


def _iter_list(
    chosen: Sequence[Over], number: int, noun: str, sort: str, paint: Paint, *, has_plans: bool
) -> Iterator[str]:
    if chosen:
        yield paint(f"{_format_headline(len(chosen), number, sort)}{noun}", "bold")
    for verdict, violation in chosen:
        yield from iter_violation(verdict, violation, paint, has_plans=has_plans)


def _format_headline(shown: int, number: int, sort: str) -> str:
    if shown < number and sort == BY_PATH:
        return f"the first {shown} of {count(number, 'violation')}"
    if shown < number:
        return f"the {shown} worst of {count(number, 'violation')}"
    return f"{count(number, 'violation')}"
