"""Presets: three sets of limits for a code base, and how much of it each would fail."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from pytest_antipasta.extension import default_thresholds, is_of_blocks
from pytest_antipasta.model import Measurement, Number, Threshold, find_number
from pytest_antipasta.patterns import compile_patterns
from pytest_antipasta.policy import judge

_IN_TESTS = ("cognitive_complexity",)


class Preset(Struct, frozen=True):
    """One set of limits.

    Attributes:
        name: ``functions``, ``default`` or ``now``.
        thresholds: of each metric that is judged by default; ``None`` switches it off.
        failing: how many files are over one of them today.
    """

    name: str
    thresholds: Mapping[str, Threshold | None]
    failing: int

    def find_off_in_tests(self) -> list[str]:
        """Return the metrics that are judged, and not in tests."""
        return [metric for metric, limit in self.thresholds.items() if limit and metric not in _IN_TESTS]


def make_presets(files: Mapping[str, Measurement], test_patterns: tuple[str, ...]) -> dict[str, Preset]:
    """Return the presets by name, for what was measured by path and the patterns of tests among it.

    ``functions`` has the default limits of a function's two complexities and nothing else, ``default`` is
    what applies without settings, and ``now`` is what all of today's code keeps to, rounded away from it to
    two digits and never stricter than the default. In tests, each has the cognitive complexity alone.
    """
    is_test = compile_patterns(test_patterns)
    tests = [measurement for path, measurement in files.items() if is_test(path)]
    others = [measurement for path, measurement in files.items() if not is_test(path)]
    defaults = default_thresholds().items()
    found: dict[str, dict[str, Threshold | None]] = {
        "functions": {metric: limit if is_of_blocks(metric) else None for metric, limit in defaults},
        "default": dict(defaults),
        "now": {
            metric: _loosen(limit, _find_values(metric, others + tests if metric in _IN_TESTS else others))
            for metric, limit in defaults
        },
    }
    return {
        name: Preset(name, limits, _count_failing(others, limits) + _count_failing(tests, limits, _IN_TESTS))
        for name, limits in found.items()
    }


def _find_values(metric: str, measurements: Iterable[Measurement]) -> list[Number]:
    """Return all numbers of a metric that are judged."""
    if is_of_blocks(metric):
        blocks = (block for each in measurements for block in each.blocks if block.kind != "class")
        found = [find_number(block, metric) for block in blocks]
    else:
        found = [find_number(each.metrics, metric) for each in measurements]
    return [value for value in found if value is not None]


def _loosen(default: Threshold, values: Sequence[Number]) -> Threshold:
    """Return a default threshold, or one that all values keep to where they don't keep to that."""
    limit = default.limit
    if default.comparison == ">=":
        limit = min([limit, *map(math.floor, values)])
    else:
        limit = max([limit, *map(_round_up, values)])
    return Threshold(default.metric, limit, default.comparison)


def _round_up(value: Number) -> int:
    """Round a number up to two digits."""
    step: int = 10 ** max(len(str(math.ceil(value))) - 2, 0)
    return math.ceil(value / step) * step


def _count_failing(
    measurements: Iterable[Measurement],
    thresholds: Mapping[str, Threshold | None],
    metrics: Iterable[str] | None = None,
) -> int:
    limits = [limit for metric in metrics or default_thresholds() if (limit := thresholds[metric])]
    return sum(bool(judge(measurement, limits).violations) for measurement in measurements)
