"""The maintainability index."""

from __future__ import annotations

import math
from typing import NamedTuple

from pytest_antipasta.metrics.raw import RawCounts


class IndexTerms(NamedTuple):
    """What is taken from 171, and what is added for comments, before it is brought to 0 to 100.

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
        """The index on its first scale, on which 171 is the best without comments."""
        return 171 - self.volume - self.complexity - self.lines + self.comments


def compute_index(volume: float, complexity: int, raw: RawCounts) -> float:
    """Return the maintainability index, from 0 (worst) to 100.

    Equal to radon's ``mi_visit(code, multi=True)``, which is not quite its documented formula: the
    size term takes the logical lines, and multi-line strings count as comments. Code without
    operators or without logical lines has an index of 100.

    Args:
        volume: Halstead volume of the file.
        complexity: cyclomatic complexity of the whole file.
        raw: its line counts.
    """
    terms = find_terms(volume, complexity, raw)
    return min(max(0.0, terms.total * 100 / 171.0), 100.0) if terms else 100.0


def find_terms(volume: float, complexity: int, raw: RawCounts) -> IndexTerms | None:
    """Return what the index is made of; ``None`` where there is nothing to take a logarithm of."""
    if volume <= 0 or raw.lloc <= 0:
        return None
    return IndexTerms(
        5.2 * math.log(volume),
        0.23 * complexity,
        16.2 * math.log(raw.lloc),
        50 * math.sin(math.sqrt(2.46 * math.radians(comment_percentage(raw)))),
    )


def comment_percentage(raw: RawCounts) -> float:
    """Return comments and multi-line strings as a percentage of the lines that hold code."""
    return (raw.comments + raw.multi) / float(raw.sloc) * 100 if raw.sloc else 0.0
