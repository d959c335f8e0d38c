"""One walk over a syntax tree that counts for cyclomatic complexity and Halstead together.

The walk is iterative, so deep trees are no trouble, and driven by a table of the fields to follow.
Each function, class and the module itself is a scope of its own: the scopes that a walk meets wait
in a list until the scope around them is done. That keeps every count in a local variable and puts
children behind their parents, so that sums go up in one pass over the list from its end.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeAlias

from pytest_antipasta.model import BlockKind

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode: TypeAlias = ast.Module | ast.ClassDef | FunctionNode

# Fields that hold no nodes, or none that either count looks at.
_PASSED_OVER = frozenset(
    (
        *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level"),
        *("lineno", "module", "name", "names", "op", "ops", "rest", "simple", "str", "tag"),
        *("type_comment", "type_ignores"),
    )
)
_LISTS = frozenset(
    (
        *("args", "bases", "body", "cases", "comparators", "decorator_list", "defaults", "elts"),
        *("finalbody", "generators", "handlers", "ifs", "items", "keys", "keywords", "kw_defaults"),
        *("kwd_patterns", "kwonlyargs", "orelse", "patterns", "posonlyargs", "targets", "type_params"),
        "values",
    )
)
_WITHOUT_LISTS = frozenset({ast.Lambda, ast.IfExp})
_LEAVES = frozenset({ast.Name, ast.Constant, type(None)})
_OPERAND_FIELD = {ast.Name: "id", ast.Attribute: "attr", ast.Constant: "value"}
_OPERATOR_BIT = {
    operator: 1 << bit
    for bit, operator in enumerate(
        operator
        for base in (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
        for operator in base.__subclasses__()
    )
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = frozenset({ast.ClassDef, *_FUNCTIONS})
_FUNCTION_KIND: dict[str, BlockKind] = {
    "module": "function",
    "class": "method",
    "function": "closure",
    "method": "closure",
    "closure": "closure",
}


def _loop_decisions(node: ast.For | ast.AsyncFor | ast.While) -> int:
    return 1 + bool(node.orelse)


def _match_decisions(node: ast.Match) -> int:
    """Count the cases but one that tests nothing: ``case _``, and a bare capture as well."""
    catches_all = any(getattr(case.pattern, "pattern", case) is None for case in node.cases)
    return len(node.cases) - catches_all


# radon's ComplexityVisitor. It knows Try and not TryStar, so ``except*`` is no decision.
_DECISIONS: dict[type, Callable[[Any], int]] = {
    ast.Assert: lambda _: 1,
    ast.AsyncFor: _loop_decisions,
    ast.BoolOp: lambda node: len(node.values) - 1,
    ast.For: _loop_decisions,
    ast.If: lambda _: 1,
    ast.IfExp: lambda _: 1,
    ast.Match: _match_decisions,
    ast.Try: lambda node: len(node.handlers) + bool(node.orelse),
    ast.While: _loop_decisions,
    ast.comprehension: lambda node: 1 + len(node.ifs),
}
# radon's HalsteadVisitor: each of these nodes is as many operators as it has in ``op`` or ``ops``.
_OPERANDS: dict[type, Callable[[Any], Iterable[ast.expr]]] = {
    ast.AugAssign: lambda node: (node.target, node.value),
    ast.BinOp: lambda node: (node.left, node.right),
    ast.BoolOp: lambda node: node.values,
    ast.Compare: lambda node: (node.left, *node.comparators),
    ast.UnaryOp: lambda node: (node.operand,),
}
# Where the Halstead visitor looks and the cyclomatic one does not.
_UNBRANCHED: dict[type, Callable[[Any], Iterable[ast.AST]]] = {
    ast.Assert: lambda node: (node.test, node.msg),
    ast.ClassDef: lambda node: (
        *node.bases,
        *node.keywords,
        *node.decorator_list,
        *getattr(node, "type_params", ()),
    ),
}
_COUNTED = frozenset({*_DECISIONS, *_OPERANDS, *_SCOPES, *_UNBRANCHED})


def _iter_node_classes(base: type[ast.AST]) -> Iterator[type[ast.AST]]:
    for node_class in base.__subclasses__():
        yield node_class
        yield from _iter_node_classes(node_class)


def _fields_to_follow(node_class: type[ast.AST]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields that hold one node, and those that hold a list of them."""
    if node_class in _SCOPES or node_class in _UNBRANCHED:
        return (), ()
    fields = [name for name in node_class._fields if name not in _PASSED_OVER]
    lists = () if node_class in _WITHOUT_LISTS else tuple(name for name in fields if name in _LISTS)
    return tuple(name for name in fields if name not in lists), lists


_FOLLOW = {node_class: _fields_to_follow(node_class) for node_class in _iter_node_classes(ast.AST)}


class Scope:
    """A module, class or function while its numbers add up.

    Attributes:
        node: the tree below it.
        parent: the scope around it; ``None`` for the module.
        kind: as in :class:`~pytest_antipasta.model.Block`, or ``module``.
        qualified_name: as in the block; empty for the module.
        context: the name of the innermost function, which keys Halstead's operands.
        decisions: decision points of its own body, without those of the scopes inside.
        operators: Halstead's N1, with all scopes inside once they are added.
        operands: N2, likewise.
        operator_bits: the set of distinct operators, one bit each.
        operand_nodes: operands that are neither name, attribute nor constant; all are distinct.
        operand_values: the other distinct operands by context.
    """

    __slots__ = (
        "_names",
        "context",
        "decisions",
        "kind",
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
            self.kind = "class" if is_class else _FUNCTION_KIND[parent.kind]
            self.context = parent.context if is_class else name
            self.qualified_name = parent.name_inside(name)
        self._names: dict[str, int] = {}
        self.decisions = self.operators = self.operands = self.operator_bits = self.operand_nodes = 0
        self.operand_values: dict[str | None, set[object]] = {self.context: set()}

    def name_inside(self, name: str) -> str:
        """Return the qualified name of the next block of that name directly inside."""
        number = self._names[name] = self._names.get(name, 0) + 1
        if number > 1:
            name = f"{name}#{number}"
        return f"{self.qualified_name}.{name}" if self.qualified_name else name

    @property
    def distinct_operators(self) -> int:
        """Halstead's n1."""
        return bin(self.operator_bits).count("1")

    @property
    def distinct_operands(self) -> int:
        """Halstead's n2."""
        return self.operand_nodes + sum(map(len, self.operand_values.values()))

    def add_halstead(self, inner: Scope) -> None:
        """Add the counts of a finished scope directly inside, which is not to be used afterwards."""
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


def walk_scopes(tree: ast.Module) -> list[Scope]:
    """Return the module and all functions and classes in it, each behind the scope around it.

    Scopes directly inside the same one stand in the order of their lines. Only their own counts are
    in them; sums are the caller's.
    """
    scopes = [Scope(tree, None)]
    for scope in scopes:
        inner: list[Any] = []
        # radon's cyclomatic visitor looks only at the body, its Halstead visitor also at a class's
        # header; neither looks at a function's.
        unbranched = _count(scope, scope.node.body, inner)
        if unbranched:
            decisions = scope.decisions
            _count(scope, unbranched, inner)
            scope.decisions = decisions
        inner.sort(key=_line)
        scopes.extend(Scope(node, scope) for node in inner)
    return scopes


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
        if node_class in _LEAVES:
            continue
        if node_class in _COUNTED:
            if node_class in _DECISIONS:
                decisions += _DECISIONS[node_class](node)
            if node_class in _OPERANDS:
                for operator in node.ops if node_class is ast.Compare else (node.op,):
                    operators += 1
                    bits |= _OPERATOR_BIT[operator.__class__]
                for operand in _OPERANDS[node_class](node):
                    operands += 1
                    name = _OPERAND_FIELD.get(operand.__class__)
                    if name is None:
                        operand_nodes += 1
                    else:
                        values.add(getattr(operand, name))
            elif node_class in _SCOPES:
                inner.append(node)
            if node_class in _UNBRANCHED:
                unbranched += _UNBRANCHED[node_class](node)
        singles, lists = _FOLLOW[node_class]
        for name in singles:
            child = getattr(node, name)
            while child.__class__ is ast.Attribute:
                child = child.value
            if child.__class__ not in _LEAVES:
                push(child)
        for name in lists:
            extend(getattr(node, name))
    scope.decisions += decisions
    scope.operators += operators
    scope.operands += operands
    scope.operator_bits |= bits
    scope.operand_nodes += operand_nodes
    return unbranched
