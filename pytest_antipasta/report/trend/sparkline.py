"""Sparklines: a series of numbers as a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_antipasta.model import Number

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-~=+*#"


def draw_sparkline(series: Sequence[Number | None], width: int, *, is_ascii: bool = False) -> str:
    """Return a line of characters, the lowest number at the bottom and the highest at the top.

    Each stands for an equal part of the series, by the last number in it; a space for none. A series
    without a rise or fall is at the bottom.
    """
    bars = _ASCII_BARS if is_ascii else _BARS
    width = min(width, len(series))
    picked = [series[(place + 1) * len(series) // width - 1] for place in range(width)]
    known = [value for value in picked if value is not None]
    if not known:
        return ""
    low, span = min(known), max(known) - min(known)
    return "".join(
        " " if value is None else bars[round((value - low) / span * (len(bars) - 1)) if span else 0]
        for value in picked
    )
