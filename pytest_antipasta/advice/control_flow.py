"""Where control goes after a statement: blocks that always jump, and what the end of a block leads to."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_antipasta.metrics.nodes import INNER, FunctionNode

LOOPS = (ast.For, ast.AsyncFor, ast.While)
JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class StatementBlock(NamedTuple):
    """A block of statements.

    Attributes:
        body: its statements.
        end: ``continue`` or ``return`` if that is what reaching the end of the block leads to; else empty.
        function: the innermost function around it; ``None`` in a class.
        is_branch: whether it is one of several that lead to the same end, as with an ``else``.
    """

    body: Sequence[ast.stmt]
    end: str
    function: FunctionNode | None
    is_branch: bool = False

    def end_after(self, statement: ast.stmt) -> str:
        """Return what the end of a statement of the block leads to; empty if another statement follows."""
        return self.end if statement is self.body[-1] else ""


def always_jumps(body: Sequence[ast.stmt]) -> bool:
    """Return whether the end of a block is never reached.

    A ``with`` may suppress the exception of any statement in it, so that what it contains proves nothing.
    """
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return always_jumps(last.body) and always_jumps(last.orelse)
    if isinstance(last, ast.Try | ast.TryStar):
        if always_jumps(last.finalbody):
            return True
        ends = always_jumps(last.body) or always_jumps(last.orelse)
        return ends and all(always_jumps(handler.body) for handler in last.handlers)
    return isinstance(last, JUMPS)


def iter_blocks(function: FunctionNode) -> Iterator[StatementBlock]:
    """Yield the blocks of a function, those of functions and classes in it included."""
    pending = [StatementBlock(function.body, "return", function)]
    while pending:
        block = pending.pop()
        if block.body:
            yield block
        for statement in block.body:
            pending += _iter_inner(statement, block)


def _iter_inner(node: ast.stmt, around: StatementBlock) -> Iterator[StatementBlock]:
    inside = around._replace(end=around.end_after(node))
    branch = inside._replace(is_branch=True)
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield StatementBlock(node.body, "return", node)
        case ast.ClassDef():
            yield StatementBlock(node.body, "", None)
        case ast.If(orelse=[]):
            yield inside._replace(body=node.body)
        case ast.If():
            yield branch._replace(body=node.body)
            yield branch._replace(body=node.orelse)
        case ast.For() | ast.AsyncFor() | ast.While():
            yield inside._replace(body=node.body, end="continue", is_branch=False)
            yield inside._replace(body=node.orelse)
        case ast.With() | ast.AsyncWith():
            yield inside._replace(body=node.body)
        case ast.Try() | ast.TryStar():
            yield from _iter_try(node, branch)
        case ast.Match():
            for case in node.cases:
                yield branch._replace(body=case.body)


def _iter_try(node: ast.Try | ast.TryStar, inside: StatementBlock) -> Iterator[StatementBlock]:
    yield inside._replace(body=node.body, end="" if node.orelse else inside.end)
    for handler in node.handlers:
        # Python forbids jumps in `except*`.
        yield inside._replace(body=handler.body, end="" if isinstance(node, ast.TryStar) else inside.end)
    yield inside._replace(body=node.orelse)
    yield inside._replace(body=node.finalbody, end="")


def returns_value(body: Sequence[ast.stmt]) -> bool:
    """Return whether statements have a ``return`` of anything but ``None``, not in functions in them."""
    values = (node.value for node in iter_own(body) if isinstance(node, ast.Return))
    return any(value and not (isinstance(value, ast.Constant) and value.value is None) for value in values)


def iter_own(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield nodes and what is in them, without what is in functions, lambdas and classes."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, INNER):
            pending += ast.iter_child_nodes(node)
