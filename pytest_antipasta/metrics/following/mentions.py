"""Find which functions of a source mention a name: an estimate of the callers, without running code."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NamedTuple

from pytest_antipasta.metrics.source import SourceError, decode_source, parse_source
from pytest_antipasta.metrics.walk import walk_scopes

_Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Mentions(NamedTuple):
    """The names in a source.

    Attributes:
        inside: by name, the qualified names of the functions and classes that mention it, alone or after a
            dot; the empty name is the module.
        outside: names that may belong to functions of other files: imported ones, and all after a dot.
    """

    inside: Mapping[str, frozenset[str]]
    outside: frozenset[str]


def find_mentions(data: bytes) -> Mentions | None:
    """Return the names in a source; ``None`` if it can't be parsed."""
    try:
        tree = parse_source(decode_source(data))
        owners = {id(scope.node): scope.qualified_name for scope in walk_scopes(tree)}
    except SourceError:
        return None
    inside: dict[str, set[str]] = {}
    outside: set[str] = set()
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, owner = waiting.pop()
        match node:
            case ast.Name(id=name):
                inside.setdefault(name, set()).add(owner)
            case ast.Attribute(attr=name):
                inside.setdefault(name, set()).add(owner)
                outside.add(name)
            case ast.ImportFrom(names=names):
                outside.update(item.name for item in names)
        waiting += _list_parts(node, owner, owners.get(id(node), owner))
    return Mentions({name: frozenset(found) for name, found in inside.items()}, frozenset(outside))


def _list_parts(node: ast.AST, owner: str, own: str) -> list[tuple[ast.AST, str]]:
    """Return the parts of a node, each with the block that mentions its names (decorators: outer)."""
    parts = [(part, own) for part in ast.iter_child_nodes(node)]
    if isinstance(node, _Definition):
        decorators = set(map(id, node.decorator_list))
        parts = [(part, owner if id(part) in decorators else own) for part, _ in parts]
    return parts
