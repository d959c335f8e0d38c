"""Judge one measurement by a list of limits."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import Measurement
from pytest_antipasta.policy.limits import Judgement, Limits


def judge(
    measurement: Measurement, thresholds: Sequence[Threshold], *, nested_blocks: bool = True
) -> Judgement:
    """Compare all values of a file with limits of it and its blocks."""
    return Limits(PathLimits(tuple(thresholds)), nested_blocks=nested_blocks).judge(measurement)
