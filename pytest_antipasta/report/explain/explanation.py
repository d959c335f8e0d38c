"""The output of ``explain``: a file's source with points, formulas, limits and plans."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.metrics import ExplainedBlock, Explanation, Plan, Points
from pytest_antipasta.model import CELL, Block, FileError, Number, Verdict
from pytest_antipasta.report.error_kinds import iter_error_facts
from pytest_antipasta.report.explain.block import indent, iter_block, iter_limits
from pytest_antipasta.report.explain.formulas import iter_halstead, iter_index
from pytest_antipasta.report.explain.limits import Limit, format_unlimited
from pytest_antipasta.report.terminal import Paint, format_source_line
from pytest_antipasta.report.wording import format_error_line, format_known, format_number, format_place

_NUMBER = re.compile(r"#[0-9]+$")


class Fixed(Struct, frozen=True):
    """A block as complexipy's own fixes would leave it.

    Attributes:
        rules: of complexipy that are applied.
        numbers: of the block by metric, before and after.
        command: writes the fixes; with ``--dry-run`` it shows them.
    """

    rules: tuple[str, ...]
    numbers: Mapping[str, tuple[Number | None, Number | None]]
    command: str


class Explained(Struct, frozen=True):
    """All that is known about one file, and which of its blocks to explain.

    Attributes:
        verdict: what is thought of the file.
        parts: what its numbers are made of.
        limits: of each block by its qualified name; of the file under ``None``.
        plans: complexipy's, by qualified name.
        chosen: the blocks to explain.
        has_file: whether the file's own numbers are explained.
        left_out: how many blocks there are, where some of them were left out for being over no limit.
        foreign: what extensions say of their numbers, by qualified name, ``None`` for the file, and metric.
        fixed: blocks that complexipy can change itself, by qualified name.
    """

    verdict: Verdict
    parts: Explanation
    limits: Mapping[str | None, Sequence[Limit]]
    plans: Mapping[str, Sequence[Plan]]
    chosen: Sequence[ExplainedBlock]
    has_file: bool
    left_out: int = 0
    foreign: Mapping[str | None, Mapping[str, Sequence[str]]] = {}
    fixed: Mapping[str, Fixed] = {}


def iter_explanation(explained: Explained, paint: Paint) -> Iterator[str]:
    """Yield the lines of a text for people."""
    if explained.verdict.error is not None:
        yield from _iter_error(explained, explained.verdict.error)
        return
    if explained.has_file:
        yield from _iter_file(explained, paint)
    namesakes = _count_namesakes(explained.parts)
    for number, one in enumerate(explained.chosen):
        if number or explained.has_file:
            yield ""
        verdict, name = explained.verdict, one.block.qualified_name
        place = format_place(verdict.path, one.block.line, verdict.measurement)
        yield paint(f"{place} {one.block.kind} {name}{namesakes.get(name, '')}", "bold")
        plans = explained.plans.get(name, ())
        yield from iter_block(explained.parts, one, explained.limits[name], plans, paint)
        if name in explained.fixed:
            yield from _iter_fixed(explained.fixed[name])
        yield from _iter_foreign(explained, name)


def _iter_fixed(fixed: Fixed) -> Iterator[str]:
    """Yield what the numbers of a block would be if complexipy wrote what it can, and how it does."""
    yield f"after complexipy's own fixes ({', '.join(fixed.rules)}), measured:"
    changed = {name: pair for name, pair in fixed.numbers.items() if pair[0] != pair[1]}
    for name, (before, after) in changed.items():
        yield f"  {name} {_show(before)} → {_show(after)}"
    if others := [f"{name} {_show(pair[1])}" for name, pair in fixed.numbers.items() if name not in changed]:
        yield f"  unchanged: {', '.join(others)}"
    yield f"  preview: `{fixed.command} --dry-run`"
    yield f"  write:   `{fixed.command}`"


def _show(number: Number | None) -> str:
    return "-" if number is None else format_number(number)


def find_plans(parts: Explanation, chosen: Sequence[ExplainedBlock]) -> Mapping[str, tuple[Plan, ...]]:
    """Return complexipy's plans for some blocks, by qualified name."""
    starts = sorted(line for line in parts.functions if line is not None)
    plans: dict[str, tuple[Plan, ...]] = {}
    for one in chosen:
        # No two of complexipy's functions have a line in common.
        if place := bisect_right(starts, one.block.line):
            function = parts.functions[starts[place - 1]]
            if one.block.line <= function.last_line and function.total == one.block.cognitive_complexity:
                plans[one.block.qualified_name] = function.plans
    return plans


def find_namesakes(parts: Explanation, name: str) -> list[Block]:
    """Return the blocks of a name, which ``#2`` and ``#3`` tell apart, as of overloads and properties."""
    bare = _NUMBER.sub("", name)
    blocks = (one.block for one in parts.blocks)
    return [block for block in blocks if _NUMBER.sub("", block.qualified_name) == bare]


def _count_namesakes(parts: Explanation) -> dict[str, str]:
    """Return which of several blocks of a name one is, in words, by its qualified name."""
    groups: dict[str, list[str]] = {}
    for one in parts.blocks:
        name = one.block.qualified_name
        if not name.startswith(CELL):
            groups.setdefault(_NUMBER.sub("", name), []).append(name)
    return {
        name: f", {place} of {len(names)} of that name"
        for names in groups.values()
        if len(names) > 1
        for place, name in enumerate(names, 1)
    }


def _iter_error(explained: Explained, error: FileError) -> Iterator[str]:
    """Yield why there are no numbers, the line that is to blame, and what can still be had."""
    lines = explained.parts.lines
    yield format_error_line(explained.verdict.path, error)
    if error.line is not None and error.cell is None and 0 < error.line <= len(lines):
        yield f"  {error.line:>6}  {format_source_line(lines[error.line - 1])}"
    if known := format_known(explained.verdict.measurement):
        yield known
    # complexipy has a parser of its own, which knows the newest syntax.
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
    yield from _iter_foreign(explained, None)
    if parts.measurement.foreign is not None or parts.measurement.has_cells:
        return
    yield "outside functions and classes"
    yield f"  cyclomatic: {_format_points(parts.outside)}"
    if None in parts.functions:
        module = parts.functions[None]
        yield f"  cognitive: {_format_points(Points(module.by_line))}"


def _iter_foreign(explained: Explained, name: str | None) -> Iterator[str]:
    for metric, lines in explained.foreign.get(name, {}).items():
        yield metric
        yield from indent(map(make_printable, lines))


def _format_points(points: Points) -> str:
    if not points.by_line:
        return "no points"
    lines = (f"line {line} +{number}" for line, number in sorted(points.by_line.items()))
    return f"{count(points.total, 'point')}: {', '.join(lines)}"
