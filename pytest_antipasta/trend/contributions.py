"""The contribution of one content to the totals of a commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.extension.metrics import is_of_blocks
from pytest_antipasta.model.judged import Violation
from pytest_antipasta.model.measured import Block, FileMetrics, Measurement, Number, number_getter
from pytest_antipasta.policy.limits import Limits
from pytest_antipasta.settings.path_thresholds import ThresholdFinder
from pytest_antipasta.settings.values import Settings

ContributionKey: TypeAlias = tuple[bytes, Limits]
"""Identifies a content and the limits of its path."""
SCALE = 2**64
"""Factor that makes integers of values before they are summed. Sums are exact then, whatever was added and
subtracted before: a float of at least 0.0003 loses no bit."""


class Contribution(Struct, frozen=True, gc=False):
    """The values of one content with the limits of a path; small, as each file of a commit has one.

    Attributes:
        error: kind of the error; ``None`` for a measured content.
        lines: number of lines.
        blocks: number of functions, methods and closures.
        sums: sum for each metric, scaled.
        counts: number of values in each sum.
        violations: the values over limits whose level is ``error``.
    """

    error: str | None
    lines: int
    blocks: int
    sums: tuple[int, ...]
    counts: tuple[int, ...]
    violations: tuple[Violation, ...]


def scale(value: Number) -> int:
    """Return a number as an integer that can be added exactly."""
    # Numbers of this size are whole, and their product could be infinite.
    return int(value) * SCALE if abs(value) >= SCALE else int(value * SCALE)


def unscale(total: int) -> Number:
    """Return a sum of such integers as a number."""
    whole, rest = divmod(total, SCALE)
    return total / SCALE if rest else whole


class Contributor:
    """Makes contributions with the settings of a root."""

    def __init__(self, settings: Settings, metrics: tuple[str, ...]) -> None:
        self._getters = [(number_getter(metric), is_of_blocks(metric)) for metric in metrics]
        self._metrics = metrics
        self._finder = ThresholdFinder(settings)
        self._arrange = cache(partial(Limits, nested_blocks=settings.nested_blocks))
        # Every commit requests limits of the same paths, and computing them compares all thresholds.
        self.limits = cache(self._find_limits)
        """Gives the limits of a path, the same ones for paths whose thresholds are equal."""

    def make(self, limits: Limits, measurement: Measurement) -> Contribution:
        """Return the contribution of a content with the limits of its path."""
        if measurement.error is not None:
            nothing = (0,) * len(self._metrics)
            return Contribution(measurement.error.kind, 0, 0, nothing, nothing, ())
        blocks = [block for block in measurement.blocks if block.is_function]
        sums, counts = zip(*self._iter_sums(measurement.metrics, blocks), strict=True)
        violations = limits.judge(measurement).violations
        lines = measurement.metrics.lines_of_code or 0
        return Contribution(None, lines, len(blocks), sums, counts, violations)

    def _iter_sums(self, metrics: FileMetrics, blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
        """Yield for each metric the sum of its values, scaled, and their number."""
        for value_of, is_of_each in self._getters:
            if is_of_each:
                values = [value for value in map(value_of, blocks) if value is not None]
                yield _sum_up(values), len(values)
            else:
                value = value_of(metrics)
                yield (0, 0) if value is None else (scale(value), 1)

    def _find_limits(self, path: str) -> Limits:
        return self._arrange(self._finder.find(path).keep(self._metrics))


def _sum_up(values: Sequence[Number]) -> int:
    """Return the exact sum, scaled."""
    total = sum(values)
    # Integers are exact, and most values are integers.
    return scale(total) if isinstance(total, int) else sum(map(scale, values))
