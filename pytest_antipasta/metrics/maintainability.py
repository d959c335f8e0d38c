"""The maintainability index, with radon's formula."""

from __future__ import annotations

import math
from typing import NamedTuple

from pytest_antipasta.metrics.raw import RawCounts


class IndexTerms(NamedTuple):
    """The terms subtracted from 171, and the bonus for comments, before scaling to 0 to 100.

    Attributes:
        volume: ``5.2 * ln(Halstead volume)``.
        complexity: ``0.23 * cyclomatic complexity of the whole file``.
        lines: ``16.2 * ln(logical lines)``.
        comments: ``50 * sin(sqrt(2.46 * comment percentage in radians))``.
    """

    volume: float
    complexity: float
    lines: float
    comments: float

    @property
    def total(self) -> float:
        """The index on its original scale, on which 171 is the best value without comments."""
        return 171 - self.volume - self.complexity - self.lines + self.comments


def compute_index(volume: float, complexity: int, raw: RawCounts) -> float:
    """Return the maintainability index, from 0 (worst) to 100.

    Equal to radon's ``mi_visit(code, multi=True)``, which differs from its documented formula: the size term
    uses logical lines, and multi-line strings count as comments. Code without operators or without logical
    lines has an index of 100.

    Args:
        volume: Halstead volume of the file.
        complexity: cyclomatic complexity of the whole file.
        raw: its line counts.
    """
    comments = raw.comment_lines + raw.multi_line_string_lines
    percentage = comment_percentage(comments, raw.source_lines_of_code)
    terms = find_terms(volume, complexity, raw.logical_lines_of_code, percentage)
    return min(max(0.0, terms.total * 100 / 171.0), 100.0) if terms else 100.0


def find_terms(volume: float, complexity: int, lines: int, comments: float) -> IndexTerms | None:
    """Return the terms of the index; ``None`` if a logarithm would have the argument 0.

    Args:
        volume: Halstead volume of the file.
        complexity: cyclomatic complexity of the whole file.
        lines: its logical lines.
        comments: their percentage.
    """
    if volume <= 0 or lines <= 0:
        return None
    return IndexTerms(
        volume=5.2 * math.log(volume),
        complexity=0.23 * complexity,
        lines=16.2 * math.log(lines),
        comments=50 * math.sin(math.sqrt(2.46 * math.radians(comments))),
    )


def comment_percentage(comments: int, source_lines: int) -> float:
    """Return comments and lines of multi-line strings, in percent of the lines with code."""
    return comments / float(source_lines) * 100 if source_lines else 0.0
