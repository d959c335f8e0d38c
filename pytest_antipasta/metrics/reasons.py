"""Find what adds points to a line: its keywords, and the levels around them.

radon and complexipy say how many points a line has, and not why. complexipy counts all of a statement on
its first line, radon most of it where it stands (:mod:`~.points`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from pytest_antipasta.metrics.nodes import FUNCTIONS, is_elif, name_operator
from pytest_antipasta.metrics.points import DECISION_POINTS, find_else

# Each of these has one cognitive point, and one more for each level around it.
_NESTING: dict[type, str] = {
    ast.AsyncFor: "for",
    ast.ExceptHandler: "except",
    ast.For: "for",
    ast.If: "if",
    ast.IfExp: "if-else",
    ast.Match: "match",
    ast.While: "while",
    ast.comprehension: "comprehension",
}
# What is in these fields is one level deeper.
_DEEPER: dict[type, tuple[str, ...]] = {
    **dict.fromkeys(
        (ast.AsyncFor, ast.ExceptHandler, ast.For, ast.Lambda, ast.While, ast.match_case), ("body",)
    ),
    ast.If: ("body", "orelse"),
    ast.IfExp: ("body", "test", "orelse"),
    ast.ListComp: ("elt",),
    ast.SetComp: ("elt",),
    ast.GeneratorExp: ("elt",),
    ast.DictComp: ("key", "value"),
}


class Reasons(NamedTuple):
    """What adds points to a line.

    Attributes:
        nesting: the keywords that cost more when nested, with the number of levels around each.
        flat: other keywords with cognitive points.
        branches: the keywords with cyclomatic points.
    """

    nesting: list[tuple[str, int]]
    flat: list[str]
    branches: list[str]

    def explain(self, cyclomatic: int, cognitive: int) -> str:
        """Return the reasons of some points, such as ``if, nested 2, and``; empty if they are unknown."""
        words: list[str] = []
        if cognitive:
            words += self._explain_cognitive(cognitive)
        if cyclomatic:
            words += (word for word in self.branches if word not in words)
        return ", ".join(dict.fromkeys(words))

    def _explain_cognitive(self, points: int) -> Iterator[str]:
        """Yield the reasons of cognitive points; the levels only if they add up to the points."""
        rest = points - sum(1 + depth for _, depth in self.nesting)
        has_levels = 0 <= rest <= len(self.flat)
        for word, depth in self.nesting:
            yield word
            if depth and has_levels:
                yield f"nested {depth}"
        if rest:
            yield from self.flat


class _Place(NamedTuple):
    """Where a node stands.

    Attributes:
        depth: number of levels around it.
        line: first line of its statement.
        scope: ``function``, ``decorator``, ``class`` or ``block``, as what it is directly in; empty outside
            of functions.
        function: name of the innermost function around it.
    """

    depth: int
    line: int
    scope: str
    function: str


_Item: TypeAlias = tuple[Any, _Place]


def find_reasons(tree: ast.Module, lines: Sequence[str]) -> dict[int, Reasons]:
    """Return what adds points to each line.

    Args:
        tree: tree of the module.
        lines: lines of the source, as counted by Python's parser.
    """
    found: dict[int, Reasons] = {}

    def at(line: int) -> Reasons:
        return found.setdefault(line, Reasons([], [], []))

    stack: list[_Item] = [(tree, _Place(0, 1, "", ""))]
    while stack:
        node, place = stack.pop()
        for line, word in _iter_branches(node, lines):
            at(line).branches.append(word)
        if is_elif(node, lines):
            at(node.lineno).flat.append("elif")
        elif node.__class__ in _NESTING:
            at(place.line).nesting.append((_NESTING[node.__class__], place.depth))
        for line, word in _iter_flat(node, place, lines):
            at(line).flat.append(word)
        stack.extend(reversed([*_iter_inner(node, place, lines)]))
    return found


def _iter_branches(node: Any, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield lines and keywords with cyclomatic points, of a node itself."""
    if isinstance(node, FUNCTIONS):
        yield node.lineno, "function"
    elif isinstance(node, ast.ClassDef):
        yield node.lineno, "class"
    elif (name := node.__class__) in DECISION_POINTS:
        yield from DECISION_POINTS[name](node, lines)


def _iter_flat(node: Any, place: _Place, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield lines and keywords with cognitive points that do not depend on the nesting, of a node itself."""
    if isinstance(node, ast.BoolOp):
        yield place.line, name_operator(node)
    elif isinstance(node, ast.comprehension):
        yield from ((place.line, "if") for _ in node.ifs)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == place.function != "":
        yield place.line, "recursion"
    elif isinstance(node, ast.If) and node.orelse and not is_elif(node.orelse[0], lines):
        yield from find_else(node.body[-1], node.orelse, lines)


def _iter_inner(node: Any, place: _Place, lines: Sequence[str]) -> Iterator[_Item]:
    """Yield the nodes directly in a node, with their places."""
    deeper, place = _DEEPER.get(node.__class__, ()), _enter(node, place)
    for name, value in ast.iter_fields(node):
        inside = place._replace(depth=place.depth + 1) if name in deeper else place
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, ast.stmt | ast.ExceptHandler):
                yield inner, (place if is_elif(inner, lines) else inside)._replace(line=inner.lineno)
            elif isinstance(inner, ast.AST):
                yield inner, inside


def _enter(node: Any, place: _Place) -> _Place:
    """Return the place of what is directly in a node, but for one level more in the fields that have it."""
    if isinstance(node, ast.ClassDef):
        return place._replace(scope=place.scope and "class")
    if not isinstance(node, FUNCTIONS):
        is_block = place.scope == "function" and isinstance(node, ast.stmt | ast.ExceptHandler)
        return place._replace(scope="block") if is_block else place
    # A function directly in a function is one level deeper; a decorator's, methods of a class in it, and
    # those in its blocks are not.
    depth = place.depth + (place.scope == "function") if place.scope else 0
    scope = "decorator" if _is_decorator(node) else "function"
    return place._replace(depth=depth, scope=scope, function=node.name)


def _is_decorator(node: Any) -> bool:
    """Return whether a function only defines another one and returns it."""
    body = node.body
    return len(body) == 2 and isinstance(body[0], FUNCTIONS) and isinstance(body[1], ast.Return)
