"""Ranking violations, the worst first, for a terminal and for ``check --top`` and ``--sort``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import excess_ratio
from pytest_antipasta.report.failure import format_failure, iter_violation
from pytest_antipasta.report.terminal import Paint

BY_PATH, BY_EXCESS = "path", "excess"


class Over(NamedTuple):
    """A violation, and the verdict that has it."""

    verdict: Verdict
    violation: Violation

    @property
    def is_of_file(self) -> bool:
        """Whether it is of a file, not of a function."""
        return self.violation.qualified_name is None


def iter_ranked(
    verdicts: Sequence[Verdict], sort: str, top: int | None, paint: Paint, *, has_plans: bool = True
) -> Iterator[str]:
    """Yield what fails for other reasons, then the violations.

    Args:
        verdicts: in the order of their paths.
        sort: ``path``, ``excess`` (how far over the limit), or a metric, whose numbers come first.
        top: show no more than that of functions, of files, and of what fails for other reasons; ``None``
            for all of them, in one list.
        paint: gives colours.
        has_plans: whether complexipy's plans are shown: they take up to three lines a function.
    """
    yield from _iter_others(verdicts, top, paint)
    over = sort_violations(verdicts, sort, top)
    if top is None:
        yield from _iter_list(over, len(over), "", sort, paint, has_plans=has_plans)
        return
    every = sort_violations(verdicts, BY_PATH)
    for noun, is_of_file in ((" in functions", False), (" of files", True)):
        group = [one for one in over if one.is_of_file == is_of_file][:top]
        number = sum(one.is_of_file == is_of_file for one in every)
        yield from _iter_list(group, number, noun, sort, paint, has_plans=has_plans)


def _iter_others(verdicts: Sequence[Verdict], top: int | None, paint: Paint) -> Iterator[str]:
    """Yield the files that fail without a violation, and wrong comments of those with one."""
    others = [verdict for verdict in verdicts if verdict.failed and not verdict.violations]
    shown = others[:top]
    yield from (format_failure(verdict, paint) for verdict in shown)
    if len(shown) < len(others):
        yield f"and {count(len(others) - len(shown), 'more file')}"
    for verdict in verdicts:
        if verdict.violations and verdict.suppressions:
            # Here, because few files have any.
            from pytest_antipasta.report.suppressions import format_failing

            yield from format_failing(verdict)


def sort_violations(verdicts: Sequence[Verdict], sort: str, top: int | None = None) -> list[Over]:
    """Return violations in an order: all of them, or the first ones of functions and of files.

    Those of functions go before those of files. Of equally bad ones the more complex goes first, then the
    longer one, then the first path.
    """
    over = [Over(verdict, violation) for verdict in verdicts for violation in verdict.violations]
    if sort == BY_PATH:
        return over

    def rank(one: Over) -> tuple[bool, bool, float, float, int]:
        complexity, lines = one.verdict.sizes.get(one.violation.qualified_name, (0, 0))
        is_other = sort != BY_EXCESS and one.violation.metric != sort
        return is_other, one.is_of_file, -excess_ratio(one.violation), -complexity, -lines

    over.sort(key=rank)
    if top is None:
        return over
    groups = ([one for one in over if one.is_of_file == is_of_file][:top] for is_of_file in (False, True))
    return sorted((one for group in groups for one in group), key=rank)


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
