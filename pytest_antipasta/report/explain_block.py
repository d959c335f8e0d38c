"""One block explained in words: its source with the points of each line, formulas, limits and plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_antipasta.advice import Plan
from pytest_antipasta.explanation import ExplainedBlock, Explanation
from pytest_antipasta.report.explain_notes import iter_notes
from pytest_antipasta.report.explain_source import iter_source
from pytest_antipasta.report.formulas import iter_halstead
from pytest_antipasta.report.limits import Limit, format_limit
from pytest_antipasta.report.terminal import Paint

_STATE_COLORS = {"kept": "green", "over": "red", "tolerated": "yellow", "not judged": "yellow"}


def iter_block(
    parts: Explanation, one: ExplainedBlock, limits: Sequence[Limit], plans: Sequence[Plan], paint: Paint
) -> Iterator[str]:
    """Yield the lines about a block, below the one that names it."""
    yield from iter_source(parts.lines, one, paint)
    yield from iter_notes(parts, one)
    yield from iter_limits(limits, paint)
    if one.halstead is not None:
        yield "Halstead"
        yield from indent(iter_halstead(one.halstead, one.block))
    if plans:
        yield "what complexipy would do"
        for plan in plans:
            yield from indent(_iter_plan(plan))


def iter_limits(limits: Sequence[Limit], paint: Paint) -> Iterator[str]:
    """Yield a line for each number that somebody set a limit for, or switched one off."""
    for limit in limits:
        if limit.threshold is None and limit.origin == "default":
            continue
        text = format_limit(limit)
        color = _STATE_COLORS.get(limit.state)
        yield paint(text, color) if color else text


def _iter_plan(plan: Plan) -> Iterator[str]:
    lines = f"line {plan.first_line}"
    if plan.last_line != plan.first_line:
        lines = f"lines {plan.first_line}-{plan.last_line}"
    reduction = f"-{plan.reduction}, measured" if plan.is_measured else f"about -{plan.reduction}"
    yield f"{lines}: {plan.title} ({reduction}; {plan.rule})"
    yield f"  {plan.help}"


def indent(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines as what belongs to the line above them."""
    return (f"  {line}" for line in lines)
