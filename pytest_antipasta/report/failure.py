"""The text of a file that fails: what is over a limit, where, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pytest_antipasta.advice import Plan, find_plans
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.wording import (
    count,
    format_error_line,
    format_known,
    format_violation,
    format_violation_line,
)


def format_headline(verdict: Verdict) -> str:
    """Return the failure in one line, without the path."""
    error = verdict.measurement.error
    if error is not None:
        return f"not measured ({error.kind}): {error.message}"
    first = verdict.violations[0]
    name = f"{first.qualified_name}: " if first.qualified_name else ""
    more = len(verdict.violations) - 1
    return f"{name}{format_violation(first)}" + (f", and {more} more" if more else "")


def format_failure(verdict: Verdict, read: Callable[[], bytes | None]) -> str:
    """Return a line for every violation, each with complexipy's plans where it has some.

    Args:
        verdict: of a file that fails.
        read: gives the measured content again, or ``None`` when it is gone.
    """
    return "\n".join(_iter_lines(verdict, read))


def _iter_lines(verdict: Verdict, read: Callable[[], bytes | None]) -> Iterator[str]:
    path, error = verdict.path, verdict.measurement.error
    if error is not None:
        yield format_error_line(path, error)
        if known := format_known(verdict):
            yield f"    {known}"
        return
    plans = _find_plans(verdict, read)
    yield f"{path}: {count(len(verdict.violations), 'number')} over the limit"
    for violation in verdict.violations:
        yield format_violation_line(path, violation)
        if violation.metric == "cognitive_complexity":
            for plan in plans.get(violation.qualified_name or "", ()):
                yield f"    {_format_plan(plan)}"


def _find_plans(verdict: Verdict, read: Callable[[], bytes | None]) -> Mapping[str, tuple[Plan, ...]]:
    over = [violation for violation in verdict.violations if violation.metric == "cognitive_complexity"]
    data = read() if over else None
    if data is None:
        return {}
    plans = find_plans(data, {violation.line or 0: violation.value for violation in over})
    return {violation.qualified_name or "": plans.get(violation.line or 0, ()) for violation in over}


def _format_plan(plan: Plan) -> str:
    lines = f"line {plan.first_line}"
    if plan.last_line != plan.first_line:
        lines = f"lines {plan.first_line}-{plan.last_line}"
    return f"{lines}: {plan.title} (about -{plan.reduction})"
