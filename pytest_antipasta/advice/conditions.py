"""Join and invert conditions as text, with the operands as they are written in the source."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from pytest_antipasta.advice.breaking import Shape, break_header
from pytest_antipasta.advice.joining import join_lines
from pytest_antipasta.advice.layout import Layout, Position, UnwritableError
from pytest_antipasta.advice.proof.traits import take_last_name
from pytest_antipasta.metrics.nodes import name_operator

# Without brackets these mean something else as an operand of `and`, `or` and `not`.
_LOOSE = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Yield, ast.YieldFrom)
# With `not` in front these need no brackets.
_TIGHT = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.Await, ast.JoinedStr)
# Operators whose results are opposites; an order such as `<` has none, as with NaN and sets both are false.
_OPPOSITE = {
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
}
# The cost of an inverted operand that needs brackets.
_BRACKETED = 2
# Conditions that Python or type checkers decide before a run; what they guard is kept apart from the rest.
_DECIDED = frozenset({"__debug__", "TYPE_CHECKING"})
_OTHER_WORD = {"and": "or", "or": "and"}


class Condition(NamedTuple):
    """A condition as it will be written.

    Attributes:
        operands: texts of the operands, in brackets where they need them.
        word: ``and`` or ``or`` between them; empty for a single operand.
        is_negated: whether ``not`` stands before all of them.
        is_loose: whether a single operand needs brackets to be part of another condition.
    """

    operands: tuple[str, ...]
    word: str = ""
    is_negated: bool = False
    is_loose: bool = False

    @property
    def joined(self) -> str:
        """The operands on one line, without ``not``."""
        return f" {self.word} ".join(self.operands)

    @property
    def text(self) -> str:
        """The condition on one line, unless an operand has several."""
        return f"not ({self.joined})" if self.is_negated else self.joined


class _Inverse(NamedTuple):
    """An operand inverted.

    Attributes:
        text: the inverted operand.
        cost: how many ``not`` it adds; negative if it removes one. An operand that needs brackets for its
            ``not`` costs 2.
    """

    text: str
    cost: int


def read_condition(layout: Layout, test: ast.expr) -> Condition:
    """Return a condition as it stands in the source, without brackets around all of it.

    Raises:
        UnwritableError: an operand has several lines and can't be joined.
    """
    if isinstance(test, ast.BoolOp):
        return Condition(_read_operands(layout, test), name_operator(test))
    return Condition((_join(layout.text(test)),), is_loose=isinstance(test, _LOOSE))


def merge_conditions(outer: Condition, inner: Condition) -> Condition:
    """Return the condition that two conditions hold.

    Raises:
        UnwritableError: an operand has several lines.
    """
    merged = Condition((*_as_operands(outer), *_as_operands(inner)), "and")
    if any("\n" in operand for operand in merged.operands):
        raise UnwritableError("a condition has several lines")
    return merged


def invert_condition(layout: Layout, test: ast.expr) -> Condition:
    """Return the opposite of a condition.

    De Morgan's rule is applied if that adds no ``not`` on balance.

    Raises:
        UnwritableError: an operand has several lines and can't be joined, or the condition is decided
            before a run.
    """
    if take_last_name(test) in _DECIDED:
        raise UnwritableError("the condition is decided before it runs")
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return read_condition(layout, test.operand)
    if not isinstance(test, ast.BoolOp):
        return Condition((_invert_operand(layout, test).text,))
    texts, costs = zip(*(_invert_operand(layout, value) for value in test.values), strict=True)
    if max(costs) < _BRACKETED and sum(costs) <= 0 and "\n" not in "".join(texts):
        return Condition(texts, _OTHER_WORD[name_operator(test)])
    return Condition(_read_operands(layout, test), name_operator(test), is_negated=True)


def format_header(indent: str, step: str, keyword: str, condition: Condition, width: int) -> list[str]:
    """Return the lines of an ``if`` or ``elif`` up to its colon, laid out as black does.

    Args:
        indent: indentation of the statement.
        step: what a block in it is indented by in addition.
        keyword: ``if`` or ``elif``.
        condition: its condition.
        width: the maximum length of a line.
    """
    line = f"{indent}{keyword} {condition.text}:"
    shape = Shape(step, width)
    if "\n" in line or shape.fits(line):
        return line.split("\n")
    start = f"{keyword} not (" if condition.is_negated else keyword
    return break_header(indent, start, condition.operands, condition.word, shape)


def _as_operands(condition: Condition) -> tuple[str, ...]:
    """Return a condition as operands of ``and``."""
    if condition.is_negated:
        return (condition.text,)
    if condition.word == "or" or condition.is_loose:
        return (f"({condition.joined})",)
    return condition.operands


def _read_operands(layout: Layout, test: ast.BoolOp) -> tuple[str, ...]:
    around = layout.start(test), layout.end(test)
    operands = tuple(_join(_read_in_brackets(layout, value, around)) for value in test.values)
    if any("\n" in operand for operand in operands):
        raise UnwritableError("a condition has several lines")
    return operands


def _join(text: str) -> str:
    """Return a text in one line if a formatter would write it so.

    Raises:
        UnwritableError: a string has several lines.
    """
    if "\n" not in text:
        return text
    if '"""' in text or "'''" in text or "\\\n" in text:
        raise UnwritableError("a string in a condition has several lines")
    return join_lines(text.split("\n")) or text


def _read_in_brackets(layout: Layout, node: ast.expr, around: tuple[Position, Position]) -> str:
    """Return the text of an operand with the brackets that it has in the source."""
    before = layout.slice(around[0], layout.start(node))
    text = layout.text(node)
    after = layout.slice(layout.end(node), around[1])
    while before.rstrip().endswith("(") and after.lstrip().startswith(")"):
        left, right = before.rstrip(), after.lstrip()
        text = "(" + before[len(left) :] + text + after[: len(after) - len(right)] + ")"
        before, after = left[:-1], right[1:]
    return text


def _invert_operand(layout: Layout, node: ast.expr) -> _Inverse:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        text = _join(layout.text(node.operand))
        return _Inverse(f"({text})" if isinstance(node.operand, _LOOSE) else text, -1)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPPOSITE:
        return _Inverse(_flip(layout, node), 0)
    text = _join(layout.text(node))
    if isinstance(node, _TIGHT):
        return _Inverse(f"not {text}", 1)
    return _Inverse(f"not ({text})", _BRACKETED)


def _flip(layout: Layout, node: ast.Compare) -> str:
    """Return a comparison with the opposite operator."""
    old, new = _OPPOSITE[type(node.ops[0])]
    left, right = layout.end(node.left), layout.start(node.comparators[0])
    pattern = r"\s+".join(map(re.escape, old.split()))
    operator, count = re.subn(pattern, new, layout.slice(left, right))
    if count != 1:
        raise UnwritableError("no operator")
    text = layout.slice(layout.start(node), left) + operator + layout.slice(right, layout.end(node))
    return _join(text)
