"""From the scopes of a walk to blocks with their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_antipasta.metrics.cognitive import CognitiveComplexity
from pytest_antipasta.metrics.halstead import Halstead, compute_halstead
from pytest_antipasta.metrics.walk import Scope
from pytest_antipasta.model import Block, BriefPlan


class TreeNumbers(NamedTuple):
    """What a syntax tree and complexipy's points tell of a file.

    Attributes:
        blocks: every function and class, in the order of their lines.
        complexity: radon's total cyclomatic complexity of the module.
        halstead: of the whole file.
        plans: complexipy's, by the lines of functions.
    """

    blocks: tuple[Block, ...]
    complexity: int
    halstead: Halstead
    plans: tuple[BriefPlan, ...]


class _Complexity:
    """Cyclomatic complexity of a scope while that of its inner scopes is added.

    The rules are those of radon's ``ComplexityVisitor``: a function leaves out all that is defined
    in it, a class adds its methods up and leaves out inner classes, a module takes its functions and
    classes without the 1 that each starts from.
    """

    __slots__ = ("kind", "methods", "total")

    def __init__(self, scope: Scope) -> None:
        self.kind = scope.kind
        self.methods = 0
        self.total = 1 + scope.decisions

    def add(self, inner: _Complexity) -> None:
        if self.kind == "module":
            self.total += inner.total - 1
        elif self.kind == "class" and inner.kind == "method":
            self.total += inner.total
            self.methods += 1

    @property
    def reported(self) -> int:
        """The number itself; for a class with methods radon's average, rounded its way."""
        if not self.methods:
            return self.total
        return int(self.total / self.methods) + (self.methods > 1)


def sum_scopes(scopes: Sequence[Scope], cognitive: CognitiveComplexity | None) -> TreeNumbers:
    """Return the numbers of all blocks and of the module.

    Args:
        scopes: from :func:`~.walk.walk_scopes`; used up, as their counts are moved upwards.
        cognitive: complexipy's points and plans, if it has any.
    """
    points: dict[int, int] = {}
    plans: tuple[BriefPlan, ...] = ()
    if cognitive is not None:
        points, plans = cognitive.at_def_lines(sorted(_iter_outer_lines(scopes)))
    complexities = {id(scope): _Complexity(scope) for scope in scopes}
    blocks = []
    # Outer scopes stand before inner ones: coming from the end, all that is inside is complete.
    for scope in reversed(scopes):
        complexity = complexities[id(scope)]
        if scope.parent is None:
            continue
        blocks.append(_make_block(scope, complexity.reported, points))
        complexities[id(scope.parent)].add(complexity)
        scope.parent.add_halstead(scope)
    blocks.sort(key=_line)
    module = scopes[0]
    return TreeNumbers(tuple(blocks), complexities[id(module)].total, _halstead(module), plans)


def _make_block(scope: Scope, complexity: int, points: Mapping[int, int]) -> Block:
    node = scope.node
    halstead: tuple[float | None, ...] = (None, None, None)
    cognitive = None
    if scope.kind != "class":
        halstead = _halstead(scope)[:3]
        if _is_outer(scope):
            cognitive = points.get(node.lineno)
    return Block(
        node.name,
        scope.qualified_name,
        scope.kind,  # type: ignore[arg-type]  # a module is no block and does not come here
        node.lineno,
        node.end_lineno,
        complexity,
        cognitive,
        *halstead,
    )


def _iter_outer_lines(scopes: Iterable[Scope]) -> Iterator[int]:
    return (
        scope.node.lineno for scope in scopes if scope.kind in ("function", "method") and _is_outer(scope)
    )


def _is_outer(scope: Scope) -> bool:
    """Whether a scope stands outside of functions; complexipy counts no others."""
    return scope.parent is not None and scope.parent.context is None


def _halstead(scope: Scope) -> Halstead:
    return compute_halstead(
        scope.distinct_operators, scope.distinct_operands, scope.operators, scope.operands
    )


def _line(block: Block) -> int:
    return block.line
