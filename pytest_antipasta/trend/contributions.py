"""What one content adds to the totals of a commit."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from pytest_antipasta.extension import is_of_blocks
from pytest_antipasta.model import Block, Measurement, Number, Violation, number_getter
from pytest_antipasta.policy import judge
from pytest_antipasta.settings import Settings, ThresholdFinder

SCALE = 2**64
"""What numbers are multiplied with before they are added up as integers.

So each sum is exact, whatever was added and taken away before: a float of at least 0.0003 has no bit that
is lost by that.
"""


class Contribution(Struct, frozen=True, gc=False):
    """The part of one content, with the limits of a path; small, as there is one for each file of a commit.

    Attributes:
        error: the kind of the error; ``None`` where it could be measured.
        lines: of the content.
        blocks: functions, methods and closures.
        sums: for each metric, scaled.
        counts: how many numbers each is of.
        violations: numbers over their limits.
    """

    error: str | None
    lines: int
    blocks: int
    sums: tuple[int, ...]
    counts: tuple[int, ...]
    violations: tuple[Violation, ...] = ()


def scale(value: Number) -> int:
    """Return a number as an integer that can be added up exactly."""
    return int(value * SCALE)


def unscale(total: int) -> Number:
    """Return a sum of such integers as a number."""
    whole, rest = divmod(total, SCALE)
    return total / SCALE if rest else whole


class Contributor:
    """Makes contributions by the settings of a root."""

    def __init__(self, settings: Settings, metrics: tuple[str, ...]) -> None:
        """Look at some metrics, as if no other had a limit."""
        self._nested_blocks = settings.nested_blocks
        self._of_blocks = [number_getter(metric) if is_of_blocks(metric) else None for metric in metrics]
        self._of_files = [number_getter(metric) for metric in metrics]
        self._nothing = (0,) * len(metrics)
        self._metrics = metrics
        self._finder = ThresholdFinder(settings)

    def limits(self, path: str) -> object:
        """Return what is equal for paths with equal limits."""
        return self._finder.find(path)

    def make(self, path: str, measurement: Measurement) -> Contribution:
        """Return the contribution of a content with the limits of a path."""
        if measurement.error is not None:
            return Contribution(measurement.error.kind, 0, 0, self._nothing, self._nothing)
        blocks = _find_functions(measurement)
        sums, counts = [], []
        for of_blocks, of_files in zip(self._of_blocks, self._of_files, strict=True):
            found = map(of_blocks, blocks) if of_blocks else (of_files(measurement.metrics),)
            values = [value for value in found if value is not None]
            sums.append(_sum_up(values))
            counts.append(len(values))
        thresholds = [each for each in self._finder.find(path) if each.metric in self._metrics]
        violations = judge(measurement, thresholds, nested_blocks=self._nested_blocks).violations
        lines = measurement.metrics.lines_of_code or 0
        return Contribution(None, lines, len(blocks), tuple(sums), tuple(counts), violations)


def _find_functions(measurement: Measurement) -> list[Block]:
    return [block for block in measurement.blocks if block.kind != "class"]


def _sum_up(values: Sequence[Number]) -> int:
    """Return the exact sum, scaled."""
    total = sum(values)
    # Whole numbers are exact as they are, and most are such.
    return scale(total) if isinstance(total, int) else sum(map(scale, values))
