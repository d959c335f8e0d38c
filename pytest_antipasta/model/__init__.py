"""The values that every layer speaks in: what was measured, what was judged, what a run did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.model.judged import (
        BaselineEntry as BaselineEntry,
        Comparison as Comparison,
        SuppressedMetric as SuppressedMetric,
        Suppression as Suppression,
        SuppressionState as SuppressionState,
        Threshold as Threshold,
        Tolerated as Tolerated,
        Verdict as Verdict,
        Violation as Violation,
    )
    from pytest_antipasta.model.measured import (
        BLOCK_METRICS as BLOCK_METRICS,
        FILE_METRICS as FILE_METRICS,
        JUDGED_METRICS as JUDGED_METRICS,
        Block as Block,
        BlockKind as BlockKind,
        BriefPlan as BriefPlan,
        Comment as Comment,
        CommentPlace as CommentPlace,
        ErrorKind as ErrorKind,
        FileError as FileError,
        FileMetrics as FileMetrics,
        MeasuredFile as MeasuredFile,
        Measurement as Measurement,
        Number as Number,
        Signature as Signature,
    )
    from pytest_antipasta.model.run import (
        GateVerdict as GateVerdict,
        Review as Review,
        RunStats as RunStats,
        Workers as Workers,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "judged": (
            "BaselineEntry Comparison SuppressedMetric Suppression SuppressionState Threshold Tolerated "
            "Verdict Violation"
        ),
        "measured": (
            "BLOCK_METRICS Block BlockKind BriefPlan Comment CommentPlace ErrorKind FILE_METRICS "
            "FileError FileMetrics JUDGED_METRICS MeasuredFile Measurement Number Signature"
        ),
        "run": "GateVerdict Review RunStats Workers",
    },
)
