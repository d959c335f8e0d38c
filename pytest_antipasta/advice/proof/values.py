"""Values of a function that is followed without being run: what is known of them, and how paths join.

A value is a number if only its identity is known: two equal numbers are the same value. Everything that is
known to be the same in every run is :class:`Fixed`; a value made of others without an effect is
:class:`Compound`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is the same in every run of the function: a constant, an argument, a marker.

    Attributes:
        kind: what it is.
        detail: which of its kind.
    """

    kind: str
    detail: object = None


class Compound(NamedTuple):
    """A value that follows from others, without an effect that anything else can observe.

    Attributes:
        kind: ``tuple``, ``is``, ``not``, ``bool`` (the truth of a value), ``unequal``, ``stopped`` (an
            exception that has left a coroutine), ``coroutine`` (a call of the helper) or ``unsure``
            (a variable that may be unbound).
        parts: the values that it follows from.
    """

    kind: str
    parts: tuple[Value, ...]


Value: TypeAlias = int | Fixed | Compound

NULL = Fixed("null")
"""What the interpreter puts on its stack in place of an object."""
UNBOUND = Fixed("unbound")
"""The content of a variable without a value."""
NONE = Fixed("constant", (type(None), None))
FALSE_KINDS = frozenset({"bool", "not", "is"})
"""Kinds of compounds that are ``True`` or ``False``, so that their truth has no effect."""


def is_bound(value: Value) -> bool:
    """Return whether a variable with this content certainly has a value."""
    return value is not UNBOUND and not (isinstance(value, Compound) and value.kind == "unsure")


def negate(value: Value) -> Value:
    """Return the opposite of a value that is ``True`` or ``False``."""
    if isinstance(value, Compound) and value.kind == "not":
        return value.parts[0]
    return Compound("not", (value,))


def leave_coroutine(exception: Value) -> Value:
    """Return what an exception becomes when it leaves a coroutine or a generator.

    ``StopIteration`` becomes a ``RuntimeError`` (PEP 479), once.
    """
    if isinstance(exception, Compound) and exception.kind == "stopped":
        return exception
    return Compound("stopped", (exception,))


def join(first: Sequence[Value], second: Sequence[Value]) -> list[Value]:
    """Return what is known of values that come from either of two paths.

    Two values of the result are equal only if they are equal on both paths. Numbers are given in order of
    appearance, so that equal knowledge has an equal list: ``join(values, values)`` renumbers a list.
    """
    numbers: dict[tuple[Value, Value], int] = {}
    return [_join(a, b, numbers) for a, b in zip(first, second, strict=True)]


def _join(first: Value, second: Value, numbers: dict[tuple[Value, Value], int]) -> Value:
    """Return what is known of one value, given the numbers of pairs so far."""
    if isinstance(first, Fixed) and first == second:
        return first
    if (
        isinstance(first, Compound)
        and isinstance(second, Compound)
        and first.kind == second.kind != "unsure"
        and len(first.parts) == len(second.parts)
    ):
        pairs = zip(first.parts, second.parts, strict=True)
        return Compound(first.kind, tuple(_join(a, b, numbers) for a, b in pairs))
    number = numbers.setdefault((first, second), len(numbers))
    return number if is_bound(first) and is_bound(second) else Compound("unsure", (number,))
