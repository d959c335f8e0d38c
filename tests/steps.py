"""Counting what a call does, in lines of Python: what takes time can't be timed in a test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def count_steps(call: Callable[[], object]) -> int:
    """Return how many lines and functions the interpreter executes for a call; loops of C code count as one.

    Each turn of a comprehension is a line; instructions would grow alike, and take twice the time.
    """
    steps = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal steps
        steps += event in ("call", "line")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return steps


def measure_growth(make: Callable[[int], Callable[[], object]], size: int) -> float:
    """Return how much more a call does for each doubling of its input: linear is 2, quadratic 4.

    What it does whatever the input is, is left out.

    Args:
        make: returns a call on an input of a size.
        size: of the smallest input; there are others of twice and four times the size.
    """
    make(size)()  # imports, and what is kept from then on
    first, second, third = (count_steps(make(size * factor)) for factor in (1, 2, 4))
    return (third - second) / (second - first)
