"""One source to its numbers, to what they are made of, and to bodies that compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.metrics.blocks import (
        TreeNumbers as TreeNumbers,
        sum_scopes as sum_scopes,
    )
    from pytest_antipasta.metrics.bodies import NormalizedBlocks as NormalizedBlocks
    from pytest_antipasta.metrics.cognitive import (
        CognitiveComplexity as CognitiveComplexity,
        measure_cognitive as measure_cognitive,
    )
    from pytest_antipasta.metrics.explanation import (
        ExplainedBlock as ExplainedBlock,
        Explanation as Explanation,
        HalsteadCounts as HalsteadCounts,
        IndexParts as IndexParts,
        Points as Points,
        explain as explain,
    )
    from pytest_antipasta.metrics.hazards import (
        has_long_name as has_long_name,
        has_many_f_strings as has_many_f_strings,
    )
    from pytest_antipasta.metrics.maintainability import compute_index as compute_index
    from pytest_antipasta.metrics.pairing import (
        find_stem as find_stem,
        pair as pair,
        pair_by_number as pair_by_number,
    )
    from pytest_antipasta.metrics.plans import (
        Plan as Plan,
        find_plans as find_plans,
    )
    from pytest_antipasta.metrics.raw import (
        LongScanError as LongScanError,
        RawCounts as RawCounts,
        count_lines as count_lines,
    )
    from pytest_antipasta.metrics.raw_chunk import RawCountError as RawCountError
    from pytest_antipasta.metrics.source import (
        SourceError as SourceError,
        decode_source as decode_source,
        parse_source as parse_source,
    )
    from pytest_antipasta.metrics.walk import walk_scopes as walk_scopes

__getattr__ = lazy_names(
    __name__,
    {
        "blocks": "TreeNumbers sum_scopes",
        "bodies": "NormalizedBlocks",
        "cognitive": "CognitiveComplexity measure_cognitive",
        "explanation": "ExplainedBlock Explanation HalsteadCounts IndexParts Points explain",
        "hazards": "has_long_name has_many_f_strings",
        "maintainability": "compute_index",
        "pairing": "find_stem pair pair_by_number",
        "plans": "Plan find_plans",
        "raw": "LongScanError RawCounts count_lines",
        "raw_chunk": "RawCountError",
        "source": "SourceError decode_source parse_source",
        "walk": "walk_scopes",
    },
)
