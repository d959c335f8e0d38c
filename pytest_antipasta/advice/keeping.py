"""Which local variables a function seems to have only so that their objects stay alive."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from pytest_antipasta.advice.proof.traits import take_last_name

# What makes an object that ends with its variable, beside classes: the lock of a file is released then, the
# address of a socket is free, and a signal that refers weakly to a function forgets it.
_MAKERS = frozenset({"fdopen", "open", "partial", "socket"})
# What they return ends with its variable, and what is taken from it fails then: cursors of MySQL Connector
# refer weakly to their connection, and bands and layers of GDAL crash without their file.
_PARENTS = frozenset({"connect", "Open", "OpenEx"})
# A container that an object is added to keeps it.
_ADDS = frozenset({"add", "append", "appendleft", "insert", "put"})
# After these, an object has done its work.
_ENDS = frozenset({"cancel", "close", "join", "quit", "shutdown", "stop", "terminate", "wait"})


def find_kept(body: Sequence[ast.stmt], read: Collection[str]) -> set[str]:
    """Return the names that statements bind to what a call returns, and that may have to outlive them.

    Nothing reads such a name, as that of an animation of matplotlib. Or it is an object with which something
    was done that has no result, and that did not end: a timer of Qt was started, a callback was given to C, a
    file was locked, a button of gpiozero got what to call, or a method or a lambda was connected to a signal,
    which refers to it weakly. Or it is a connection, or a file of GDAL, that is not closed.

    Args:
        body: the statements.
        read: the names that the function reads.
    """
    nodes = [node for statement in body for node in ast.walk(statement)]
    made = [*_iter_made(nodes)]
    called = [(name, value) for name, value in made if isinstance(value, ast.Call)]
    unread = {name for name, _ in called}.difference(read)
    parents = {name for name, value in called if take_last_name(value.func) in _PARENTS}
    acting = {name for name, value in made if _makes_object(value)}.intersection(_iter_acting(nodes))
    return unread | parents.difference(_iter_ended(nodes)) | acting


def _iter_made(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Yield names, and the values that they get."""
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _iter_pairs(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _iter_pairs(node.target, node.value)


def _iter_pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield names and what they get: of tuples, each item; by a condition, one of two values."""
    match target, value:
        case ast.Tuple(), ast.Tuple():
            for each, item in zip(target.elts, value.elts, strict=False):
                yield from _iter_pairs(each, item)
        case ast.Name(), ast.IfExp():
            yield target.id, value.body
            yield target.id, value.orelse
        case ast.Name(), ast.Await():
            yield target.id, value.value
        case ast.Name(), _:
            yield target.id, value


def _makes_object(value: ast.expr) -> bool:
    """Return whether a value is a lambda, or a call that seems to make an object of a class, by its name.

    The class may be made by a call itself, as that of ``CFUNCTYPE(None)(f)``.
    """
    if not isinstance(value, ast.Call):
        return isinstance(value, ast.Lambda)
    name = take_last_name(value.func.func if isinstance(value.func, ast.Call) else value.func)
    return name in _MAKERS or name.lstrip("_")[:1].isupper()


def _iter_acting(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names of objects with which only something without a result is done, and not their end.

    What is added to a container is not among them.
    """
    acting = _count_read(node for action in filter(_is_action, nodes) for node in ast.walk(action))
    ended = {*_iter_ended(nodes)}
    for name, count in _count_read(nodes).items():
        if count == acting[name] and name not in ended:
            yield name


def _is_action(node: ast.AST) -> bool:
    """Return whether a node is a statement without a result, or an attribute that is set."""
    return isinstance(node, ast.Expr) or (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))


def _count_read(nodes: Iterable[ast.AST]) -> Counter[str]:
    return Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _iter_ended(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names of objects that are told to end, or that something else keeps."""
    for node in nodes:
        match node:
            case ast.Call() if take_last_name(node.func) in _ADDS:
                yield from _count_read(each for value in node.args for each in ast.walk(value))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=action)) if action in _ENDS:
                yield name
