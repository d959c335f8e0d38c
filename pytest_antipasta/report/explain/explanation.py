"""Format ``explain``: a file's source with points, formulas, limits and proposals."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.metrics import ExplainedBlock, Explanation, Plan, Points
from pytest_antipasta.model import CELL, Block, FileError, Number, Verdict
from pytest_antipasta.report.error_kinds import iter_error_facts
from pytest_antipasta.report.explain.block import indent, iter_block, iter_halstead, iter_index, iter_limits
from pytest_antipasta.report.explain.limits import Limit, format_unlimited
from pytest_antipasta.report.terminal import Paint, format_source_line
from pytest_antipasta.report.wording import format_error_line, format_known, format_number, format_place

_NUMBER = re.compile(r"#[0-9]+$")


class Fixed(Struct, frozen=True):
    """The values of a block after complexipy's automatic fixes.

    Attributes:
        rules: the applied rules of complexipy.
        numbers: values of the block by metric, before and after.
        command: the command that writes the fixes; with ``--dry-run`` it shows them.
    """

    rules: tuple[str, ...]
    numbers: Mapping[str, tuple[Number | None, Number | None]]
    command: str


class Explained(Struct, frozen=True):
    """The facts about one file, and which of its blocks to explain.

    Attributes:
        verdict: verdict on the file.
        parts: the parts that its values are computed from.
        limits: limits of each block by qualified name, and of the file under ``None``.
        plans: complexipy's proposals, by qualified name.
        chosen: the blocks to explain.
        has_file: whether the values of the file are explained.
        left_out: total number of blocks, if those within their limits were omitted.
        of_extensions: explanations of extensions, by qualified name (``None`` for the file) and metric.
        fixed: blocks that complexipy can fix automatically, by qualified name.
    """

    verdict: Verdict
    parts: Explanation
    limits: Mapping[str | None, Sequence[Limit]]
    plans: Mapping[str, Sequence[Plan]]
    chosen: Sequence[ExplainedBlock]
    has_file: bool
    left_out: int = 0
    of_extensions: Mapping[str | None, Mapping[str, Sequence[str]]] = {}
    fixed: Mapping[str, Fixed] = {}


def iter_explanation(explained: Explained, paint: Paint) -> Iterator[str]:
    """Yield the lines of the explanation as text."""
    if explained.verdict.error is not None:
        yield from _iter_error(explained, explained.verdict.error)
        return
    if explained.has_file:
        yield from _iter_file(explained, paint)
    namesakes = _count_namesakes(explained.parts)
    for number, item in enumerate(explained.chosen):
        if number or explained.has_file:
            yield ""
        verdict, name = explained.verdict, item.block.qualified_name
        place = format_place(verdict.path, *verdict.measurement.locate(item.block.line))
        yield paint(f"{place} {item.block.kind} {name}{namesakes.get(name, '')}", "bold")
        plans = explained.plans.get(name, ())
        yield from iter_block(explained.parts, item, explained.limits[name], plans, paint)
        if name in explained.fixed:
            yield from _iter_fixed(explained.fixed[name])
        yield from _iter_extensions(explained, name)


def _iter_fixed(fixed: Fixed) -> Iterator[str]:
    """Yield the values of a block after complexipy's automatic fixes, and the command that applies them."""
    yield f"after complexipy's own fixes ({', '.join(fixed.rules)}), measured:"
    changed = {name: pair for name, pair in fixed.numbers.items() if pair[0] != pair[1]}
    for name, (before, after) in changed.items():
        yield f"  {name} {format_number(before)} → {format_number(after)}"
    if others := [
        f"{name} {format_number(pair[1])}" for name, pair in fixed.numbers.items() if name not in changed
    ]:
        yield f"  unchanged: {', '.join(others)}"
    yield f"  preview: `{fixed.command} --dry-run`"
    yield f"  write:   `{fixed.command}`"


def find_plans(parts: Explanation, chosen: Sequence[ExplainedBlock]) -> Mapping[str, tuple[Plan, ...]]:
    """Return complexipy's proposals for some blocks, by qualified name."""
    starts = sorted(line for line in parts.functions if line is not None)
    plans: dict[str, tuple[Plan, ...]] = {}
    for item in chosen:
        # Functions that complexipy reports never overlap in lines.
        if place := bisect_right(starts, item.block.line):
            function = parts.functions[starts[place - 1]]
            if item.block.line <= function.last_line and function.total == item.block.cognitive_complexity:
                plans[item.block.qualified_name] = function.plans
    return plans


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
