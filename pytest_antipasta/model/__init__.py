"""The values that all layers share: measurements, verdicts, and facts about a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.model.changes import *
    from pytest_antipasta.model.judged import *
    from pytest_antipasta.model.measured import *
    from pytest_antipasta.model.run import *

__getattr__ = lazy_names(
    __name__,
    {
        "changes": "BlockChange ChangeKind Changes MetricChange NotCompared",
        "judged": (
            "BaselineEntry Comparison NAMELESS SuppressedMetric Suppression SuppressionState Threshold "
            "Tolerated Verdict Violation must_fail"
        ),
        "measured": (
            "BLOCK_METRICS Block BlockKind BriefPlan Comment CommentPlace ErrorKind FILE_METRICS "
            "FOREIGN FileError FileMetrics ForeignSource MeasuredFile Measurement Number Signature "
            "find_number number_getter"
        ),
        "run": "GateVerdict Review RunStats Workers",
    },
)
