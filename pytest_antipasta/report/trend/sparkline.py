"""Sparklines: a series of numbers as a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_antipasta.model import Number

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-~=+*#"


def draw_sparkline(
    series: Sequence[Number | None], width: int, *, is_ascii: bool = False, from_zero: bool = True
) -> str:
    """Return a line of characters in which the highest value is at the top.

    Each character represents the last value of an equal part of the series; a space is a missing value.

    Args:
        series: values; ``None`` for a missing one.
        width: maximum length of the line.
        is_ascii: whether to draw with only ASCII characters.
        from_zero: whether the bottom is 0 (or a negative value); otherwise it is the lowest value, and a
            constant series is at the bottom.
    """
    bars = _ASCII_BARS if is_ascii else _BARS
    width = min(width, len(series))
    picked = [series[(place + 1) * len(series) // width - 1] for place in range(width)]
    known = [value for value in picked if value is not None]
    if not known:
        return ""
    ends = (*known, 0) if from_zero else known
    low, span = min(ends), max(ends) - min(ends)
    return "".join(
        " " if value is None else bars[round((value - low) / span * (len(bars) - 1)) if span else 0]
        for value in picked
    )
