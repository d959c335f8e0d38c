"""One walk over a syntax tree that counts for all metrics of functions together.

The walk is iterative, so deep trees are no problem, and driven by a table of the fields to follow. Blocks of
statements wait until everything around them is counted, so that it goes from one depth to the next.
Each function, class and the module itself is a scope of its own: the scopes that a walk meets wait
in a list until the scope around them is done. That keeps every count in a local variable and puts
children behind their parents, so that sums go up in one pass over the list from its end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from pytest_antipasta.metrics.nodes import (
    BLOCKS,
    COUNTED,
    DECISIONS,
    FOLLOW,
    FUNCTION_KIND,
    LEAVES,
    OPERAND_FIELD,
    OPERANDS,
    OPERATOR_BIT,
    SCOPES,
    UNBRANCHED,
)
from pytest_antipasta.metrics.ruff_counts import RUFF_COUNTS, count_conditions, find_elif
from pytest_antipasta.model import BlockKind

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode: TypeAlias = ast.Module | ast.ClassDef | FunctionNode


class Scope:
    """A module, class or function while its numbers add up.

    Attributes:
        node: the tree below it.
        parent: the scope around it; ``None`` for the module.
        kind: as in :class:`~pytest_antipasta.model.measured.Block`, or ``module``.
        qualified_name: as in the block; empty for the module.
        context: the name of the innermost function, which keys Halstead's operands.
        decisions: decision points of its own body, without those of the scopes inside.
        branches: ruff's, of its own body.
        returns: ``return`` statements of its own body.
        statements: ruff's, with those of functions directly inside once they are added.
        ruff_decisions: what ruff adds to the 1 of its complexity, with all scopes inside once they are added.
        conditions: the most that an ``if`` or ``elif`` of its own body has, joined by ``and`` and ``or``.
        depth: of the deepest block of its own body; 0 where it has none.
        complexity_inside: cyclomatic complexity that scopes inside add to its own, once they are added.
        methods: how many of them are methods.
        operators: Halstead's N1, with all scopes inside once they are added.
        operands: N2, likewise.
        operator_bits: the set of distinct operators, one bit each.
        operand_nodes: operands that are neither name, attribute nor constant; all are distinct.
        operand_values: the other distinct operands by context.
    """

    __slots__ = (
        "_names",
        "branches",
        "complexity_inside",
        "conditions",
        "context",
        "decisions",
        "depth",
        "kind",
        "methods",
        "node",
        "operand_nodes",
        "operand_values",
        "operands",
        "operator_bits",
        "operators",
        "parent",
        "qualified_name",
        "returns",
        "ruff_decisions",
        "statements",
    )

    def __init__(self, node: ScopeNode, parent: Scope | None) -> None:
        """Start with nothing counted."""
        self.node: Any = node
        self.parent = parent
        name: str = getattr(node, "name", "")
        self.kind: BlockKind | Literal["module"] = "module"
        self.context: str | None = None
        self.qualified_name = ""
        if parent is not None:
            is_class = node.__class__ is ast.ClassDef
            self.kind = "class" if is_class else FUNCTION_KIND[parent.kind]
            self.context = parent.context if is_class else name
            self.qualified_name = parent.name_inside(name)
        self._names: dict[str, int] = {}
        self.decisions = self.complexity_inside = self.methods = 0
        self.operators = self.operands = self.operator_bits = self.operand_nodes = 0
        self.branches = self.returns = self.statements = self.ruff_decisions = 0
        self.conditions = self.depth = 0
        self.operand_values: dict[str | None, set[object]] = {self.context: set()}

    def name_inside(self, name: str) -> str:
        """Return the qualified name of the next block of that name directly inside."""
        number = self._names[name] = self._names.get(name, 0) + 1
        if number > 1:
            name = f"{name}#{number}"
        return f"{self.qualified_name}.{name}" if self.qualified_name else name

    @property
    def complexity(self) -> int:
        """Cyclomatic complexity; for a class what radon's average is made from."""
        return 1 + self.decisions + self.complexity_inside

    @property
    def distinct_operators(self) -> int:
        """Halstead's n1."""
        return self.operator_bits.bit_count()

    @property
    def distinct_operands(self) -> int:
        """Halstead's n2."""
        return self.operand_nodes + sum(map(len, self.operand_values.values()))

    def add(self, inner: Scope) -> None:
        """Add the counts of a finished scope directly inside, which is not to be used afterwards.

        The rules are those of radon's visitors: a function's complexity leaves out all that is defined in it,
        a class adds its methods up and leaves out inner classes, a module takes its functions and classes
        without the 1 that each starts from. Halstead's counts leave out nothing. ruff's complexity takes all
        that is defined in a function, its statements those of functions, and its other counts nothing.
        """
        if self.kind == "module":
            self.complexity_inside += inner.complexity - 1
        elif inner.kind == "method":
            self.complexity_inside += inner.complexity
            self.methods += 1
        self.ruff_decisions += inner.ruff_decisions
        if inner.kind != "class":
            self.ruff_decisions += 1
            self.statements += inner.statements
        self.operators += inner.operators
        self.operands += inner.operands
        self.operator_bits |= inner.operator_bits
        self.operand_nodes += inner.operand_nodes
        values = self.operand_values
        for context, seen in inner.operand_values.items():
            if context in values:
                values[context] |= seen
            else:
                values[context] = seen


def walk_scopes(tree: ast.Module, cells: Sequence[Scope] = ()) -> list[Scope]:
    """Return the module and all functions and classes in it, each behind the scope around it.

    Scopes directly inside the same one stand in the order of their lines. Only their own counts are
    in them; sums are the caller's.

    Args:
        tree: of the module.
        cells: of a notebook: a module for the statements of each, which is counted, too.
    """
    module = Scope(tree, None)
    scopes = [module]
    for scope in scopes:
        if inner := _count_cells(module, cells) if scope is module and cells else _count_all(scope):
            inner.sort(key=_line)
            scopes += [Scope(node, scope) for node in inner]
    return scopes


def _count_cells(module: Scope, cells: Sequence[Scope]) -> list[Any]:
    """Count what is in a module cell by cell; return the scopes that it defines."""
    inner: list[Any] = []
    for cell in cells:
        inner += _count_all(cell)
        module.add(cell)
    return inner


def count_module(tree: ast.Module) -> Scope:
    """Return a module with its own counts, without those of functions and classes in it."""
    scope = Scope(tree, None)
    _count_all(scope)
    return scope


def _count_all(scope: Scope) -> list[Any]:
    """Count what is in a scope; return the scopes that it defines."""
    inner: list[Any] = []
    unbranched: list[ast.AST] = []
    nodes = scope.node.body
    scope.statements = len(nodes)
    # radon's cyclomatic visitor looks only at the body, its Halstead visitor also at a class's header;
    # neither looks at a function's.
    while blocks := _count(scope, nodes, inner, unbranched):
        scope.depth += 1
        nodes = _open_blocks(scope, blocks)
    scope.statements -= scope.returns
    if unbranched:
        decisions = scope.decisions
        _count(scope, unbranched, inner, [])
        scope.decisions = decisions
    return inner


def _open_blocks(scope: Scope, blocks: list[Any]) -> list[Any]:
    """Add to the scope what blocks of one depth count themselves; return what is in them."""
    inside: list[Any] = []
    for node in blocks:  # which grows: an `elif` is as deep as its `if`
        node_class = node.__class__
        if node_class in DECISIONS:
            scope.decisions += DECISIONS[node_class](node)
        branches, statements, ruff_decisions = RUFF_COUNTS[node_class](node)
        scope.branches += branches
        scope.statements += statements
        scope.ruff_decisions += ruff_decisions
        singles, lists = FOLLOW[node_class]
        if node_class is ast.If:
            if node.test.__class__ is ast.BoolOp:
                scope.conditions = max(scope.conditions, count_conditions(node.test))
            if (elif_ := find_elif(node)) is not None:
                blocks.append(elif_)
                lists = ("body",)
        inside += [getattr(node, name) for name in singles]
        for name in lists:
            inside += getattr(node, name)
    return inside


def _follow_value(value: object, stack: list[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Follow a value that is no node, of a field that only a newer Python has, if it is a list."""
    if isinstance(value, list):
        stack += value
    return (), ()


def _line(node: ast.stmt) -> int:
    return node.lineno


def _count(
    scope: Scope, nodes: Iterable[ast.AST], inner: list[ast.stmt], unbranched: list[ast.AST]
) -> list[Any]:
    """Count what the nodes hold, but for what stands in blocks: loops, conditions and the like.

    Args:
        scope: that they are in, which the counts are added to.
        nodes: one depth of the scope.
        inner: is given the scopes that they define.
        unbranched: is given the nodes below in which decisions don't count, not yet looked at.

    Returns:
        The blocks, not yet looked at.
    """
    decisions = operators = operands = operand_nodes = bits = 0
    values = scope.operand_values[scope.context]
    blocks: list[Any] = []
    stack: list[Any] = list(nodes)
    pop, push, extend = stack.pop, stack.append, stack.extend
    while stack:
        node = pop()
        node_class = node.__class__
        if node_class in LEAVES:
            continue
        if node_class in COUNTED:
            if node_class in BLOCKS:
                blocks.append(node)
                continue
            if node_class in DECISIONS:
                decisions += DECISIONS[node_class](node)
            if node_class in OPERANDS:
                for operator in node.ops if node_class is ast.Compare else (node.op,):
                    operators += 1
                    bits |= OPERATOR_BIT[operator.__class__]
                for operand in OPERANDS[node_class](node):
                    operands += 1
                    name = OPERAND_FIELD.get(operand.__class__)
                    if name is None:
                        operand_nodes += 1
                    else:
                        values.add(getattr(operand, name))
            elif node_class is ast.Return:
                scope.returns += 1
            elif node_class in SCOPES:
                inner.append(node)
            if node_class in UNBRANCHED:
                unbranched += UNBRANCHED[node_class](node)
        try:  # which costs nothing, and asking first does
            singles, lists = FOLLOW[node_class]
        except KeyError:
            singles, lists = _follow_value(node, stack)
        for name in singles:
            child = getattr(node, name)
            while child.__class__ is ast.Attribute:
                child = child.value
            if child.__class__ not in LEAVES:
                push(child)
        for name in lists:
            extend(getattr(node, name))
    scope.decisions += decisions
    scope.operators += operators
    scope.operands += operands
    scope.operator_bits |= bits
    scope.operand_nodes += operand_nodes
    return blocks
