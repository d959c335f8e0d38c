"""Extractions of statements into a helper, as simple as can be: some are wrong, and some are meant to be."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable
from copy import deepcopy
from typing import Any, NamedTuple

from campaigns.proof.rules import Function, find_blocks, walk_own

HELPER = "_part"
FAULTS = (
    "an input is missing",
    "an output is missing",
    "arguments change places",
    "outputs change places",
    "a return is swallowed",
    "the call comes earlier",
    "the last statement stays behind, too",
    "an output is no input although it may stay as it is",
)
_ESCAPING = (ast.Break, ast.Continue, ast.Global, ast.Nonlocal)
_YIELDS = (ast.Yield, ast.YieldFrom)


class Run(NamedTuple):
    """Statements to be moved.

    Attributes:
        block: what they are in.
        first: number of the first.
        end: number after the last.
        returns: whether they end the function and return something.
        is_awaited: whether they await something.
        yields: whether they yield something.
    """

    block: list[ast.stmt]
    first: int
    end: int
    returns: bool
    is_awaited: bool
    yields: bool

    @property
    def statements(self) -> list[ast.stmt]:
        """The statements."""
        return self.block[self.first : self.end]


def extract(
    function: Function, chance: random.Random, fault: str = "", *, is_method: bool
) -> Function | None:
    """Move statements of a function into a helper, and return it; ``None`` if it can't be done there.

    Args:
        function: is changed.
        chance: which statements.
        fault: what is done wrong.
        is_method: whether the helper is one, too.
    """
    if (run := _choose_run(function, chance, fault)) is None:
        return None
    inputs, outputs = _find_names(function, run.statements)
    if fault != "an output is no input although it may stay as it is":
        inputs = sorted({*inputs, *chance.sample(outputs, chance.randint(0, len(outputs)))})
    outputs = [] if run.returns else outputs
    arguments, parameters, results = [*inputs], [*inputs], [*outputs]
    if not _break(fault, arguments, parameters, results, chance):
        return None
    helper = _make_helper(
        function, parameters, run.statements, outputs, is_method=is_method, is_async=run.is_awaited
    )
    call = _make_call(function, arguments, is_method=is_method)
    call = ast.Await(call) if run.is_awaited else ast.YieldFrom(call) if run.yields else call
    last = run.block[run.end - 1]
    run.block[run.first : run.end] = [_make_statement(call, results, returns=run.returns)]
    return helper if _misplace(fault, run, last) else None


def _choose_run(function: Function, chance: random.Random, fault: str) -> Run | None:
    """Return some statements that can be moved; ``None`` if chance has found others."""
    _, block = chance.choice(find_blocks(function))
    first, last = sorted((chance.randrange(len(block)), chance.randrange(len(block))))
    statements = block[first : last + 1]
    nodes = [node for statement in statements for node in (statement, *walk_own(statement))]
    if any(isinstance(node, _ESCAPING) for node in nodes) or _is_docstring(statements[0]):
        return None
    returns = any(isinstance(node, ast.Return) for node in nodes)
    is_end = block is function.body and last == len(block) - 1
    if returns and not is_end and fault != "a return is swallowed":
        return None
    is_awaited = any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in nodes)
    yields = any(isinstance(node, _YIELDS) for node in nodes)
    return Run(block, first, last + 1, returns and is_end, is_awaited, yields)


def _misplace(fault: str, run: Run, last: ast.stmt) -> bool:
    """Move the call if that is what is meant to be wrong; return whether it could be done."""
    block, first = run.block, run.first
    if fault == "the call comes earlier":
        block[first - 1 : first + 1] = [block[first], block[first - 1]]
        return first > 0
    if fault == "the last statement stays behind, too":
        block.insert(first + 1, deepcopy(last))
    return True


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _find_names(function: Function, run: list[ast.stmt]) -> tuple[list[str], list[str]]:
    """Return the variables that statements read, and those that they write and others read."""
    inside = {node for statement in run for node in ast.walk(statement)}
    loads, stores = _list_names(function)
    read = {node.id for node in loads if node in inside}
    others = {node.id for node in loads if node not in inside}
    written = {node.id for node in stores if node in inside}
    local = {node.id for node in stores} | _find_bound(function)
    return sorted(read & local), sorted(written & others)


def _list_names(function: Function) -> tuple[list[ast.Name], list[ast.Name]]:
    """Return the names that a function loads, and those that it stores or deletes."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    loads = [node for node in names if isinstance(node.ctx, ast.Load)]
    return loads, [node for node in names if not isinstance(node.ctx, ast.Load)]


def _find_bound(function: Function) -> set[str]:
    """Return the parameters of a function, and the names of its exceptions."""
    parameters = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    handlers = [node for node in ast.walk(function) if isinstance(node, ast.ExceptHandler)]
    return parameters | {node.name for node in handlers if node.name}


def _break(
    fault: str, arguments: list[str], parameters: list[str], results: list[str], chance: random.Random
) -> bool:
    """Do what is meant to be wrong; return whether it could be done."""
    if fault == "an input is missing" and arguments:
        number = chance.randrange(len(arguments))
        del arguments[number], parameters[number]
    elif fault == "an output is missing" and results:
        results[chance.randrange(len(results))] = "_"
    elif fault == "arguments change places" and len(arguments) > 1:
        arguments.reverse()
    elif fault == "outputs change places" and len(results) > 1:
        results.reverse()
    else:
        return not fault or fault in FAULTS[4:]
    return True


def _make_call(function: Function, arguments: Iterable[str], *, is_method: bool) -> ast.expr:
    passed: list[ast.expr] = [ast.Name(name, ast.Load()) for name in arguments]
    called: ast.expr = ast.Name(HELPER, ast.Load())
    if is_method:
        receiver = function.args.args[0].arg
        passed = [each for each in passed if not (isinstance(each, ast.Name) and each.id == receiver)]
        called = ast.Attribute(ast.Name(receiver, ast.Load()), HELPER, ast.Load())
    return ast.Call(called, passed, [])


def _make_statement(call: ast.expr, results: list[str], *, returns: bool) -> ast.stmt:
    if returns:
        return ast.Return(call)
    if not results:
        return ast.Expr(call)
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in results]
    return ast.Assign([ast.Tuple(targets, ast.Store()) if len(targets) > 1 else targets[0]], call, lineno=0)


def _make_helper(
    function: Function,
    names: list[str],
    run: list[ast.stmt],
    outputs: list[str],
    *,
    is_method: bool,
    is_async: bool,
) -> Function:
    if is_method:
        receiver = function.args.args[0].arg
        names = [receiver, *(name for name in names if name != receiver)]
    loads: list[ast.expr] = [ast.Name(name, ast.Load()) for name in outputs]
    end = [ast.Return(ast.Tuple(loads, ast.Load()) if len(loads) > 1 else loads[0])] if loads else []
    helper: Any = ast.parse(f"{'async ' if is_async else ''}def {HELPER}({', '.join(names)}): pass").body[0]
    helper.body = [*run, *end]
    helper.decorator_list = [each for each in function.decorator_list if is_method]
    return helper  # type: ignore[no-any-return]
