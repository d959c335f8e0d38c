"""Find which functions of a source mention a name: an estimate of the callers, without running code."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NamedTuple

from pytest_antipasta.metrics.nodes import DEFINITIONS, FUNCTIONS, INNER, FunctionNode
from pytest_antipasta.metrics.source import SourceError, decode_source, parse_source
from pytest_antipasta.metrics.walk import walk_scopes


class Mentions(NamedTuple):
    """The functions and the names in a source.

    Attributes:
        nodes: the functions and classes by their qualified names, the last one of each.
        inside: by name, the qualified names of the functions and classes that mention it, alone or after a
            dot; the empty name is the module.
        outside: names that may belong to functions of other files: imported ones, and all after a dot.
    """

    nodes: Mapping[str, ast.AST]
    inside: Mapping[str, frozenset[str]]
    outside: frozenset[str]


def find_mentions(data: bytes) -> Mentions | None:
    """Return the names in a source; ``None`` if it can't be parsed."""
    try:
        tree = parse_source(decode_source(data))
        scopes = list(walk_scopes(tree))
    except SourceError:
        return None
    owners = {id(scope.node): scope.qualified_name for scope in scopes}
    nodes = {scope.qualified_name: scope.node for scope in scopes}
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
    return Mentions(nodes, {name: frozenset(found) for name, found in inside.items()}, frozenset(outside))


def find_called(function: ast.AST) -> frozenset[str]:
    """Return the bare names of what a function calls, without functions inside of it."""
    called, inside = set[str](), set[str]()
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                called.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if node is not function:
                inside.add(name)
    return frozenset(called - inside)


def _list_parts(node: ast.AST, owner: str, own: str) -> list[tuple[ast.AST, str]]:
    """Return the parts of a node, each with the block that mentions its names (decorators: outer)."""
    parts = [(part, own) for part in ast.iter_child_nodes(node)]
    if isinstance(node, DEFINITIONS):
        decorators = set(map(id, node.decorator_list))
        parts = [(part, owner if id(part) in decorators else own) for part, _ in parts]
    return parts


def is_overload(node: ast.AST | None) -> bool:
    """Return whether a function is an overload, which has no code."""
    decorators = node.decorator_list if isinstance(node, FUNCTIONS) else []
    return any(getattr(item, "attr", getattr(item, "id", None)) == "overload" for item in decorators)


def count_parameters(function: FunctionNode) -> int:
    """Return how many values a function takes, without ``self`` or ``cls``."""
    arguments = function.args
    names = [item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    is_bound = names[:1] in (["self"], ["cls"])
    return len(names) - is_bound + (arguments.vararg is not None) + (arguments.kwarg is not None)


def count_results(function: FunctionNode) -> int:
    """Return how many values a function returns or yields at most at once: 0 for none, 2 for a pair."""
    found, waiting = 0, list[ast.AST](function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, INNER):
            continue
        if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom):
            found = max(found, _count_values(node.value))
        waiting += ast.iter_child_nodes(node)
    return found


def _count_values(value: ast.expr | None) -> int:
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        return 0
    return len(value.elts) if isinstance(value, ast.Tuple) else 1
