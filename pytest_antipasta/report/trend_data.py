"""The history of values, or of one block, as data: JSON, CSV with a row for each commit, series to draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from msgspec.structs import asdict

from pytest_antipasta.messages import count, show_name
from pytest_antipasta.model.measured import NOTEBOOK, Number
from pytest_antipasta.model.trend import (
    CommitTotals,
    FileNumbers,
    FileTotals,
    Hotspot,
    LastingViolation,
    Life,
    LifeStep,
    Trend,
)
from pytest_antipasta.report.csv_cells import format_rows
from pytest_antipasta.report.records import encode_parts, make_head

_HEAD = ("commit", "date", "subject", "files", "errors", "blocks", "violations")
_WORDS = ("commit", "date", "subject", "change", "path", "qualified_name", "previous_path", "previous_name")
_SIZE = "source_lines_of_code"
LEAST_SPAN = 0.05
"""The part of its highest value that the line of a mean spans at least."""


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
    commits = trend.commits
    size = trend.metrics.index(_SIZE) if _SIZE in trend.metrics else None
    if size is not None:
        yield Series("totals", "over limits per 1,000 lines", _find_densities(commits, size))
    yield Series("totals", "values over their limits", [*map(attrgetter("violations"), commits)])
    for index, metric in enumerate(trend.metrics):
        over = [commit.over[index] for commit in commits]
        if any(over):
            yield Series("over", metric, over)
    yield Series("totals", "files", [*map(attrgetter("files"), commits)])
    yield Series("totals", "functions and methods", [*map(attrgetter("blocks"), commits)])
    if size is not None:
        yield Series("totals", _SIZE, [commit.sums[size] for commit in commits])
    for metric in means:
        index = trend.metrics.index(metric)
        yield Series("means", metric, [_find_means(commit)[index] for commit in commits])


def _find_densities(commits: Iterable[CommitTotals], size: int) -> list[Number | None]:
    """Return the number of violations per 1,000 source lines, by commit; ``None`` without such lines."""
    lines = ((commit.violations, commit.sums[size]) for commit in commits)
    return [1000 * number / total if total else None for number, total in lines]


class TrendOutcome(NamedTuple):
    """What a history comes to.

    Attributes:
        text: the number of values over their limits, and what it was at first.
        effect: whether there are more or fewer of them than at first; ``None`` for neither.
    """

    text: str
    effect: Literal["worse", "better"] | None = None


def compute_outcome(trend: Trend) -> TrendOutcome:
    """Return what a history comes to; one that starts without files, or has one commit, has no past."""
    if not trend.commits:
        return TrendOutcome("No commit")
    first, last = trend.commits[0], trend.commits[-1]
    then, now = first.violations, last.violations
    limits = "its limit" if now == 1 else "their limits"
    text = f"{count(now, 'value')} over {limits}"
    if not has_past(trend):
        return TrendOutcome(text)
    if then == now:
        return TrendOutcome(f"{text}, unchanged")
    is_worse = now > then
    return TrendOutcome(
        f"{text}, {'up' if is_worse else 'down'} from {then:,}", "worse" if is_worse else "better"
    )


def has_past(trend: Trend) -> bool:
    """Return whether a history begins with files, so that there is something to compare with."""
    return len(trend.commits) > 1 and trend.commits[0].files > 0


def iter_trend_json(trend: Trend) -> Iterator[bytes]:
    """Yield the JSON object of ``trend`` in parts, as a long history needs much memory."""
    month = trend.month
    facts = {
        **make_head(()),
        "metrics": trend.metrics,
        "is_cut_off": trend.is_cut_off,
        "unmeasured": trend.unmeasured,
        "standing": [make_standing(trend, item) for item in trend.standing],
        "files": [_make_file(trend.metrics, file) for file in trend.files],
        "folders": trend.folders,
        "hotspots": _make_hotspots(trend.hotspots),
        "block_hotspots": _make_hotspots(trend.block_hotspots),
        "month": month and {**asdict(month), "since": trend.commits[month.since].commit},
    }
    commits = (_make_commit(trend.metrics, commit) for commit in trend.commits)
    return encode_parts(facts, "commits", commits)


def make_trend_csv(trend: Trend) -> bytes:
    """Return a row for each commit below the column names."""
    groups = ("sum", "mean", "over", "excess")
    head = (*_HEAD, *(f"{group}_{metric}" for group in groups for metric in trend.metrics))
    rows = (
        (*_make_head_cells(commit), *commit.sums, *_find_means(commit), *commit.over, *commit.excess)
        for commit in trend.commits
    )
    return format_rows(chain([head], rows))


def format_date(time: int) -> str:
    """Return a time in UTC as ISO 8601."""
    return datetime.fromtimestamp(time, UTC).isoformat()


def _find_means(commit: CommitTotals) -> list[Number | None]:
    """Return the mean of each metric; ``None`` without values."""
    pairs = zip(commit.sums, commit.counts, strict=True)
    return [total / number if number else None for total, number in pairs]


def _make_commit(metrics: Sequence[str], commit: CommitTotals) -> dict[str, Any]:
    over = zip(metrics, commit.over, commit.excess, strict=True)
    return {
        **dict(zip(_HEAD, _make_head_cells(commit), strict=True)),
        "sum": dict(zip(metrics, commit.sums, strict=True)),
        "mean": dict(zip(metrics, _find_means(commit), strict=True)),
        "over": {metric: {"numbers": number, "excess": excess} for metric, number, excess in over if number},
    }


def _make_head_cells(commit: CommitTotals) -> tuple[object, ...]:
    numbers = (commit.files, commit.errors, commit.blocks, commit.violations)
    return (commit.commit, format_date(commit.time), commit.subject, *numbers)


def make_standing(trend: Trend, standing: LastingViolation) -> dict[str, Any]:
    """Return a violation, with the id of the commit that caused it, if known."""
    violation = standing.violation
    return {
        "path": standing.path,
        "qualified_name": violation.qualified_name,
        # A history has no cells: lines of a notebook are counted through the code of all cells.
        "line": None if standing.path.endswith(NOTEBOOK) else violation.line,
        "metric": violation.metric,
        "value": violation.value,
        "threshold": violation.threshold,
        "comparison": violation.comparison,
        "since": trend.commits[standing.since].commit if standing.since or trend.begins else None,
        "first_value": standing.first_value,
    }


def _make_file(metrics: Sequence[str], file: FileTotals) -> dict[str, Any]:
    return {
        "path": file.path,
        "first": file.first and _make_numbers(metrics, file.first),
        "last": file.last and _make_numbers(metrics, file.last),
    }


def _make_numbers(metrics: Sequence[str], numbers: FileNumbers) -> dict[str, Any]:
    sums = zip(metrics, numbers.sums, strict=True)
    return {
        "lines": numbers.lines,
        "blocks": numbers.blocks,
        "violations": numbers.violations,
        "sum": {metric: total for metric, total in sums if total is not None},
    }


def _make_hotspots(hotspots: Iterable[Hotspot] | None) -> list[dict[str, Any]] | None:
    if hotspots is None:
        return None
    return [{**asdict(hotspot), "score": hotspot.score} for hotspot in hotspots]


def make_life(life: Life) -> dict[str, Any]:
    """Return the JSON object of a block's history."""
    return {
        **make_head(()),
        "path": life.path,
        "qualified_name": life.qualified_name,
        "thresholds": {
            metric: threshold and {"limit": threshold.limit, "comparison": threshold.comparison}
            for metric, threshold in zip(life.metrics, life.thresholds, strict=True)
        },
        "looked_at": life.commits,
        "edits": life.edits,
        "unmeasured": life.unmeasured,
        "is_cut_off": life.is_cut_off,
        "steps": [_make_life_step(life, step) for step in life.steps],
    }


def make_life_csv(life: Life) -> bytes:
    """Return a row for each commit below the column names."""
    groups = ("before", "after")
    head = (*_WORDS, *(f"{group}_{metric}" for group in groups for metric in life.metrics))
    none = [None] * len(life.metrics)
    rows = [
        (*(show_name(word or "") for word in _list_words(step)), *(step.before or none), *step.after)
        for step in life.steps
    ]
    return format_rows([head, *rows])


def _make_life_step(life: Life, step: LifeStep) -> dict[str, Any]:
    before = step.before or (None,) * len(step.after)
    numbers = {
        metric: {"before": old, "after": new}
        for metric, old, new in zip(life.metrics, before, step.after, strict=True)
    }
    return {**dict(zip(_WORDS, _list_words(step), strict=True)), "metrics": numbers}


def _list_words(step: LifeStep) -> tuple[str | None, ...]:
    places = (step.path, step.qualified_name, step.previous_path, step.previous_name)
    return (step.commit, format_date(step.time), step.subject, step.change, *places)
