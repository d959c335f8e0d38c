"""What the tests of a function say about the types of its names in some of its lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple, TypeGuard

from pytest_antipasta.advice.bindings import Bindings, iter_bound, iter_scope
from pytest_antipasta.advice.control_flow import always_jumps, iter_blocks, iter_own
from pytest_antipasta.metrics.nodes import FunctionNode

# A test of one of these says less than an annotation with the types in it.
_GENERIC = frozenset(
    (
        *("Callable", "Collection", "Counter", "Generator", "Iterable", "Iterator", "Mapping"),
        *("MutableMapping", "OrderedDict", "Sequence", "Set", "defaultdict", "deque", "dict"),
        *("frozenset", "list", "set", "tuple", "type"),
    )
)


class _Known(NamedTuple):
    """A condition of which some lines know that it holds, or that it does not.

    Attributes:
        test: the condition.
        holds: whether it holds.
        bound: names that may have another value in these lines.
    """

    test: ast.expr
    holds: bool
    bound: frozenset[str]


def iter_tested(function: FunctionNode, lines: range) -> Iterator[tuple[str, str]]:
    """Yield names and the class that they are tested for before some lines; empty if only not for ``None``.

    Of a condition with ``and`` or ``or``, the first part counts. The name keeps its value up to these lines.

    Args:
        function: the function.
        lines: first line, and the one after the last.
    """
    bindings = Bindings(function)
    known = [*_iter_around(function, lines, bindings), *_iter_passed(function, lines)]
    for each in sorted(known, key=lambda each: each.test.lineno):
        test = _take_first(each)
        name, kinds = _read_test(test) if each.holds else ("", ())
        if kinds and not bindings.find_read(kinds) and name not in each.bound:
            yield name, " | ".join(map(ast.unparse, kinds))
        name = _find_not_none(test, holds=each.holds)
        if name and name not in each.bound:
            yield name, ""


def drop_none(text: str) -> str:
    """Return an annotation without ``None`` among its types; empty if it is not there, or no expression."""
    try:
        annotation = ast.parse(text, mode="eval").body
    except SyntaxError:
        return ""
    match annotation:
        case ast.Subscript(ast.Name("Optional") | ast.Attribute(attr="Optional"), kind):
            return ast.get_source_segment(text, kind) or ""
        case ast.BinOp(op=ast.BitOr()):
            kinds = [*_iter_kinds(annotation)]
            kept = [kind for kind in kinds if not _is_none(kind)]
            texts = [ast.get_source_segment(text, kind) or "" for kind in kept]
            return " | ".join(texts) if len(kept) < len(kinds) else ""
    return ""


def _iter_kinds(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the types between the bars of an annotation."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _iter_kinds(node.left)
        yield from _iter_kinds(node.right)
    else:
        yield node


def _iter_around(function: FunctionNode, lines: range, bindings: Bindings) -> Iterator[_Known]:
    """Yield the conditions of the ``if`` statements around lines."""
    for node in iter_own(function.body):
        if isinstance(node, ast.If):
            for body, holds in ((node.body, True), (node.orelse, False)):
                if body and _is_in(body, lines):
                    yield _Known(node.test, holds, bindings.find_written(body))


def _is_in(body: Sequence[ast.stmt], lines: range) -> bool:
    """Return whether lines are in a block."""
    return body[0].lineno <= lines.start and lines.stop - 1 <= (body[-1].end_lineno or 0)


def _iter_passed(function: FunctionNode, lines: range) -> Iterator[_Known]:
    """Yield the conditions of assertions and of an ``if`` that leaves, which stand before lines."""
    blocks = (block.body for block in iter_blocks(function) if block.function is function)
    for body in filter(lambda body: _is_in(body, lines), blocks):
        for node in takewhile(lambda node: (node.end_lineno or 0) < lines.start, body):
            if isinstance(node, ast.Assert) or _is_guard(node):
                yield _Known(
                    node.test, isinstance(node, ast.Assert), _find_bound_after(function, node.lineno)
                )


def _is_guard(node: ast.stmt) -> TypeGuard[ast.If]:
    """Return whether a statement leaves its block if a condition holds, and does nothing otherwise."""
    return isinstance(node, ast.If) and not node.orelse and always_jumps(node.body)


def _find_bound_after(function: FunctionNode, line: int) -> frozenset[str]:
    nodes = (node for node in iter_scope(function.body) if getattr(node, "lineno", 0) > line)
    return frozenset(name for node in nodes for name in iter_bound(node))


def _take_first(known: _Known) -> ast.expr:
    """Return the first part of a condition whose parts are all known to hold, or not to."""
    kind = ast.And if known.holds else ast.Or
    test = known.test
    return test.values[0] if isinstance(test, ast.BoolOp) and isinstance(test.op, kind) else test


def _find_not_none(test: ast.expr, *, holds: bool) -> str:
    """Return the name that is not ``None`` if a condition holds, or does not; empty if there is none."""
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            return _find_not_none(operand, holds=not holds)
        case ast.Name(name) if holds:
            return name
        case ast.Compare(ast.Name(name), [ast.Is() | ast.IsNot() as operator], [kind]) if _is_none(kind):
            return name if isinstance(operator, ast.IsNot) is holds else ""
    return ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _read_test(test: ast.expr) -> tuple[str, Sequence[ast.expr]]:
    """Return a name and the classes that a condition says it is an instance of; none if it does not."""
    match test:
        case ast.Call(ast.Name("isinstance"), [ast.Name(name), kind]):
            kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
            return name, kinds if all(map(_is_class, kinds)) else ()
    return "", ()


def _is_class(kind: ast.expr) -> bool:
    """Return whether an expression names a class that says as much as a type; constants may be several."""
    *_, name = names = ast.unparse(kind).split(".")
    return all(map(str.isidentifier, names)) and name not in _GENERIC and not name[1:].isupper()
