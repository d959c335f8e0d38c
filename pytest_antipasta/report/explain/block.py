"""Format ``explain`` for one block: its source with points, limits, formulas and proposals."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from pytest_antipasta.messages import count
from pytest_antipasta.metrics import ExplainedBlock, Explanation, HalsteadCounts, IndexParts, Plan, Points
from pytest_antipasta.model import Block, FileMetrics, Measurement
from pytest_antipasta.report.explain.limits import Limit, format_limit, format_unlimited
from pytest_antipasta.report.terminal import Paint, iter_source_lines
from pytest_antipasta.report.wording import format_lines, format_number

_WIDTH = 10
# Maximum number of names in a line.
_NAMES = 20


def iter_source(parts: Explanation, explained: ExplainedBlock, paint: Paint) -> Iterator[str]:
    """Yield each line of a block after its points, then the sums."""
    block, cognitive = explained.block, explained.cognitive or Points({})
    yield f"{'cyclomatic':>{_WIDTH}} {'cognitive':>{_WIDTH}} {'line':>6}"
    _, first = parts.measurement.locate(block.line)
    for number, line in enumerate(iter_source_lines(parts.lines, block, first), block.line):
        cells = (explained.cyclomatic.by_line.get(number), cognitive.by_line.get(number))
        yield f"{' '.join(_format_cell(cell, paint) for cell in cells)} {line}"
    for name, points in (("cyclomatic", explained.cyclomatic), ("cognitive", cognitive)):
        if points.rest:
            yield f"{name}: {points.rest:+} not attributed to a line"
    total = "-" if explained.cognitive is None else str(cognitive.total)
    yield paint(f"{explained.cyclomatic.total:>{_WIDTH}} {total:>{_WIDTH}}    sum", "bold")


def _format_cell(points: int | None, paint: Paint) -> str:
    return paint(f"+{points}".rjust(_WIDTH), "yellow") if points else " " * _WIDTH


def iter_notes(parts: Explanation, explained: ExplainedBlock) -> Iterator[str]:
    """Yield why a sum differs from the block's value, and what it leaves out."""
    yield from _iter_average(explained)
    block = explained.block
    if block.kind == "class":
        yield "a class has no cognitive_complexity; the sum is that of the functions inside it"
    elif explained.cognitive is None:
        yield "no cognitive_complexity: complexipy can't parse the file"
    elif block.cognitive_complexity is None:
        yield f"no separate cognitive_complexity: its points are part of {_find_outer(parts, block)}'s"
    if block.kind not in ("class", "cell") and (inner := _find_inner(parts, block)):
        own = ", ".join(f"{element.qualified_name} {element.cyclomatic_complexity}" for element in inner)
        yield f"not in the cyclomatic sum because they have their own values: {own}"


def _iter_average(explained: ExplainedBlock) -> Iterator[str]:
    """Yield how radon computes a class's average from the sum: ``int(sum / methods) + (methods > 1)``."""
    if explained.methods:
        number = explained.block.cyclomatic_complexity
        average = f"the sum / methods = {explained.cyclomatic.total} / {explained.methods}, rounded down"
        more = ", plus 1" if explained.methods > 1 else ""
        yield f"cyclomatic_complexity of a class: {average}{more} = {number}"


def _find_outer(parts: Explanation, block: Block) -> str:
    """Return the function that complexipy adds the points of a closure to."""
    names = accumulate(block.qualified_name.split("."), "{}.{}".format)
    around = (parts.by_name[name].block for name in names)
    outer = (other.qualified_name for other in around if other.cognitive_complexity is not None)
    return next(outer, "another function")


def _find_inner(parts: Explanation, outer: Block) -> list[Block]:
    """Return the functions defined inside a function."""
    start, end = (bisect_right(parts.blocks, line, key=_find_line) for line in (outer.line, outer.end_line))
    within = (item.block for item in parts.blocks[start:end])
    return [block for block in within if block.kind != "class"]


def _find_line(explained: ExplainedBlock) -> int:
    return explained.block.line


_STATE_COLORS = {
    "kept": "green", "over": "red", "warning": "yellow", "tolerated": "yellow", "not judged": "yellow"
}  # fmt: skip


def iter_block(
    parts: Explanation,
    explained: ExplainedBlock,
    limits: Sequence[Limit],
    plans: Sequence[Plan],
    paint: Paint,
) -> Iterator[str]:
    """Yield the lines about a block that follow its heading."""
    if parts.measurement.foreign is not None:
        yield from iter_source_lines(parts.lines, explained.block, explained.block.line)
    else:
        yield from iter_source(parts, explained, paint)
        yield from iter_notes(parts, explained)
    yield from iter_limits(limits, paint)
    yield from format_unlimited(explained.block, limits)
    if explained.halstead is not None:
        yield "Halstead"
        yield from indent(iter_halstead(explained.halstead, explained.block))
    if plans:
        yield "complexipy's suggestions"
        for plan in plans:
            yield from indent(_iter_plan(plan, parts.measurement))


def iter_limits(limits: Sequence[Limit], paint: Paint) -> Iterator[str]:
    """Yield a line for each value that has a limit, or whose limit is disabled."""
    for limit in limits:
        if limit.threshold is None and limit.origin == "default":
            continue
        text = format_limit(limit)
        color = _STATE_COLORS.get(limit.state)
        yield paint(text, color) if color else text


def _iter_plan(plan: Plan, measurement: Measurement) -> Iterator[str]:
    lines = format_lines(plan.first_line, plan.last_line, measurement)
    reduction = f"-{plan.reduction}, measured" if plan.is_measured else f"about -{plan.reduction}"
    yield f"line{'s' * (plan.first_line < plan.last_line)} {lines}: {plan.title} ({reduction}; {plan.rule})"
    yield f"  {plan.help}"


def indent(lines: Iterable[str]) -> Iterator[str]:
    """Yield indented lines."""
    return (f"  {line}" for line in lines)


def iter_halstead(counts: HalsteadCounts, numbers: Block | FileMetrics) -> Iterator[str]:
    """Yield the counts, and how Halstead's metrics are computed from them."""
    n1, n2 = counts.distinct_operators, counts.distinct_operands
    both = counts.operators, counts.operands
    yield f"operators: N1 = {both[0]}, distinct n1 = {n1}{_format_names(counts.operator_names)}"
    names = _format_names(counts.operand_names, counts.expressions)
    yield f"operands: N2 = {both[1]}, distinct n2 = {n2}{names}"
    volume, difficulty = map(_format, (numbers.halstead_volume, numbers.halstead_difficulty))
    if n1 + n2 == 0:
        yield "volume = difficulty = effort = 0: no operators"
        return
    yield f"volume = (N1 + N2) * log2(n1 + n2) = ({both[0]} + {both[1]}) * log2({n1} + {n2}) = {volume}"
    yield f"difficulty = n1 / 2 * N2 / n2 = {n1} / 2 * {both[1]} / {n2} = {difficulty}"
    effort = _format(numbers.halstead_effort)
    yield f"effort = difficulty * volume = {difficulty} * {volume} = {effort}"
    if isinstance(numbers, FileMetrics):
        yield f"time = effort / 18 = {_format(numbers.halstead_time)} s"
        yield f"bugs = volume / 3000 = {_format(numbers.halstead_bugs)}"


def _format_names(names: tuple[str, ...], expressions: int = 0) -> str:
    parts = [name if len(name) <= _NAMES * 2 else f"{name[: _NAMES * 2]}..." for name in names[:_NAMES]]
    if len(names) > _NAMES:
        parts.append(f"{len(names) - _NAMES} more")
    if expressions:
        parts.append(count(expressions, "expression"))
    return f": {', '.join(parts)}" if parts else ""


def _format(value: float | None) -> str:
    return "no value" if value is None else format_number(value)


def iter_index(parts: IndexParts, index: float) -> Iterator[str]:
    """Yield the terms of the maintainability index, and how it is computed from them."""
    comments = format_number(parts.comment_percentage)
    yield f"V = {format_number(parts.volume)}: Halstead volume"
    yield f"CC = {parts.complexity}: cyclomatic complexity of the whole file"
    yield f"LLOC = {parts.logical_lines}: logical lines"
    yield f"C = {comments} %: comments and multi-line strings as a percentage of the source lines"
    if parts.terms is None:
        yield "maintainability_index = 100: no operators or no logical lines"
        return
    terms = parts.terms
    yield "171 - 5.2 * ln(V) - 0.23 * CC - 16.2 * ln(LLOC) + 50 * sin(sqrt(2.46 * radians(C)))"
    yield (
        f"= 171 - {terms.volume:.2f} - {terms.complexity:.2f} - {terms.lines:.2f} "
        f"{'-' if terms.comments < 0 else '+'} {abs(terms.comments):.2f} = {terms.total:.2f}"
    )
    bound = ", clamped to 0 to 100" if not 0 <= terms.total * 100 / 171 <= 100 else ""
    yield f"maintainability_index = {terms.total:.2f} * 100 / 171{bound} = {format_number(index)}"
