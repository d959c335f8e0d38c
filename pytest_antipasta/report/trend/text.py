"""The history of numbers for people: a screen of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from pytest_antipasta.messages import count, printable_lines, show_name
from pytest_antipasta.model import CommitTotals, FolderTotals, Hotspot, Number, Standing, Trend
from pytest_antipasta.policy import excess_ratio
from pytest_antipasta.report.terminal import PLAIN, Paint
from pytest_antipasta.report.trend.data import format_date
from pytest_antipasta.report.trend.series import Series, find_densities, iter_series
from pytest_antipasta.report.trend.sparkline import draw_sparkline
from pytest_antipasta.report.wording import format_number

_WIDTH = 79
_NAME, _NUMBER, _LINE = 31, 10, 24
_MOST, _MOST_HOT = 5, 10
_SHORT = 10
CUT_OFF = "shallow clone: older commits are missing; `git fetch --unshallow` gets them"


def iter_trend_lines(
    trend: Trend, means: Sequence[str], paint: Paint = PLAIN, *, is_ascii: bool = False
) -> Iterator[str]:
    """Yield what a history comes to; names and subjects are escaped before they are painted.

    Args:
        trend: of one commit at least.
        means: the metrics to show the mean of.
        paint: colours the text.
        is_ascii: whether to draw with ASCII alone.
    """
    first, last = trend.commits[0], trend.commits[-1]
    days = f"{_day(first)} to {_day(last)}"
    yield paint(_format_headline(trend, is_ascii=is_ascii), "bold")
    yield f"{count(len(trend.commits), 'commit')}, {days}, {count(last.files, 'file')}"
    yield ""
    yield f"{'':{_NAME}}{_day(first):>{_NUMBER}}  {'':{_LINE}}{_day(last):>{_NUMBER}}"
    yield from _iter_rows(iter_series(trend, means), is_ascii)
    yield from _iter_worst(trend, paint)
    yield from _iter_folders(trend.folders, paint)
    yield from _iter_month(trend, paint)


def _format_headline(trend: Trend, *, is_ascii: bool) -> str:
    """Return how much is over its limit, for each 1,000 source lines where they are counted.

    A history that begins without source lines, or has one commit, has nothing to compare with.
    """
    first, last = trend.commits[0], trend.commits[-1]
    arrow = "->" if is_ascii else "\N{RIGHTWARDS ARROW}"
    has_past = len(trend.commits) > 1 and first.files > 0
    then, now = (find_densities(trend)[place] for place in (0, -1))
    total = f"{first.violations} {arrow} {last.violations}" if has_past else f"{last.violations}"
    if now is None:
        return f"values over their limits: {total}"
    shown = f"{now:.1f}" if then is None or not has_past else f"{then:.1f} {arrow} {now:.1f}"
    return f"{shown} values over their limits per 1,000 source lines ({total} in total)"


def _iter_rows(series: Iterable[Series], is_ascii: bool) -> Iterator[str]:
    for group, members in groupby(series, attrgetter("group")):
        if group == "means":
            yield "means, each plotted from its lowest to its highest value:"
        for one in members:
            indent = "" if group == "totals" else "  "
            yield _format_row(f"{indent}{one.name}", one.values, is_ascii, from_zero=group != "means")


def _format_row(name: str, series: Sequence[Number | None], is_ascii: bool, *, from_zero: bool) -> str:
    ends = ["-" if value is None else format_number(value) for value in (series[0], series[-1])]
    line = draw_sparkline(series, _LINE, is_ascii=is_ascii, from_zero=from_zero)
    return (
        f"{fit(show_name(name), _NAME - 1):{_NAME}}{ends[0]:>{_NUMBER}}  {line:{_LINE}}{ends[1]:>{_NUMBER}}"
    )


def iter_hotspot_lines(trend: Trend, paint: Paint = PLAIN) -> Iterator[str]:
    """Yield the files that are both complex and changed often, the hottest first, then the functions."""
    yield from _iter_ranking(trend.hotspots, "file", paint)
    if trend.hotspots and trend.block_hotspots is not None:
        yield ""
        yield from _iter_ranking(trend.block_hotspots, "function", paint)


def _iter_ranking(hotspots: Sequence[Hotspot], noun: str, paint: Paint) -> Iterator[str]:
    if not hotspots:
        yield f"no existing {noun} was changed"
        return
    yield paint(f"{'changes':>9}{'complexity':>12}{'product':>10}  {noun}", "bold")
    for one in hotspots[:_MOST_HOT]:
        name = one.path if one.qualified_name is None else f"{one.path}::{one.qualified_name}"
        yield f"{one.changes:>9}{one.complexity:>12}{one.score:>10}  {fit(show_name(name), _WIDTH - 33)}"
    if len(hotspots) > _MOST_HOT:
        yield (
            f"and {count(len(hotspots) - _MOST_HOT, f'more {noun}')} that changed; for all of them, use JSON"
        )


def find_worst(trend: Trend) -> list[Standing]:
    """Return the blocks that are farthest over a limit, each once, by the number that is farthest."""
    of_blocks = [one for one in trend.standing if one.violation.qualified_name is not None]
    chosen: dict[tuple[str, str | None], Standing] = {}
    for one in sorted(of_blocks, key=lambda one: (-excess_ratio(one.violation), one.path)):
        chosen.setdefault((one.path, one.violation.qualified_name), one)
    return list(chosen.values())[:_MOST]


def _iter_worst(trend: Trend, paint: Paint) -> Iterator[str]:
    worst = find_worst(trend)
    if worst:
        yield ""
        yield paint("worst functions, and the commit in which each exceeded its limit:", "bold")
    for one in worst:
        violation = one.violation
        must = f"must be {violation.comparison} {format_number(violation.threshold)}"
        number = f"{show_name(violation.metric)} {format_number(violation.value)}, {must}"
        yield f"  {fit(show_name(f'{one.path}::{violation.qualified_name}'), _WIDTH - 2)}"
        yield f"      {paint(number, 'red')}"
        yield f"      {fit(_describe_origin(trend, one), _WIDTH - 6)}"


def _describe_origin(trend: Trend, one: Standing) -> str:
    commit = trend.commits[one.since]
    if not one.since and not trend.begins:
        return f"before {_day(commit)}, where the examined history starts"
    return f"{_day(commit)} {commit.commit[:_SHORT]} {show_name(commit.subject)}"


def _iter_folders(folders: Sequence[FolderTotals], paint: Paint) -> Iterator[str]:
    ranked = sorted(folders, key=lambda one: (-one.violations, -one.violations_before, one.folder))
    shown = [one for one in ranked if one.violations or one.violations_before]
    if len(folders) < 2 or not shown:
        return
    yield ""
    yield paint(f"{'folders':37}{'files':>7}{'functions':>11}{'over limits: then':>19}{'now':>5}", "bold")
    for one in shown[:_MOST]:
        name = fit(show_name(one.folder), 34)
        yield f"  {name:35}{one.files:>7}{one.blocks:>11}{one.violations_before:>19}{one.violations:>5}"
    if len(shown) > _MOST:
        yield f"  and {len(shown) - _MOST} more"


def _iter_month(trend: Trend, paint: Paint) -> Iterator[str]:
    month = trend.month
    if month is None or len(trend.commits) < 2:
        return
    added = f"{count(month.added, 'value')} exceeded {'its limit' if month.added == 1 else 'their limits'}"
    yield ""
    since = paint(f"since {_day(trend.commits[month.since])}:", "bold")
    yield f"{since} {added}, {month.paid_back} back within"


@printable_lines
def iter_trend_notes(trend: Trend) -> Iterator[str]:
    """Yield what is missing of a history, and what the user should know of the store."""
    if trend.is_cut_off:
        yield CUT_OFF
    for kind, number in sorted(trend.unmeasured.items()):
        yield f"not measured ({kind}): {count(number, 'content')}"
    yield from trend.warnings


def _day(commit: CommitTotals) -> str:
    return format_date(commit.time)[:10]


def fit(text: str, width: int) -> str:
    """Return a text that is no longer than that."""
    return text if len(text) <= width else f"{text[: width - 3]}..."
