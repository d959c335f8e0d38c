"""Values that ruff counts in a function, by the nodes of its syntax tree.

The rules are PLR0912 (branches), PLR0915 (statements), C901 (complexity) and PLR0916 (conditions). The walk
adds up the counts of a function's blocks: each ``if``, loop, ``with``, ``match`` and ``try``. PLR0911
(returns) is counted in the walk itself, PLR0913 and PLR0917 (parameters) in :mod:`~.parameters`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeAlias

Counts: TypeAlias = tuple[int, int, int]
"""Counts of a block: branches; statements directly inside, plus what ruff adds; decision points of C901."""


def _count_if(node: ast.If) -> Counts:
    orelse = node.orelse
    if not orelse:
        return 1, len(node.body), 1
    if find_elif(node) is not None:
        return 1, len(node.body) + 1, 1
    return 2, len(node.body) + len(orelse) + 1, 1


def _count_for(node: ast.For | ast.AsyncFor) -> Counts:
    return 1 + bool(node.orelse), len(node.body) + len(node.orelse) - 1, 1


def _count_while(node: ast.While) -> Counts:
    return 1 + bool(node.orelse), len(node.body) + len(node.orelse), 1


def _count_with(node: ast.With | ast.AsyncWith) -> Counts:
    return 0, len(node.body), 0


def _count_match(node: ast.Match) -> Counts:
    cases = node.cases
    statements = len(cases)
    for case in cases:
        statements += len(case.body)
    last = cases[-1]
    return len(cases), statements, len(cases) - (last.guard is None and _is_irrefutable(last.pattern))


def _is_irrefutable(pattern: ast.pattern) -> bool:
    """Return whether ruff treats a pattern as one that matches any value."""
    patterns = [pattern]
    for item in patterns:
        if isinstance(item, ast.MatchOr):
            patterns += item.patterns
        elif isinstance(item, ast.MatchAs):
            if item.pattern is None:
                return True
            patterns.append(item.pattern)
    return False


def _count_try(node: ast.Try) -> Counts:
    handlers, orelse, final = node.handlers, node.orelse, node.finalbody
    has_else, has_final = bool(orelse), bool(final)
    statements = len(node.body) + len(orelse) + len(final) + len(handlers)
    for handler in handlers:
        statements += len(handler.body)
    statements += has_else + 2 * has_final + (len(handlers) > 1)
    return len(handlers) + has_else + has_final, statements, len(handlers) + has_else


RUFF_COUNTS: dict[type, Callable[[Any], Counts]] = {
    ast.If: _count_if,
    ast.For: _count_for,
    ast.AsyncFor: _count_for,
    ast.While: _count_while,
    ast.With: _count_with,
    ast.AsyncWith: _count_with,
    ast.Match: _count_match,
    ast.Try: _count_try,
    getattr(ast, "TryStar", ast.Try): _count_try,
}


def find_elif(node: ast.If) -> ast.If | None:
    """Return the ``elif`` of an ``if``: it has the same column, unlike an ``if`` inside an ``else``."""
    orelse = node.orelse
    if len(orelse) == 1 and orelse[0].__class__ is ast.If and orelse[0].col_offset == node.col_offset:
        return orelse[0]
    return None


def count_conditions(node: ast.BoolOp) -> int:
    """Return the number of conditions joined by ``and`` and ``or``, also in brackets."""
    count = 0
    stack: list[ast.expr] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, ast.BoolOp):
            stack += item.values
        else:
            count += 1
    return count
