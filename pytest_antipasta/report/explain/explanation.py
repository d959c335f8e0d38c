"""Format ``explain``: a file's source with points, formulas and limits."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter

from msgspec import Struct

from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.metrics.cognitive import Plan
from pytest_antipasta.metrics.explanation import (
    ExplainedBlock,
    Explanation,
    HalsteadCounts,
    IndexParts,
    Points,
)
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import CELL, Block, FileError, FileMetrics
from pytest_antipasta.report.error_kinds import iter_error_facts
from pytest_antipasta.report.explain.limits import Limit, format_limit, format_unlimited
from pytest_antipasta.report.hints import Advice, iter_advice
from pytest_antipasta.report.terminal import Paint, format_source_line, iter_source_lines
from pytest_antipasta.report.wording import (
    format_error_line,
    format_known,
    format_number,
    format_place,
)

_WIDTH = 10
# Maximum number of names in a line.
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
        has_all: whether blocks over a limit are explained with values that have no limit.
        left_out: total number of blocks, if those within their limits were omitted.
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
    left_out: int = 0
    of_extensions: Mapping[str | None, Mapping[str, Sequence[str]]] = {}
    advice: Mapping[str, Advice | None] = {}
    plans: Mapping[str, Sequence[Plan]] = {}


def iter_explanation(explained: Explained, paint: Paint) -> Iterator[str]:
    """Yield the lines of the explanation as text."""
    if explained.verdict.error is not None:
        yield from _iter_error(explained, explained.verdict.error)
        return
    yield from _iter_missing(explained)
    if explained.has_file:
        yield from _iter_file(explained, paint)
    namesakes = _count_namesakes(explained.parts)
    for number, item in enumerate(explained.chosen):
        if number or explained.has_file:
            yield ""
        verdict, name = explained.verdict, item.block.qualified_name
        place = format_place(verdict.path, *verdict.measurement.locate(item.block.line))
        yield paint(f"{place} {item.block.kind} {name}{namesakes.get(name, '')}", "bold")
        yield from iter_block(explained, item, paint)
        if name in explained.advice:
            advice = explained.advice[name]
            if advice is None:
                yield "no step is proven to make it simpler"
            else:
                yield from iter_advice(verdict.path, advice)
        yield from _iter_extensions(explained, name)


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


def find_namesakes(parts: Explanation, name: str) -> list[Block]:
    """Return the blocks with a name; ``#2`` and ``#3`` distinguish overloads and properties."""
    bare = _NUMBER.sub("", name)
    blocks = (item.block for item in parts.blocks)
    return [block for block in blocks if _NUMBER.sub("", block.qualified_name) == bare]


def _count_namesakes(parts: Explanation) -> dict[str, str]:
    """Return which of several blocks with the same name this is, in words."""
    groups: dict[str, list[str]] = {}
    for block in parts.blocks:
        name = block.block.qualified_name
        if not name.startswith(CELL):
            groups.setdefault(_NUMBER.sub("", name), []).append(name)
    return {
        name: f", {place} of {len(names)} of that name"
        for names in groups.values()
        if len(names) > 1
        for place, name in enumerate(names, 1)
    }


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
            points = _format_points(Points(function.by_line))
            yield f"  line {line}: {function.name}: cognitive_complexity {function.total}: {points}"
    yield from iter_error_facts(explained.verdict.path, error, explained.verdict.measurement)


def _iter_file(explained: Explained, paint: Paint) -> Iterator[str]:
    parts, metrics = explained.parts, explained.verdict.measurement.metrics
    yield paint(explained.verdict.path, "bold")
    yield from iter_limits(explained.limits[None], paint)
    yield from format_unlimited(metrics, explained.limits[None])
    if parts.index is not None and metrics.maintainability_index is not None:
        yield "maintainability index"
        yield from indent(iter_index(parts.index, metrics.maintainability_index))
    if parts.halstead is not None:
        yield "Halstead"
        yield from indent(iter_halstead(parts.halstead, metrics))
    yield from _iter_extensions(explained, None)
    if parts.measurement.foreign is not None or parts.measurement.has_cells:
        return
    yield "outside functions and classes"
    yield f"  cyclomatic: {_format_points(parts.outside)}"
    if None in parts.functions:
        module = parts.functions[None]
        yield f"  cognitive: {_format_points(Points(module.by_line))}"


def _iter_extensions(explained: Explained, name: str | None) -> Iterator[str]:
    for metric, lines in explained.of_extensions.get(name, {}).items():
        yield metric
        yield from indent(map(make_printable, lines))


def _format_points(points: Points) -> str:
    if not points.by_line:
        return "no points"
    lines = (f"line {line} +{number}" for line, number in sorted(points.by_line.items()))
    return f"{count(points.total, 'point')}: {', '.join(lines)}"


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
    if block.kind not in ("class", "cell") and (inner := _find_inner(parts, block)):
        own = ", ".join(f"{element.qualified_name} {element.cyclomatic_complexity}" for element in inner)
        yield f"not in the cyclomatic sum because they have their own values: {own}"


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


def iter_block(explained: Explained, item: ExplainedBlock, paint: Paint) -> Iterator[str]:
    """Yield the lines about a block that follow its heading.

    Over a limit, values without one are left out, unless all are asked for.
    """
    parts, limits = explained.parts, explained.limits[item.block.qualified_name]
    if parts.measurement.foreign is not None:
        yield from iter_source_lines(parts.lines, item.block, item.block.line)
    else:
        yield from iter_source(parts, item, paint)
        yield from iter_notes(parts, item)
    yield from iter_limits(limits, paint)
    has_all = explained.has_all or not any(limit.state in ("over", "warning") for limit in limits)
    if has_all:
        yield from format_unlimited(item.block, limits)
    limited = {limit.metric.partition("_")[0] for limit in limits if limit.threshold is not None}
    if item.halstead is not None and (has_all or "halstead" in limited):
        yield "Halstead"
        yield from indent(iter_halstead(item.halstead, item.block))


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
