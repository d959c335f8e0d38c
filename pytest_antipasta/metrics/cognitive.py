"""Cognitive complexity, which complexipy measures with a parser of its own."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pytest_antipasta.imports import trusted_first

_MODULE = "<module>"


class CognitiveComplexity(NamedTuple):
    """Complexipy's points.

    Attributes:
        total: of the file, module-level code included.
        by_line: of each function outside functions and each method of a class outside functions, by the
            line on which complexipy lets it start, which is that of its first ``@``.
    """

    total: int
    by_line: Mapping[int, int]

    def by_def_line(self, def_lines: Sequence[int]) -> dict[int, int]:
        """Return the points by the lines of the ``def`` keywords, given in ascending order.

        The syntax tree does not know where an ``@`` is. But the functions that complexipy counts do not
        overlap, so what starts behind one ``def`` belongs to the next.
        """
        points = {}
        for line, number in self.by_line.items():
            place = bisect_left(def_lines, line)
            if place < len(def_lines):
                points[def_lines[place]] = number
        return points


class FunctionPoints(NamedTuple):
    """Which line gives which of a function's points.

    Attributes:
        name: complexipy's, with ``::`` between a class and its method.
        line: where complexipy lets it start, which is the line of its first ``@``.
        total: its points.
        by_line: the lines that give any.
    """

    name: str
    line: int
    total: int
    by_line: Mapping[int, int]


def trace_cognitive(text: str) -> dict[int | None, FunctionPoints]:
    """Return the points of functions line by line; nothing where complexipy refuses the source.

    Returns:
        Them by the lines where they start, and what stands in no function under ``None``. What they have
        together is the file's total.
    """
    with trusted_first():
        from complexipy import code_complexity

    try:
        functions = code_complexity(text, check_script=True, no_ignore=True, with_plans=False).functions
    except ValueError:
        return {}
    traced: dict[int | None, FunctionPoints] = {}
    for function in functions:
        by_line: Counter[int] = Counter()
        for each in function.line_complexities:  # a line may be listed more than once
            by_line[each.line] += each.complexity
        name, line = function.name, function.line_start
        # Such a name is no function's, as no identifier has these characters.
        key = None if name == _MODULE else line
        traced[key] = FunctionPoints(name, line, function.complexity, +by_line)
    return traced


def measure_cognitive(text: str) -> CognitiveComplexity | None:
    """Return complexipy's points, or ``None`` where it refuses the source.

    Comments that tell complexipy to ignore a function are not followed: what is tolerated is
    decided where numbers meet limits.
    """
    with trusted_first():
        from complexipy import code_complexity

    try:
        result = code_complexity(text, no_ignore=True, with_plans=False)
    except ValueError:
        # It refuses NUL, lone surrogates and over-deep nesting, and source that is no Python.
        return None
    by_line = {function.line_start: function.complexity for function in result.functions}
    return CognitiveComplexity(result.complexity, by_line)
