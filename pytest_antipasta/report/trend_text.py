"""The history of values, or of one block, as text for a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from math import inf
from operator import attrgetter

from pytest_antipasta.messages import count, list_names, printable_lines, show_name
from pytest_antipasta.model.errors import FETCH
from pytest_antipasta.model.finding import FunctionKey
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.trend import (
    CommitTotals,
    FolderTotals,
    Hotspot,
    LastingViolation,
    Life,
    LifeStep,
    Trend,
)
from pytest_antipasta.policy.limits import excess_ratio, growth_ratio, satisfies
from pytest_antipasta.report.rows import leave_out_inner
from pytest_antipasta.report.terminal import Paint, clip_line, fold_line, measure_text, pad_text
from pytest_antipasta.report.trend_data import (
    LEAST_SPAN,
    Series,
    compute_outcome,
    format_date,
    iter_series,
)
from pytest_antipasta.report.wording import format_step, show_number

# Columns for plots in text that does not go to a terminal.
_WIDTH = 79
_NAME, _NUMBER, _SHORTEST = 31, 10, 8
_LINE_OF_BLOCK = 16
_INDENT = "    "
_MOST, _MOST_HOT = 5, 10
_SHORT = 10
_CUT_OFF = "shallow clone: older commits are missing; `git fetch --unshallow` gets them"
_BARS = "▁▂▃▄▅▆▇█"


def iter_trend_lines(trend: Trend, means: Sequence[str], paint: Paint, width: int | None) -> Iterator[str]:
    """Yield the summary of a history of at least one commit, with the means of some metrics.

    Names and subjects are escaped before colours are added, and cut to the width; ``None`` cuts nothing.
    """
    first, last = trend.commits[0], trend.commits[-1]
    column, plot = _fit_columns(width or _WIDTH, len(trend.commits))
    days, ends = f"{_day(first)} to {_day(last)}", (_day(first), _day(last))
    if _day(first) == _day(last):
        days, ends = _day(first), (first.commit[:_NUMBER], last.commit[:_NUMBER])
    yield paint(compute_outcome(trend).text, "bold")
    yield f"{count(len(trend.commits), 'commit')}, {days}, {count(last.files, 'file')}"
    yield ""
    yield f"{'':{column}}{ends[0]:>{_NUMBER}}  {'':{plot}}{ends[1]:>{_NUMBER}}"
    yield from _iter_rows(iter_series(trend, means), column, plot)
    yield from _iter_worst(trend, paint, width)
    yield from _iter_folders(trend.folders, paint, width)
    yield from _iter_month(trend, paint)
    yield from _iter_grown(trend, width)
    yield "counted: values that fail, also if suppressed or in a baseline; no warnings"


def _fit_columns(width: int, values: int) -> tuple[int, int]:
    """Return how wide names and plots of some values are on a screen, beside two numbers."""
    room = width - 2 * _NUMBER - 2
    name = min(_NAME, max(_SHORTEST, room - _SHORTEST))
    return name, min(values, max(_SHORTEST, room - name))


def _iter_rows(series: Iterable[Series], column: int, plot: int) -> Iterator[str]:
    for group, members in groupby(series, attrgetter("group")):
        if group == "means":
            yield f"means, each plotted over its own range, at least {LEAST_SPAN * 100:g} % of its value:"
        for member in members:
            name = show_name(f"{'' if group == 'totals' else '  '}{member.name}")
            if len(name) >= column:  # its values are on the next line
                yield name
                name = ""
            first, last = _format_ends(member.values)
            line = draw_sparkline(member.values, plot, from_zero=group != "means")
            yield f"{name:{column}}{first:>{_NUMBER}}  {line:{plot}}{last:>{_NUMBER}}"


def _format_ends(values: Sequence[Number | None]) -> tuple[str, str]:
    """Return the first and the last value of a row, of three digits and as many decimals each."""
    ends = values[0], values[-1]
    is_whole = all(value is None or isinstance(value, int) for value in values)
    largest = max(int(abs(value or 0)) for value in ends)
    form = f",.{0 if is_whole else max(0, 3 - len(str(largest)))}f"
    first, last = ("-" if value is None else format(value, form) for value in ends)
    return first, last


def iter_hotspot_lines(trend: Trend, paint: Paint, width: int | None) -> Iterator[str]:
    """Yield the files that are both complex and often changed, highest score first, then the functions."""
    yield from _iter_ranking(trend.hotspots, "file", paint, width)
    if trend.hotspots and trend.block_hotspots is not None:
        yield ""
        yield from _iter_ranking(trend.block_hotspots, "function", paint, width)


def _iter_ranking(hotspots: Sequence[Hotspot], noun: str, paint: Paint, width: int | None) -> Iterator[str]:
    if not hotspots:
        yield f"no existing {noun} was changed"
        return
    changes = "edits" if noun == "function" else "changes"
    yield paint(f"{changes:>9}{'complexity':>12}{'product':>10}  {noun}", "bold")
    for hotspot in hotspots[:_MOST_HOT]:
        name = hotspot.path if hotspot.qualified_name is None else f"{hotspot.path}::{hotspot.qualified_name}"
        figures = f"{hotspot.changes:>9,}{hotspot.complexity:>12,}{hotspot.score:>10,}"
        line = f"{figures}  {show_name(name)}"
        is_short = width is None or measure_text(line) <= width
        yield from (line,) if is_short else (figures, clip_line(f"  {show_name(name)}", width))
    if len(hotspots) > _MOST_HOT:
        others = count(len(hotspots) - _MOST_HOT, f"more {noun}")
        yield f"and {others} with {changes}; for all of them, use JSON"


def find_worst(trend: Trend) -> list[LastingViolation]:
    """Return the blocks farthest over a limit, each once, with its worst value, without those inside them."""
    of_blocks = [item for item in trend.standing if item.violation.qualified_name is not None]
    ranked = sorted(of_blocks, key=lambda item: -excess_ratio(item.violation))
    blocks: dict[FunctionKey, list[LastingViolation]] = {}
    for item in ranked:
        blocks.setdefault((item.path, item.violation.qualified_name or ""), []).append(item)
    outer = leave_out_inner(blocks, lambda key: key, lambda key: [item.violation for item in blocks[key]])
    return [blocks[key][0] for key in islice(outer, _MOST)]


def _iter_worst(trend: Trend, paint: Paint, width: int | None) -> Iterator[str]:
    worst = find_worst(trend)
    if worst:
        yield ""
        yield paint("worst functions, and the commit that last took each over its limit:", "bold")
    for item in worst:
        violation = item.violation
        limit = violation.threshold
        must = f"must be {violation.comparison} {show_number(limit)}"
        number = f"{show_name(violation.metric)} {_show_growth(item)}, {must}"
        yield clip_line(f"  {show_name(f'{item.path}::{violation.qualified_name}')}", width)
        yield f"      {paint(number, 'red')}"
        commit = trend.commits[item.since]
        origin = f"{_day(commit)} {commit.commit[:_SHORT]} {show_name(commit.subject)}"
        if not item.since and not trend.begins:
            origin = f"before {_day(commit)}, where the examined history starts"
        yield clip_line(f"      {origin}", width)


def _iter_grown(trend: Trend, width: int | None) -> Iterator[str]:
    """Yield how many values got worse after they had come over their limits.

    The one that did most of all is named, unless it is among the worst.
    """
    grown = [item for item in trend.standing if _find_growth(item) > 0]
    if not grown:
        return
    limits = "its limit" if len(grown) == 1 else "their limits"
    text = f"{count(len(grown), 'value')} got worse while over {limits}"
    most = max(grown, key=_find_growth)
    if most in find_worst(trend):
        yield text
        return
    name = "::".join(filter(None, (most.path, most.violation.qualified_name)))
    yield f"{text}, most of all:"
    yield clip_line(f"  {show_name(name)}", width)
    yield f"      {show_name(most.violation.metric)} {_show_growth(most)}"


def _find_growth(item: LastingViolation) -> float:
    """Return by what share of its limit a value is worse than in the commit that exceeded it."""
    violation = item.violation
    return growth_ratio(violation.value, item.first_value, violation.comparison, violation.threshold)


def _show_growth(item: LastingViolation) -> str:
    """Return a value that is over its limit, after that of the commit that exceeded it if they differ."""
    first, last, limit = item.first_value, item.violation.value, item.violation.threshold
    return show_number(last, limit) if first == last else format_step(first, last, limit, show_number)


def _iter_folders(folders: Sequence[FolderTotals], paint: Paint, width: int | None) -> Iterator[str]:
    ranked = sorted(
        folders, key=lambda folder: (-folder.violations, -folder.violations_before, folder.folder)
    )
    shown = [element for element in ranked if element.violations or element.violations_before]
    if len(folders) < 2 or not shown:
        return
    yield ""
    longest = max(measure_text(show_name(item.folder)) for item in shown[:_MOST])
    column = max(_SHORTEST, longest + 5 if width is None else min(longest + 5, width - 43))
    yield paint(
        f"{'folders':{column}}{'files':>7}{'functions':>11}{'over limits: then':>19}{'now':>6}", "bold"
    )
    for item in shown[:_MOST]:
        name = clip_line(show_name(item.folder), column - 3)
        counts = f"{item.files:>7,}{item.blocks:>11,}{item.violations_before:>19,}{item.violations:>6,}"
        yield f"  {pad_text(name, column - 2)}{counts}"
    if len(shown) > _MOST:
        yield f"  and {len(shown) - _MOST:,} more"


def _iter_month(trend: Trend, paint: Paint) -> Iterator[str]:
    month = trend.month
    yield ""
    if month is None or len(trend.commits) < 2:
        return
    added = f"{count(month.added, 'value')} newly over {'its limit' if month.added == 1 else 'their limits'}"
    yield f"{paint('at the end of the last 30 days:', 'bold')} {added}, {month.paid_back:,} back within"


@printable_lines
def iter_trend_notes(trend: Trend) -> Iterator[str]:
    """Yield what is missing in a history, and warnings about the store."""
    if trend.is_cut_off:
        yield _CUT_OFF
    for kind, number in sorted(trend.unmeasured.items()):
        yield f"not measured ({kind}): {count(number, 'content')}"
    if "missing" in trend.unmeasured:
        yield FETCH
    yield from trend.warnings


def _day(commit: CommitTotals) -> str:
    return format_date(commit.time)[:10]


def iter_life_lines(life: Life, paint: Paint, width: int | None) -> Iterator[str]:
    """Yield what each commit changed in a block; names and subjects are escaped before colours are added."""
    yield paint(clip_line(show_name(f"{life.path}::{life.qualified_name}"), width), "bold")
    for index, metric in enumerate(life.metrics):
        series = [step.after[index] for step in life.steps]
        yield _format_series(metric, series, life.thresholds[index], paint, width)
    yield ""
    for step in life.steps:
        day = format_date(step.time)[:10]
        yield clip_line(f"{day} {step.commit[:_SHORT]} {show_name(step.subject)}", width)
        if text := _describe_place(life, step):
            yield clip_line(_INDENT + show_name(text), width)
        if numbers := ", ".join(_iter_numbers(life, step)):
            yield from fold_line(_INDENT + show_name(numbers), width)
    yield ""
    yield from _iter_notes(life)


def _format_series(
    metric: str,
    series: Sequence[Number | None],
    threshold: Threshold | None,
    paint: Paint,
    width: int | None,
) -> str:
    first, last = (_show(value, threshold) for value in (series[0], series[-1]))
    columns = min(len(series), max(_SHORTEST, _LINE_OF_BLOCK + (width or _WIDTH) - _WIDTH))
    line = draw_sparkline(series, columns)
    row = f"{clip_line(show_name(metric), 22):23}{first:>9}  {line:{columns}}{last:>9}"
    if threshold is None:
        return row
    must = f"  must be {threshold.comparison} {show_number(threshold.limit)}"
    value = series[-1]
    is_over = value is not None and not satisfies(value, threshold.comparison, threshold.limit)
    return row + (paint(must, "red") if is_over else must)


def _describe_place(life: Life, step: LifeStep) -> str:
    """Return where the block comes from; empty if it was neither added nor renamed nor moved."""
    if step.before is None:
        is_there = (step.path, step.qualified_name) == (life.path, life.qualified_name)
        place = "" if is_there else f" as {step.path}::{step.qualified_name}"
        return f"{'added' if step.change == 'added' else 'was there already'}{place}"
    if step.previous_path != step.path:
        return f"moved from {step.previous_path}::{step.previous_name}"
    return f"renamed from {step.previous_name}" if step.previous_name != step.qualified_name else ""


def _iter_numbers(life: Life, step: LifeStep) -> Iterator[str]:
    """Yield the values that differ from those before; at first all values."""
    before = step.before or (None,) * len(step.after)
    for metric, threshold, old, new in zip(life.metrics, life.thresholds, before, step.after, strict=True):
        if step.before is None and new is not None:
            yield f"{metric} {_show(new, threshold)}"
        elif old is not None and new is not None and old != new:
            yield f"{metric} {format_step(old, new, threshold.limit if threshold else inf, show_number)}"
        elif old != new:
            yield f"{metric} {_show(old, threshold)} \N{RIGHTWARDS ARROW} {_show(new, threshold)}"


def _show(value: Number | None, threshold: Threshold | None) -> str:
    return show_number(value, threshold.limit if threshold else None)


@printable_lines
def _iter_notes(life: Life) -> Iterator[str]:
    commits = sum(step.before is not None for step in life.steps)
    changed = f"{count(commits, 'commit')} changed its values, name or location"
    yield f"{changed}, of {life.commits:,} examined"
    if life.edits:
        yield f"{count(life.edits, 'commit')} more edited its code but changed none of these values"
    for kind, number in sorted(life.unmeasured.items()):
        yield f"skipped {count(number, 'content')} of its file that could not be measured ({kind})"
    if "missing" in life.unmeasured:
        yield FETCH
    if life.is_cut_off and life.steps[0].change is None:
        yield _CUT_OFF
    if life.namesakes:
        yield f"other blocks with this name have their own history: {list_names(life.namesakes)}"
    yield from life.warnings


def draw_sparkline(series: Sequence[Number | None], width: int, *, from_zero: bool = True) -> str:
    """Return a line of characters, the higher the larger the value.

    Each character represents the last value of an equal part of the series; a space is a missing value.

    Args:
        series: values; ``None`` for a missing one.
        width: maximum length of the line.
        from_zero: whether the bottom is 0 (or a negative value) and the top the highest value; otherwise the
            bottom is the lowest value, and the line spans at least :data:`LEAST_SPAN` of the highest one.
    """
    width = min(width, len(series))
    picked = [series[(index + 1) * len(series) // width - 1] for index in range(width)]
    known = [value for value in picked if value is not None]
    if not known:
        return ""
    low, span = _find_range(known, from_zero=from_zero)
    return "".join(
        " " if value is None else _BARS[round((value - low) / span * (len(_BARS) - 1)) if span else 0]
        for value in picked
    )


def _find_range(values: Sequence[Number], *, from_zero: bool) -> tuple[Number, Number]:
    """Return the value at the bottom of a line, and what the line spans."""
    ends = (*values, 0) if from_zero else values
    low, high = min(ends), max(ends)
    return low, high - low if from_zero else max(high - low, abs(high) * LEAST_SPAN)
