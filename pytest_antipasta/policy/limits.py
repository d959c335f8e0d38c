"""Compare values with limits, and compute how far they are over; ``worst.py`` has those of a whole file."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from operator import attrgetter, itemgetter
from typing import NamedTuple

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.model.judged import Comparison, Threshold, ValueEffect, Violation
from pytest_antipasta.model.measured import FOREIGN, Block, FileMetrics, Measurement, Number, number_getter

HOLDS: dict[Comparison, Callable[[Number, Number], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
# Characters special to `fnmatch`.
_SPECIAL = re.compile(r"[?\[]")


class Judgement(NamedTuple):
    """The result of comparing a file's values with their limits.

    Attributes:
        violations: values over their limits that fail; those of the file first, then by line.
        unjudged: metrics with a threshold and without a value, which do not fail: the level is ``warning``,
            or the metric is that of an extension, which may have no value.
        warnings: values over limits whose level is ``warning``, in the same order.
        lacking: all other metrics with a threshold and without a value.
    """

    violations: tuple[Violation, ...]
    unjudged: tuple[str, ...]
    warnings: tuple[Violation, ...] = ()
    lacking: tuple[str, ...] = ()


class Limits:
    """Thresholds, prepared once for all the files that they apply to."""

    def __init__(
        self, thresholds: Sequence[Threshold], *, nested_blocks: bool = True, warnings_fail: bool = False
    ) -> None:
        """Prepare thresholds.

        Args:
            thresholds: thresholds of a file.
            nested_blocks: whether blocks inside functions are judged.
            warnings_fail: whether all levels are ``error``.
        """
        self.thresholds = thresholds
        self.warned = _find_warned(thresholds, warnings_fail)
        """The metrics whose numbers over limits are warnings."""
        self._nested_blocks = nested_blocks
        of_blocks = find_block_thresholds(thresholds)
        pairs = list(zip(thresholds, of_blocks, strict=True))
        self._of_files = [(item, _find_getter(item.metric)) for item, other in pairs if item is not other]
        self._of_blocks = [(block, _find_getter(block.metric)) for block in of_blocks if block is not None]
        # Among the metrics of blocks, only complexipy's may be missing in a file.
        totals = {name: metric.total for name, metric in judged_metrics().items()}
        self._expected = [
            (item.metric, _find_getter(totals.get(item.metric) or item.metric))
            for item, other in pairs
            if totals.get(item.metric) or item is not other
        ]

    def judge(self, measurement: Measurement) -> Judgement:
        """Compare all values of a file with the thresholds.

        Metrics of blocks are judged for every function, method and closure, but not for the average of a
        class. Other metrics are judged for the file, and Halstead's for blocks with a block limit. A file
        with an error is not judged.
        """
        if measurement.error is not None:
            return Judgement((), ())
        left_out = frozenset() if self._nested_blocks else find_nested(measurement)
        blocks = [
            block
            for block in measurement.blocks
            if block.kind != "class" and block.qualified_name not in left_out
        ]
        over = (*self._judge_file(measurement), *self._judge_blocks(blocks))
        violations, warnings = self.part(over)
        unjudged, lacking = list[str](), list[str]()
        for metric in self._find_missing(measurement):
            may_be_missing = metric in self.warned or FOREIGN in metric
            (unjudged if may_be_missing else lacking).append(metric)
        return Judgement(violations, tuple(unjudged), warnings, tuple(lacking))

    def part(self, over: tuple[Violation, ...]) -> tuple[tuple[Violation, ...], tuple[Violation, ...]]:
        """Return the values that fail, and those that are warnings."""
        if not over or not self.warned:
            return over, ()
        failing = tuple(item for item in over if item.metric not in self.warned)
        return failing, tuple(item for item in over if item.metric in self.warned)

    def _judge_file(self, measurement: Measurement) -> Iterator[Violation]:
        for threshold, value_of in self._of_files:
            value = value_of(measurement.metrics)
            if value is not None and not satisfies(value, threshold.comparison, threshold.limit):
                yield _violation(threshold, value, None)

    def _judge_blocks(self, blocks: Sequence[Block]) -> list[Violation]:
        """Return the violations of blocks.

        Most blocks are within all limits, so there is one simple loop over all blocks for each threshold.
        """
        over: list[tuple[int, Violation]] = []
        for threshold, value_of in self._of_blocks:
            holds, limit = HOLDS[threshold.comparison], threshold.limit
            # Points inside a function belong to the outermost function, so that a closure has none.
            over += [
                (place, _violation(threshold, value, blocks[place]))
                for place, value in enumerate(map(value_of, blocks))
                if value is not None and not holds(value, limit)
            ]
        over.sort(key=itemgetter(0))  # within one block, the order of thresholds is kept
        return [violation for _, violation in over]

    def _find_missing(self, measurement: Measurement) -> Iterator[str]:
        if measurement.foreign is not None:
            return  # a value that a language never measures is not missing
        for metric, value_of in self._expected:
            if value_of(measurement.metrics) is None:
                yield metric


def _find_warned(thresholds: Iterable[Threshold], warnings_fail: bool) -> frozenset[str]:
    return frozenset(
        threshold.metric for threshold in thresholds if threshold.level == "warning" and not warnings_fail
    )


def judge(
    measurement: Measurement, thresholds: Sequence[Threshold], *, nested_blocks: bool = True
) -> Judgement:
    """Compare all values of a single file with thresholds, as :class:`Limits` does."""
    return Limits(thresholds, nested_blocks=nested_blocks).judge(measurement)


def satisfies(value: Number, comparison: Comparison, limit: Number) -> bool:
    """Return whether a value satisfies its threshold."""
    return HOLDS[comparison](value, limit)


def find_block_thresholds(thresholds: Iterable[Threshold]) -> list[Threshold | None]:
    """Return the block threshold of each threshold, if there is one."""
    known = judged_metrics()
    found: list[Threshold | None] = []
    for threshold in thresholds:
        if threshold.metric in known and known[threshold.metric].scope == "block":
            found.append(threshold)
        elif threshold.block_limit is None:
            found.append(None)
        else:
            found.append(
                Threshold(
                    threshold.metric, threshold.block_limit, threshold.comparison, level=threshold.level
                )
            )
    return found


def find_block_threshold(threshold: Threshold) -> Threshold | None:
    """Return the threshold for each block, if there is one."""
    return find_block_thresholds([threshold])[0]


def find_nested(measurement: Measurement) -> frozenset[str]:
    """Return the qualified names of the blocks inside functions.

    Lines decide: in other languages, a dot in a name does not mean nesting, as in JavaScript's
    ``Cart.prototype.total`` after a function ``Cart``. There, a function may also begin on the last line of
    another one, and counts as outside.
    """
    is_python = measurement.foreign is None
    nested: set[str] = set()
    reach = here = line = 0  # last lines of functions above a line, and on it
    for block in measurement.blocks:
        if block.line > line:
            reach, here, line = max(reach, here), 0, block.line
        if block.end_line < reach or (is_python and block.end_line == reach):
            nested.add(block.qualified_name)
        if block.kind not in ("class", "cell"):
            here = max(here, block.end_line)
    return frozenset(nested)


def excess_ratio(violation: Violation) -> float:
    """Return how far a value is over its limit, see :func:`find_excess`."""
    return find_excess(violation.value, violation.comparison, violation.threshold)


def find_excess(value: Number, comparison: Comparison, limit: Number) -> float:
    """Return the ratio of a value to its limit; 1 is the limit itself, and more is worse.

    If more is better, it is 1 plus the missing fraction of the limit, so that a value of 0 has the ratio 2.
    For ``==`` it is 1 plus the distance as a fraction of the limit, and for ``!=`` 0 or 1. Beside a limit of
    0, every value is on the limit, infinitely worse, or at 0.
    """
    if comparison == "!=":
        return float(value == limit)
    worse = _badness(value, comparison, limit) - _badness(limit, comparison, limit)
    if not worse:
        return 1.0
    if not limit:
        return float("inf") if worse > 0 else 0.0
    return 1 + worse / abs(limit) if comparison in (">", ">=", "==") else value / limit


def is_worse(
    value: Number, before: Number, comparison: Comparison, limit: Number, allowance: Number = 0
) -> bool:
    """Return whether a value has moved away from its threshold by more than an allowance."""
    return _badness(value, comparison, limit) > _badness(before, comparison, limit) + allowance


def find_value_effect(value: Number, before: Number, comparison: Comparison, limit: Number) -> ValueEffect:
    """Return whether a value has moved away from its threshold, or towards it."""
    if is_worse(value, before, comparison, limit):
        return "worse"
    return "better" if is_worse(before, value, comparison, limit) else "same"


def _badness(value: Number, comparison: Comparison, limit: Number) -> Number:
    """Return a number that increases with the distance from satisfying the threshold."""
    if comparison in ("<=", "<"):
        return value
    if comparison in (">=", ">"):
        return -value
    distance = abs(value - limit)
    return distance if comparison == "==" else -distance


def is_critical(patterns: Iterable[str], path: str, name: str) -> bool:
    """Return whether nothing is tolerated in a block, by patterns of ``critical_functions``."""
    return any(
        _matches(name, pattern) or ("::" in pattern and _matches(f"{path}::{name}", pattern))
        for pattern in patterns
    )


def may_be_critical(pattern: str, paths: Iterable[str]) -> bool:
    """Return whether a pattern of ``critical_functions`` can match a function of some files."""
    path, has_path, _ = pattern.rpartition("::")
    return not has_path or any(_matches(item, path) for item in paths)


def _matches(text: str, pattern: str) -> bool:
    """Return whether a text matches a pattern in which only ``*`` is special, and not brackets."""
    return fnmatchcase(text, _SPECIAL.sub(r"[\g<0>]", pattern))


def _find_getter(metric: str) -> Callable[[Block | FileMetrics], Number | None]:
    return number_getter(metric) if FOREIGN in metric else attrgetter(metric)


def _violation(threshold: Threshold, value: Number, block: Block | None) -> Violation:
    return Violation(
        threshold.metric,
        block.qualified_name if block else None,
        block.line if block else None,
        value,
        threshold.limit,
        threshold.comparison,
    )
