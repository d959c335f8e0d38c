"""Hovers for a line: values and limits, values in HEAD, and points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_antipasta.editor.buffers import JudgedBuffer, is_near
from pytest_antipasta.messages import count
from pytest_antipasta.model.measured import Block, find_number
from pytest_antipasta.report.explain.limits import Limit, format_limit
from pytest_antipasta.report.wording import format_number

# Maximum number of lines with points, as a hover must be short.
_MOST = 12


def format_hover(judged: JudgedBuffer, line: int) -> str | None:
    """Return Markdown for a line: always for a function's first line, inside it only near a limit.

    Args:
        judged: the buffer.
        line: 1-based.
    """
    block = judged.find_block(line)
    if block is None:
        return None
    limits = judged.find_limits(block)
    if not limits or (line != block.line and not any(map(is_near, limits))):
        return None
    return "\n".join(_iter_lines(judged, block, limits, line))


def _iter_lines(judged: JudgedBuffer, block: Block, limits: list[Limit], line: int) -> Iterator[str]:
    yield f"**{_escape(block.qualified_name)}**\n"
    for limit in limits:
        yield f"- {_format_limit(judged, block, limit)}"
    points = _find_points(judged, block)
    if line in points:
        yield f"\nThis line: {points[line]}"
    if others := {number: text for number, text in points.items() if number != line}:
        shown = [f"line {number}: {text}" for number, text in [*others.items()][:_MOST]]
        more = [count(len(others) - _MOST, "more line")] if len(others) > _MOST else []
        yield "\n" + "  \n".join((*shown, *more))


def _format_limit(judged: JudgedBuffer, block: Block, limit: Limit) -> str:
    """Return a value and its limit as `explain` does, and the value in HEAD."""
    committed = judged.committed.blocks.get(block.qualified_name)
    before = find_number(committed, limit.metric) if committed is not None else None
    text = format_limit(limit)
    return text if before is None else f"{text}; HEAD has {format_number(before)}"


def _find_points(judged: JudgedBuffer, block: Block) -> Mapping[int, str]:
    """Return the points of each line of a function, in words."""
    part = judged.parts.by_name.get(block.qualified_name)
    if part is None:
        return {}
    named = {"cyclomatic": part.cyclomatic, "cognitive": part.cognitive}
    found: dict[int, list[str]] = {}
    for name, points in named.items():
        for number, added in points.by_line.items() if points else ():
            found.setdefault(number, []).append(f"{name} +{added}")
    return {number: ", ".join(found[number]) for number in sorted(found)}


def _escape(name: str) -> str:
    r"""Return a name escaped for Markdown: ``__init__`` would be bold."""
    return name.replace("_", r"\_").replace("<", r"\<")
