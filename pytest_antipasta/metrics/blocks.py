"""Values of functions, methods and classes, from the scopes of a walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pytest_antipasta.metrics.cognitive import CognitiveComplexity
from pytest_antipasta.metrics.halstead import Halstead
from pytest_antipasta.metrics.parameters import ParameterCounter
from pytest_antipasta.metrics.source import Cell, parse_source
from pytest_antipasta.metrics.walk import Scope, walk_scopes
from pytest_antipasta.model import Block, BriefPlan


class TreeNumbers(NamedTuple):
    """Values of a file from its syntax tree and complexipy's points.

    Attributes:
        blocks: every function and class, sorted by line; a notebook's cell comes before the blocks in it.
        complexity: radon's total cyclomatic complexity of the module.
        halstead: counts of the whole file.
        plans: complexipy's proposals, by line of the function.
    """

    blocks: tuple[Block, ...]
    complexity: int
    halstead: Halstead
    plans: tuple[BriefPlan, ...]


def measure_tree(text: str, cognitive: CognitiveComplexity | None, cells: Sequence[Cell] = ()) -> TreeNumbers:
    """Return the values of a source; see :func:`~.source.parse_source` for the errors raised.

    Args:
        text: text of the source.
        cognitive: complexipy's points and proposals, if any.
        cells: cells of a notebook; each is a block.
    """
    tree = parse_source(text)
    if not cells:
        return sum_scopes(walk_scopes(tree), cognitive, text)
    from pytest_antipasta.metrics.notebook.cells import (  # few sources are notebooks
        make_blocks,
        make_scopes,
    )

    scopes = make_scopes(tree, cells)
    numbers = sum_scopes(walk_scopes(tree, scopes), cognitive, text)
    blocks = [*make_blocks(cells, scopes, cognitive.outside if cognitive else {}), *numbers.blocks]
    return numbers._replace(blocks=tuple(sorted(blocks, key=_line)))


def sum_scopes(scopes: Sequence[Scope], cognitive: CognitiveComplexity | None, text: str) -> TreeNumbers:
    """Return the values of all blocks and of the module.

    Args:
        scopes: scopes from :func:`~.walk.walk_scopes`; modified, as their counts are added to outer scopes.
        cognitive: complexipy's points and proposals, if any.
        text: text of the source.
    """
    parameters = ParameterCounter(text)
    points: dict[int, int] = {}
    plans: tuple[BriefPlan, ...] = ()
    if cognitive is not None:
        points, plans = cognitive.at_def_lines(sorted(scope.node.lineno for scope in scopes[1:]))
    blocks = []
    # Outer scopes come before inner ones: in reverse order, all inner scopes are complete.
    for scope in reversed(scopes):
        if scope.parent is not None:
            blocks.append(_make_block(scope, points, parameters))
            scope.parent.add(scope)
    blocks.sort(key=_line)
    module = scopes[0]
    return TreeNumbers(tuple(blocks), module.complexity, module.halstead, plans)


def _make_block(scope: Scope, points: Mapping[int, int], parameters: ParameterCounter) -> Block:
    node = scope.node
    line, end_line = node.lineno, node.end_lineno
    complexity = _reported_complexity(scope)
    if scope.kind == "class":
        none = (None, None, None, None)
        return Block(node.name, scope.qualified_name, "class", line, end_line, complexity, *none)
    volume, difficulty, effort, *_ = scope.halstead
    return Block(
        node.name,
        scope.qualified_name,
        scope.kind,  # type: ignore[arg-type]  # a module is no block and does not come here
        line,
        end_line,
        complexity,
        points.get(line),  # a closure has no points of its own
        volume,
        difficulty,
        effort,
        *parameters.count(scope),
        scope.branches,
        scope.returns,
        scope.statements,
        scope.ruff_decisions + 1,
        scope.conditions,
        scope.depth,
        end_line - line + 1,
    )


def _reported_complexity(scope: Scope) -> int:
    """Return the complexity; for a class with methods radon's average, with radon's rounding."""
    if not scope.methods:
        return scope.complexity
    return int(scope.complexity / scope.methods) + (scope.methods > 1)


def _line(block: Block) -> int:
    return block.line
