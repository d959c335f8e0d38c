"""The series of a history that are drawn over time: one value for each commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Literal, NamedTuple

from pytest_antipasta.model import CommitTotals, Number, Trend
from pytest_antipasta.report.trend.data import find_means

OVER, DENSITY = "values over their limits", "over limits per 1,000 lines"
_COUNTS: dict[str, Callable[[CommitTotals], Number]] = {
    "files": attrgetter("files"),
    "functions and methods": attrgetter("blocks"),
}
_SIZE = "source_lines_of_code"


class Series(NamedTuple):
    """A series of values to draw.

    Attributes:
        group: the kind of values: totals, violations of a metric, or means of a metric.
        name: name of the total or of the metric.
        values: values in the order of the commits; ``None`` for a missing value.
    """

    group: Literal["totals", "over", "means"]
    name: str
    values: Sequence[Number | None]


def iter_series(trend: Trend, means: Sequence[str]) -> Iterator[Series]:
    """Yield the series to draw, with the means of some metrics; violations come first."""
    yield from _iter_over(trend)
    for name, find in _COUNTS.items():
        yield Series("totals", name, [find(commit) for commit in trend.commits])
    if _SIZE in trend.metrics:
        place = trend.metrics.index(_SIZE)
        yield Series("totals", _SIZE, [commit.sums[place] for commit in trend.commits])
    for metric in means:
        place = trend.metrics.index(metric)
        yield Series("means", metric, [find_means(commit)[place] for commit in trend.commits])


def _iter_over(trend: Trend) -> Iterator[Series]:
    """Yield the numbers of violations: per 1,000 source lines, in total, and by metric."""
    if _SIZE in trend.metrics:
        yield Series("totals", DENSITY, find_densities(trend))
    yield Series("totals", OVER, [commit.violations for commit in trend.commits])
    for place, metric in enumerate(trend.metrics):
        over = [commit.over[place] for commit in trend.commits]
        if any(over):
            yield Series("over", metric, over)


def find_densities(trend: Trend) -> list[Number | None]:
    """Return the number of violations per 1,000 source lines, by commit.

    ``None`` without source lines, as in an empty repository, or if they are not counted.
    """
    if _SIZE not in trend.metrics:
        return [None] * len(trend.commits)
    place = trend.metrics.index(_SIZE)
    return [
        1000 * commit.violations / commit.sums[place] if commit.sums[place] else None
        for commit in trend.commits
    ]
