"""The functions of a source as the hunt sees them: by Python's own parser, and nothing of the gate."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
COMMENT = "  # antipasta: ignore"


class Function(NamedTuple):
    """A function in a source; lines are 0-based, and the last one is behind it.

    Attributes:
        name: qualified, with ``#2`` for a second one of its name.
        first: of the decorators.
        line: of the ``def``.
        last: behind its end.
        body: of the first statement.
        indent: of that.
        is_nested: whether it is in another function.
        is_top: whether it is in nothing.
        shape: all of it but its name; equal for two that differ in layout alone.
        is_suppressed: whether a comment of ours stands behind the ``def``.
    """

    name: str
    first: int
    line: int
    last: int
    body: int
    indent: str
    is_nested: bool
    is_top: bool
    shape: str
    is_suppressed: bool


@functools.lru_cache(maxsize=2048)
def find_functions(text: str) -> tuple[Function, ...]:
    """Return the functions of a source; none where it has no syntax."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ()
    return tuple(_walk(tree, "", text.split("\n"), {}, is_nested=False))


def _walk(
    parent: ast.AST, prefix: str, lines: list[str], seen: dict[str, int], *, is_nested: bool
) -> Iterator[Function]:
    for node in ast.iter_child_nodes(parent):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _walk(node, prefix, lines, seen, is_nested=is_nested)
            continue
        bare = prefix + node.name
        seen[bare] = seen.get(bare, 0) + 1
        name = bare if seen[bare] == 1 else f"{bare}#{seen[bare]}"
        is_function = not isinstance(node, ast.ClassDef)
        if not isinstance(node, ast.ClassDef):
            is_top = isinstance(parent, ast.Module)
            yield _describe(node, name, lines, is_nested=is_nested, is_top=is_top)
        yield from _walk(node, f"{name}.", lines, seen, is_nested=is_nested or is_function)


def _describe(node: _Function, name: str, lines: list[str], *, is_nested: bool, is_top: bool) -> Function:
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
    body = node.body[0]
    indent = lines[body.lineno - 1][: body.col_offset] if body.lineno > node.lineno else ""
    suppressed = lines[node.lineno - 1].endswith(COMMENT)
    line, end = node.lineno - 1, node.end_lineno or node.lineno
    shape = _find_shape(node)
    return Function(name, first, line, end, body.lineno - 1, indent, is_nested, is_top, shape, suppressed)


def _find_shape(node: _Function) -> str:
    own, node.name = node.name, ""
    try:
        text = ast.dump(node)
    finally:
        node.name = own
    # A docstring is indented as its function is.
    return re.sub(r"(\\n)[ \\t]+", r"\1", text)


def find_stem(name: str) -> str:
    """Return a name without numbers."""
    return re.sub(r"#\d+", "", name)
