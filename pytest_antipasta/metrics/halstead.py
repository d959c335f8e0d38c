"""Halstead's volume, difficulty and effort, from counts of operators and operands."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple


class Halstead(NamedTuple):
    """Halstead's derived values."""

    volume: float
    difficulty: float
    effort: float
    time: float
    bugs: float


_NOTHING = Halstead(volume=0.0, difficulty=0.0, effort=0.0, time=0.0, bugs=0.0)
_log2 = lru_cache(maxsize=4096)(lambda number: math.log(number, 2))


def compute_halstead(
    distinct_operators: int, distinct_operands: int, operators: int, operands: int
) -> Halstead:
    """Return the derived values, with the floating-point operations of ``halstead_visitor_report``.

    The formulas are from M. H. Halstead, "Elements of Software Science" (1977).
    """
    vocabulary = distinct_operators + distinct_operands
    if not vocabulary:
        return _NOTHING
    # math.log(x, 2) instead of math.log2(x): they differ in the last bit, and radon uses the former.
    volume = (operators + operands) * _log2(vocabulary)
    difficulty = (distinct_operators * operands) / (2.0 * distinct_operands)
    effort = difficulty * volume
    return Halstead(
        volume=volume, difficulty=difficulty, effort=effort, time=effort / 18.0, bugs=volume / 3000.0
    )
