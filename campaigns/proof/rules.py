"""Rewrites of functions, right ones and wrong ones, on syntax trees: none shares code with what we print."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Block: TypeAlias = list[ast.stmt]
Rule: TypeAlias = Callable[[Function, random.Random], bool]
"""Changes a function where chance says; returns whether it could."""
_JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions and classes inside."""
    waiting = [*ast.iter_child_nodes(node)]
    while waiting:
        found = waiting.pop()
        yield found
        if not isinstance(found, _SCOPES):
            waiting += ast.iter_child_nodes(found)


def find_blocks(function: Function) -> list[tuple[ast.AST, Block]]:
    """Return the blocks of statements of a function, each with the node that it belongs to."""
    return [
        (node, block)
        for node in (function, *walk_own(function))
        if not isinstance(node, _SCOPES) or node is function
        for field in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(node, field, None), list) and block
    ]


def find_ifs(function: Function) -> list[tuple[ast.AST, Block, int, ast.If]]:
    """Return the ``if`` statements of a function: what each is in, its block and number there."""
    return [
        (owner, block, number, statement)
        for owner, block in find_blocks(function)
        for number, statement in enumerate(block)
        if isinstance(statement, ast.If)
    ]


def _choose(found: Sequence[Any], chance: random.Random) -> Any | None:
    return chance.choice(found) if found else None


def _negate(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


def _ends(block: Block) -> bool:
    """Return whether a block always ends in a jump."""
    last = block[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(last.body) and _ends(last.orelse)
    return isinstance(last, _JUMPS)


# Right rules.


def merge(function: Function, chance: random.Random, *, with_else: bool = False) -> bool:
    """Merge two nested ifs; ``with_else`` is wrong."""
    found = [
        outer
        for *_, outer in find_ifs(function)
        if bool(outer.orelse) == with_else and len(outer.body) == 1 and _is_single(outer.body[0])
    ]
    if (outer := _choose(found, chance)) is None:
        return False
    inner: Any = outer.body[0]
    outer.test = ast.BoolOp(ast.And(), [outer.test, inner.test])
    outer.body = inner.body
    return True


def _is_single(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and not statement.orelse


def leave_early(
    function: Function,
    chance: random.Random,
    *,
    jump: type[ast.Return | ast.Continue | ast.Break] | None = None,
    owners: tuple[type, ...] = (),
) -> bool:
    """Make a guard of the last ``if`` of a loop or a function.

    Args:
        function: what is changed.
        chance: which ``if``.
        jump: how it is left; by default the right way.
        owners: what else the bodies may be of whose last ``if`` is taken, which may be wrong.
    """
    is_left = partial(_is_body, owners=owners) if owners else partial(_is_left, function)
    found = [
        (owner, block, statement)
        for owner, block, number, statement in find_ifs(function)
        if number == len(block) - 1 and not statement.orelse and is_left(owner, block)
    ]
    if (chosen := _choose(found, chance)) is None:
        return False
    owner, block, statement = chosen
    kind = jump or (ast.Continue if isinstance(owner, _LOOPS) else ast.Return)
    block[-1:] = [ast.If(_negate(statement.test), [kind()], []), *statement.body]
    return True


def _is_left(function: Function, owner: ast.AST, block: Block) -> bool:
    return owner is function or _is_body(owner, block, _LOOPS)


def _is_body(owner: ast.AST, block: Block, owners: tuple[type, ...]) -> bool:
    return isinstance(owner, owners) and block is getattr(owner, "body", None)


def drop_else(function: Function, chance: random.Random, *, ends: Callable[[Block], bool] = _ends) -> bool:
    """Take statements out of an ``else`` after a branch that ends in a jump."""
    found = [each for each in find_ifs(function) if each[-1].orelse and ends(each[-1].body)]
    if (chosen := _choose(found, chance)) is None:
        return False
    _, block, number, statement = chosen
    block[number + 1 : number + 1] = statement.orelse
    statement.orelse = []
    return True


def swap(function: Function, chance: random.Random, *, negated: bool = True) -> bool:
    """Swap the branches of an ``if``; without a negation that is wrong."""
    found = [each for *_, each in find_ifs(function) if each.orelse]
    if (statement := _choose(found, chance)) is None:
        return False
    statement.body, statement.orelse = statement.orelse, statement.body
    statement.test = _invert(statement.test) if negated else statement.test
    return True


_INVERTED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}  # fmt: skip


def _invert(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _INVERTED:
        return ast.Compare(test.left, [_INVERTED[type(test.ops[0])]()], test.comparators)
    return _negate(test)


# Wrong rules.


def flip(function: Function, chance: random.Random) -> bool:
    """Take ``>=`` for the opposite of ``<``, and swap the branches."""
    found: list[tuple[ast.If, ast.Compare]] = [
        (each, each.test)
        for *_, each in find_ifs(function)
        if isinstance(each.test, ast.Compare) and [type(op) for op in each.test.ops] in _ORDERED
    ]
    if (chosen := _choose(found, chance)) is None:
        return False
    statement, test = chosen
    test.ops = [ast.GtE() if isinstance(test.ops[0], ast.Lt) else ast.LtE()]
    statement.body, statement.orelse = statement.orelse or [ast.Pass()], statement.body
    return True


_ORDERED = ([ast.Lt], [ast.Gt])


def distribute(function: Function, chance: random.Random) -> bool:
    """Merge two nested ifs with ``or`` without the parentheses that they need."""
    found = [
        outer
        for *_, outer in find_ifs(function)
        if not outer.orelse and isinstance(outer.test, ast.BoolOp) and isinstance(outer.test.op, ast.Or)
        if len(outer.body) == 1 and _is_single(outer.body[0])
    ]  # fmt: skip
    if (outer := _choose(found, chance)) is None:
        return False
    *first, last = outer.test.values
    outer.test = ast.BoolOp(ast.Or(), [*first, ast.BoolOp(ast.And(), [last, outer.body[0].test])])
    outer.body = outer.body[0].body
    return True


def de_morgan(function: Function, chance: random.Random) -> bool:
    """Negate the parts of ``and`` and ``or``, and forget the operator."""
    found: list[tuple[ast.If, ast.BoolOp]] = [
        (each, each.test.operand)
        for *_, each in find_ifs(function)
        if isinstance(each.test, ast.UnaryOp) and isinstance(each.test.operand, ast.BoolOp)
    ]
    if (chosen := _choose(found, chance)) is None:
        return False
    statement, inner = chosen
    statement.test = ast.BoolOp(inner.op, [_negate(value) for value in inner.values])
    return True


def reorder(function: Function, chance: random.Random) -> bool:
    """Exchange the operands of ``and`` or ``or``."""
    found = [node for node in walk_own(function) if isinstance(node, ast.BoolOp)]
    if (node := _choose(found, chance)) is None:
        return False
    node.values.reverse()
    return True


def _ends_in_with(block: Block) -> bool:
    return isinstance(block[-1], (ast.With, ast.AsyncWith)) and _ends(block[-1].body)


def _ends_in_try(block: Block) -> bool:
    return isinstance(block[-1], ast.Try) and _ends(block[-1].body)


def _ends_in_loop(block: Block) -> bool:
    return isinstance(block[-1], _LOOPS) and _ends(block[-1].body)


def move_into_try(function: Function, chance: random.Random) -> bool:
    """Move the statement after a ``try`` to the end of its body."""
    found = [
        (block, number)
        for _, block in find_blocks(function)
        for number, each in enumerate(block[:-1])
        if isinstance(each, ast.Try) and not each.orelse and not _ends(each.body)
    ]
    if (chosen := _choose(found, chance)) is None:
        return False
    block, number = chosen
    block[number].body.append(block.pop(number + 1))
    return True


def move_into_else(function: Function, chance: random.Random) -> bool:
    """Move the last statement of a loop's body to its ``else``."""
    found = [node for node in walk_own(function) if isinstance(node, _LOOPS) and len(node.body) > 1]
    if (loop := _choose(found, chance)) is None:
        return False
    moved = loop.body.pop()
    loop.orelse.append(moved)
    return not any(isinstance(each, ast.Continue | ast.Break) for each in (moved, *walk_own(moved)))


def _leave_finally(function: Function, chance: random.Random) -> bool:
    found = [
        node.finalbody for node in walk_own(function) if isinstance(node, ast.Try) and node.finalbody
        if _is_single(node.finalbody[-1])
    ]  # fmt: skip
    if (block := _choose(found, chance)) is None:
        return False
    last: Any = block[-1]
    block[-1:] = [ast.If(_negate(last.test), [ast.Return()], []), *last.body]
    return True


def _wrap(rule: Any, **named: Any) -> Rule:
    return lambda function, chance: bool(rule(function, chance, **named))


RIGHT: dict[str, Rule] = {
    "merge": merge,
    "leave early": leave_early,
    "drop else": drop_else,
    "swap": swap,
}
WRONG: dict[str, Rule] = {
    "merge despite an else": _wrap(merge, with_else=True),
    "return for a loop's end": _wrap(leave_early, jump=ast.Return, owners=_LOOPS),
    "break for a loop's end": _wrap(leave_early, jump=ast.Break, owners=(ast.For, ast.While)),
    "return in a try with else or handlers": _wrap(leave_early, owners=(ast.Try, ast.With)),
    "return in finally": _leave_finally,
    "swap without not": _wrap(swap, negated=False),
    "less becomes greater or equal": flip,
    "or without parentheses": distribute,
    "de Morgan without the operator": de_morgan,
    "operands change places": reorder,
    "a with is a jump": _wrap(drop_else, ends=_ends_in_with),
    "a try is a jump": _wrap(drop_else, ends=_ends_in_try),
    "a loop is a jump": _wrap(drop_else, ends=_ends_in_loop),
    "any branch is a jump": _wrap(drop_else, ends=lambda _: True),
    "into a try": move_into_try,
    "into a loop's else": move_into_else,
}
