"""Three sets of limits for a code base, and how much of it each would fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from pytest_antipasta.model import Measurement, Number, Threshold
from pytest_antipasta.policy import judge
from pytest_antipasta.settings import DEFAULT_THRESHOLDS

_OF_BLOCKS = ("cyclomatic_complexity", "cognitive_complexity")
_STRICT_SHARE = 0.9
_BEST_INDEX = 75


class Level(Struct, frozen=True):
    """One set of limits.

    Attributes:
        name: ``strict``, ``now`` or ``default``.
        thresholds: by metric.
        failing: how many files are over one of them today.
    """

    name: str
    thresholds: Mapping[str, Threshold]
    failing: int


def propose_levels(measurements: Sequence[Measurement]) -> list[Level]:
    """Return the levels, the strictest first.

    ``default`` is what applies without settings. ``now`` is what all of today's code keeps to, rounded away
    from it to two digits and never stricter than the default. ``strict`` is what nine of ten numbers of
    today keep to, never looser than the default and at most twice as strict (an index of 75 at most).

    Args:
        measurements: of the files.
    """
    values = {metric: _find_values(metric, measurements) for metric in DEFAULT_THRESHOLDS}
    found = (
        ("strict", {metric: _propose_strict(metric, values[metric]) for metric in values}),
        ("now", {metric: _propose_now(metric, values[metric]) for metric in values}),
        ("default", dict(DEFAULT_THRESHOLDS)),
    )
    return [Level(name, limits, _count_failing(measurements, limits.values())) for name, limits in found]


def _find_values(metric: str, measurements: Iterable[Measurement]) -> list[Number]:
    """Return all numbers of a metric that are judged, from good to bad."""
    if metric in _OF_BLOCKS:
        blocks = (block for each in measurements for block in each.blocks if block.kind != "class")
        found = [getattr(block, metric) for block in blocks]
    else:
        found = [getattr(each.metrics, metric) for each in measurements]
    is_better_high = DEFAULT_THRESHOLDS[metric].comparison == ">="
    return sorted((value for value in found if value is not None), reverse=is_better_high)


def _propose_now(metric: str, values: Sequence[Number]) -> Threshold:
    default = DEFAULT_THRESHOLDS[metric]
    if not values:
        return default
    choose: Callable[[Number, Number], Number] = min if default.comparison == ">=" else max
    return _with_limit(default, choose(_round(default, values[-1]), default.limit))


def _propose_strict(metric: str, values: Sequence[Number]) -> Threshold:
    default = DEFAULT_THRESHOLDS[metric]
    if not values:
        return default
    limit = _round(default, values[math.ceil(_STRICT_SHARE * len(values)) - 1])
    if default.comparison == ">=":
        return _with_limit(default, min(max(limit, default.limit), _BEST_INDEX))
    return _with_limit(default, max(min(limit, default.limit), math.ceil(default.limit / 2)))


def _round(default: Threshold, value: Number) -> int:
    """Round a number away from what is good: an index down, all else up to two digits."""
    if default.comparison == ">=":
        return math.floor(value)
    step: int = 10 ** max(len(str(math.ceil(value))) - 2, 0)
    return math.ceil(value / step) * step


def _with_limit(threshold: Threshold, limit: Number) -> Threshold:
    return Threshold(threshold.metric, limit, threshold.comparison)


def _count_failing(measurements: Iterable[Measurement], thresholds: Iterable[Threshold]) -> int:
    limits = list(thresholds)
    return sum(bool(judge(measurement, limits).violations) for measurement in measurements)
