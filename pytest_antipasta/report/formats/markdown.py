"""GitHub-flavoured Markdown, for a comment on a pull request or the summary of a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from pytest_antipasta.messages import count, make_printable, show_name
from pytest_antipasta.model import BlockChange, Changes, Finding, MetricChange, Report
from pytest_antipasta.policy import is_worse
from pytest_antipasta.report.changes import find_number_effect, format_kinds
from pytest_antipasta.report.findings import sort_findings
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.summary import add_up
from pytest_antipasta.report.wording import format_cell_place, format_number, format_step

_WORST = 10
# What can stand between backticks in a table as it is.
_PLAIN = re.compile(r"[^\s`|\\](?:[^`|\\]*[^\s`|\\])?")
_ODD = re.compile(r"[^\w\s]|_")


def write(report: Report) -> bytes:
    """Return the verdict, the worst or what a change made worse and better, and all else folded away."""
    place = place_at_top(report.facts)
    shown = {one.path: show_name(place(one.path)) for one in report.findings}
    findings = [replace(one, path=shown[one.path]) for one in report.findings]
    changes = (report.changes or Changes()).place(lambda path: show_name(place(path)))
    return "".join(f"{line}\n" for line in _iter_lines(report, findings, changes)).encode()


def _iter_lines(report: Report, findings: Sequence[Finding], changes: Changes) -> Iterator[str]:
    failed, facts = sum(one.failed for one in report.files), report.facts
    end = "stopped early" if facts.stopped is not None else "passed"
    yield f"### antipasta: {count(failed, 'file')} failed" if failed else f"### antipasta: {end}"
    yield from ("", _format_totals(report))
    over = sort_findings(one for one in findings if one.is_number and one.fails)
    tolerated = [one for one in findings if one.status == "tolerated"]
    yield from _iter_part("The worst" if facts.change is None else "What got worse", over[:_WORST])
    yield from _iter_part("What got better", _find_better(tolerated, changes)[:_WORST])
    yield from _iter_problems([one for one in findings if not one.is_number])
    yield from _fold(f"All {count(len(over), 'violation')}", over if len(over) > _WORST else ())
    yield from _fold(f"Tolerated: {len(tolerated)}", tolerated)
    yield from _iter_changes(changes)


def _iter_part(title: str, over: Sequence[Finding]) -> Iterator[str]:
    if over:
        yield from ("", f"**{title}**", "", *_iter_table(over))


def _fold(title: str, over: Sequence[Finding]) -> Iterator[str]:
    if over:
        yield from ("", f"<details><summary>{title}</summary>", "", *_iter_table(over), "", "</details>")


def _iter_problems(problems: Sequence[Finding]) -> Iterator[str]:
    """Yield what is not known, and comments that fail."""
    if problems:
        yield from ("", "**Not measured, not judged, or suppressed wrongly**", "")
    for one in problems:
        place = format_cell_place(one.path, one.cell, one.line)
        yield f"- {_format_code(place)}: {_format_code(one.message)}"


def _format_totals(report: Report) -> str:
    totals, facts = add_up(report.files), report.facts
    parts = [count(totals.files, "file"), count(totals.violations, "violation")]
    parts += [f"{totals.errors} not measured"] if totals.errors else []
    parts += [f"{totals.tolerated} tolerated"] if totals.tolerated else []
    narrowed = ", ".join(map(_format_code, facts.narrowed_by))
    remarks = [f"narrowed by {narrowed}"] if narrowed else []
    remarks += [f"stopped early: {_format_code(facts.stopped)}"] if facts.stopped is not None else []
    return "; ".join((", ".join(parts), *remarks))


def _find_better(tolerated: Iterable[Finding], changes: Changes) -> list[Finding]:
    """Return the numbers that got better, those first that did the most, whether or not they were over."""
    found = {(one.path, one.block, one.rule): one for one in tolerated}
    for change in changes.changes:
        for metric, number in change.metrics.items():
            if find_number_effect(number) == "better":
                one = Finding(
                    status="changed",
                    rule=metric,
                    path=change.path,
                    line=change.line,
                    cell=change.cell,
                    block=change.qualified_name,
                    value=number.after,
                    before=number.before,
                    limit=number.limit,
                    comparison=number.comparison,
                    reason=change.change,
                    message=change.change,
                )
                found.setdefault((one.path, one.block, metric), one)
    better = (one for one in found.values() if _is_better(one))
    return sorted(better, key=lambda one: -abs((one.value or 0) - (one.before or 0)))


def _is_better(one: Finding) -> bool:
    value, before, comparison, limit = one.value, one.before, one.comparison, one.limit
    if value is None or before is None or comparison is None or limit is None:
        return False
    return is_worse(before, value, comparison, limit)


def _iter_table(rows: Iterable[Finding]) -> Iterator[str]:
    yield _format_row("where", "block", "metric", "value", "limit", "why")
    yield "|---|---|---|---:|---:|---|"
    for one in rows:
        limit = one.limit or 0
        yield _format_row(
            _format_code(format_cell_place(one.path, one.cell, one.line)),
            _format_code(one.block) if one.block else "the file",
            _format_code(one.rule),
            _format_value(one),
            _format_code(f"{one.comparison} {format_number(limit)}"),
            one.reason or one.change or "",
        )


def _format_value(one: Finding) -> str:
    """Return a number, behind what it was before a change."""
    value, limit = one.value or 0, one.limit or 0
    return format_number(value, limit) if one.before is None else format_step(one.before, value, limit)


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
