"""Normalised bodies of functions and classes, which compare equal when only layout differs."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from functools import cache

from pytest_antipasta.metrics.joined_source import find_cells
from pytest_antipasta.metrics.source import SourceError, decode_source, parse_source
from pytest_antipasta.metrics.walk import Scope, walk_scopes
from pytest_antipasta.model import Block, ForeignSource

# Where a name stands says how it is used, and the prefix of u"" says nothing.
_UNTOLD = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
# Fields in which 0 or an empty text means something. In all others what is empty is left out: a newer Python
# may have added the field, and gives it such a value, as `is_lazy=0`, in source that older ones can read.
_TOLD_WHEN_EMPTY = frozenset({"value", "level", "simple", "is_async"})
_DIGEST_LENGTH = 16
# Lines that may be the first decorator of a function; most that are none are matrix products or strings.
_MOST_MARKS = 5


class NormalizedBlocks:
    """The functions and classes of one source, each without its name, and the source as a whole."""

    def __init__(self, data: bytes, foreign: ForeignSource | None = None) -> None:
        """Parse the source; one that can't be parsed has no functions.

        Args:
            data: the source.
            foreign: what there is instead where it is not Python.
        """
        self._known = dict(foreign.bodies) if foreign else {}
        scopes = _find_scopes(data) if foreign is None else []
        for scope in scopes:
            _clean_docstring(scope.node)
        self._nodes = {scope.qualified_name: scope.node for scope in scopes}
        if scopes and (cells := find_cells(data)):
            # Here, because few sources are notebooks.
            from pytest_antipasta.metrics.notebook.cells import find_cell_bodies

            self._nodes |= find_cell_bodies(scopes[0].node, cells)

    def find(self, name: str) -> str | None:
        """Return what stands for the body of a qualified name, or ``None`` where there is no such block.

        Equal for bodies that are the same, normalised, on any Python and any machine. The whole source has
        the empty name.
        """
        if name not in self._known:
            if name not in self._nodes:
                return None
            self._known[name] = _hash(self._nodes[name])
        return self._known[name]

    def digest(self, name: str) -> str | None:
        """Return 16 hexadecimal digits that stand for a body."""
        return shorten(self.find(name))


def shorten(body: str | None) -> str | None:
    """Return the 16 digits that stand for a body in a baseline."""
    return None if body is None else body[:_DIGEST_LENGTH]


def find_body(lines: Sequence[str], first: int, block: Block) -> str | None:
    """Return what stands for the body of a function by its own lines, which spares parsing all of a source.

    Args:
        lines: of the source.
        first: how many of them stand before all that can belong to the function.
        block: the function.

    Returns:
        What :class:`NormalizedBlocks` finds, or ``None`` where these lines do not tell it.
    """
    if block.kind == "cell":
        return None
    line = lines[block.line - 1]
    indent = line[: len(line) - len(line.lstrip())]
    between = lines[first : block.line - 1]
    marks = [number for number, text in enumerate(between, first) if text.startswith(f"{indent}@")]
    if len(marks) > _MOST_MARKS or any("\f" in text or text.endswith("\\") for text in between):
        return None  # a decorator may look otherwise
    for start in (*marks, block.line - 1):
        node = _parse_function("\n".join(lines[start : block.end_line]), is_inside=bool(indent))
        if node is not None:
            return _hash(node)
    return None


def _parse_function(text: str, *, is_inside: bool) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the one function that a text is, or ``None`` where it is anything else."""
    try:
        tree = parse_source(f"if 1:\n{text}\n" if is_inside else f"{text}\n")
    except SourceError:
        return None
    found = tree.body[0].body if is_inside and isinstance(tree.body[0], ast.If) else tree.body
    if len(found) != 1 or not isinstance(found[0], ast.FunctionDef | ast.AsyncFunctionDef):
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


def _clean_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Remove the indentation of a docstring: it is the block's, and changes where the block moves to."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        first.value.value = ast.get_docstring(node) or first.value.value


def _normalise(node: ast.AST) -> str:
    """Return the kind and all parts of a block but its name as text, without positions.

    Nor is its name where the block names itself, as a recursive function does. The text is the same on every
    Python: what a version adds to its trees is empty in source that older ones can read, and empty fields
    are left out. It needs no recursion, so that no source is too deep for it.
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
    """Return the field in which a part has the name of the block that it is in; empty for none."""
    if isinstance(part, ast.Name):
        return "id" if part.id == name else ""
    if isinstance(part, ast.Attribute) and part.attr == name and isinstance(part.value, ast.Name):
        return "attr" if part.value.id in ("self", "cls") else ""
    return ""


def _add_parts(waiting: list[object], node: object, without: str) -> None:
    """Add the names and values of the fields that are not empty, the last one first."""
    for name, text, is_told_when_empty in _list_fields(getattr(node, "_fields", ())):
        value = getattr(node, name, None)
        if value is None or name == without:
            continue
        if isinstance(node, ast.JoinedStr):
            value = [part for part in node.values if not _is_empty_text(part)]
        if value or (is_told_when_empty and value != []):
            waiting.append(_encode(value))
            waiting.append(text)


@cache
def _list_fields(fields: tuple[str, ...]) -> Sequence[tuple[str, str, bool]]:
    """Return the fields of a kind of node: names, texts, and whether something empty has a meaning there."""
    told = (name for name in reversed(fields) if name not in _UNTOLD)
    return [(name, f"{name}=", name in _TOLD_WHEN_EMPTY) for name in told]


def _is_empty_text(node: ast.expr) -> bool:
    """Whether a part of an f-string is the nothing that some CPython 3.12 put behind a nested field."""
    return isinstance(node, ast.Constant) and node.value == ""


def _encode(value: object) -> object:
    """Return a leaf as text, the same wherever it is written; trees and lists as they are."""
    if isinstance(value, (ast.AST, list)):
        return value
    if type(value) is int:
        return hex(value)  # decimal digits are limited in number
    return ascii(value)  # what is printable differs between versions of Unicode
