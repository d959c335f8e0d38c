"""What of a history is drawn over time: a number for each commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Literal, NamedTuple

from pytest_antipasta.model import CommitTotals, Number, Trend
from pytest_antipasta.report.trend.data import find_means

_COUNTS: dict[str, Callable[[CommitTotals], Number]] = {
    "files": attrgetter("files"),
    "functions and methods": attrgetter("blocks"),
    "numbers over their limits": attrgetter("violations"),
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
    """Yield what there is to draw, with the means of some metrics."""
    for name, find in _COUNTS.items():
        yield Series("totals", name, [find(commit) for commit in trend.commits])
    for place, metric in enumerate(trend.metrics):
        over = [commit.over[place] for commit in trend.commits]
        if any(over):
            yield Series("over", metric, over)
    if _SIZE in trend.metrics:
        place = trend.metrics.index(_SIZE)
        yield Series("totals", _SIZE, [commit.sums[place] for commit in trend.commits])
    for metric in means:
        place = trend.metrics.index(metric)
        yield Series("means", metric, [find_means(commit)[place] for commit in trend.commits])
