"""Small random changes of a function."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from campaigns.proof.rules import Function, find_blocks, walk_own

_COMPARED: Sequence[type[ast.cmpop]] = (
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.GtE,
    ast.Is,
    ast.IsNot,
    ast.In,
    ast.NotIn,
)


def mutate(functions: Sequence[Function], chance: random.Random) -> str:
    """Change one of some functions, and return how; empty if there is nothing to be changed."""
    changes = [change for function in functions for change in _iter_changes(function, chance)]
    if not changes:
        return ""
    name, apply = chance.choice(changes)
    apply()
    return name


def _iter_changes(function: Function, chance: random.Random) -> Iterator[tuple[str, Callable[[], object]]]:
    names = sorted({node.id for node in walk_own(function) if isinstance(node, ast.Name)})
    for node in walk_own(function):
        yield from _iter_expression_changes(node, names, chance)
        if isinstance(node, (ast.If, ast.While)):
            yield "negate", lambda node=node: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))  # type: ignore[misc]
        if isinstance(node, (ast.If, ast.For, ast.While)) and node.orelse:
            yield "exchange branches", lambda node=node: _exchange(node)  # type: ignore[misc]
        if isinstance(node, ast.Try) and len(node.handlers) > 1:
            yield "drop a handler", node.handlers.pop
    for _, block in find_blocks(function):
        yield from _iter_block_changes(block, chance)


def _iter_expression_changes(
    node: ast.AST, names: Sequence[str], chance: random.Random
) -> Iterator[tuple[str, Callable[[], object]]]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and or", lambda: setattr(node, "op", other)
        yield "reverse operands", node.values.reverse
    elif isinstance(node, ast.Compare):
        yield "compare", lambda: setattr(node, "ops", [chance.choice(_COMPARED)(), *node.ops[1:]])
    elif isinstance(node, ast.Name):
        yield "another name", lambda: setattr(node, "id", chance.choice(names))
    elif isinstance(node, ast.Constant):
        constant = chance.choice([0, 1, True, None, "", 1.0])
        yield "another constant", lambda: setattr(node, "value", constant)
    elif isinstance(node, ast.Call) and node.args:
        yield "drop an argument", node.args.pop
        yield "reverse arguments", node.args.reverse
    elif isinstance(node, ast.Tuple) and len(node.elts) > 1:
        yield "reverse a tuple", node.elts.reverse
    elif isinstance(node, ast.Attribute):
        yield "another attribute", lambda: setattr(node, "attr", f"{node.attr}_")


def _exchange(node: Any) -> None:
    node.body, node.orelse = node.orelse, node.body


def _iter_block_changes(
    block: list[ast.stmt], chance: random.Random
) -> Iterator[tuple[str, Callable[[], object]]]:
    number = chance.randrange(len(block))
    statement = block[number]
    if len(block) > 1:
        yield "drop a statement", lambda: block.pop(number)
        yield "move a statement", lambda: block.insert(chance.randrange(len(block)), block.pop(number))
    yield "repeat a statement", lambda: block.insert(number, statement)
    yield "return", lambda: block.insert(number, ast.Return())
    for old, new in ((ast.Continue, ast.Break), (ast.Break, ast.Continue), (ast.Return, ast.Pass)):
        if isinstance(statement, old):
            yield f"{old.__name__} {new.__name__}", lambda new=new: block.__setitem__(number, new())  # type: ignore[misc]
    if isinstance(statement, (ast.If, ast.With)):
        yield "without its head", lambda: block.__setitem__(slice(number, number + 1), statement.body)
