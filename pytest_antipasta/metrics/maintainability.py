"""The maintainability index."""

from __future__ import annotations

import math

from pytest_antipasta.metrics.raw import RawCounts


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
    if volume <= 0 or raw.lloc <= 0:
        return 100.0
    comments = (raw.comments + raw.multi) / float(raw.sloc) * 100 if raw.sloc else 0.0
    index = (
        171
        - 5.2 * math.log(volume)
        - 0.23 * complexity
        - 16.2 * math.log(raw.lloc)
        + 50 * math.sin(math.sqrt(2.46 * math.radians(comments)))
    )
    return min(max(0.0, index * 100 / 171.0), 100.0)
