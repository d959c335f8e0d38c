"""Headroom: the distance of values from their limits, and values close to their limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from pytest_antipasta.model.coverage import FileCoverage
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Threshold, Violation
from pytest_antipasta.model.limits import PathLimits, leave_out_coverage
from pytest_antipasta.model.measured import DECIMALS, Block, FileMetrics, Measurement, Number
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.policy.limits import (
    PreparedLimits,
    divide_limits,
    find_excess,
    list_judged,
    prepare_limits,
    satisfies,
)

NEAR = 0.8
"""Share of a limit from which on a value within it is near it."""
LimitState: TypeAlias = Literal["over", "near", "within"]


class ScaleStep(NamedTuple):
    """A step of the scale that values are shown on.

    Attributes:
        state: the state of its values.
        most: the greatest ratio of its values to their limits; ``None`` for the last of a state.
    """

    state: LimitState
    most: float | None


SCALE = (
    ScaleStep("within", 0.5), ScaleStep("within", None), ScaleStep("near", None),
    ScaleStep("over", 1.5), ScaleStep("over", 2), ScaleStep("over", None),
)  # fmt: skip
"""The steps from best to worst."""


class Standing(NamedTuple):
    """How a value stands beside its limit.

    Attributes:
        ratio: its ratio to the limit, as in ``find_excess``.
        state: whether it is over the limit, near it, or within it. With ``==`` and ``!=``, none is near.
    """

    ratio: float
    state: LimitState

    @property
    def step(self) -> int:
        """The index of its step in :data:`SCALE`."""
        return next(
            place
            for place, (state, most) in enumerate(SCALE)
            if state == self.state and (most is None or self.ratio <= most)
        )


def compute_standing(value: Number, threshold: Threshold, near: float = NEAR) -> Standing:
    """Return how a value stands beside its limit; ``near`` is the share from which on it is near."""
    limit, comparison = threshold.limit, threshold.comparison
    ratio = find_excess(value, comparison, limit)
    if not satisfies(value, comparison, limit):
        return Standing(ratio, "over")
    return Standing(ratio, "near" if ratio >= near and comparison not in ("==", "!=") else "within")


def find_headroom(value: Number | None, threshold: Threshold | None) -> Number | None:
    """Return the distance of a value from its limit; negative over the limit.

    With ``<`` and ``>``, 0 is over the limit too. ``None`` without a value or limit, and for ``==`` and
    ``!=``.
    """
    if value is None or threshold is None:
        return None
    if threshold.comparison in ("<=", "<"):
        return _round(threshold.limit - value)
    return _round(value - threshold.limit) if threshold.comparison in (">=", ">") else None


def _round(number: Number) -> Number:
    return round(number, DECIMALS)


class HeadroomFinder:
    """Computes the headroom of all values in files with equal limits."""

    def __init__(self, limits: PathLimits) -> None:
        self._of_files = prepare_limits(divide_limits(leave_out_coverage(limits.thresholds)).of_file)
        self._limits = limits
        self._of_blocks: dict[int, PreparedLimits] = {}

    def find(self, numbers: Block | FileMetrics, coverage: FileCoverage | None = None) -> dict[str, Number]:
        """Return the headroom of a file's or a block's values, by metric; a class's average has no limit.

        ``coverage`` is that of the file of a block; ``None`` without coverage data.
        """
        values: Iterable[tuple[Threshold, Number | None]] = ()
        if isinstance(numbers, FileMetrics):
            values = ((item, value_of(numbers)) for item, value_of in self._of_files)
        elif numbers.kind != "class":
            values = self._iter_values(numbers, coverage)
        found = {item.metric: find_headroom(value, item) for item, value in values}
        return {metric: number for metric, number in found.items() if number is not None}

    def _iter_values(self, block: Block, coverage: FileCoverage | None) -> Iterator[tuple[Threshold, Number]]:
        """Yield the values of a block with their limits, those that need the coverage of its file last."""
        for item, value_of in self._find_limits(block):
            if (value := value_of(block)) is not None:
                yield item, value
        covered = coverage and coverage.functions.get(block.qualified_name)
        if covered and (crap := covered.find_crap(block.cyclomatic_complexity)) is not None:
            yield from ((item, crap) for item in self._limits.of(block) if item.metric in COVERAGE_METRICS)

    def iter_near(
        self,
        measurement: Measurement,
        ratio: float,
        coverage: FileCoverage | None,
        *,
        nested_blocks: bool,
    ) -> Iterator[Violation]:
        """Yield the values of functions within all of their limits that reach a fraction of them.

        Args:
            measurement: measurement of a file.
            ratio: minimum ratio of a value to its limit, as in ``find_excess``.
            coverage: coverage of the file; ``None`` without coverage data.
            nested_blocks: whether functions inside functions are included.
        """
        for block in list_judged(measurement, nested_blocks=nested_blocks):
            yield from self._iter_near_in(block, ratio, coverage)

    def _iter_near_in(self, block: Block, ratio: float, coverage: FileCoverage | None) -> Iterator[Violation]:
        values = [*self._iter_values(block, coverage)]
        states = [compute_standing(value, item, ratio).state for item, value in values]
        for (item, value), state in zip(values, states, strict=True):
            if state == "near" and "over" not in states:
                yield Violation(
                    item.metric, block.qualified_name, block.line, value, item.limit, item.comparison
                )

    def _find_limits(self, block: Block) -> PreparedLimits:
        """Return the limits of a block's measured values, each with what returns its value."""
        own = self._limits.of(block)
        if (known := self._of_blocks.get(id(own))) is None:
            found = divide_limits(leave_out_coverage(own)).of_blocks
            known = self._of_blocks[id(own)] = prepare_limits(found)
        return known


def parse_ratio(text: str) -> float:
    """Return a fraction of a limit, above 0 and up to 1.

    Raises:
        UsageError: the text is not such a fraction.
    """
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if not 0 < ratio <= 1:
        raise UsageError(f"expected a number above 0 and up to 1, such as 0.8, got {text!r}")
    return ratio
