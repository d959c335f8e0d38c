"""Compare values with limits, and compute how far they are over; ``worst.py`` has those of a whole file."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from operator import itemgetter
from typing import NamedTuple, TypeAlias, TypeVar

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.model.judged import (
    Comparison,
    Level,
    SuppressedMetric,
    Threshold,
    ValueEffect,
    Violation,
)
from pytest_antipasta.model.limits import (
    FunctionLimits,
    PathLimits,
    matches,
    selects,
    strip_number,
)
from pytest_antipasta.model.measured import FOREIGN, Block, FileMetrics, Measurement, Number, number_getter

HOLDS: dict[Comparison, Callable[[Number, Number], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_Judged = TypeVar("_Judged", bound=Violation)
PreparedLimits: TypeAlias = "Sequence[tuple[Threshold, Callable[[Block | FileMetrics], Number | None]]]"
"""Limits, each with what returns the value of its metric."""


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


class DividedLimits(NamedTuple):
    """The limits of a file's own values, and those of each of its blocks."""

    of_file: list[Threshold]
    of_blocks: list[Threshold]


class Limits:
    """Thresholds, prepared once for all the files that they apply to."""

    def __init__(
        self, limits: PathLimits, *, nested_blocks: bool = True, warnings_fail: bool = False
    ) -> None:
        """Prepare thresholds.

        Args:
            limits: limits of a file and of its functions.
            nested_blocks: whether blocks inside functions are judged.
            warnings_fail: whether all levels are ``error``.
        """
        self.limits = limits
        self._warnings_fail = warnings_fail
        self._nested_blocks = nested_blocks
        self._of_files, self._of_blocks = map(prepare_limits, divide_limits(limits.thresholds))
        # By identity, as hashing limits is slow: they are kept as long as what they belong to.
        self._of_some: dict[int, PreparedLimits] = {}
        # Among the metrics of blocks, only complexipy's may be missing in a file.
        totals = {name: metric.total for name, metric in judged_metrics().items() if metric.total}
        expected = [*totals, *(item.metric for item, _ in self._of_files)]
        self._expected = [
            (metric, number_getter(totals.get(metric, metric)))
            for metric in filter(expected.__contains__, limits.list_metrics())
        ]
        self._differing = frozenset(totals).intersection(_list_metrics(limits.of_functions))

    def judge(self, measurement: Measurement) -> Judgement:
        """Compare all values of a file with the thresholds.

        Metrics of blocks are judged for every function, method and closure, but not for the average of a
        class. Other metrics are judged for the file, and Halstead's for blocks with a block limit. A file
        with an error is not judged.
        """
        if measurement.error is not None:
            return Judgement((), ())
        if (own := self.limits.for_content(measurement)) is not self.limits:
            return self._of_generated(own).judge(measurement)
        blocks = list_judged(measurement, nested_blocks=self._nested_blocks)
        over = (*self._judge_file(measurement), *self._judge_blocks(blocks))
        violations, warnings = self.part(over, measurement)
        if measurement.foreign is not None:  # a value that a language never measures is not missing
            return Judgement(violations, (), warnings)
        unjudged, lacking = self._list_missing(measurement)
        return Judgement(violations, tuple(unjudged), warnings, tuple(lacking))

    def _of_generated(self, limits: PathLimits) -> Limits:
        return Limits(limits, nested_blocks=self._nested_blocks, warnings_fail=self._warnings_fail)

    def part(
        self, over: tuple[_Judged, ...], measurement: Measurement
    ) -> tuple[tuple[_Judged, ...], tuple[_Judged, ...]]:
        """Return the values of a file that fail, and those that are warnings."""
        if not over or self._warnings_fail:
            return over, ()
        blocks = {block.qualified_name: block for block in measurement.blocks}
        limits = (self.limits.find(item.metric, blocks.get(item.qualified_name or "")) for item in over)
        warned = [limit is not None and limit.level == "warning" for limit in limits]
        return tuple(compress(over, map(operator.not_, warned))), tuple(compress(over, warned))

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
        for limits, places in self._group(blocks):
            some = blocks if len(places) == len(blocks) else [blocks[place] for place in places]
            for threshold, value_of in limits:
                holds, limit = HOLDS[threshold.comparison], threshold.limit
                # Points inside a function belong to the outermost function, so that a closure has none.
                over += [
                    (place, _violation(threshold, value, blocks[place]))
                    for place, value in zip(places, map(value_of, some), strict=True)
                    if value is not None and not holds(value, limit)
                ]
        over.sort(key=itemgetter(0))  # within one block, the order of thresholds is kept
        return [violation for _, violation in over]

    def _group(self, blocks: Sequence[Block]) -> Iterable[tuple[PreparedLimits, Sequence[int]]]:
        """Return the different limits of blocks, each with the places of its blocks."""
        if not self.limits.of_functions:
            return [(self._of_blocks, range(len(blocks)))]
        groups: dict[int, tuple[PreparedLimits, list[int]]] = {}
        for place, block in enumerate(blocks):
            own = self.limits.of(block)
            if (prepared := self._of_some.get(id(own))) is None:
                prepared = self._of_some[id(own)] = prepare_limits(divide_limits(own).of_blocks)
            groups.setdefault(id(own), (prepared, []))[1].append(place)
        return groups.values()

    def _list_missing(self, measurement: Measurement) -> tuple[list[str], list[str]]:
        """Return the metrics with a limit and without a value in a file, which pass, and which fail."""
        passing, failing = list[str](), list[str]()
        for metric, value_of in self._expected:
            levels = self._find_levels(metric, measurement) if value_of(measurement.metrics) is None else ()
            if levels:
                passes = FOREIGN in metric or ("error" not in levels and not self._warnings_fail)
                (passing if passes else failing).append(metric)
        return passing, failing

    def _find_levels(self, metric: str, measurement: Measurement) -> set[Level]:
        """Return the levels of the limits of a metric in a file; none if no function there has a limit."""
        blocks: Iterable[Block | None] = (None,)
        if metric in self._differing:
            # A closure has no points of its own.
            blocks = (block for block in measurement.blocks if block.kind not in ("class", "closure"))
        return {limit.level for block in blocks if (limit := self.limits.find(metric, block))}


def _list_metrics(limits: Iterable[FunctionLimits]) -> Iterator[str]:
    return (metric for item in limits for metric, _ in item.thresholds)


def prepare_limits(thresholds: Iterable[Threshold]) -> PreparedLimits:
    """Return limits, each with what returns its value."""
    return [(item, number_getter(item.metric)) for item in thresholds]


def satisfies(value: Number, comparison: Comparison, limit: Number) -> bool:
    """Return whether a value satisfies its threshold."""
    return HOLDS[comparison](value, limit)


def allows(allowance: SuppressedMetric, value: Number) -> bool:
    """Return whether a comment suppresses a value of its metric."""
    comparison, ceiling = allowance.comparison, allowance.ceiling
    if allowance.state == "not honoured":
        return False
    return ceiling is None or comparison is None or satisfies(value, comparison, ceiling)


def divide_limits(thresholds: Iterable[Threshold]) -> DividedLimits:
    """Return the limits of a file's own values, and those of its blocks."""
    known, divided = judged_metrics(), DividedLimits([], [])
    for threshold in thresholds:
        metric, limit = known.get(threshold.metric), threshold.block_limit
        if metric is not None and metric.scope == "block":
            divided.of_blocks.append(threshold)
            continue
        divided.of_file.append(threshold)
        if limit is not None:
            divided.of_blocks.append(
                Threshold(threshold.metric, limit, threshold.comparison, level=threshold.level)
            )
    return divided


def find_block_threshold(threshold: Threshold) -> Threshold | None:
    """Return the threshold for each block, if there is one."""
    return next(iter(divide_limits([threshold]).of_blocks), None)


def find_limit(limits: PathLimits, metric: str, block: Block | None) -> Threshold | None:
    """Return the limit of a metric for a block, or for the file for ``None``."""
    limit = limits.find(metric, block)
    return limit if limit is None or block is None else find_block_threshold(limit)


def list_judged(measurement: Measurement, *, nested_blocks: bool) -> list[Block]:
    """Return the blocks with limits: no classes, and those inside functions if ``nested_blocks`` is set."""
    left_out = frozenset() if nested_blocks else find_nested(measurement)
    return [
        block
        for block in measurement.blocks
        if block.kind != "class" and block.qualified_name not in left_out
    ]


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
        if block.is_function:
            here = max(here, block.end_line)
    return frozenset(nested)


def excess_ratio(violation: Violation) -> float:
    """Return how far a value is over its limit, see :func:`find_excess`."""
    return find_excess(violation.value, violation.comparison, violation.threshold)


def added_ratio(violation: Violation) -> float:
    """Return by what share of its limit a change made a value worse, all of it in a new function; else 0."""
    value, before, limit = violation.value, violation.before, violation.threshold
    if violation.change is None:
        return 0.0
    if before is None:
        return excess_ratio(violation)
    return growth_ratio(value, before, violation.comparison, limit)


def growth_ratio(value: Number, before: Number, comparison: Comparison, limit: Number) -> float:
    """Return by what share of its limit a value has got worse; negative if it has got better."""
    added = _badness(value, comparison, limit) - _badness(before, comparison, limit)
    return added / abs(limit) if limit else float(added)


def was_over(violation: Violation) -> bool:
    """Return whether a value was over its limit before a change."""
    before = violation.before
    if before is None or violation.previous_limit is not None:
        return False
    return not satisfies(before, violation.comparison, violation.threshold)


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


def compute_effect(value: Number, before: Number, comparison: Comparison, limit: Number) -> ValueEffect:
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


def is_critical(patterns: Iterable[str], path: str, block: Block | None) -> bool:
    """Return whether nothing is tolerated in a block, by patterns of ``critical_functions``.

    A class and the values of a file, ``None``, are not. A cell of a notebook is by its file alone.
    """
    return block is not None and any(
        selects(pattern, block) or ("::" in pattern and _has_place(pattern, path, block))
        for pattern in patterns
    )


def _has_place(pattern: str, path: str, block: Block) -> bool:
    """Return whether a pattern with colons matches a block by its file, or its name in C++ and others."""
    name = strip_number(block.qualified_name)
    return block.kind != "class" and (matches(name, pattern) or matches(f"{path}::{name}", pattern))


def find_critical(patterns: Iterable[str], path: str, blocks: Iterable[Block]) -> frozenset[str]:
    """Return the qualified names of the blocks of a file in which nothing is tolerated."""
    return frozenset(block.qualified_name for block in blocks if is_critical(patterns, path, block))


def may_be_critical(pattern: str, paths: Iterable[str]) -> bool:
    """Return whether a pattern of ``critical_functions`` can match a function of some files."""
    path, has_path, _ = pattern.rpartition("::")
    return not has_path or any(matches(item, path) for item in paths)


def _violation(threshold: Threshold, value: Number, block: Block | None) -> Violation:
    return Violation(
        threshold.metric,
        block.qualified_name if block else None,
        block.line if block else None,
        value,
        threshold.limit,
        threshold.comparison,
    )
