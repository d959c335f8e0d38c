"""Normalised bodies of functions and classes, which compare equal when only layout differs."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from functools import cache

from pytest_antipasta.metrics.nodes import DEFINITIONS, Definition, FunctionNode
from pytest_antipasta.metrics.source import SourceError, decode_source, find_cells, find_indent, parse_source
from pytest_antipasta.metrics.walk import Scope, walk_scopes
from pytest_antipasta.model.measured import Block, LanguageSource

# The context of a name follows from its position, and the prefix of u"" has no effect.
_IRRELEVANT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
# Fields in which 0 or an empty text has a meaning. All other empty fields are left out. A newer Python may
# have added them with such a value, as `is_lazy=0`, for source that older versions can read.
_KEPT_WHEN_EMPTY = frozenset({"value", "level", "simple", "is_async"})
_DIGEST_LENGTH = 16
# The fields of nodes that have statements.
_STATEMENTS = ("body", "orelse", "finalbody")
# Lines that may be the first decorator of a function; others are mostly matrix products or strings.
_MOST_MARKS = 5


class NormalizedBlocks:
    """The functions and classes of one source, each without its name, and the source as a whole."""

    def __init__(self, data: bytes, foreign: LanguageSource | None = None) -> None:
        """Parse the source; invalid source has no functions.

        Args:
            data: the source.
            foreign: the facts about a source that is not Python.
        """
        self._known = dict(foreign.bodies) if foreign else {}
        scopes = _find_scopes(data) if foreign is None else []
        for scope in scopes:
            _clean_docstring(scope.node)
        self._nodes = {scope.qualified_name: scope.node for scope in scopes}
        if scopes and (cells := find_cells(data)):
            from pytest_antipasta.metrics.notebook.cells import find_cell_bodies

            self._nodes |= find_cell_bodies(scopes[0].node, cells)

    def find(self, name: str) -> str | None:
        """Return the normalised body of a qualified name, or ``None`` if there is no such block.

        Equal bodies have equal results on any Python version and machine. The empty name stands for the whole
        source.
        """
        if name not in self._known:
            if name not in self._nodes:
                return None
            self._known[name] = _hash(self._nodes[name])
        return self._known[name]

    def find_code(self, name: str) -> str | None:
        """Return the body of a function without docstrings and annotations; ``None`` if there is none.

        Later bodies of the function, and of those in it and around it, are without them, too.
        """
        node = self._nodes.get(name)
        return None if node is None else _hash(_strip_notes(node))


def shorten(body: str | None) -> str | None:
    """Return the 16 digits that identify a body in a baseline."""
    return None if body is None else body[:_DIGEST_LENGTH]


def find_body(lines: Sequence[str], first: int, block: Block, *, is_code: bool = False) -> str | None:
    """Return the normalised body of a function from its own lines, without parsing the whole source.

    Args:
        lines: lines of the source.
        first: number of lines before the first that can belong to the function.
        block: the function.
        is_code: whether to leave out docstrings and annotations.

    Returns:
        The same body as :class:`NormalizedBlocks`, or ``None`` if these lines are not sufficient.
    """
    # The file may have changed since it was measured.
    node = _find_function(lines, first, block) if block.line <= len(lines) else None
    if node is None:
        return None
    return _hash(_strip_notes(node) if is_code else node)


def _find_function(lines: Sequence[str], first: int, block: Block) -> FunctionNode | None:
    """Return the function that some lines are, with cleaned docstrings."""
    if block.kind == "cell":
        return None
    indent = find_indent(lines[block.line - 1])
    between = lines[first : block.line - 1]
    marks = [number for number, text in enumerate(between, first) if text.startswith(f"{indent}@")]
    if len(marks) > _MOST_MARKS or any("\f" in text or text.endswith("\\") for text in between):
        return None  # a decorator may have another form
    for start in (*marks, block.line - 1):
        node = _parse_function("\n".join(lines[start : block.end_line]), is_inside=bool(indent))
        if node is not None:
            return node
    return None


def _parse_function(text: str, *, is_inside: bool) -> FunctionNode | None:
    """Return the function if a text is exactly one function, or ``None``."""
    try:
        tree = parse_source(f"if 1:\n{text}\n" if is_inside else f"{text}\n")
    except SourceError:
        return None
    found = tree.body[0].body if is_inside and isinstance(tree.body[0], ast.If) else tree.body
    if len(found) != 1 or not isinstance(found[0], FunctionNode):
        return None
    for scope in walk_scopes(tree):
        _clean_docstring(scope.node)
    return found[0]


def _hash(node: ast.AST) -> str:
    # Not the text itself, which is longer than the source.
    return hashlib.sha256(_normalise(node).encode()).hexdigest()


def _find_scopes(data: bytes) -> Sequence[Scope]:
    try:
        return walk_scopes(parse_source(decode_source(data)))
    except SourceError:
        return []


def _clean_docstring(node: ast.Module | Definition) -> None:
    """Remove the indentation of a docstring: it belongs to the block, and changes when the block moves."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        first.value.value = ast.get_docstring(node) or first.value.value


def _strip_notes(node: ast.AST) -> ast.AST:
    """Remove docstrings and annotations from a function, and from all in it, and return it.

    An annotated assignment becomes a plain one, and a name with an annotation alone goes.
    """
    for part in ast.walk(node):
        if isinstance(part, FunctionNode):
            part.returns = None
        if isinstance(part, DEFINITIONS):
            if ast.get_docstring(part, clean=False) is not None:
                del part.body[0]
        elif isinstance(part, ast.arg):
            part.annotation = None
        for field in _STATEMENTS:
            if isinstance(statements := getattr(part, field, None), list):
                setattr(part, field, [*filter(None, map(_strip_assignment, statements))])
    return node


def _strip_assignment(node: ast.AST) -> ast.AST | None:
    if not isinstance(node, ast.AnnAssign):
        return node
    return None if node.value is None else ast.Assign([node.target], node.value)


def _normalise(node: ast.AST) -> str:
    """Return the kind and all parts of a block except its name as text, without positions.

    References of the block to itself are left out too, as in a recursive function. The text is the same on
    every Python version. Fields added by newer versions are empty for source that older ones can read, and
    empty fields are left out. There is no recursion, so that deep source is no problem.
    """
    own = getattr(node, "name", None)
    texts = [type(node).__name__]
    waiting: list[object] = [")"]
    _add_parts(waiting, node, "name")
    while waiting:
        part = waiting.pop()
        if type(part) is str:
            texts.append(part)
        elif type(part) is list:
            texts.append("[")
            waiting.append("]")
            waiting += map(_encode, reversed(part))
        else:
            texts.append(f"({type(part).__name__}")
            waiting.append(")")
            _add_parts(waiting, part, _find_own_name(part, own))
    return " ".join(texts)


def _find_own_name(part: object, name: str | None) -> str:
    """Return the field in which a node names the block that contains it; empty for none."""
    if isinstance(part, ast.Name):
        return "id" if part.id == name else ""
    if isinstance(part, ast.Attribute) and part.attr == name and isinstance(part.value, ast.Name):
        return "attr" if part.value.id in ("self", "cls") else ""
    return ""


def _add_parts(waiting: list[object], node: object, without: str) -> None:
    """Add the names and values of all fields that are not empty, last first."""
    for name, text, is_kept_when_empty in _list_fields(getattr(node, "_fields", ())):
        value = getattr(node, name, None)
        if value is None or name == without:
            continue
        if isinstance(node, ast.JoinedStr):
            value = [part for part in node.values if not _is_empty_text(part)]
        if value or (is_kept_when_empty and value != []):
            waiting.append(_encode(value))
            waiting.append(text)


@cache
def _list_fields(fields: tuple[str, ...]) -> Sequence[tuple[str, str, bool]]:
    """Return the fields of a node class: names, texts, and whether an empty value has a meaning."""
    names = (name for name in reversed(fields) if name not in _IRRELEVANT)
    return [(name, f"{name}=", name in _KEPT_WHEN_EMPTY) for name in names]


def _is_empty_text(node: ast.expr) -> bool:
    """Return whether a part of an f-string is empty text, which CPython 3.12 may add after a nested field."""
    return isinstance(node, ast.Constant) and node.value == ""


def _encode(value: object) -> object:
    """Return a leaf as text, independent of its notation; trees and lists are returned unchanged."""
    if isinstance(value, (ast.AST, list)):
        return value
    if type(value) is int:
        return hex(value)  # the number of decimal digits is limited
    return ascii(value)  # the set of printable characters differs between versions of Unicode
