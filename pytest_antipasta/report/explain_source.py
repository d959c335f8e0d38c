"""A block's source with the points of each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_antipasta.explanation import ExplainedBlock, Points
from pytest_antipasta.report.terminal import Paint, format_source_line

_WIDTH = 10


def iter_source(lines: Sequence[str], one: ExplainedBlock, paint: Paint) -> Iterator[str]:
    """Yield each line of a block behind its points, and the sums."""
    block, cognitive = one.block, one.cognitive or Points({})
    yield f"{'cyclomatic':>{_WIDTH}} {'cognitive':>{_WIDTH}} {'line':>6}"
    for number in range(block.line, block.end_line + 1):
        cells = (one.cyclomatic.by_line.get(number), cognitive.by_line.get(number))
        columns = " ".join(_format_cell(cell, paint) for cell in cells)
        source = format_source_line(lines[number - 1])
        yield f"{columns} {number:>6}  {source}".rstrip()
    for name, points in (("cyclomatic", one.cyclomatic), ("cognitive", cognitive)):
        if points.rest:
            yield f"{name}: {points.rest:+} for which no line is named"
    total = "-" if one.cognitive is None else str(cognitive.total)
    yield paint(f"{one.cyclomatic.total:>{_WIDTH}} {total:>{_WIDTH}}    sum", "bold")


def _format_cell(points: int | None, paint: Paint) -> str:
    return paint(f"+{points}".rjust(_WIDTH), "yellow") if points else " " * _WIDTH
