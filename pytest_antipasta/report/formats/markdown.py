"""GitHub-flavoured Markdown, for a comment on a pull request or the summary of a step."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TypeAlias
from urllib.parse import quote

from pytest_antipasta.extension import find_metric, judged_metrics
from pytest_antipasta.messages import count, make_printable, show_name
from pytest_antipasta.model import BlockChange, Changes, Finding, MetricChange, Number, Report, Waivers
from pytest_antipasta.policy import is_worse
from pytest_antipasta.report.changes import find_number_effect, format_kinds, format_points, format_split
from pytest_antipasta.report.findings import sort_findings
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.summary import add_up
from pytest_antipasta.report.waivers import describe_waiver, place_waiver
from pytest_antipasta.report.wording import format_cell_place, format_number

MOST = 65_536
"""How many characters a comment on GitHub can have."""
_ROOM = 200  # for what is said of a cut
_WORST = 10
_LONGEST = 1000  # of a name or a message
_ARROW = "\N{RIGHTWARDS ARROW}"
# What can stand between backticks in a table as it is.
_PLAIN = re.compile(r"[^\s`|\\](?:[^`|\\]*[^\s`|\\])?")
_ODD = re.compile(r"[^\w\s]|_")
_Row: TypeAlias = "list[Finding]"


def write(report: Report) -> bytes:
    """Return the verdict, the worst or what a change made worse and better, and all else folded away."""
    return "".join(f"{line}\n" for line in _cut(list(_Page(report).iter_lines()))).encode()


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines as long as there is room for them, and say how many are missing."""
    room, is_folded = MOST - _ROOM, False
    is_too_long = sum(map(len, lines)) + len(lines) > MOST
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if is_too_long and room < 0:
            yield from ["", "</details>"] if is_folded else ()
            left = count(len(lines) - number, "more line")
            yield from ("", f"**Truncated: {left} would exceed the {MOST:,} characters of a comment.**")
            return
        is_folded = (is_folded or line.startswith("<details>")) and line != "</details>"
        yield line


class _Page:
    """A report, and where its files are."""

    def __init__(self, report: Report) -> None:
        """Find git's top, and the page of a service that shows the files."""
        self._report, self._facts = report, report.facts
        self._place = place_at_top(report.facts)
        self._address = None if report.facts.git_top is None else _find_address()

    def iter_lines(self) -> Iterator[str]:
        """Yield the lines, the most important ones first."""
        findings, changes = self._report.findings, self._report.changes or Changes()
        yield from (f"### antipasta: {self._format_end()}", "", self._format_totals())
        over = _group(sort_findings(one for one in findings if one.is_number and one.fails))
        warned = _group(sort_findings(filter(attrgetter("is_warned"), findings)))
        tolerated = _group(filter(_is_tolerated, findings))
        better = _group(_find_better(findings, changes))
        yield from self._iter_part(
            "The worst" if self._facts.change is None else "What got worse", over[:_WORST]
        )
        yield from self._iter_part("What got better", better[:_WORST])
        yield from self._iter_waivers(self._report.waivers)
        yield from self._iter_problems([one for one in findings if not one.is_number])
        number = sum(map(len, over))
        yield from self._fold(f"All {count(number, 'violation')}", over, _WORST)
        yield from self._fold(f"Warnings: {sum(map(len, warned))}", warned)
        yield from self._fold(f"Tolerated: {sum(map(len, tolerated))}", tolerated)
        yield from self._iter_changes(changes)

    def _format_end(self) -> str:
        if failed := sum(one.failed for one in self._report.files):
            return f"{count(failed, 'file')} failed"
        if self._report.waivers.fails:
            return "failed because of new waivers"
        return "passed" if self._facts.stopped is None else "stopped early"

    def _format_totals(self) -> str:
        totals, facts = add_up(self._report.files), self._facts
        parts = [count(totals.files, "file"), count(totals.violations, "violation")]
        parts += [count(totals.warnings, "warning")] if totals.warnings else []
        parts += [f"{totals.errors} not measured"] if totals.errors else []
        parts += [f"{totals.tolerated} tolerated"] if totals.tolerated else []
        narrowed = ", ".join(map(_format_code, facts.narrowed_by))
        remarks = [f"limited to {narrowed}"] if narrowed else []
        remarks += [f"stopped early: {_format_code(facts.stopped)}"] if facts.stopped is not None else []
        return "; ".join((", ".join(parts), *remarks))

    def _iter_part(self, title: str, rows: Sequence[_Row]) -> Iterator[str]:
        if rows:
            yield from ("", f"**{title}**", "", *self._iter_table(rows))

    def _fold(self, title: str, rows: Sequence[_Row], shown: int = 0) -> Iterator[str]:
        """Yield what is folded away, if it is more than is shown already."""
        if len(rows) > shown:
            yield from ("", f"<details><summary>{title}</summary>", "", *self._iter_table(rows))
            yield from ("", "</details>")

    def _iter_table(self, rows: Sequence[_Row]) -> Iterator[str]:
        """Yield a row for each block, with all of its numbers and the reason for which it is there."""
        columns = ["where", "function", "numbers", "why"]
        if not any(one.reason or one.change for one, *_ in rows):
            columns.pop()
        yield from (_format_row(*columns), f"|{'---|' * len(columns)}")
        order = {name: number for number, name in enumerate(judged_metrics())}
        for row in rows:
            first, *others = sorted(row, key=lambda one: order.get(one.rule, len(order)))
            cells = [
                self._format_place(first.path, first.cell, first.line, first.end_line),
                _format_code(first.block) if first.block else "the file",
                "; ".join(map(_format_numbers, (first, *others))),
                first.reason or first.change or "",
            ]
            yield _format_row(*cells[: len(columns)])

    def _iter_waivers(self, waivers: Waivers) -> Iterator[str]:
        """Yield what a change allows that was not allowed before it."""
        if waivers.added:
            yield from ("", f"**{count(len(waivers.added), 'waiver')} added**", "")
            for one in waivers.added:
                fails = ", which fails" if one.fails else ""
                where = _format_code(place_waiver(one, self._place))
                yield f"- {where}: {_format_code(describe_waiver(one))}{fails}"

    def _iter_problems(self, problems: Sequence[Finding]) -> Iterator[str]:
        """Yield what is not known, and comments that fail or are not honoured."""
        if problems:
            yield from ("", "**Not measured, not checked, or invalid suppression**", "")
        for one in problems:
            yield f"- {self._format_place(one.path, one.cell, one.line)}: {_format_code(one.message)}"

    def _iter_changes(self, changes: Changes) -> Iterator[str]:
        """Yield what a change does to all blocks that it touches, folded away."""
        if changes.changes:
            title = f"What the change does: {format_kinds(changes.changes)}"
            if points := format_points(changes):
                yield from ("", f"Complexity added and removed: {points}.")
            for split in changes.splits:
                place = self._format_place(split.path, None, split.line)
                name, told = _format_code(split.qualified_name), format_split(split)
                yield from ("", f"{split.effect.capitalize()}: {place} {name}: {told}.")
            yield from ("", f"<details><summary>{title}</summary>", "")
            yield from (_format_row("where", "function", "change", "numbers"), "|---|---|---|---|")
            for one in changes.changes:
                place = self._format_place(one.path, one.cell, one.line)
                steps = ", ".join(filter(None, (_format_step(*pair) for pair in one.metrics.items())))
                yield _format_row(place, _format_code(one.qualified_name), self._format_kind(one), steps)
            yield from ("", "</details>")
        for lost in changes.not_compared:
            side = "previous" if lost.side == "before" else "new"
            told = f"its {side} version could not be measured ({lost.kind})"
            yield from ("", f"{_format_code(show_name(self._place(lost.path)))} is not compared: {told}.")

    def _format_kind(self, change: BlockChange) -> str:
        """Return what happened to a block, and what it was before where that has another name."""
        path = change.previous_path and show_name(self._place(change.previous_path))
        names = [path, change.previous_name or (path and change.qualified_name)]
        was = "::".join(filter(None, names))
        return f"{change.change} from {_format_code(was)}" if was else change.change

    def _format_place(
        self, path: str, cell: int | None, line: int | None, end_line: int | None = None
    ) -> str:
        """Return a place, with a link to it at the commit where the service that runs us says how."""
        path = self._place(path)
        place = _format_code(format_cell_place(show_name(path), cell, line))
        if self._address is None or os.path.isabs(path) or "\\" in path:  # whose name is not UTF-8
            return place
        address, separator = self._address
        lines = ""
        if line is not None and cell is None:
            lines = f"#L{line}" + (f"{separator}{end_line}" if end_line and end_line > line else "")
        return f"[{place}]({address}/{quote(path)}{lines})"


def _find_address() -> tuple[str, str] | None:
    """Return where a service shows files at the commit, and what stands between two lines; or nothing."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "CI_PROJECT_URL", "CI_COMMIT_SHA")
    server, repository, commit, project, gitlab_commit = map(os.environ.get, names)
    if server and repository and commit:
        return f"{server}/{repository}/blob/{commit}", "-L"
    return (f"{project}/-/blob/{gitlab_commit}", "-") if project and gitlab_commit else None


def _group(findings: Iterable[Finding]) -> list[_Row]:
    """Return findings by block, in the order of the first ones of each."""
    rows: dict[tuple[object, ...], _Row] = {}
    for one in findings:
        rows.setdefault((one.path, one.block, one.reason, one.change), []).append(one)
    return list(rows.values())


def _is_tolerated(one: Finding) -> bool:
    return one.status == "tolerated"


def _find_better(findings: Iterable[Finding], changes: Changes) -> list[Finding]:
    """Return the numbers that got better, those first that did the most, whether or not they were over."""
    found = {(one.path, one.block, one.rule): one for one in filter(_is_tolerated, findings)}
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


def _format_numbers(one: Finding) -> str:
    """Return a number beside its limit, behind what it was before a change."""
    metric, limit = find_metric(one.rule), one.limit or 0
    was = f"{format_number(one.before, limit)} {_ARROW} " if one.before not in (None, one.value) else ""
    value = f"{metric.label} {was}{format_number(one.value or 0, limit)}"
    if one.comparison == "<=":
        return f"{value}/{format_number(limit)}"
    return f"{value}, must be {_format_code(f'{one.comparison} {format_number(limit)}')}"


def _format_step(metric: str, number: MetricChange) -> str:
    """Return a number on both sides, once if it is the same; nothing for one that is and was nothing."""

    def show(value: Number) -> str:
        return format_number(value, number.limit)

    sides = [show(one) for one in (number.before, number.after) if one is not None]
    if not any((number.before, number.after)):
        return ""
    return f"{find_metric(metric).label} {f' {_ARROW} '.join(dict.fromkeys(sides))}"


def _format_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _format_code(text: str) -> str:
    """Return text as code; what backticks or a table would stumble over as an entity, which nothing reads.

    It is cut, so that one name does not take all the room.
    """
    text = make_printable(text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if _PLAIN.fullmatch(text):
        return f"`{text}`"
    escaped = _ODD.sub(lambda match: f"&#{ord(match[0])};", text)
    return f"<code>{escaped}</code>"
