"""The source of a block, with the points of each line and what they are for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pytest_antipasta.metrics.explanation import ExplainedBlock, Explanation, LinePoints
from pytest_antipasta.report.terminal import Paint, clip_line, format_source_line, measure_text

_LONG = 60
"""Functions with more lines are folded on a terminal: runs of lines without points become one line.

The first lines of inner functions are shown: the lines below them are nested in these.
"""
_SHORTEST_FOLD = 3
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_BEHIND, _BELOW = "\N{LEFTWARDS ARROW}", "\N{UPWARDS ARROW}"
# Columns of points and line numbers.
_GUTTER = 15


def is_long(block: ExplainedBlock) -> bool:
    """Return whether a block is folded on a terminal."""
    return block.block.end_line - block.block.line >= _LONG


def iter_source(
    parts: Explanation,
    explained: ExplainedBlock,
    paint: Paint,
    width: int | None = None,
    *,
    is_folded: bool = False,
) -> Iterator[str]:
    """Yield each line of a block after its points, then the sums.

    Args:
        parts: the file.
        explained: the block.
        paint: adds colours.
        width: maximum width of a line, which is cut; ``None`` for any.
        is_folded: whether runs of lines without points become one line.
    """
    block, cyclomatic, cognitive = (
        explained.block,
        explained.cyclomatic,
        explained.cognitive or LinePoints({}),
    )
    by_line = {
        line: (cyclomatic.by_line.get(line, 0), cognitive.by_line.get(line, 0))
        for line in range(block.line, block.end_line + 1)
    }
    yield f"{'cyc':>3} {'cog':>3} {'line':>5}"
    for is_shown, group in groupby(by_line, key=lambda line: any(by_line[line]) or line in parts.starts):
        run = [*group]
        if is_folded and not is_shown and len(run) >= _SHORTEST_FOLD:
            yield paint(f"{_ELLIPSIS:>{_GUTTER - 2}}  {len(run):,} lines without points", "dim")
            continue
        for line in run:
            yield from _iter_line(parts, line, by_line[line], paint, width)
    yield from _iter_sums(explained, paint)


def _iter_sums(explained: ExplainedBlock, paint: Paint) -> Iterator[str]:
    """Yield the sums of a block's points, after those that no line has."""
    cyclomatic, cognitive = explained.cyclomatic, explained.cognitive
    for name, points in (("cyclomatic", cyclomatic), ("cognitive", cognitive)):
        if points and points.rest:
            yield f"{name}: {points.rest:+} not attributed to a line"
    total = "-" if cognitive is None else str(cognitive.total)
    yield paint(f"{cyclomatic.total:>3} {total:>3}   sum", "bold")


def _iter_line(
    parts: Explanation, line: int, points: tuple[int, int], paint: Paint, width: int | None
) -> Iterator[str]:
    """Yield a line of source with its points, and their reasons behind it or, without room, below it."""
    _, shown = parts.measurement.locate(line)
    gutter = " ".join(f"+{number}".rjust(3) if number else "   " for number in points)
    source = format_source_line(parts.lines[line - 1]).rstrip()
    text = f"{gutter} {shown:>5}  {source}".rstrip()
    reason = _explain(parts, line, points)
    behind = f"  {_BEHIND} {reason}" if reason else ""
    has_room = width is None or measure_text(text + behind) <= width
    text = clip_line(text, width)
    yield (
        paint(text[: len(gutter)], "yellow" if any(points) else "")
        + text[len(gutter) :]
        + (paint(behind, "cyan") if has_room else "")
    )
    if reason and not has_room:
        below, indent = f"{_BELOW} {reason}", _GUTTER + len(source) - len(source.lstrip())
        if width is not None:  # further left below deeply nested code, so that it is not cut
            indent = max(0, min(indent, width - len(below)))
        yield paint(clip_line(" " * indent + below, width), "cyan")


def _explain(parts: Explanation, line: int, points: tuple[int, int]) -> str:
    """Return what the points of a line are for; empty without points, or if that is unknown."""
    return parts.reasons[line].explain(*points) if any(points) and line in parts.reasons else ""
