"""Explain the values of a file: points by line, operators and operands, the terms of a formula."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from pytest_antipasta.metrics.blocks import TreeNumbers, sum_scopes
from pytest_antipasta.metrics.cognitive import FunctionPoints, Rejection, find_rejection, trace_cognitive
from pytest_antipasta.metrics.maintainability import IndexTerms, comment_percentage, find_terms
from pytest_antipasta.metrics.names import find_operand_names, find_operator_names
from pytest_antipasta.metrics.points import find_module_points, find_points
from pytest_antipasta.metrics.reasons import Reasons, find_reasons
from pytest_antipasta.metrics.source import SourceError, decode_source, parse_source, split_lines
from pytest_antipasta.metrics.walk import Scope, walk_scopes
from pytest_antipasta.model.measured import Block, FileMetrics, Measurement
from pytest_antipasta.runtime.garbage import gc_paused


class LinePoints(Struct, frozen=True):
    """The lines that points come from.

    Attributes:
        by_line: points of each line that has any.
        rest: the difference from the value; 0 for the current versions of radon and complexipy.
    """

    by_line: Mapping[int, int]
    rest: int = 0

    @property
    def total(self) -> int:
        """The sum of all points."""
        return sum(self.by_line.values()) + self.rest


class HalsteadCounts(Struct, frozen=True):
    """The counts that Halstead's values are computed from.

    Attributes:
        operators: N1, the number of all operators.
        operands: N2, the number of all operands.
        distinct_operators: n1, the number of distinct operators.
        distinct_operands: n2, the number of distinct operands.
        operator_names: the distinct operators.
        operand_names: the distinct names, attributes and constants.
        expressions: number of other distinct operands.
    """

    operators: int
    operands: int
    distinct_operators: int
    distinct_operands: int
    operator_names: tuple[str, ...]
    operand_names: tuple[str, ...]
    expressions: int


class ExplainedBlock(Struct, frozen=True):
    """One block and the parts of its values.

    Attributes:
        block: the block with its values.
        cyclomatic: its points; for a class those of its body and its methods, before averaging.
        methods: number of methods of a class; ``None`` for a function.
        cognitive: the points in its lines. A class or an inner function has no cognitive complexity of its
            own. ``None`` if complexipy rejects the source.
        halstead: Halstead's counts; ``None`` for a class.
        decorator_line: line of its first decorator, counted from 1; ``None`` without any.
    """

    block: Block
    cyclomatic: LinePoints
    methods: int | None
    cognitive: LinePoints | None
    halstead: HalsteadCounts | None
    decorator_line: int | None = None

    def contains(self, line: int) -> bool:
        """Return whether a line is in the block, or in one of its decorators."""
        return (self.decorator_line or self.block.line) <= line <= self.block.end_line


class IndexParts(Struct, frozen=True):
    """The parts of the maintainability index.

    Attributes:
        volume: Halstead volume of the file.
        complexity: cyclomatic complexity of the whole file.
        logical_lines: radon's count of logical lines.
        comment_percentage: comments and multi-line strings, in percent of the lines with code.
        terms: terms of the formula; ``None`` if the index is 100 because operators or logical lines are
            missing.
    """

    volume: float
    complexity: int
    logical_lines: int
    comment_percentage: float
    terms: IndexTerms | None


class Explanation(Struct, frozen=True, dict=True):
    """The parts of all values of a file.

    Attributes:
        measurement: the values of the file.
        lines: lines of the source; empty if it can't be decoded.
        blocks: as in the measurement.
        functions: complexipy's points by start line of the function; ``None`` is code outside functions. They
            exist even if only complexipy can parse the source.
        outside: cyclomatic points of code outside blocks.
        halstead: Halstead's counts of the file; ``None`` if it can't be parsed.
        index: parts of the index; ``None`` if the file can't be parsed or its line counts are missing.
        rejection: why complexipy rejects a source that Python accepts.
    """

    measurement: Measurement
    lines: tuple[str, ...] = ()
    blocks: tuple[ExplainedBlock, ...] = ()
    functions: Mapping[int | None, FunctionPoints] = {}
    outside: LinePoints = LinePoints({})
    halstead: HalsteadCounts | None = None
    index: IndexParts | None = None
    rejection: Rejection | None = None

    @cached_property
    def by_name(self) -> Mapping[str, ExplainedBlock]:
        """The blocks by qualified name."""
        return {block.block.qualified_name: block for block in self.blocks}

    @cached_property
    def starts(self) -> frozenset[int]:
        """The first lines of all blocks."""
        return frozenset(block.line for block in self.measurement.blocks)

    @cached_property
    def reasons(self) -> Mapping[int, Reasons]:
        """What adds points to a line, by line; found when it is asked for, as a report does not show it."""
        return find_reasons(parse_source("\n".join(self.lines)), self.lines)


def explain(data: bytes, measurement: Measurement) -> Explanation:
    """Return the parts of the values of a content.

    Args:
        data: the source.
        measurement: measurement of the same source.
    """
    if measurement.foreign is not None:
        unexplained = (
            ExplainedBlock(block, LinePoints({}), None, None, None) for block in measurement.blocks
        )
        return Explanation(measurement, tuple(split_lines(data, is_python=False)), tuple(unexplained))
    try:
        text = decode_source(data)
        functions = trace_cognitive(text)
    except SourceError:
        return Explanation(measurement)
    # Lines as counted by Python's parser; str.splitlines would also split at a form feed.
    lines = tuple(text.split("\n"))
    # A record in the store may have other lines.
    blocks = tuple(block for block in measurement.blocks if block.end_line <= len(lines))
    try:
        with gc_paused():
            tree = parse_source(text)
            of_cells = _make_scopes(tree, blocks)
            scopes = walk_scopes(tree, of_cells)
            points = find_points(scopes, lines)
            outside = LinePoints(find_module_points(tree, lines))
            cells = _explain_cells(blocks, of_cells, outside, functions)
            numbers = sum_scopes(scopes, None, text)
    except SourceError:
        return Explanation(measurement, lines, functions=functions)
    # The record may contain comments that the source does not have.
    known = points.keys() | cells.keys()
    blocks = tuple(block for block in blocks if block.qualified_name in known)
    return Explanation(
        measurement,
        lines,
        tuple(_explain_blocks(blocks, scopes, points, _merge_lines(functions), cells)),
        functions,
        outside,
        _count_halstead(scopes[0]),
        _find_index(measurement.metrics, numbers),
        None if functions else find_rejection(text),
    )


def _merge_lines(functions: Mapping[int | None, FunctionPoints]) -> Mapping[int, int] | None:
    """Return the points of all lines; ``None`` if complexipy rejects the source."""
    by_line: Counter[int] = Counter()
    for function in functions.values():
        by_line.update(function.by_line)
    return by_line if functions else None


def _explain_blocks(
    blocks: Sequence[Block],
    scopes: Sequence[Scope],
    points: Mapping[str, Mapping[int, int]],
    cognitive: Mapping[int, int] | None,
    cells: Mapping[str, ExplainedBlock],
) -> Iterator[ExplainedBlock]:
    by_name = {scope.qualified_name: scope for scope in scopes}
    for block in blocks:
        name = block.qualified_name
        if name in cells:
            yield cells[name]
            continue
        inside = _keep_to_block(block, cognitive) if cognitive is not None else None
        by_line, decorators = dict(points[name]), by_name[name].node.decorator_list
        start = decorators[0].lineno if decorators else None
        if block.kind == "class":
            # radon's average is not compared with the sum, so there is no rest.
            yield ExplainedBlock(block, LinePoints(by_line), by_name[name].methods, inside, None, start)
        else:
            rest = (block.cyclomatic_complexity or 0) - sum(by_line.values())
            halstead = _count_halstead(by_name[name])
            yield ExplainedBlock(block, LinePoints(by_line, rest), None, inside, halstead, start)


def _make_scopes(tree: ast.Module, blocks: Sequence[Block]) -> Sequence[Scope]:
    """Return a scope for each cell of a notebook, for a walk to count."""
    cells = [block for block in blocks if block.kind == "cell"]
    if not cells:
        return ()
    from pytest_antipasta.metrics.notebook.cells import make_scopes

    return make_scopes(tree, cells)


def _explain_cells(
    blocks: Sequence[Block],
    scopes: Sequence[Scope],
    outside: LinePoints,
    functions: Mapping[int | None, FunctionPoints],
) -> dict[str, ExplainedBlock]:
    """Return the cells of a notebook, with the points of their code outside blocks."""
    cells = (block for block in blocks if block.kind == "cell")
    module = functions[None].by_line if None in functions else {}
    explained: dict[str, ExplainedBlock] = {}
    for block, scope in zip(cells, scopes, strict=True):
        by_line = Counter({block.line: 1}) + Counter(_keep_to_block(block, outside.by_line).by_line)
        rest = (block.cyclomatic_complexity or 0) - by_line.total()
        cognitive = _keep_to_block(block, module) if functions else None
        explained[block.qualified_name] = ExplainedBlock(
            block, LinePoints(by_line, rest), None, cognitive, _count_halstead(scope)
        )
    return explained


def _keep_to_block(block: Block, cognitive: Mapping[int, int]) -> LinePoints:
    lines = range(block.line, block.end_line + 1)
    inside = {line: cognitive[line] for line in lines if line in cognitive}
    if block.cognitive_complexity is None:
        return LinePoints(inside)
    return LinePoints(inside, block.cognitive_complexity - sum(inside.values()))


def _count_halstead(scope: Scope) -> HalsteadCounts:
    """Return Halstead's counts of a scope with all inner scopes; sums must be complete."""
    return HalsteadCounts(
        scope.operators,
        scope.operands,
        scope.distinct_operators,
        scope.distinct_operands,
        find_operator_names(scope.operator_bits),
        find_operand_names(scope.operand_values.values()),
        scope.operand_nodes,
    )


def _find_index(metrics: FileMetrics, numbers: TreeNumbers) -> IndexParts | None:
    lines, source_lines = metrics.logical_lines_of_code, metrics.source_lines_of_code
    comments, strings = metrics.comment_lines, metrics.multi_line_string_lines
    if lines is None or source_lines is None or comments is None or strings is None:
        return None
    percentage = comment_percentage(comments + strings, source_lines)
    volume, complexity = numbers.halstead.volume, numbers.complexity
    return IndexParts(
        volume, complexity, lines, percentage, find_terms(volume, complexity, lines, percentage)
    )
