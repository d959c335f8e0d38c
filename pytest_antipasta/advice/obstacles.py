"""What keeps statements from being moved into another function: jumps out of them, and looks at frames."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from pytest_antipasta.advice.control_flow import LOOPS
from pytest_antipasta.advice.proof.traits import FRAME_NAMES, take_last_name
from pytest_antipasta.metrics.nodes import INNER

Obstacles: TypeAlias = frozenset[str]
"""Among ``return``, ``continue``, ``break``, ``yield``, ``await``, ``raise`` (without an exception, outside
of a handler), ``declaration``, ``del``, ``frame``, ``definition`` (whose qualified name would change) and
``owner`` (of what is deleted with the variable, such as a file)."""

# They see the frame, the local names or the class of the function that calls them.
_ALWAYS = FRAME_NAMES | {
    *("exc_info", "extract_stack", "find_stack_level", "format_stack", "getframeinfo", "print_stack"),
    *("walk_stack", "warn_deprecated"),
    *("check_argument_types", "check_return_type"),  # of typeguard 2, by the annotations of its caller
    *("BuildLine", "BuildPart", "BuildSketch"),  # of build123d: they belong to one that the same frame opened
    *("argname", "varname"),  # of varname, which look for the call of the function that calls them
    "returnValue",  # of Twisted, which warns if a function calls it that the coroutine calls
}
# Of `inspect`, which take a number at most; those of numpy take an array.
_WITHOUT_VALUES = frozenset({"stack", "trace"})
# The method of loguru's loggers, and its parameter, by which a message has the function of a caller.
_DEPTH = "opt", "depth"
# What they make is deleted with the variable, also where its name or its memory is used afterwards. Python
# crashes if an array is in `SharedMemory` then; those of the second line are tkinter's. Those of the third
# return a number or a reader that is of no use after its file, buffer or writer.
_OWNERS = frozenset(
    {
        *("NamedTemporaryFile", "SharedMemory", "TemporaryDirectory"),
        *("BitmapImage", "BooleanVar", "DoubleVar", "IntVar", "PhotoImage", "StringVar"),
        *("addressof", "fileno", "open_connection", "open_unix_connection"),
    }
)
# The object of cffi by whose methods C gets memory.
_FFI = "ffi"
_LOOP_JUMPS = frozenset({"break", "continue"})
_CLASS_CELL = frozenset({"super", "__class__"})


def find_obstacles(statement: ast.stmt) -> Obstacles:
    """Return what is in a statement that another function could not do for it."""
    return frozenset(_iter_obstacles(statement)) - {""}


def iter_continues(statement: ast.stmt) -> Iterator[ast.Continue]:
    """Yield the ``continue`` statements for a loop around a statement."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Continue):
            yield node
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            pending += node.orelse
        elif not isinstance(node, INNER):
            pending += ast.iter_child_nodes(node)


def _iter_obstacles(statement: ast.stmt) -> Iterator[str]:
    # Each node with the obstacles that statements around it remove.
    pending: list[tuple[ast.AST, Obstacles]] = [(statement, frozenset())]
    while pending:
        node, removed = pending.pop()
        if isinstance(node, INNER):
            yield from _iter_in_scope(node)
            continue
        yield from (obstacle for obstacle in (_name_jump(node), _name_look(node)) if obstacle not in removed)
        body: Sequence[ast.AST] = ()
        if isinstance(node, LOOPS):
            body = node.body
            pending += ((each, removed | _LOOP_JUMPS) for each in body)
        elif isinstance(node, ast.ExceptHandler):
            removed |= {"raise"}
        pending += ((each, removed) for each in ast.iter_child_nodes(node) if each not in body)


def _name_jump(node: ast.AST) -> str:
    """Return the obstacle that a node is by where control goes; empty if it is none."""
    match node:
        case ast.Return() | ast.Break() | ast.Continue() | ast.Yield() | ast.Await():
            return type(node).__name__.lower()
        case ast.YieldFrom():
            return "yield"
        case ast.AsyncFor() | ast.AsyncWith() | ast.comprehension(is_async=1):
            return "await"
        case ast.Raise(exc=None):
            return "raise"
    return ""


def _name_look(node: ast.AST) -> str:
    """Return the obstacle that a node is by what it sees or changes around it; empty if it is none."""
    match node:
        case ast.Global() | ast.Nonlocal():
            return "declaration"
        case ast.Delete() if any(isinstance(target, ast.Name) for target in node.targets):
            return "del"
        case ast.Name(id="__class__"):
            return "frame"
        case ast.Call() if _sees_caller(node):
            return "frame"
        case ast.Assign() | ast.AnnAssign() | ast.NamedExpr() if _holds_owner(node.value):
            return "owner"
    return ""


def _holds_owner(value: ast.expr | None) -> bool:
    """Return whether a value may be, or have in it, what is deleted, closed or freed with another object."""
    calls = (node for node in (ast.walk(value) if value else ()) if isinstance(node, ast.Call))
    return any(_makes_owner(call) and not _is_kept(call) for call in calls)


def _makes_owner(call: ast.Call) -> bool:
    function = call.func
    is_ffi = isinstance(function, ast.Attribute) and take_last_name(function.value) == _FFI
    return is_ffi or take_last_name(function) in _OWNERS


def _is_kept(call: ast.Call) -> bool:
    """Return whether a call has ``delete=False``."""
    return any(
        keyword.arg == "delete" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in call.keywords
    )


def _iter_in_scope(scope: ast.AST) -> Iterator[str]:
    if not isinstance(scope, ast.Lambda):
        yield "definition"
    elif any(isinstance(node, ast.Name) and node.id in _CLASS_CELL for node in ast.walk(scope)):
        yield "frame"


def _sees_caller(call: ast.Call) -> bool:
    name = take_last_name(call.func)
    if any(keyword.arg == "stacklevel" or (name, keyword.arg) == _DEPTH for keyword in call.keywords):
        return True
    has_values = not all(isinstance(each, ast.Constant) for each in call.args)
    return name in _ALWAYS or (name in _WITHOUT_VALUES and not has_values)
