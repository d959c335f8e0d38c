"""Cognitive complexity, which complexipy measures with a parser of its own."""

from __future__ import annotations

from typing import NamedTuple


class CognitiveComplexity(NamedTuple):
    """Complexipy's points.

    Attributes:
        total: of the file, module-level code included.
        by_end_line: of each function outside functions and each method of a class outside functions,
            by the line on which it ends. (It starts, for complexipy, at the ``@`` of its first
            decorator, a line that the syntax tree does not know.)
    """

    total: int
    by_end_line: dict[int, int]


def measure_cognitive(text: str) -> CognitiveComplexity | None:
    """Return complexipy's points, or ``None`` where it refuses the source.

    Comments that tell complexipy to ignore a function are not followed: what is tolerated is
    decided where numbers meet limits.
    """
    from complexipy import code_complexity

    try:
        result = code_complexity(text, no_ignore=True, with_plans=False)
    except ValueError:
        # It refuses NUL, lone surrogates and over-deep nesting, and source that is no Python.
        return None
    by_end_line = {function.line_end: function.complexity for function in result.functions}
    return CognitiveComplexity(result.complexity, by_end_line)
