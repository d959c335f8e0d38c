"""One walk over a syntax tree that counts for cyclomatic complexity and Halstead together.

The walk is iterative, so deep trees are no problem, and driven by a table of the fields to follow.
Each function, class and the module itself is a scope of its own: the scopes that a walk meets wait
in a list until the scope around them is done. That keeps every count in a local variable and puts
children behind their parents, so that sums go up in one pass over the list from its end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from pytest_antipasta.metrics.nodes import (
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
        "complexity_inside",
        "context",
        "decisions",
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
        without the 1 that each starts from. Halstead's counts leave out nothing.
        """
        if self.kind == "module":
            self.complexity_inside += inner.complexity - 1
        elif inner.kind == "method":
            self.complexity_inside += inner.complexity
            self.methods += 1
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
    # radon's cyclomatic visitor looks only at the body, its Halstead visitor also at a class's header;
    # neither looks at a function's.
    if unbranched := _count(scope, scope.node.body, inner):
        decisions = scope.decisions
        _count(scope, unbranched, inner)
        scope.decisions = decisions
    return inner


def _follow_value(value: object, stack: list[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Follow a value that is no node, of a field that only a newer Python has, if it is a list."""
    if isinstance(value, list):
        stack += value
    return (), ()


def _line(node: ast.stmt) -> int:
    return node.lineno


def _count(scope: Scope, nodes: Iterable[ast.AST], inner: list[ast.stmt]) -> list[ast.AST]:
    """Add to the scope what the nodes hold, and to ``inner`` the scopes that they define.

    Returns the nodes below in which decisions don't count, not yet looked at.
    """
    decisions = operators = operands = operand_nodes = bits = 0
    values = scope.operand_values[scope.context]
    unbranched: list[ast.AST] = []
    stack: list[Any] = list(nodes)
    pop, push, extend = stack.pop, stack.append, stack.extend
    while stack:
        node = pop()
        node_class = node.__class__
        if node_class in LEAVES:
            continue
        if node_class in COUNTED:
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
    return unbranched
