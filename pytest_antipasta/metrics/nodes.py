"""Tables of syntax tree nodes: what each counts in cyclomatic complexity and Halstead's metrics.

All tables are keyed by the node's class and follow radon's ``ComplexityVisitor`` and ``HalsteadVisitor``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from pytest_antipasta.model.measured import BlockKind

# Fields without nodes, or with none that either count uses. Naming these and the lists is faster; the fields
# of newer Python versions are checked by the type of their values.
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
_VALUES_ALONE = frozenset({ast.Constant, ast.MatchSingleton})
_WITHOUT_LISTS = frozenset({ast.Lambda, ast.IfExp})
LEAVES = frozenset({ast.Name, ast.Constant, type(None)})
OPERAND_FIELD = {ast.Name: "id", ast.Attribute: "attr", ast.Constant: "value"}
OPERATOR_BIT = {
    operator: 1 << bit
    for bit, operator in enumerate(
        operator
        for base in (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
        for operator in base.__subclasses__()
    )
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
Definition: TypeAlias = FunctionNode | ast.ClassDef
SCOPES = frozenset(DEFINITIONS)
INNER = (*DEFINITIONS, ast.Lambda)
"""Nodes with local names of their own; comprehensions are not among them."""
FUNCTION_KIND: dict[str, BlockKind] = {
    "module": "function",
    "class": "method",
    "function": "closure",
    "method": "closure",
    "closure": "closure",
}


def find_first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, that of its first decorator included."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def list_parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return the parameters of a function in order, those with stars last."""
    stars = [each for each in (arguments.vararg, arguments.kwarg) if each]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]


def find_last_line(last: int, column: int, lines: Sequence[str]) -> int:
    """Return the last line of a block, comments after it that are indented deeper than its header included.

    Args:
        last: last line of its statements.
        column: the column of its header.
        lines: lines of the source.
    """
    for number in range(last + 1, len(lines) + 1):
        line = lines[number - 1]
        if text := line.strip():
            if not text.startswith("#") or line.index("#") <= column:
                break
            last = number
    return last


def is_elif(node: ast.AST, lines: Sequence[str]) -> bool:
    """Return whether a node is an ``elif``, which is the only statement in its ``else`` to the parser."""
    return isinstance(node, ast.If) and lines[node.lineno - 1].startswith("elif", node.col_offset)


def name_operator(node: ast.BoolOp) -> str:
    """Return ``and`` or ``or``."""
    return "and" if isinstance(node.op, ast.And) else "or"


def _loop_decisions(node: ast.For | ast.AsyncFor | ast.While) -> int:
    return 1 + bool(node.orelse)


def _match_decisions(node: ast.Match) -> int:
    """Count all cases except one that matches anything: ``case _``, or a bare capture."""
    catches_all = any(getattr(case.pattern, "pattern", case) is None for case in node.cases)
    return len(node.cases) - catches_all


# radon's ComplexityVisitor. It counts Try and not TryStar, so ``except*`` is not a decision.
DECISIONS: dict[type, Callable[[Any], int]] = {
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
# radon's HalsteadVisitor: each of these nodes counts as many operators as it has in ``op`` or ``ops``.
OPERANDS: dict[type, Callable[[Any], Iterable[ast.expr]]] = {
    ast.AugAssign: lambda node: (node.target, node.value),
    ast.BinOp: lambda node: (node.left, node.right),
    ast.BoolOp: lambda node: node.values,
    ast.Compare: lambda node: (node.left, *node.comparators),
    ast.UnaryOp: lambda node: (node.operand,),
}
# Fields that the Halstead visitor follows and the cyclomatic visitor does not.
UNBRANCHED: dict[type, Callable[[Any], Iterable[ast.AST]]] = {
    ast.Assert: lambda node: (node.test, node.msg),
    ast.ClassDef: lambda node: (
        *node.bases,
        *node.keywords,
        *node.decorator_list,
        *getattr(node, "type_params", ()),
    ),
}
# Statements that contain other statements, one level deeper.
BLOCKS = frozenset(
    {ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Match, ast.Try, ast.TryStar}
)
COUNTED = frozenset({*DECISIONS, *OPERANDS, *SCOPES, *UNBRANCHED, *BLOCKS, ast.Return})


def _iter_node_classes(base: type[ast.AST]) -> Iterator[type[ast.AST]]:
    for node_class in base.__subclasses__():
        yield node_class
        yield from _iter_node_classes(node_class)


def _fields_to_follow(node_class: type[ast.AST]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields that hold one node, and those that hold a list of them."""
    if node_class in SCOPES | _VALUES_ALONE or node_class in UNBRANCHED:
        return (), ()
    fields = [name for name in node_class._fields if name not in _PASSED_OVER]
    lists = () if node_class in _WITHOUT_LISTS else tuple(name for name in fields if name in _LISTS)
    return tuple(name for name in fields if name not in lists), lists


FOLLOW = {node_class: _fields_to_follow(node_class) for node_class in _iter_node_classes(ast.AST)}
