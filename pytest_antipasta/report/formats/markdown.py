"""GitHub-flavoured Markdown, for a comment on a pull request or the summary of a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import convert
from msgspec.structs import replace

from pytest_antipasta.messages import count, make_printable, show_name
from pytest_antipasta.model import BlockChange, Changes, MetricChange, Tolerated, Verdict, Violation
from pytest_antipasta.policy import is_worse
from pytest_antipasta.report.changes import find_number_effect, format_kinds
from pytest_antipasta.report.formats.problems import iter_problems
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.ranking import BY_EXCESS, sort_violations
from pytest_antipasta.report.summary import add_up
from pytest_antipasta.report.wording import (
    format_cell_place,
    format_number,
    format_place,
    format_step,
    format_value,
)

_WORST = 10
# What can stand between backticks in a table as it is.
_PLAIN = re.compile(r"[^\s`|\\](?:[^`|\\]*[^\s`|\\])?")
_ODD = re.compile(r"[^\w\s]|_")


class _Row(NamedTuple):
    """A number in a table.

    Attributes:
        path: of its file.
        number: beside its limit.
        why: it is there.
        where: its place.
    """

    path: str
    number: Violation
    why: str
    where: str


def write(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return the verdict, the worst or what a change made worse and better, and all else folded away."""
    place = place_at_top(run)
    shown = [replace(verdict, path=show_name(place(verdict.path))) for verdict in verdicts]
    changes = convert(run, Changes).place(lambda path: show_name(place(path)))
    return "".join(f"{line}\n" for line in _iter_lines(shown, run, changes)).encode()


def _iter_lines(verdicts: Sequence[Verdict], run: Mapping[str, Any], changes: Changes) -> Iterator[str]:
    failed = sum(verdict.failed for verdict in verdicts)
    end = "stopped early" if run["stopped"] is not None else "passed"
    yield f"### antipasta: {count(failed, 'file')} failed" if failed else f"### antipasta: {end}"
    yield from ("", _format_totals(verdicts, run))
    over = [_make_row(one.verdict, one.violation) for one in sort_violations(verdicts, BY_EXCESS)]
    is_change = run["change"] is not None
    tolerated = [_make_row(verdict, one) for verdict in verdicts for one in verdict.tolerated]
    yield from _iter_part("What got worse" if is_change else "The worst", over[:_WORST])
    yield from _iter_part("What got better", _find_better(tolerated, changes)[:_WORST])
    yield from _iter_problems(verdicts)
    yield from _fold(f"All {count(len(over), 'violation')}", over if len(over) > _WORST else ())
    yield from _fold(f"Tolerated: {len(tolerated)}", tolerated)
    yield from _iter_changes(changes)


def _iter_part(title: str, over: Sequence[_Row]) -> Iterator[str]:
    if over:
        yield from ("", f"**{title}**", "", *_iter_table(over))


def _fold(title: str, over: Sequence[_Row]) -> Iterator[str]:
    if over:
        yield from ("", f"<details><summary>{title}</summary>", "", *_iter_table(over), "", "</details>")


def _iter_problems(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield what is not known, and comments that fail."""
    problems = [(verdict, problem) for verdict in verdicts for problem in iter_problems(verdict)]
    if problems:
        yield from ("", "**Not measured, not judged, or suppressed wrongly**", "")
    for verdict, problem in problems:
        place = format_cell_place(verdict.path, problem.cell, problem.line)
        yield f"- {_format_code(place)}: {_format_code(problem.text)}"


def _format_totals(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> str:
    totals = add_up(verdicts)
    parts = [count(totals.files, "file"), count(totals.violations, "violation")]
    parts += [f"{totals.errors} not measured"] if totals.errors else []
    parts += [f"{totals.tolerated} tolerated"] if totals.tolerated else []
    narrowed = ", ".join(map(_format_code, run["narrowed_by"]))
    remarks = [f"narrowed by {narrowed}"] if narrowed else []
    remarks += [f"stopped early: {_format_code(run['stopped'])}"] if run["stopped"] is not None else []
    return "; ".join((", ".join(parts), *remarks))


def _find_better(tolerated: Iterable[_Row], changes: Changes) -> list[_Row]:
    """Return the numbers that got better, those first that did the most, whether or not they were over."""
    rows = {(row.path, *_name(row.number)): row for row in tolerated}
    for change in changes.changes:
        for metric, number in change.metrics.items():
            if find_number_effect(number) == "better" and number.after is not None:
                values = (number.after, number.limit, number.comparison, number.before)
                one = Violation(metric, change.qualified_name, change.line, *values)
                where = format_cell_place(change.path, change.cell, change.line)
                rows.setdefault((change.path, *_name(one)), _Row(change.path, one, change.change, where))
    better = [row for row in rows.values() if _is_better(row.number)]
    return sorted(better, key=lambda row: -abs(row.number.value - (row.number.before or 0)))


def _is_better(violation: Violation) -> bool:
    before = violation.before
    if before is None:
        return False
    return is_worse(before, violation.value, violation.comparison, violation.threshold)


def _name(violation: Violation) -> tuple[str | None, str]:
    return violation.qualified_name, violation.metric


def _make_row(verdict: Verdict, number: Violation) -> _Row:
    why = number.why if isinstance(number, Tolerated) else number.change or ""
    return _Row(verdict.path, number, why, format_place(verdict.path, number.line, verdict))


def _iter_table(rows: Iterable[_Row]) -> Iterator[str]:
    yield _format_row("where", "block", "metric", "value", "limit", "why")
    yield "|---|---|---|---:|---:|---|"
    for _, one, why, where in rows:
        yield _format_row(
            _format_code(where),
            _format_code(one.qualified_name) if one.qualified_name else "the file",
            _format_code(one.metric),
            format_value(one),
            _format_code(f"{one.comparison} {format_number(one.threshold)}"),
            why,
        )


def _iter_changes(changes: Changes) -> Iterator[str]:
    """Yield what a change does to all blocks that it touches, folded away."""
    if changes.changes:
        metrics = list(dict.fromkeys(metric for change in changes.changes for metric in change.metrics))
        title = f"What the change does: {format_kinds(changes.changes)}"
        yield from ("", f"<details><summary>{title}</summary>", "")
        yield _format_row("where", "block", "change", *map(_format_code, metrics))
        yield f"|---|---|---|{'---:|' * len(metrics)}"
        for change in changes.changes:
            steps = (_format_step(change.metrics.get(metric)) for metric in metrics)
            place = _format_code(format_cell_place(change.path, change.cell, change.line))
            yield _format_row(place, _format_code(change.qualified_name), _format_kind(change), *steps)
        yield from ("", "</details>")
    for one in changes.not_compared:
        told = f"there are no numbers of what it {'was' if one.side == 'before' else 'is'} ({one.kind})"
        yield from ("", f"{_format_code(one.path)} is not compared: {told}.")


def _format_kind(change: BlockChange) -> str:
    """Return what happened to a block, and what it was before where that has another name."""
    names = [change.previous_path, change.previous_name or (change.previous_path and change.qualified_name)]
    return (
        f"{change.change} from {_format_code('::'.join(filter(None, names)))}"
        if any(names)
        else change.change
    )


def _format_step(number: MetricChange | None) -> str:
    """Return a number on both sides, once if it is the same."""
    if number is None or (number.before is None and number.after is None):
        return ""
    if number.before is None or number.after is None:
        sides = (
            "" if one is None else format_number(one, number.limit) for one in (number.before, number.after)
        )
        return " \N{RIGHTWARDS ARROW} ".join(sides).strip()
    if number.before == number.after:
        return format_number(number.after, number.limit)
    return format_step(number.before, number.after, number.limit)


def _format_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _format_code(text: str) -> str:
    """Return text as code; what backticks or a table would stumble over as an entity, which nothing reads."""
    text = make_printable(text)
    if _PLAIN.fullmatch(text):
        return f"`{text}`"
    escaped = _ODD.sub(lambda match: f"&#{ord(match[0])};", text)
    return f"<code>{escaped}</code>"
