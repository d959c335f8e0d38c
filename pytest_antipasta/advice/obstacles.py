"""What keeps statements from being moved into another function: jumps out of them, and looks at frames."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from pytest_antipasta.advice.control_flow import FUNCTIONS

Obstacles: TypeAlias = frozenset[str]
"""Among ``return``, ``continue``, ``break``, ``yield``, ``await``, ``raise`` (without an exception, outside
of a handler), ``declaration``, ``del``, ``frame`` and ``nonlocal``."""

_SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
# They see the frame, the local names or the class of the function that calls them.
_ALWAYS = frozenset(
    {
        *("eval", "exec", "locals", "super", "_getframe", "currentframe", "exc_info", "find_stack_level"),
        *("getframeinfo", "warn", "warn_deprecated", "warn_explicit"),
    }
)
_WITHOUT_ARGUMENTS = frozenset({"dir", "stack", "trace", "vars"})
_CLASS_CELL = frozenset({"super", "__class__"})


def find_obstacles(statement: ast.stmt) -> Obstacles:
    """Return what is in a statement that another function could not do for it."""
    return frozenset(_iter_obstacles(statement))


def iter_continues(statement: ast.stmt) -> Iterator[ast.Continue]:
    """Yield the ``continue`` statements for a loop around a statement."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Continue):
            yield node
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            pending += node.orelse
        elif not isinstance(node, _SCOPES):
            pending += ast.iter_child_nodes(node)


def is_mangled(node: ast.AST) -> bool:
    """Return whether a node contains a name that classes mangle."""
    for each in ast.walk(node):
        name = getattr(each, "attr", "") or getattr(each, "id", "")
        if isinstance(name, str) and name.startswith("__") and not name.endswith("__"):
            return True
    return False


def _iter_obstacles(statement: ast.stmt) -> Iterator[str]:
    pending: list[tuple[ast.AST, bool, bool]] = [(statement, False, False)]
    while pending:
        node, in_loop, in_handler = pending.pop()
        if isinstance(node, _SCOPES):
            yield from _iter_in_scope(node)
            continue
        yield from _iter_own(node, in_loop, in_handler)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            pending += ((each, True, in_handler) for each in node.body)
            pending += ((each, in_loop, in_handler) for each in node.orelse)
            head = [node.test] if isinstance(node, ast.While) else [node.target, node.iter]
            pending += ((each, in_loop, in_handler) for each in head)
        else:
            in_handler = in_handler or isinstance(node, ast.ExceptHandler)
            pending += ((each, in_loop, in_handler) for each in ast.iter_child_nodes(node))


def _iter_own(node: ast.AST, in_loop: bool, in_handler: bool) -> Iterator[str]:
    """Yield the obstacles that a node is itself."""
    match node:
        case ast.Return():
            yield "return"
        case ast.Break() if not in_loop:
            yield "break"
        case ast.Continue() if not in_loop:
            yield "continue"
        case ast.Yield() | ast.YieldFrom():
            yield "yield"
        case ast.Await() | ast.AsyncFor() | ast.AsyncWith() | ast.comprehension(is_async=1):
            yield "await"
        case ast.Global() | ast.Nonlocal():
            yield "declaration"
        case ast.Delete() if any(isinstance(target, ast.Name) for target in node.targets):
            yield "del"
        case ast.Raise(exc=None) if not in_handler:
            yield "raise"
        case ast.Name(id="__class__"):
            yield "frame"
        case ast.Call() if _sees_caller(node):
            yield "frame"


def _iter_in_scope(scope: ast.AST) -> Iterator[str]:
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id in _CLASS_CELL:
            yield "frame"
        elif isinstance(node, ast.Nonlocal):
            yield "nonlocal"


def _sees_caller(call: ast.Call) -> bool:
    function = call.func
    name = getattr(function, "id", "") or getattr(function, "attr", "")
    if any(keyword.arg == "stacklevel" for keyword in call.keywords):
        return True
    return name in _ALWAYS or (name in _WITHOUT_ARGUMENTS and not call.args)
