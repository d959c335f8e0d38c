"""Inlay hints: the values of functions, behind the lines of their `def`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from pytest_antipasta.editor.buffers import JudgedBuffer, is_near
from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import make_printable
from pytest_antipasta.report.explain.limits import Limit
from pytest_antipasta.report.wording import format_number

Shown: TypeAlias = Literal["near", "all", "off"]
"""Which values are shown: those near a limit or over it, all that have a limit, or none."""
SHOWN: tuple[Shown, ...] = get_args(Shown)


class Inlay(Struct, frozen=True):
    """A text behind a line, which is 0-based."""

    line: int
    text: str


def find_inlays(judged: JudgedBuffer, first: int, last: int, shown: Shown) -> Iterator[Inlay]:
    """Yield the values of the functions that begin in some lines, which are 1-based."""
    for block in judged.verdict.measurement.blocks if shown != "off" else ():
        if block.kind != "class" and first <= block.line <= min(last, len(judged.lines)):
            limits = judged.find_limits(block)
            if values := [_format(limit) for limit in limits if shown == "all" or is_near(limit)]:
                yield Inlay(block.line - 1, make_printable(", ".join(values)))


def _format(limit: Limit) -> str:
    """Return a value and its limit, such as ``cognitive 14/15``."""
    label, threshold, value = look_up_metric(limit.metric).label, limit.threshold, limit.value
    if threshold is None or value is None:
        return label
    shown, bound = format_number(value, threshold.limit), format_number(threshold.limit)
    if threshold.comparison == "<=":
        return f"{label} {shown}/{bound}"
    return f"{label} {shown} ({threshold.comparison} {bound})"
