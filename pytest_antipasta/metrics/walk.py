"""Count all metrics of functions in one walk over a syntax tree.

The walk is iterative, so that deep trees are no problem, and uses a table of the fields to follow. Blocks of
statements are queued until the code around them is counted, so that the walk proceeds level by level. Each
function, each class and the module is a scope. Inner scopes are queued in a list until the outer scope is
done. So counts are local variables, and children come after their parents: one pass over the list from its
end computes all sums.

ruff's rules are PLR0912 (branches), PLR0915 (statements), C901 (complexity), PLR0916 (conditions) and PLR0911
(returns); PLR0913 and PLR0917 (parameters) are counted in :mod:`~.blocks`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

from pytest_antipasta.metrics.halstead import Halstead, compute_halstead
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
    FunctionNode,
)
from pytest_antipasta.model.measured import BlockKind

ScopeNode: TypeAlias = ast.Module | ast.ClassDef | FunctionNode
_Counts: TypeAlias = tuple[int, int, int]
"""ruff's counts of a block: branches; statements directly inside, plus what ruff adds; decision points."""


class Scope:
    """A module, class or function while its values are computed.

    Attributes:
        node: its syntax tree.
        parent: the outer scope; ``None`` for the module.
        kind: as in :class:`~pytest_antipasta.model.measured.Block`, or ``module``.
        qualified_name: as in the block; empty for the module.
        context: name of the innermost function, which is part of the identity of Halstead's operands.
        decisions: decision points of its own body, without inner scopes.
        branches: ruff's branches of its own body.
        returns: ``return`` statements of its own body.
        statements: ruff's statements, including directly inner functions after they are added.
        ruff_decisions: ruff's complexity minus 1, including all inner scopes after they are added.
        conditions: maximum number of conditions joined by ``and`` and ``or`` in an ``if`` or ``elif`` of its
            own body.
        depth: depth of the deepest block of its own body; 0 without blocks.
        complexity_inside: cyclomatic complexity of inner scopes, after they are added.
        methods: number of inner scopes that are methods.
        operators: Halstead's N1, including inner scopes after they are added.
        operands: Halstead's N2, including inner scopes after they are added.
        operator_bits: the set of distinct operators, one bit each.
        operand_nodes: number of operands that are neither names, attributes nor constants; all are distinct.
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
        """Return the qualified name of the next block with that name directly inside."""
        number = self._names[name] = self._names.get(name, 0) + 1
        if number > 1:
            name = f"{name}#{number}"
        return f"{self.qualified_name}.{name}" if self.qualified_name else name

    @property
    def complexity(self) -> int:
        """Cyclomatic complexity; for a class the sum of which radon takes the average."""
        return 1 + self.decisions + self.complexity_inside

    @property
    def halstead(self) -> Halstead:
        """Halstead's derived values, including inner scopes after they are added."""
        return compute_halstead(
            self.distinct_operators, self.distinct_operands, self.operators, self.operands
        )

    @property
    def distinct_operators(self) -> int:
        """Halstead's n1."""
        return self.operator_bits.bit_count()

    @property
    def distinct_operands(self) -> int:
        """Halstead's n2."""
        return self.operand_nodes + sum(map(len, self.operand_values.values()))

    def add(self, inner: Scope) -> None:
        """Add the counts of a finished scope directly inside, which must not be used afterwards.

        The rules are those of radon's visitors. The complexity of a function excludes inner definitions. A
        class includes its methods and excludes inner classes. A module includes its functions and classes
        without the initial 1 of each. Halstead's counts include everything. ruff's complexity includes all
        inner definitions, its statements include inner functions, and its other counts exclude both.
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
    """Return the module and all functions and classes in it, each after its outer scope.

    Scopes with the same outer scope are sorted by line. They contain only their own counts; the caller
    computes sums.

    Args:
        tree: tree of the module.
        cells: cells of a notebook: a module for the statements of each, which is counted too.
    """
    module = Scope(tree, None)
    scopes = [module]
    for scope in scopes:
        if inner := _count_cells(module, cells) if scope is module and cells else _count_all(scope):
            inner.sort(key=_line)
            scopes += [Scope(node, scope) for node in inner]
    return scopes


def _count_cells(module: Scope, cells: Sequence[Scope]) -> list[Any]:
    """Count a module cell by cell; return the scopes that it defines."""
    inner: list[Any] = []
    for cell in cells:
        inner += _count_all(cell)
        module.add(cell)
    return inner


def _count_all(scope: Scope) -> list[Any]:
    """Count a scope; return the scopes that it defines."""
    inner: list[Any] = []
    unbranched: list[ast.AST] = []
    nodes = scope.node.body
    scope.statements = len(nodes)
    # radon's cyclomatic visitor visits only the body; its Halstead visitor also visits the header of a class,
    # but not that of a function.
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
    """Add the counts of blocks at one depth to the scope; return their contents."""
    inside: list[Any] = []
    for node in blocks:  # the list grows: an `elif` is as deep as its `if`
        node_class = node.__class__
        if node_class in DECISIONS:
            scope.decisions += DECISIONS[node_class](node)
        branches, statements, ruff_decisions = _RUFF_COUNTS[node_class](node)
        scope.branches += branches
        scope.statements += statements
        scope.ruff_decisions += ruff_decisions
        singles, lists = FOLLOW[node_class]
        if node_class is ast.If:
            if node.test.__class__ is ast.BoolOp:
                scope.conditions = max(scope.conditions, _count_conditions(node.test))
            if (elif_ := find_elif(node)) is not None:
                blocks.append(elif_)
                lists = ("body",)
        inside += [getattr(node, name) for name in singles]
        for name in lists:
            inside += getattr(node, name)
    return inside


def _follow_value(value: object, stack: list[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Follow a value that is not a node, from a field of a newer Python version, if it is a list."""
    if isinstance(value, list):
        stack += value
    return (), ()


def _line(node: ast.stmt) -> int:
    return node.lineno


def _count(
    scope: Scope, nodes: Iterable[ast.AST], inner: list[ast.stmt], unbranched: list[ast.AST]
) -> list[Any]:
    """Count nodes without the contents of blocks: loops, conditions and the like.

    Args:
        scope: the scope that contains the nodes; counts are added to it.
        nodes: nodes of the scope at one depth.
        inner: receives the scopes that the nodes define.
        unbranched: receives inner nodes in which decisions don't count, not yet counted.

    Returns:
        The blocks, not yet counted.
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
        try:  # cheaper than testing first
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


# ruff's counts of a block.


def _count_if(node: ast.If) -> _Counts:
    orelse = node.orelse
    if not orelse:
        return 1, len(node.body), 1
    if find_elif(node) is not None:
        return 1, len(node.body) + 1, 1
    return 2, len(node.body) + len(orelse) + 1, 1


def _count_for(node: ast.For | ast.AsyncFor) -> _Counts:
    return 1 + bool(node.orelse), len(node.body) + len(node.orelse) - 1, 1


def _count_while(node: ast.While) -> _Counts:
    return 1 + bool(node.orelse), len(node.body) + len(node.orelse), 1


def _count_with(node: ast.With | ast.AsyncWith) -> _Counts:
    return 0, len(node.body), 0


def _count_match(node: ast.Match) -> _Counts:
    cases = node.cases
    statements = len(cases)
    for case in cases:
        statements += len(case.body)
    last = cases[-1]
    return len(cases), statements, len(cases) - (last.guard is None and _is_irrefutable(last.pattern))


def _is_irrefutable(pattern: ast.pattern) -> bool:
    """Return whether ruff treats a pattern as one that matches any value."""
    patterns = [pattern]
    for item in patterns:
        if isinstance(item, ast.MatchOr):
            patterns += item.patterns
        elif isinstance(item, ast.MatchAs):
            if item.pattern is None:
                return True
            patterns.append(item.pattern)
    return False


def _count_try(node: ast.Try) -> _Counts:
    handlers, orelse, final = node.handlers, node.orelse, node.finalbody
    has_else, has_final = bool(orelse), bool(final)
    statements = len(node.body) + len(orelse) + len(final) + len(handlers)
    for handler in handlers:
        statements += len(handler.body)
    statements += has_else + 2 * has_final + (len(handlers) > 1)
    return len(handlers) + has_else + has_final, statements, len(handlers) + has_else


_RUFF_COUNTS: dict[type, Callable[[Any], _Counts]] = {
    ast.If: _count_if,
    ast.For: _count_for,
    ast.AsyncFor: _count_for,
    ast.While: _count_while,
    ast.With: _count_with,
    ast.AsyncWith: _count_with,
    ast.Match: _count_match,
    ast.Try: _count_try,
    ast.TryStar: _count_try,
}


def find_elif(node: ast.If) -> ast.If | None:
    """Return the ``elif`` of an ``if``: it has the same column, unlike an ``if`` inside an ``else``."""
    orelse = node.orelse
    if len(orelse) == 1 and orelse[0].__class__ is ast.If and orelse[0].col_offset == node.col_offset:
        return orelse[0]
    return None


def _count_conditions(node: ast.BoolOp) -> int:
    """Return the number of conditions joined by ``and`` and ``or``, also in brackets."""
    count = 0
    stack: list[ast.expr] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, ast.BoolOp):
            stack += item.values
        else:
            count += 1
    return count
