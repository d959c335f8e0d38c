"""A file as one side of a change has it: its numbers, and its blocks as they can be compared."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeAlias

from pytest_antipasta.metrics.walk import walk_scopes
from pytest_antipasta.model import Block, Measurement
from pytest_antipasta.source import SourceError, decode_source, parse_source

BlockId: TypeAlias = tuple[str, str]
"""The path of a file and a qualified name in it."""


class FileVersion:
    """One file as one side of a change has it.

    Numbers and tree are had when somebody asks for them: most files of a commit have no block over a
    limit, and nobody needs to know what became of theirs.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: str, data: bytes, measure: Callable[[bytes], Measurement]) -> None:
        """Take the content, and what gives its numbers."""
        self.path = path
        self._data = data
        self._measure = measure
        self._bodies: dict[str, str] = {}

    @cached_property
    def measurement(self) -> Measurement:
        """Its numbers, looked up or measured when somebody asks."""
        return self._measure(self._data)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """All blocks but classes, by qualified name."""
        return {block.qualified_name: block for block in self.measurement.blocks if block.kind != "class"}

    def body(self, name: str) -> str | None:
        """Return all of a block but its name, normalised; ``None`` where there is no such block.

        Equal for blocks that differ in comments, blank lines, formatting and position only.
        """
        if name not in self._bodies:
            node = self._nodes.get(name)
            if node is None:
                return None
            self._bodies[name] = _normalise(node)
        return self._bodies[name]

    def find_blocks(self, body: str, complexity: int) -> Iterator[BlockId]:
        """Yield the blocks that have a body.

        Args:
            body: normalised.
            complexity: the cyclomatic one of such a block, which costs nothing to compare.
        """
        for name, block in self.blocks.items():
            if block.cyclomatic_complexity == complexity and self.body(name) == body:
                yield self.path, name

    @cached_property
    def _nodes(self) -> dict[str, ast.stmt]:
        try:
            scopes = walk_scopes(parse_source(decode_source(self._data)))
        except SourceError:
            return {}
        for scope in scopes:
            _clean_docstring(scope.node)
        return {scope.qualified_name: scope.node for scope in scopes[1:]}


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
