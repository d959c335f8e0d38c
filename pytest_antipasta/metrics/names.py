"""Format Halstead's operators and operands as they are written in source."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping

from pytest_antipasta.metrics.nodes import OPERATOR_BIT

_SYMBOLS: Mapping[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/", ast.FloorDiv: "//",
    ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^",
    ast.BitAnd: "&", ast.Invert: "~", ast.Not: "not", ast.UAdd: "+x", ast.USub: "-x", ast.And: "and",
    ast.Or: "or", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip

_HUGE = 10**30


def find_operator_names(bits: int) -> tuple[str, ...]:
    """Return the names of operators in a bit set; a sign is ``-x``."""
    return tuple(_SYMBOLS[operator] for operator, bit in OPERATOR_BIT.items() if bits & bit)


def find_operand_names(values: Iterable[Iterable[object]]) -> tuple[str, ...]:
    """Return names, attributes and constants, sorted.

    Args:
        values: the distinct values of each function. A value in several functions counts once for each, and
            is followed by their number here.
    """
    names = Counter(_name(value) for own in values for value in own)
    return tuple(name if number == 1 else f"{name} ({number})" for name, number in sorted(names.items()))


def _name(value: object) -> str:
    """Return a name unchanged and a constant as in source; a string equal to a name is the same operand."""
    if isinstance(value, str):
        return value if value.isidentifier() else repr(value)
    if value is ...:
        return "..."
    # Python can't convert integers of more than 4300 digits to text.
    return "a huge number" if isinstance(value, int) and abs(value) > _HUGE else repr(value)
