"""Find which lines add which points to a block's cyclomatic complexity.

The number of points is defined in :data:`~.nodes.DECISIONS`; this module finds their lines and keywords. The
``else`` of a loop counts on its own line, further conditions on their lines, and a case on the line of its
pattern.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from pytest_antipasta.metrics.nodes import DECISIONS, FOLLOW, is_elif, name_operator
from pytest_antipasta.metrics.walk import Scope

_Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While
_Points: TypeAlias = list[tuple[int, str]]
"""The line and the keyword of each point."""


def find_points(scopes: Sequence[Scope], lines: Sequence[str]) -> dict[str, Counter[int]]:
    """Return the points of every function and class by line, by qualified name.

    The points of a function add up to its complexity: one at its start, and its decisions. Those of a class
    include its methods, and add up to the sum of which radon takes the average.

    Args:
        scopes: scopes from :func:`~.walk.walk_scopes`.
        lines: lines of the source, as counted by Python's parser.
    """
    points: dict[str, Counter[int]] = {}
    for scope in scopes:
        if scope.parent is not None:
            own = Counter((scope.node.lineno, *_iter_decision_lines(scope.node.body, lines)))
            points[scope.qualified_name] = own
            if scope.kind == "method":
                points[scope.parent.qualified_name].update(own)
    return points


def find_module_points(tree: ast.Module, lines: Sequence[str]) -> Counter[int]:
    """Return the points of code outside blocks, by line, without the initial 1 of a module."""
    return Counter(_iter_decision_lines(tree.body, lines))


def _iter_decision_lines(body: Iterable[ast.AST], lines: Sequence[str]) -> Iterator[int]:
    stack: list[Any] = list(body)
    while stack:
        node = stack.pop()
        node_class = node.__class__
        if node_class in DECISIONS:
            yield from (line for line, _ in DECISION_POINTS[node_class](node, lines))
        if node_class is list:  # the value of a field in a newer Python version
            stack.extend(node)
        singles, several = FOLLOW.get(node_class, ((), ()))
        stack.extend(getattr(node, name) for name in singles)
        for name in several:
            stack.extend(getattr(node, name))


def _find_in_if(node: ast.If, lines: Sequence[str]) -> _Points:
    return [(node.lineno, "elif" if is_elif(node, lines) else "if")]


def _find_in_loop(node: _Loop, lines: Sequence[str]) -> _Points:
    keyword = "while" if isinstance(node, ast.While) else "for"
    return [(node.lineno, keyword), *find_else(node.body[-1], node.orelse, lines)]


def _find_in_try(node: ast.Try, lines: Sequence[str]) -> _Points:
    last = (node.handlers or node.body)[-1]
    handlers = [(handler.lineno, "except") for handler in node.handlers]
    return [*handlers, *find_else(last, node.orelse, lines)]


def find_else(last: ast.AST, orelse: Sequence[ast.stmt], lines: Sequence[str]) -> _Points:
    """Return the point of an ``else``, which has no node; empty without one."""
    if not orelse:
        return []
    first: int = orelse[0].lineno
    between = range(last.end_lineno + 1, first)  # type: ignore[attr-defined]  # of statements and handlers
    # Only comments, blank lines and decorators can be between them.
    line = next((line for line in between if lines[line - 1].lstrip().startswith("else")), first)
    return [(line, "else")]


def _find_in_match(node: ast.Match, _: Sequence[str]) -> _Points:
    """Return the points of the cases, except for a last one that matches anything."""
    catching = [case for case in node.cases if getattr(case.pattern, "pattern", case) is None]
    return [(case.pattern.lineno, "case") for case in node.cases if case not in catching[-1:]]


# Each node has as many points here as in DECISIONS.
DECISION_POINTS: dict[type, Callable[[Any, Sequence[str]], _Points]] = {
    ast.Assert: lambda node, _: [(node.lineno, "assert")],
    ast.AsyncFor: _find_in_loop,
    ast.BoolOp: lambda node, _: [(value.lineno, name_operator(node)) for value in node.values[1:]],
    ast.For: _find_in_loop,
    ast.If: _find_in_if,
    ast.IfExp: lambda node, _: [(node.test.lineno, "if-else")],
    ast.Match: _find_in_match,
    ast.Try: _find_in_try,
    ast.While: _find_in_loop,
    ast.comprehension: lambda node, _: [
        (node.target.lineno, "comprehension"),
        *((test.lineno, "if") for test in node.ifs),
    ],
}
