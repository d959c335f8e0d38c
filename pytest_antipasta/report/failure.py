"""The text of a file that fails: its violations, where they are, and what would help."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.model import BriefPlan, Verdict, Violation
from pytest_antipasta.report.error_kinds import iter_error_facts
from pytest_antipasta.report.terminal import PLAIN, Paint
from pytest_antipasta.report.wording import (
    format_error_line,
    format_lines,
    format_named,
    format_violation_line,
    iter_ceilings,
    iter_error_lines,
)


def format_headline(verdict: Verdict) -> str:
    """Return the failure in one line, without the path."""
    error = verdict.error
    if error is not None:
        return make_printable(f"not measured ({error.kind}): {error.message}")
    if not verdict.violations:
        if verdict.is_unmeasured:
            return make_printable(verdict.missing[0].message)
        return _format_failing_suppression(verdict)
    more = len(verdict.violations) - 1
    return format_named(verdict.violations[0]) + (f", and {more} more" if more else "")


def _format_failing_suppression(verdict: Verdict) -> str:
    from pytest_antipasta.report.suppressions import iter_remarks

    failing = (suppression for suppression in verdict.suppressions if suppression.fails)
    return next(iter_remarks(verdict, next(failing)))


def format_failure(verdict: Verdict, paint: Paint = PLAIN) -> str:
    """Return a line for every violation, each with complexipy's plans where it has some."""
    return "\n".join(_iter_lines(verdict, paint))


def _iter_lines(verdict: Verdict, paint: Paint) -> Iterator[str]:
    path, error = verdict.path, verdict.error
    if error is not None:
        first, *known = iter_error_lines(path, verdict.measurement)
        yield paint(first, "red")
        yield from known
        yield from iter_error_facts(verdict.path, error, verdict.measurement)
        return
    yield from iter_missing(verdict)
    if verdict.violations:
        yield paint(f"{path}: {count(len(verdict.violations), 'violation')}", "bold")
    for violation in verdict.violations:
        yield from iter_violation(verdict, violation, paint)
    if verdict.suppressions:
        # Here, because few files have any.
        from pytest_antipasta.report.suppressions import format_failing

        yield from format_failing(verdict)


def iter_missing(verdict: Verdict) -> Iterator[str]:
    """Yield what extensions have not given, and what to do about it."""
    for error in verdict.missing:
        yield format_error_line(verdict.path, error)
        yield from iter_error_facts(verdict.path, error, verdict.measurement)


def iter_violation(
    verdict: Verdict, violation: Violation, paint: Paint, *, has_plans: bool = True
) -> Iterator[str]:
    """Yield the line of a violation, what a comment says of it, and complexipy's plans where it has some."""
    yield format_violation_line(verdict, violation, paint)
    yield from iter_ceilings(verdict, violation)
    for plan in verdict.find_plans(violation) if has_plans else ():
        yield f"    {_format_plan(plan, verdict)}"


def _format_plan(plan: BriefPlan, verdict: Verdict) -> str:
    lines = format_lines(plan.first_line, plan.last_line, verdict)
    return f"{lines}: {make_printable(plan.title)} (about -{plan.reduction})"
