"""Metrics of one source: measuring it, explaining its numbers, and comparing its blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.metrics.blocks import *
    from pytest_antipasta.metrics.bodies import *
    from pytest_antipasta.metrics.cognitive import *
    from pytest_antipasta.metrics.explanation import *
    from pytest_antipasta.metrics.hazards import *
    from pytest_antipasta.metrics.maintainability import *
    from pytest_antipasta.metrics.pairing import *
    from pytest_antipasta.metrics.raw import *
    from pytest_antipasta.metrics.raw_chunk import *
    from pytest_antipasta.metrics.source import *
    from pytest_antipasta.metrics.walk import *

__getattr__ = lazy_names(
    __name__,
    {
        "blocks": "TreeNumbers sum_scopes",
        "bodies": "NormalizedBlocks find_body",
        "cognitive": "CognitiveComplexity Plan measure_cognitive",
        "explanation": "ExplainedBlock Explanation HalsteadCounts IndexParts Points explain",
        "hazards": "has_long_name has_many_f_strings",
        "maintainability": "compute_index",
        "pairing": "find_stem pair pair_by_number",
        "raw": "LongScanError RawCounts count_lines",
        "raw_chunk": "RawCountError",
        "source": "SourceError decode_source parse_source split_lines",
        "walk": "walk_scopes",
    },
)
