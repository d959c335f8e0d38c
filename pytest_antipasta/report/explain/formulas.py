"""Format the formulas of Halstead's metrics and the maintainability index with their values."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_antipasta.messages import count
from pytest_antipasta.metrics import HalsteadCounts, IndexParts
from pytest_antipasta.model import Block, FileMetrics
from pytest_antipasta.report.wording import format_number

# Maximum number of names in a line.
_NAMES = 20


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
