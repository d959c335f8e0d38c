"""What of a history is drawn over time: a number for each commit."""

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
    """Numbers to draw.

    Attributes:
        group: what they are: totals, how many numbers of a metric are over its limit, or a metric's means.
        name: of the total, or of the metric.
        values: in the order of the commits; ``None`` where there is none.
    """

    group: Literal["totals", "over", "means"]
    name: str
    values: Sequence[Number | None]


def iter_series(trend: Trend, means: Sequence[str]) -> Iterator[Series]:
    """Yield what there is to draw, with the means of some metrics; first how much is over its limit."""
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
    """Yield how many numbers are over their limits: in code of one size, in all, and by metric."""
    if _SIZE in trend.metrics:
        yield Series("totals", DENSITY, find_densities(trend))
    yield Series("totals", OVER, [commit.violations for commit in trend.commits])
    for place, metric in enumerate(trend.metrics):
        over = [commit.over[place] for commit in trend.commits]
        if any(over):
            yield Series("over", metric, over)


def find_densities(trend: Trend) -> list[Number | None]:
    """Return how many numbers are over their limits for each 1,000 source lines, by commit.

    ``None`` where there are no source lines, as in an empty repository, and where they are not counted.
    """
    if _SIZE not in trend.metrics:
        return [None] * len(trend.commits)
    place = trend.metrics.index(_SIZE)
    return [
        1000 * commit.violations / commit.sums[place] if commit.sums[place] else None
        for commit in trend.commits
    ]
