"""Metrics of one source: measure it, explain its values, and follow its blocks through changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.metrics.blocks import *
    from pytest_antipasta.metrics.cognitive import *
    from pytest_antipasta.metrics.explanation import *
    from pytest_antipasta.metrics.following.block_text import *
    from pytest_antipasta.metrics.following.bodies import *
    from pytest_antipasta.metrics.following.comparison import *
    from pytest_antipasta.metrics.following.file_version import *
    from pytest_antipasta.metrics.following.mentions import *
    from pytest_antipasta.metrics.following.pairing import *
    from pytest_antipasta.metrics.following.similar import *
    from pytest_antipasta.metrics.generated import *
    from pytest_antipasta.metrics.hazards import *
    from pytest_antipasta.metrics.maintainability import *
    from pytest_antipasta.metrics.notebook.cells import *
    from pytest_antipasta.metrics.notebook.joining import *
    from pytest_antipasta.metrics.points import *
    from pytest_antipasta.metrics.raw import *
    from pytest_antipasta.metrics.source import *
    from pytest_antipasta.metrics.walk import *

__getattr__ = lazy_names(
    __name__,
    {
        "blocks": "TreeNumbers measure_tree",
        "cognitive": "CognitiveComplexity Plan find_plans measure_cognitive trace_cognitive",
        "explanation": "ExplainedBlock Explanation HalsteadCounts IndexParts Points explain",
        "following.block_text": "BlockText",
        "following.bodies": "NormalizedBlocks",
        "following.comparison": "BlockComparison Change identify_block identify_blocks",
        "following.file_version": "BlockId FileVersion LineIndex",
        "following.mentions": "Mentions find_mentions",
        "following.pairing": "find_stem pair pair_by_number",
        "following.similar": "SimilarOrigins",
        "generated": "HEAD_SIZE is_generated",
        "hazards": "may_parse_slowly",
        "maintainability": "compute_index",
        "notebook.cells": "place_comments place_error",
        "notebook.joining": "NotebookError join_notebook",
        "points": "find_points",
        "raw": "LongScanError RawCountError RawCounts count_lines",
        "source": "Cell OtherKernelError SourceError decode_source find_cells parse_source split_lines",
        "walk": "Scope walk_scopes",
    },
)
