"""What the text of a function says about its nested functions and about frames."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from pytest_antipasta.advice.proof.versions import Function


class Traits(NamedTuple):
    """What the text of some functions says.

    Attributes:
        can_be_optimized: whether ``python -O`` leaves out a part of them.
        generators_escape: whether a generator expression may be used up later than where it stands.
        reads_variables: whether they may read their own variables by name.
        stops: whether they may raise ``StopIteration`` themselves.
    """

    can_be_optimized: bool
    generators_escape: bool
    reads_variables: bool
    stops: bool


def find_traits(functions: Iterable[Function]) -> Traits:
    """Return what holds for one of the functions at least."""
    nodes = [node for function in functions for node in ast.walk(function)]
    return Traits(_can_be_optimized(nodes), _may_escape(nodes), _reads_variables(nodes), _may_stop(nodes))


def _can_be_optimized(nodes: Iterable[ast.AST]) -> bool:
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Name) and node.id == "__debug__")
        for node in nodes
    )


# Functions that use up an iterable before they return.
_CONSUMERS = frozenset(
    {"all", "any", "dict", "frozenset", "join", "list", "max", "min", "next", "set", "sorted", "sum", "tuple"}
)


def _may_escape(nodes: Iterable[ast.AST]) -> bool:
    consumed: set[ast.expr] = set()
    generators: set[ast.expr] = set()
    for node in nodes:
        if isinstance(node, ast.NamedExpr):
            return True
        if isinstance(node, ast.GeneratorExp):
            generators.add(node)
        elif isinstance(node, ast.Call) and _find_called(node) in _CONSUMERS:
            consumed.update(node.args)
    return not generators <= consumed


def _find_called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    is_join = isinstance(call.func, ast.Attribute) and call.func.attr == "join"
    return "join" if is_join else ""


# Names by which code raises `StopIteration` without a function of its own.
_STOPPING_NAMES = frozenset({"StopIteration", "__next__", "next", "send", "throw"})
# Names by which code looks at its own variables, at its own frame, and at that of its caller.
_VARIABLE_NAMES = frozenset({"dir", "eval", "exec", "locals", "vars"})
_FRAME_NAMES = frozenset(
    {"_getframe", "_getframemodulename", "currentframe", "super", "warn", "warn_explicit"}
)


def _reads_variables(nodes: Iterable[ast.AST]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in _VARIABLE_NAMES for node in nodes)


def _may_stop(nodes: Iterable[ast.AST]) -> bool:
    return any(_is_named(node, _STOPPING_NAMES) for node in nodes)


def reads_frame(function: Function) -> bool:
    """Return whether a function may read from which function it is called, or its first argument."""
    return any(_is_named(node, _FRAME_NAMES) for node in ast.walk(function))


def _is_named(node: ast.AST, names: frozenset[str]) -> bool:
    """Return whether a node is one of some names, or an attribute with one of them."""
    return (isinstance(node, ast.Name) and node.id in names) or (
        isinstance(node, ast.Attribute) and node.attr in names
    )
