"""Inner functions that see later changes of the local names around them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeAlias

from pytest_antipasta.advice.bindings import NONE, Bindings, Names, is_consumed, iter_bound, iter_scope
from pytest_antipasta.advice.layout import UnwritableError
from pytest_antipasta.metrics.nodes import FUNCTIONS, FunctionNode

_Inner: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.GeneratorExp


class Captures:
    """The inner functions, classes and generators of a function that may outlive their statement."""

    def __init__(self, function: FunctionNode, bindings: Bindings) -> None:
        """Find them, and where the names that they capture are bound."""
        nodes = list(iter_scope(function.body))
        inner = _find_lasting(nodes)
        self._names = {node: bindings.find_captured(node) for node in inner}
        self._nonlocal = {node: _find_nonlocal(node) for node in inner}
        self._lines: dict[str, list[int]] = {}
        for node in nodes:
            for name in iter_bound(node):
                self._lines.setdefault(name, []).append(getattr(node, "lineno", 0))

    def check(self, lines: range, start: int, needed: Names, written: Names) -> None:
        """Raise an error if lines can't become a function, as an inner function would see other values.

        Args:
            lines: the lines.
            start: the first line that may run after them: their own, or that of the outermost loop.
            needed: local names that the lines read.
            written: local names that they bind.

        Raises:
            UnwritableError: an inner function of the lines captures a name that changes later, or an inner
                function outside of them captures a name that they change.
        """
        for node, names in self._names.items():
            if node.lineno not in lines:
                is_changed = bool(names & written or self._nonlocal[node] & (needed | written))
            else:
                is_changed = self._is_bound_later(names, lines, start)
            if is_changed:
                raise UnwritableError("an inner function captures a name")

    def _is_bound_later(self, names: Names, lines: range, start: int) -> bool:
        bound = (line for name in names for line in self._lines.get(name, ()))
        return any(line >= start and line not in lines for line in bound)


def _find_lasting(nodes: Sequence[ast.AST]) -> list[_Inner]:
    """Return the inner functions, classes and generators among nodes, without generators used up at once."""
    consumed = {node.args[0] for node in nodes if isinstance(node, ast.Call) and is_consumed(node)}
    return [node for node in nodes if isinstance(node, _Inner) and node not in consumed]


def _find_nonlocal(node: _Inner) -> Names:
    """Return the names that a function declares as nonlocal."""
    if not isinstance(node, FUNCTIONS):
        return NONE
    declarations = (each for each in ast.walk(node) if isinstance(each, ast.Nonlocal))
    return frozenset(name for each in declarations for name in each.names)
