"""The data of the pages about a history: of a repository, and of one block."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from itertools import pairwise
from operator import attrgetter
from typing import Any

from msgspec.structs import asdict

from pytest_antipasta.extension.metrics import is_of_blocks, judged_metrics
from pytest_antipasta.model.measured import DECIMALS, Number
from pytest_antipasta.model.trend import CommitTotals, FileNumbers, Life, Trend
from pytest_antipasta.policy.limits import excess_ratio
from pytest_antipasta.report.trend_data import (
    LEAST_SPAN,
    compute_outcome,
    format_date,
    has_past,
    iter_series,
    make_life,
    make_standing,
)

MOST_COMMITS = 2000
"""Maximum number of drawn commits; a page is about as many pixels wide."""
MOST_STEPS = 200
"""Maximum number of listed commits, those with the largest changes."""
COMPLEXITY = "cyclomatic_complexity"


def make_trend_data(trend: Trend, means: Sequence[str]) -> dict[str, Any]:
    """Return the object that the page reads, with the means of some metrics."""
    shown = _thin_out(len(trend.commits))
    since = sorted(set(map(attrgetter("since"), trend.standing)))
    changes = {hotspot.path: hotspot.changes for hotspot in trend.hotspots}
    return {
        "outcome": compute_outcome(trend)._asdict(),
        "has_past": has_past(trend),
        "total": len(trend.commits),
        "commits": [_make_commit(trend.commits[index]) for index in shown],
        "series": [
            {**item._asdict(), "values": [_round(item.values[index]) for index in shown]}
            for item in iter_series(trend, means)
        ],
        "metrics": {name: _describe(name) for name in trend.metrics},
        "steps": [_make_step(trend, index) for index in _find_steps(trend)],
        "origins": {trend.commits[index].commit: _make_commit(trend.commits[index]) for index in since},
        "standing": [
            {**make_standing(trend, item), "ratio": excess_ratio(item.violation)} for item in trend.standing
        ],
        "hotspots": list(map(attrgetter("path"), filter(attrgetter("score"), trend.hotspots))),
        "folders": trend.folders,
        "least_span": LEAST_SPAN,
        "month": trend.month,
        "unmeasured": trend.unmeasured,
        "is_cut_off": trend.is_cut_off,
        "files": [
            {
                "path": file.path,
                "first": _make_numbers(file.first),
                "last": _make_numbers(file.last),
                "changes": changes.get(file.path, 0),
            }
            for file in trend.files
        ],
    }


def _describe(metric: str) -> dict[str, bool]:
    """Return how to describe a change of a metric; more lines are neither better nor worse."""
    return {
        "more_is_better": judged_metrics()[metric].more_is_better,
        "is_sum": is_of_blocks(metric),
        "is_neutral": metric.endswith(("_lines", "lines_of_code")),
    }


def _find_steps(trend: Trend) -> list[int]:
    """Return the indexes of the commits with the largest increase or decrease of violations."""
    changes = [now.violations - then.violations for then, now in pairwise(trend.commits)]
    indexes = (index for index, change in enumerate(changes, 1) if change)
    return nlargest(MOST_STEPS, indexes, key=lambda index: (abs(changes[index - 1]), index))


def _make_step(trend: Trend, index: int) -> list[Any]:
    """Return a commit, with its changes of violations, functions and complexity."""
    then, now = trend.commits[index - 1 : index + 1]
    steps: list[Any] = [_make_commit(now), now.violations - then.violations, now.blocks - then.blocks]
    if COMPLEXITY in trend.metrics:
        column = trend.metrics.index(COMPLEXITY)
        steps.append(now.sums[column] - then.sums[column])
    return steps


def _thin_out(number: int) -> Sequence[int]:
    """Return the indexes of the commits to draw: the first one, and the last one of each equal part."""
    if not number:
        return ()
    most = min(number, MOST_COMMITS)
    return sorted({0, *((index + 1) * number // most - 1 for index in range(most))})


def _make_commit(commit: CommitTotals) -> list[Any]:
    return [commit.commit, commit.time, format_date(commit.time), commit.subject]


def _make_numbers(numbers: FileNumbers | None) -> dict[str, Any] | None:
    """Return the values of a file, with those of metrics in order."""
    if numbers is None:
        return None
    return {**asdict(numbers), "sums": [_round(total) for total in numbers.sums]}


def _round(value: Number | None) -> Number | None:
    return None if value is None else round(value, DECIMALS)


def make_life_data(life: Life) -> dict[str, Any]:
    """Return the object that the page reads: the JSON data, with lines extended to the last commit."""
    commits = [(step.commit, step.time, step.subject) for step in life.steps]
    numbers = [step.after for step in life.steps]
    if life.last[0] != commits[-1][0]:
        commits.append(life.last)
        numbers.append(numbers[-1])
    facts = make_life(life)
    return {
        **facts,
        "namesakes": life.namesakes,
        "commits": [[name, time, format_date(time), subject] for name, time, subject in commits],
        "series": [
            {"group": "numbers", "name": metric, "values": values, "threshold": facts["thresholds"][metric]}
            for metric, values in zip(life.metrics, zip(*numbers, strict=True), strict=True)
        ],
    }
