"""Format ``explain``: a file's source with points, formulas and limits."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter

from msgspec import Struct

from pytest_antipasta.messages import MOST_NAMED, count, list_names, make_printable
from pytest_antipasta.metrics.cognitive import SafeChange
from pytest_antipasta.metrics.explanation import (
    ExplainedBlock,
    Explanation,
    HalsteadCounts,
    IndexParts,
    LinePoints,
)
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import CELL, Block, FileError, FileMetrics
from pytest_antipasta.report.error_kinds import iter_error_facts
from pytest_antipasta.report.explain.limits import Limit, format_limit, format_unlimited
from pytest_antipasta.report.explain.source import is_long, iter_source
from pytest_antipasta.report.hints import Advice, describe_no_plan, iter_diffs, iter_plan
from pytest_antipasta.report.suppressions import format_comments, format_unheeded
from pytest_antipasta.report.terminal import (
    Paint,
    clip_line,
    fold_lines,
    format_source_line,
)
from pytest_antipasta.report.wording import (
    format_error_line,
    format_known,
    format_number,
    format_place,
)

# Maximum number of names, or of lines with points, in a line.
_NAMES = 20
_STATE_COLORS = {
    "kept": "green", "over": "red", "warning": "yellow", "tolerated": "yellow", "not judged": "yellow"
}  # fmt: skip
_NUMBER = re.compile(r"#[0-9]+$")


class Explained(Struct, frozen=True):
    """The facts about one file, and which of its blocks to explain.

    Attributes:
        verdict: verdict on the file.
        parts: the parts that its values are computed from.
        limits: limits of each block by qualified name, and of the file under ``None``.
        chosen: the blocks to explain.
        has_file: whether the values of the file are explained.
        has_all: whether values without a limit are explained, too.
        of_extensions: explanations of extensions, by qualified name (``None`` for the file) and metric.
        advice: proven steps for functions over a limit, by qualified name; ``None`` if there are none.
        plans: the changes that complexipy marks as safe to apply, by qualified name, for programs.
    """

    verdict: Verdict
    parts: Explanation
    limits: Mapping[str | None, Sequence[Limit]]
    chosen: Sequence[ExplainedBlock]
    has_file: bool
    has_all: bool = False
    of_extensions: Mapping[str | None, Mapping[str, Sequence[str]]] = {}
    advice: Mapping[str, Advice | None] = {}
    plans: Mapping[str, Sequence[SafeChange]] = {}


def iter_explanation(explained: Explained, paint: Paint, width: int | None = None) -> Iterator[str]:
    """Yield the lines of the explanation: verdict and plan, then the source, then the steps as diffs.

    Args:
        explained: the facts.
        paint: adds colours.
        width: width of the terminal; ``None`` if there is none.
    """
    if explained.verdict.error is not None:
        yield from fold_lines(_iter_error(explained, explained.verdict.error), width)
        return
    yield from fold_lines(_iter_missing(explained), width)
    if explained.has_file:
        yield from fold_lines(_iter_file(explained, paint), width)
    namesakes = {
        block.qualified_name: f", {place} of {len(group)} of that name"
        for group in find_namesakes(explained.parts)
        for place, block in enumerate(group, 1)
    }
    for number, item in enumerate(explained.chosen):
        if number or explained.has_file:
            yield ""
        name = item.block.qualified_name
        yield from fold_lines(_iter_head(explained, item, namesakes.get(name, ""), paint), width)
        yield from _iter_source(explained, item, paint, width)
        yield from fold_lines(_iter_values(explained, item), width)
        if advice := explained.advice.get(name):
            yield from iter_diffs(explained.verdict.path, advice, paint, width)


def _iter_head(explained: Explained, item: ExplainedBlock, namesake: str, paint: Paint) -> Iterator[str]:
    """Yield what a block is, its values beside their limits, and the plan for it."""
    verdict, name = explained.verdict, item.block.qualified_name
    place = format_place(verdict.path, *verdict.measurement.locate(item.block.line))
    yield paint(f"{place} {item.block.kind} {name}{namesake}", "bold")
    yield from iter_limits(explained.limits[name], paint)
    yield from _iter_inner_points(explained.parts, item)
    yield from format_comments(verdict, name, {limit.metric for limit in explained.limits[name]}, str)
    yield from format_unheeded([verdict], name)
    if name in explained.advice:
        advice = explained.advice[name]
        yield from [describe_no_plan()] if advice is None else iter_plan(advice)


def _iter_source(
    explained: Explained, item: ExplainedBlock, paint: Paint, width: int | None
) -> Iterator[str]:
    parts = explained.parts
    if parts.measurement.foreign is not None:
        first, end = item.block.line, item.block.end_line
        for number, line in enumerate(parts.lines[first - 1 : end], first):
            yield clip_line(f"{number:>6}  {format_source_line(line)}".rstrip(), width)
        return
    fold = width is not None and is_folded(explained, item)
    yield from iter_source(parts, item, paint, width, is_folded=fold)
    yield from fold_lines(iter_notes(parts, item), width)


def is_folded(explained: Explained, item: ExplainedBlock) -> bool:
    """Return whether a terminal shows only the lines of a block that have points, and those near them."""
    return not explained.has_all and explained.parts.measurement.foreign is None and is_long(item)


def _iter_values(explained: Explained, item: ExplainedBlock) -> Iterator[str]:
    """Yield the values of a block without a limit, if they are asked for, and how others are computed."""
    name = item.block.qualified_name
    limits = explained.limits[name]
    if explained.has_all:
        yield from format_unlimited(item.block, limits)
    if item.halstead is not None and (explained.has_all or _is_over(limits, "halstead_")):
        yield "Halstead"
        yield from indent(iter_halstead(item.halstead, item.block))
    yield from _iter_extensions(explained, name)


def _is_over(limits: Iterable[Limit], start: str) -> bool:
    """Return whether a metric with such a name is over its limit."""
    return any(
        limit.metric.startswith(start) and limit.state in ("over", "warning", "tolerated") for limit in limits
    )


def _iter_missing(explained: Explained) -> Iterator[str]:
    """Yield why values are missing, and the line that complexipy can't parse."""
    verdict, parts = explained.verdict, explained.parts
    yield from (format_error_line(verdict.path, error) for error in verdict.missing)
    if parts.rejection is not None:
        reason, line = parts.rejection
        cell, shown = verdict.measurement.locate(line)
        yield f"{format_place(verdict.path, cell, shown)}: complexipy: {make_printable(reason)}"
        if line is not None:
            yield f"  {shown:>6}  {format_source_line(parts.lines[line - 1])}"


def find_namesakes(parts: Explanation) -> list[list[Block]]:
    """Return the blocks of each name that several have: overloads and properties, which have numbers."""
    groups: dict[str, list[Block]] = {}
    for item in parts.blocks:
        name = item.block.qualified_name
        if not name.startswith(CELL):
            groups.setdefault(_NUMBER.sub("", name), []).append(item.block)
    return [group for group in groups.values() if len(group) > 1]


def _iter_error(explained: Explained, error: FileError) -> Iterator[str]:
    """Yield the error, the line that causes it, and the values that could still be measured."""
    lines = explained.parts.lines
    yield format_error_line(explained.verdict.path, error)
    if error.line is not None and error.cell is None and 0 < error.line <= len(lines):
        yield f"  {error.line:>6}  {format_source_line(lines[error.line - 1])}"
    if known := format_known(explained.verdict.measurement):
        yield known
    # complexipy has its own parser, which supports the newest syntax.
    for line, function in explained.parts.functions.items():
        if line is not None:
            points = _format_points(LinePoints(function.by_line))
            yield f"  line {line}: {function.name}: cognitive_complexity {function.total}: {points}"
    yield from iter_error_facts(explained.verdict.path, error, explained.verdict.measurement)


def _iter_file(explained: Explained, paint: Paint) -> Iterator[str]:
    """Yield the values of the file beside their limits, and how those over a limit are computed, or all."""
    parts, metrics, has_all = explained.parts, explained.verdict.measurement.metrics, explained.has_all
    limits = explained.limits[None]
    yield paint(explained.verdict.path, "bold")
    yield from iter_limits(limits, paint)
    if has_all:
        yield from format_unlimited(metrics, limits)
    if parts.index is not None and (has_all or _is_over(limits, "maintainability_")):
        yield "maintainability index"
        yield from indent(iter_index(parts.index, metrics.maintainability_index))
    if parts.halstead is not None and (has_all or _is_over(limits, "halstead_")):
        yield "Halstead"
        yield from indent(iter_halstead(parts.halstead, metrics))
    yield from _iter_extensions(explained, None)
    yield from _iter_outside(parts, has_all=has_all)


def _iter_outside(parts: Explanation, *, has_all: bool) -> Iterator[str]:
    """Yield the points of code outside functions and classes, if it has any or all are asked for."""
    if parts.measurement.foreign is not None or parts.measurement.has_cells:
        return
    cognitive = LinePoints(parts.functions[None].by_line if None in parts.functions else {})
    if has_all or parts.outside.total or cognitive.total:
        yield "outside functions and classes"
        yield f"  cyclomatic: {_format_points(parts.outside)}"
        if None in parts.functions:
            yield f"  cognitive: {_format_points(cognitive)}"


def _iter_extensions(explained: Explained, name: str | None) -> Iterator[str]:
    for metric, lines in explained.of_extensions.get(name, {}).items():
        yield metric
        yield from indent(map(make_printable, lines))


def _format_points(points: LinePoints) -> str:
    if not points.by_line:
        return "no points"
    lines = [f"line {line} +{number}" for line, number in sorted(points.by_line.items())]
    return f"{count(points.total, 'point')}: {list_names(lines, _NAMES, 'line')}"


def iter_notes(parts: Explanation, explained: ExplainedBlock) -> Iterator[str]:
    """Yield why a sum differs from the block's value, and what it leaves out."""
    block = explained.block
    if explained.methods:  # radon's average of a class is int(sum / methods) + (methods > 1)
        average = f"the sum / methods = {explained.cyclomatic.total} / {explained.methods}, rounded down"
        more = ", plus 1" if explained.methods > 1 else ""
        yield f"cyclomatic_complexity of a class: {average}{more} = {block.cyclomatic_complexity}"
    if block.kind == "class":
        yield "a class has no cognitive_complexity; the sum is that of the functions inside it"
    elif explained.cognitive is None:
        yield "no cognitive_complexity: complexipy can't parse the file"
    elif block.cognitive_complexity is None:
        yield f"no separate cognitive_complexity: its points are part of {_find_outer(parts, block)}'s"
    if block.is_function and (inner := _find_inner(parts, block)):
        own = ", ".join(f"{item.qualified_name} {item.cyclomatic_complexity}" for item in inner)
        yield f"not in the cyclomatic sum because they have their own values: {own}"


def _iter_inner_points(parts: Explanation, item: ExplainedBlock) -> Iterator[str]:
    """Yield how many cognitive points of a function are those of the functions inside it."""
    points = item.cognitive or LinePoints({})
    inside: dict[str, int] = {}
    for block in _iter_outermost(_find_inner(parts, item.block)) if item.block.is_function else ():
        own = sum(points.by_line.get(line, 0) for line in range(block.line, block.end_line + 1))
        if own:
            inside[block.qualified_name.removeprefix(f"{item.block.qualified_name}.")] = own
    if inside:
        ordered = sorted(inside.items(), key=lambda named: -named[1])
        most = list_names([f"{name} {own}" for name, own in ordered], MOST_NAMED)
        number = sum(inside.values())
        of_all = f"{number} of its {count(points.total, 'cognitive point')} {'is' if number == 1 else 'are'}"
        yield f"  {of_all} in functions inside it: {most}"


def _iter_outermost(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks, sorted by line, that are in none of the others."""
    ended = 0
    for block in blocks:
        if block.line > ended:
            ended = block.end_line
            yield block


def _find_outer(parts: Explanation, block: Block) -> str:
    """Return the function that complexipy adds the points of a closure to."""
    names = accumulate(block.qualified_name.split("."), "{}.{}".format)
    around = (parts.by_name[name].block for name in names)
    outer = (other.qualified_name for other in around if other.cognitive_complexity is not None)
    return next(outer, "another function")


def _find_inner(parts: Explanation, outer: Block) -> list[Block]:
    """Return the functions defined inside a function."""
    find_line = attrgetter("block.line")
    start, end = (bisect_right(parts.blocks, line, key=find_line) for line in (outer.line, outer.end_line))
    return [item.block for item in parts.blocks[start:end] if item.block.kind != "class"]


def iter_limits(limits: Sequence[Limit], paint: Paint) -> Iterator[str]:
    """Yield a line for each value that has a limit, or whose limit is disabled."""
    for limit in limits:
        if limit.threshold is None and limit.origin == "default":
            continue
        text = format_limit(limit)
        color = _STATE_COLORS.get(limit.state)
        yield paint(text, color) if color else text


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
        parts.append(f"{len(names) - _NAMES:,} more")
    if expressions:
        parts.append(count(expressions, "expression"))
    return f": {', '.join(parts)}" if parts else ""


def _format(value: float | None) -> str:
    return "no value" if value is None else format_number(value)


def iter_index(parts: IndexParts, index: float | None) -> Iterator[str]:
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
    yield f"maintainability_index = {terms.total:.2f} * 100 / 171{bound} = {_format(index)}"
