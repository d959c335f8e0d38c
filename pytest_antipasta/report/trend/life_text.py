"""The history of one block as text for a screen of 80 columns: what each commit changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from textwrap import wrap

from pytest_antipasta.messages import count, list_names, printable_lines, show_name
from pytest_antipasta.model import Life, LifeStep, Number, Threshold
from pytest_antipasta.policy import satisfies
from pytest_antipasta.report.terminal import PLAIN, Paint
from pytest_antipasta.report.trend.data import format_date
from pytest_antipasta.report.trend.sparkline import draw_sparkline
from pytest_antipasta.report.trend.text import CUT_OFF, fit
from pytest_antipasta.report.wording import format_number, format_step

_WIDTH = 79
_INDENT = "    "
_LINE = 16
_SHORT = 10
# A space at which lines are not broken.
_FIXED = "\N{NO-BREAK SPACE}"


def iter_life_lines(life: Life, paint: Paint = PLAIN, *, is_ascii: bool = False) -> Iterator[str]:
    """Yield what each commit changed in a block; names and subjects are escaped before colours are added.

    Args:
        life: history of the block.
        paint: adds colours.
        is_ascii: whether to draw with only ASCII characters.
    """
    yield paint(fit(show_name(f"{life.path}::{life.qualified_name}"), _WIDTH), "bold")
    for place, metric in enumerate(life.metrics):
        series = [step.after[place] for step in life.steps]
        yield _format_series(metric, series, life.thresholds[place], paint, is_ascii=is_ascii)
    yield ""
    for step in life.steps:
        day = format_date(step.time)[:10]
        yield fit(f"{day} {step.commit[:_SHORT]} {show_name(step.subject)}", _WIDTH)
        yield from _iter_place(life, step)
        yield from _fill(list(_iter_numbers(life, step)))
    yield ""
    yield from _iter_notes(life)


def _format_series(
    metric: str, series: Sequence[Number | None], threshold: Threshold | None, paint: Paint, *, is_ascii: bool
) -> str:
    first, last = (_show(value, threshold) for value in (series[0], series[-1]))
    line = draw_sparkline(series, _LINE, is_ascii=is_ascii)
    row = f"{fit(show_name(metric), 22):23}{first:>9}  {line:{_LINE}}{last:>9}"
    if threshold is None:
        return row
    must = f"  must be {threshold.comparison} {format_number(threshold.limit)}"
    value = series[-1]
    is_over = value is not None and not satisfies(value, threshold.comparison, threshold.limit)
    return row + (paint(must, "red") if is_over else must)


def _iter_place(life: Life, step: LifeStep) -> Iterator[str]:
    """Yield where the block comes from, if it was renamed or moved."""
    if text := _describe_place(life, step):
        yield _INDENT + fit(show_name(text), _WIDTH - len(_INDENT))


def _describe_place(life: Life, step: LifeStep) -> str:
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
            yield f"{metric} {format_step(old, new, threshold.limit if threshold else inf)}"
        elif old != new:
            yield f"{metric} {_show(old, threshold)} \N{RIGHTWARDS ARROW} {_show(new, threshold)}"


def _fill(parts: Sequence[str]) -> Iterator[str]:
    """Yield lines, each with as many parts as fit."""
    text = ", ".join(show_name(part).replace(" ", _FIXED) for part in parts)
    lines = wrap(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
    yield from (line.replace(_FIXED, " ") for line in lines)


def _show(value: Number | None, threshold: Threshold | None) -> str:
    return format_number(value, threshold.limit if threshold else None)


@printable_lines
def _iter_notes(life: Life) -> Iterator[str]:
    commits = sum(step.before is not None for step in life.steps)
    changed = f"{count(commits, 'commit')} changed its values, name or location"
    yield f"{changed}, of {life.commits} examined"
    if life.edits:
        yield f"{count(life.edits, 'commit')} more changed its code but none of these values"
    for kind, number in sorted(life.unmeasured.items()):
        yield f"skipped {count(number, 'content')} of its file that could not be measured ({kind})"
    if life.is_cut_off and life.steps[0].change is None:
        yield CUT_OFF
    if life.namesakes:
        yield f"other blocks with this name have their own history: {list_names(life.namesakes)}"
    yield from life.warnings
