"""The small faults that a module could have: what `python -m campaigns mutations` puts in, one at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
    ast.BitOr: ast.BitAnd(),
    ast.BitAnd: ast.BitOr(),
}
_OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_REMOVED = (ast.Expr, ast.Assign, ast.AugAssign, ast.Continue, ast.Break, ast.Raise, ast.Delete)
# What only tells readers and type checkers something, or only how fast an answer comes.
_LEFT_ALONE = ("annotation", "returns", "decorator_list", "bases")


class Mutant(NamedTuple):
    """A module with one fault.

    Attributes:
        line: where the fault is.
        change: what stands there, and what the mutant has there.
        code: the whole module.
    """

    line: int
    change: str
    code: CodeType


class _Slot(NamedTuple):
    """A place in a tree: a field of a node, or an item of the list in that field."""

    parent: ast.AST
    field: str
    place: int | None

    @property
    def node(self) -> ast.expr | ast.stmt:
        value = getattr(self.parent, self.field)
        node: ast.expr | ast.stmt = value if self.place is None else value[self.place]
        return node

    def put(self, node: ast.AST) -> None:
        if self.place is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.place] = node


def find_mutants(path: Path) -> list[Mutant]:
    """Return all mutants of a module, in the order of its text."""
    tree = ast.parse(path.read_text())
    found = []
    for slot in list(_iter_slots(tree)):
        node = slot.node
        # A number says little without what it is a part of.
        is_part = isinstance(node, ast.Constant) and isinstance(slot.parent, ast.expr)
        before = _show(slot.parent if is_part else node)
        for fault in _iter_faults(slot):
            slot.put(ast.fix_missing_locations(ast.copy_location(fault, node)))
            change = f"{before} → {_show(slot.parent if is_part else fault)}"
            found.append(Mutant(node.lineno, change, compile(tree, path, "exec")))
            slot.put(node)
    return found


def _show(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _iter_slots(node: ast.AST) -> Iterator[_Slot]:
    for slot in _iter_children(node):
        child = slot.node
        if not _is_for_readers(child):
            if isinstance(child, (ast.expr, ast.stmt)):
                yield slot
            yield from _iter_slots(child)


def _iter_children(node: ast.AST) -> Iterator[_Slot]:
    """Yield the places in a node that hold other nodes."""
    left_alone = (*_LEFT_ALONE, "keywords") if isinstance(node, ast.ClassDef) else _LEFT_ALONE
    for field, value in ast.iter_fields(node):
        children = enumerate(value) if isinstance(value, list) else ((None, value),)
        if field not in left_alone:
            yield from (_Slot(node, field, place) for place, child in children if isinstance(child, ast.AST))


def _is_for_readers(node: ast.AST) -> bool:
    """Whether something is a docstring, or is for type checkers only."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.annotation) == "TypeAlias"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _iter_faults(slot: _Slot) -> Iterator[ast.expr | ast.stmt]:
    """Yield what could stand in a place by mistake."""
    node = slot.node
    if isinstance(node, ast.stmt):
        if not isinstance(slot.parent, (ast.Module, ast.ClassDef)):
            yield from _iter_statements(node)
    else:
        yield from _iter_expressions(node)
        if slot.field in ("test", "ifs") and not isinstance(node, (ast.Compare, ast.UnaryOp)):
            yield ast.UnaryOp(ast.Not(), node)


def _iter_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield ast.Return(ast.Constant(None))
    if isinstance(node, ast.AugAssign) and type(node.op) in _OPERATORS:
        yield ast.AugAssign(node.target, _OPERATORS[type(node.op)], node.value)
    if isinstance(node, _REMOVED):
        yield ast.Pass()


def _iter_expressions(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                operators = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                yield ast.Compare(node.left, operators, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[type(node.op)], node.right)
    elif isinstance(node, ast.Constant):
        yield from _iter_constants(node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _iter_calls(node, node.func.id)


def _iter_constants(value: object) -> Iterator[ast.expr]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))


def _iter_calls(node: ast.Call, name: str) -> Iterator[ast.expr]:
    if name in _OPPOSITES:
        yield ast.Call(ast.Name(_OPPOSITES[name], ast.Load()), node.args, node.keywords)
    if name in ("min", "max") and len(node.args) > 1:
        yield ast.Call(node.func, node.args[::-1], node.keywords)
    if name in ("sorted", "reversed"):
        yield ast.Call(ast.Name("list", ast.Load()), node.args[:1], [])
