"""Functions as they can be compared: without what is only layout."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pytest_antipasta.metrics.walk import walk_scopes
from pytest_antipasta.source import SourceError, decode_source, parse_source


class Bodies:
    """The functions of one source, each without its name."""

    def __init__(self, data: bytes) -> None:
        """Parse the source; one that can't be parsed has no functions."""
        self._known: dict[str, str] = {}
        try:
            scopes = walk_scopes(parse_source(decode_source(data)))
        except SourceError:
            scopes = []
        for scope in scopes:
            _clean_docstring(scope.node)
        self._nodes = {scope.qualified_name: scope.node for scope in scopes[1:]}

    def find(self, name: str) -> str | None:
        """Return the body of a qualified name, normalised, or ``None`` where there is no such block."""
        if name not in self._known:
            if name not in self._nodes:
                return None
            self._known[name] = _normalise(self._nodes[name])
        return self._known[name]


def _clean_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Take the indentation out of a docstring: it is the block's, and changes where the block moves to."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        first.value.value = ast.get_docstring(node) or first.value.value


def _normalise(node: ast.stmt) -> str:
    """Return a function's kind, parameters, decorators and body as text, without positions and name."""
    try:
        fields = [ast.dump(part) for part in _iter_parts(node)]
    except RecursionError:
        # Too deep to be compared: equal to nothing, so that it is judged.
        return f"too deep: {id(node)}"
    return "\n".join([type(node).__name__, *fields])


def _iter_parts(node: ast.stmt) -> Iterator[ast.AST]:
    for _, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            # The list keeps the parts of neighbouring fields apart.
            yield ast.List(value, ast.Load())
