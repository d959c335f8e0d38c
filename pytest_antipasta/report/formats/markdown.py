"""GitHub-flavoured Markdown, for a comment on a pull request or the summary of a step."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TypeAlias
from urllib.parse import quote

from pytest_antipasta.extension.metrics import find_metric, rank_metric
from pytest_antipasta.messages import MOST_NAMED, count, list_names, make_printable, show_name
from pytest_antipasta.model.changes import BlockChange, Changes, MetricChange
from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.waivers import Waivers
from pytest_antipasta.policy.limits import is_worse
from pytest_antipasta.report.changes import find_number_effect, format_kinds, format_points, format_split
from pytest_antipasta.report.findings import sort_findings
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.summary import add_up
from pytest_antipasta.report.waivers import describe_waiver, place_waiver
from pytest_antipasta.report.wording import format_number, format_place

MOST = 65_536
"""Maximum number of characters of a comment on GitHub."""
_ROOM = 200  # for the line about omitted text
_WORST = 10
_LONGEST = 1000  # Maximum length of a name or a message.
_ARROW = "\N{RIGHTWARDS ARROW}"
# Characters allowed between backticks in a table.
_PLAIN = re.compile(r"[^\s`|\\](?:[^`|\\]*[^\s`|\\])?")
_ODD = re.compile(r"[^\w\s]|_")
_Row: TypeAlias = "list[Finding]"


def write(report: Report) -> bytes:
    """Return the verdict, the worst violations or what a change made worse and better; the rest is folded."""
    return "".join(f"{line}\n" for line in _cut(list(_Page(report).iter_lines()))).encode()


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines up to the maximum size, and how many are missing."""
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
    """A report, with links to its files."""

    def __init__(self, report: Report) -> None:
        """Find git's top, and the address of the service that shows the files."""
        self._report, self._facts = report, report.facts
        self._place = place_at_top(report.facts)
        self._address = None if report.facts.git_top is None else _find_address()

    def iter_lines(self) -> Iterator[str]:
        """Yield the lines, the most important first."""
        findings, changes = self._report.findings, self._report.changes or Changes()
        yield from (f"### antipasta: {self._format_end()}", "", self._format_totals())
        over = _group(sort_findings(finding for finding in findings if finding.is_number and finding.fails))
        warned = _group(sort_findings(filter(attrgetter("is_warned"), findings)))
        tolerated = _group(filter(_is_tolerated, findings))
        better = _group(_find_better(findings, changes))
        yield from self._iter_part(
            "The worst" if self._facts.change is None else "What got worse", over[:_WORST]
        )
        yield from self._iter_part("What got better", better[:_WORST])
        yield from self._iter_waivers(self._report.waivers)
        yield from self._iter_problems([finding for finding in findings if not finding.is_number])
        number = sum(map(len, over))
        yield from self._fold(f"All {count(number, 'violation')}", over, _WORST)
        yield from self._fold(f"Warnings: {sum(map(len, warned))}", warned)
        yield from self._fold(f"Tolerated: {sum(map(len, tolerated))}", tolerated)
        yield from self._iter_changes(changes)

    def _format_end(self) -> str:
        if failed := sum(file.failed for file in self._report.files):
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
        narrowed = list_names([*map(_format_code, facts.narrowed_by)], MOST_NAMED)
        remarks = [f"limited to {narrowed}"] if facts.narrowed_by else []
        remarks += [f"stopped early: {_format_code(facts.stopped)}"] if facts.stopped is not None else []
        return "; ".join((", ".join(parts), *remarks))

    def _iter_part(self, title: str, rows: Sequence[_Row]) -> Iterator[str]:
        if rows:
            yield from ("", f"**{title}**", "", *self._iter_table(rows))

    def _fold(self, title: str, rows: Sequence[_Row], shown: int = 0) -> Iterator[str]:
        """Yield a folded section, if it has more than was shown above."""
        if len(rows) > shown:
            yield from ("", f"<details><summary>{title}</summary>", "", *self._iter_table(rows))
            yield from ("", "</details>")

    def _iter_table(self, rows: Sequence[_Row]) -> Iterator[str]:
        """Yield a row for each block, with its values and the reason why it is listed."""
        columns = ["where", "function", "numbers", "why"]
        if not any(item.reason or item.change for item, *_ in rows):
            columns.pop()
        yield from (_format_row(*columns), f"|{'---|' * len(columns)}")
        for row in rows:
            first, *others = sorted(row, key=lambda item: rank_metric(item.rule))
            cells = [
                self._format_place(first.path, first.cell, first.line, first.end_line),
                _format_code(first.block) if first.block else "the file",
                "; ".join(map(_format_numbers, (first, *others))),
                first.reason or first.change or "",
            ]
            yield _format_row(*cells[: len(columns)])

    def _iter_waivers(self, waivers: Waivers) -> Iterator[str]:
        """Yield what a change newly allows."""
        if waivers.added:
            yield from ("", f"**{count(len(waivers.added), 'waiver')} added**", "")
            for item in waivers.added:
                fails = ", which fails" if item.fails else ""
                where = _format_code(place_waiver(item, self._place))
                yield f"- {where}: {_format_code(describe_waiver(item))}{fails}"

    def _iter_problems(self, problems: Sequence[Finding]) -> Iterator[str]:
        """Yield files without values, and comments that fail or are not honoured."""
        if problems:
            yield from ("", "**Not measured, not checked, or invalid suppression**", "")
        for problem in problems:
            place = self._format_place(problem.path, problem.cell, problem.line)
            yield f"- {place}: {_format_code(problem.message)}"

    def _iter_changes(self, changes: Changes) -> Iterator[str]:
        """Yield a folded section about all blocks that a change touches."""
        if changes.changes:
            title = f"What the change does: {format_kinds(changes.changes)}"
            if points := format_points(changes):
                yield from ("", f"Complexity added and removed: {points}.")
            for split in changes.splits:
                place = self._format_place(split.path, None, split.line)
                name, numbers = _format_code(split.qualified_name), format_split(split)
                yield from ("", f"{split.effect.capitalize()}: {place} {name}: {numbers}.")
            yield from ("", f"<details><summary>{title}</summary>", "")
            yield from (_format_row("where", "function", "change", "numbers"), "|---|---|---|---|")
            for change in changes.changes:
                place = self._format_place(change.path, change.cell, change.line)
                steps = ", ".join(filter(None, (_format_step(*pair) for pair in change.metrics.items())))
                yield _format_row(
                    place, _format_code(change.qualified_name), self._format_kind(change), steps
                )
            yield from ("", "</details>")
        for lost in changes.not_compared:
            side = "previous" if lost.side == "before" else "new"
            reason = f"its {side} version could not be measured ({lost.kind})"
            yield from ("", f"{_format_code(show_name(self._place(lost.path)))} is not compared: {reason}.")

    def _format_kind(self, change: BlockChange) -> str:
        """Return what happened to a block, and its old name if different."""
        path = change.previous_path and show_name(self._place(change.previous_path))
        names = [path, change.previous_name or (path and change.qualified_name)]
        was = "::".join(filter(None, names))
        return f"{change.change} from {_format_code(was)}" if was else change.change

    def _format_place(
        self, path: str, cell: int | None, line: int | None, end_line: int | None = None
    ) -> str:
        """Return a place, with a link to it at the commit if the service is known."""
        path = self._place(path)
        place = _format_code(format_place(show_name(path), cell, line))
        if self._address is None or os.path.isabs(path) or "\\" in path:  # a path that is not UTF-8
            return place
        address, separator = self._address
        lines = ""
        if line is not None and cell is None:
            lines = f"#L{line}" + (f"{separator}{end_line}" if end_line and end_line > line else "")
        return f"[{place}]({address}/{quote(path)}{lines})"


def _find_address() -> tuple[str, str] | None:
    """Return the address of files at the commit, and the separator of line numbers; ``None`` if unknown."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "CI_PROJECT_URL", "CI_COMMIT_SHA")
    server, repository, commit, project, gitlab_commit = map(os.environ.get, names)
    if server and repository and commit:
        return f"{server}/{repository}/blob/{commit}", "-L"
    return (f"{project}/-/blob/{gitlab_commit}", "-") if project and gitlab_commit else None


def _group(findings: Iterable[Finding]) -> list[_Row]:
    """Return findings grouped by block, in the order of the first one of each."""
    rows: dict[tuple[object, ...], _Row] = {}
    for finding in findings:
        rows.setdefault((finding.path, finding.block, finding.reason, finding.change), []).append(finding)
    return list(rows.values())


def _is_tolerated(finding: Finding) -> bool:
    return finding.status == "tolerated"


def _find_better(findings: Iterable[Finding], changes: Changes) -> list[Finding]:
    """Return improved values, the largest improvement first, including those within their limits."""
    found = {
        (finding.path, finding.block, finding.rule): finding for finding in filter(_is_tolerated, findings)
    }
    for change in changes.changes:
        for metric, number in change.metrics.items():
            if find_number_effect(number) == "better":
                element = Finding(
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
                found.setdefault((element.path, element.block, metric), element)
    better = (item for item in found.values() if _is_better(item))
    return sorted(better, key=lambda item: -abs((item.value or 0) - (item.before or 0)))


def _is_better(finding: Finding) -> bool:
    value, before, comparison, limit = finding.value, finding.before, finding.comparison, finding.limit
    if value is None or before is None or comparison is None or limit is None:
        return False
    return is_worse(before, value, comparison, limit)


def _format_numbers(finding: Finding) -> str:
    """Return a value with its limit, after its old value."""
    metric, limit = find_metric(finding.rule), finding.limit or 0
    was = (
        f"{format_number(finding.before, limit)} {_ARROW} "
        if finding.before not in (None, finding.value)
        else ""
    )
    value = f"{metric.label} {was}{format_number(finding.value or 0, limit)}"
    if finding.comparison == "<=":
        return f"{value}/{format_number(limit)}"
    return f"{value}, must be {_format_code(f'{finding.comparison} {format_number(limit)}')}"


def _format_step(metric: str, number: MetricChange) -> str:
    """Return a value on both sides of a change, once if equal; empty for missing values."""

    def show(value: Number) -> str:
        return format_number(value, number.limit)

    sides = [show(item) for item in (number.before, number.after) if item is not None]
    if not any((number.before, number.after)):
        return ""
    return f"{find_metric(metric).label} {f' {_ARROW} '.join(dict.fromkeys(sides))}"


def _format_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _format_code(text: str) -> str:
    """Return text as code, with entities for backticks and characters special in tables.

    Long text is cut, so that one name does not use all the space.
    """
    text = make_printable(text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if _PLAIN.fullmatch(text):
        return f"`{text}`"
    escaped = _ODD.sub(lambda match: f"&#{ord(match[0])};", text)
    return f"<code>{escaped}</code>"
