"""GitHub-flavoured Markdown, for a comment on a pull request or the summary of a step."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import TypeAlias
from urllib.parse import quote

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import look_up_metric, rank_metric
from pytest_antipasta.messages import (
    MOST_NAMED,
    can_be_typed,
    count,
    format_argument,
    list_names,
    make_printable,
    show_name,
)
from pytest_antipasta.model.changes import BlockChange, Changes, MetricChange, Split
from pytest_antipasta.model.finding import Finding, FunctionKey, Proposal, Report
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.model.run import find_folder
from pytest_antipasta.model.waivers import Waivers
from pytest_antipasta.report.changes import (
    find_effect,
    find_number_effect,
    format_kinds,
    format_module_code,
    format_points,
    format_split,
    format_together,
    group_unlimited,
)
from pytest_antipasta.report.findings import count_failed, find_unused, sort_findings
from pytest_antipasta.report.first import MOST_FIRST, list_worst
from pytest_antipasta.report.paths import show_from_top
from pytest_antipasta.report.reading import ToRead, find_first, rank_report, sort_changes
from pytest_antipasta.report.summary import format_causes
from pytest_antipasta.report.waivers import describe_group, group_waivers, iter_new_baseline, locate_waiver
from pytest_antipasta.report.wording import (
    OF_ORIGIN,
    count_places,
    format_limits,
    format_place,
    iter_removed,
    iter_tolerance,
    show_limit,
    show_number,
)

MOST = 65_536
"""Maximum number of characters of a comment on GitHub."""
_ROOM = 200  # for the line about omitted text
_LONGEST = 1000  # Maximum length of a name or a message.
_ARROW = "\N{RIGHTWARDS ARROW}"
# Characters allowed between backticks in a table.
_PLAIN = re.compile(r"[^\s`|\\](?:[^`|\\]*[^\s`|\\])?")
_ODD = re.compile(r"[^\w\s]|_")
_Row: TypeAlias = "list[Finding]"
_ValueName: TypeAlias = tuple[str, str | None, str]
_Proposals: TypeAlias = Mapping[FunctionKey, Proposal]


def write(report: Report) -> bytes:
    """Return the verdict, the worst functions with how to lower them, what got better; others are folded."""
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
        """Find git's top, the address of the service that shows the files, and functions with new helpers."""
        self._report, self._facts = report, report.facts
        self._show_path = show_from_top(report.facts)
        self._address = None if report.facts.git_top is None else _find_address()
        self._splits = {split.key: split for split in (report.changes or Changes()).splits}

    def iter_lines(self) -> Iterator[str]:
        """Yield the lines, the most important first."""
        findings, changes = self._report.findings, self._report.changes or Changes()
        over = _group(sort_findings(item for item in findings if item.is_number and item.fails))
        worst, others = self._part(over)
        better = _group(_find_better(findings, changes))
        yield from (f"### antipasta: {self._format_end(over)}", "", self._format_totals())
        if over:
            yield from ("", *self._iter_table(worst, self._report.proposals))
        reading = rank_report(self._report)
        first = find_first(reading, _find_keys(worst))
        if points := format_points(changes):
            yield from ("", f"Complexity added and removed: {points}.")
        yield from self._iter_unreached()
        yield from self._iter_reading(first, len(reading))
        yield from self._iter_better(better)
        better = better[:MOST_FIRST]
        listed, named = _find_keys(better) | _find_keys(over), {item.key for item in first}
        splits = self._select_splits(listed | (named & changes.moved.keys()))
        yield from self._iter_splits(splits.values())
        yield from self._iter_waivers(self._report.waivers)
        yield from self._iter_problems([finding for finding in findings if not finding.is_number])
        yield from self._iter_unknown()
        yield from self._iter_not_compared(changes)
        yield from self._iter_unlimited(changes)
        # Folded tables come last: a comment with too little room loses its end.
        yield from self._iter_folded(others, set(map(_name_value, chain.from_iterable(better))))
        above = {*listed, *named, *splits}
        yield from self._iter_others(sort_changes(changes, reading), above)

    def _part(self, over: Iterable[_Row]) -> tuple[list[_Row], list[_Row]]:
        """Return the rows of what fails that are shown, and those that are folded."""
        worst = {row.key for row in list_worst(self._report)}
        parts: tuple[list[_Row], list[_Row]] = ([], [])
        for row in over:
            parts[row[0].key not in worst].append(row)
        return parts

    def _iter_reading(self, first: Sequence[ToRead], total: int) -> Iterator[str]:
        """Yield the functions of a change that are read first."""
        if first:
            yield from ("", f"**Read {'this' if total == 1 else 'these'} first**", "")
        for number, item in enumerate(first, 1):
            place = self._format_place(item.path, item.cell, item.line)
            reasons = _escape_names(", ".join(item.reasons))
            yield f"{number}. {_format_code(item.qualified_name)} {place}: {reasons}"

    def _iter_better(self, rows: Sequence[_Row]) -> Iterator[str]:
        """Yield the number of improved functions, and those that improved most."""
        if rows:
            most = f", these {MOST_FIRST} the most" if len(rows) > MOST_FIRST else ""
            yield from ("", f"**{_count_rows(rows)} became simpler{most}**", "")
            yield from self._iter_table(rows[:MOST_FIRST])

    def _iter_folded(self, others: Sequence[_Row], named: Container[_ValueName]) -> Iterator[str]:
        """Yield the other violations, the warnings, and tolerated values that are not shown above."""
        findings = self._report.findings
        yield from self._fold(_count_rows(others).replace(" ", " more ", 1), others)
        warned = _group(sort_findings(filter(attrgetter("is_warned"), findings)))
        yield from self._fold(f"{_count_rows(warned)} with warnings", warned)
        left = (item for item in filter(_is_tolerated, findings) if _name_value(item) not in named)
        tolerated = _group(sort_findings(left))
        yield from self._fold(f"{_count_rows(tolerated)} over a limit, tolerated", tolerated)

    def _format_end(self, over: Sequence[_Row]) -> str:
        if over:
            return format_causes(self._report.rows)
        if failed := count_failed(self._report.findings):
            return f"{count(failed, 'file')} failed"
        if self._report.waivers.fails:
            return "failed because of new waivers"
        if not self._report.totals.files and self._facts.change is None:
            return "no file was checked"
        return "passed" if self._facts.stopped is None else "stopped early"

    def _format_totals(self) -> str:
        totals, facts = self._report.totals, self._facts
        files = count(totals.files, "file")
        if facts.total is not None and totals.files < facts.total:
            files = f"{totals.files:,} of {count(facts.total, 'file')}"
        parts = [files, count(totals.violations, "violation")]
        parts += [count(totals.warnings, "warning")] if totals.warnings else []
        parts += [f"{totals.errors:,} not measured"] if totals.errors else []
        skipped = totals.files - totals.measured - totals.errors
        parts += [f"{skipped:,} skipped"] if skipped else []
        parts += [f"{totals.tolerated:,} tolerated"] if totals.tolerated else []
        narrowed = list_names([*map(_format_code, facts.narrowed_by)], MOST_NAMED)
        remarks = [f"limited to {narrowed}"] if facts.narrowed_by else []
        remarks += [f"stopped early: {_format_code(facts.stopped)}"] if facts.stopped is not None else []
        return "; ".join((", ".join(parts), *remarks))

    def _fold(self, title: str, rows: Sequence[_Row]) -> Iterator[str]:
        """Yield a folded section with some rows, if there are any."""
        if rows:
            yield from ("", f"<details><summary>{title}</summary>", "")
            yield from (*self._iter_table(rows), "", "</details>")

    def _iter_table(self, rows: Sequence[_Row], proposals: _Proposals | None = None) -> Iterator[str]:
        """Yield a row for each function or file: its values, and how to lower them or why it is listed."""
        last = "why" if proposals is None else self._format_how()
        has_last = proposals is not None or any(item.reason or _is_news(item.change) for item, *_ in rows)
        columns = [*_name_columns(rows), *[last] * has_last]
        yield from (_format_row(*columns), f"|{'---|' * len(columns)}")
        for row in rows:
            numbers = sorted(row, key=lambda item: rank_metric(item.rule))
            first, change = numbers[0], self._describe_change(numbers[0], numbers[0].block)
            cells = [
                self._format_target(first),
                "<br/>".join(
                    (*filter(_is_news, [change]), *map(_format_numbers, numbers), *self._iter_sum(first))
                ),
                first.reason or first.change or "" if proposals is None else _advise(first, proposals),
            ]
            yield _format_row(*cells[: len(columns)])

    def _iter_sum(self, item: Finding | BlockChange) -> Iterator[str]:
        """Yield the points of a function together with its new helpers, if it has any."""
        if (split := self._splits.get(item.key)) is not None:
            yield f"{look_up_metric(split.metric).label} {_escape_names(format_together(split))}"

    def _format_how(self) -> str:
        """Return the title of a column of commands, which find the settings only below the root."""
        folder = find_folder(self._facts.root, self._facts.git_top)
        return f"how to lower it, in {_format_code(show_name(folder))}" if folder else "how to lower it"

    def _format_target(self, finding: Finding) -> str:
        """Return a function with a link to it and its place, or the place of a file."""
        place = self._format_place(finding.path, finding.cell, finding.line, finding.end_line)
        return f"{_format_code(finding.block)}<br/>{place}" if finding.block else place

    def _iter_waivers(self, waivers: Waivers) -> Iterator[str]:
        """Yield what a change newly allows."""
        for line in iter_new_baseline(waivers):
            yield from ("", f"{line.capitalize()}.")
        if groups := group_waivers(waivers.listed):
            yield from ("", f"**{count(len(groups), 'waiver')} added**", "")
            for group in groups:
                fails = ", which fails" if any(item.fails for item in group) else ""
                where = _format_code(locate_waiver(group[0], self._show_path))
                yield f"- {where}: {_format_code(describe_group(group))}{fails}"

    def _iter_problems(self, problems: Sequence[Finding]) -> Iterator[str]:
        """Yield files without values, comments that fail or are ignored, and a change's without effect."""
        # The numbers of all files of a large tree are not read for these.
        unused = [*find_unused(self._report.files)] if self._facts.change is not None else []
        comments = [problem for problem in problems if problem.rule == "suppression"] + unused[:MOST_FIRST]
        files = [problem for problem in problems if problem.rule != "suppression"]
        for title, group in (("Not checked", files), ("Comments to correct", comments)):
            yield from ("", f"**{title}**", "") if group else ()
            for problem in group:
                place = self._format_place(problem.path, problem.cell, problem.line)
                yield f"- {place}: {_format_code(problem.message)}"
        if len(unused) > MOST_FIRST:
            yield f"- and {count(len(unused) - MOST_FIRST, 'more comment')} without effect"

    def _iter_unreached(self) -> Iterator[str]:
        """Yield how much complexity no test reached, if any."""
        if (coverage := self._report.coverage) is not None and coverage.unreached:
            from pytest_antipasta.report.coverage import format_unreached  # most reports have none

            is_change = self._facts.change is not None
            line = format_unreached(coverage, self._report.files, is_change=is_change)
            yield from ("", f"Coverage: {line}.")

    def _iter_unknown(self) -> Iterator[str]:
        """Yield why coverage is unknown, and the notes about the data."""
        if self._report.coverage is not None:
            from pytest_antipasta.report.coverage import format_unknown  # most reports have none

            lines = [*format_unknown(self._report.coverage, self._report.files, self._show_path)]
            yield from ("", "**Coverage data**", "") if lines else ()
            yield from (f"- {_format_code(line)}" for line in lines)

    def _select_splits(self, shown: Container[FunctionKey]) -> dict[FunctionKey, Split]:
        """Return the first functions with new helpers that are not shown above."""
        return dict(islice((pair for pair in self._splits.items() if pair[0] not in shown), MOST_FIRST))

    def _iter_splits(self, splits: Iterable[Split]) -> Iterator[str]:
        """Yield some functions with their new helpers."""
        for split in splits:
            place = self._format_place(split.path, split.cell, split.line)
            name = _format_code(split.qualified_name)
            numbers = _escape_names(format_split(split))
            yield from ("", f"{split.effect.capitalize()}: {name} {place}: {numbers}.")

    def _iter_not_compared(self, changes: Changes) -> Iterator[str]:
        """Yield the files with a version that could not be measured."""
        for lost in changes.not_compared:
            if lost.side == "before":  # the new versions are among the problems
                name = _format_code(show_name(self._show_path(lost.path)))
                reason = f"its previous version could not be measured ({lost.kind})"
                yield from ("", f"{name} is not compared: {reason}.")

    def _iter_unlimited(self, changes: Changes) -> Iterator[str]:
        """Yield the changed code that no limit applies to."""

        def name(path: str) -> str:
            return _format_code(show_name(self._show_path(path)))

        if module_code := format_module_code(changes, name):
            yield from ("", f"Code outside of functions, which has no limit: {module_code}.")
        for what, paths in group_unlimited(changes):
            yield from ("", f"{what}: {list_names([*map(name, paths)], MOST_NAMED, 'file')}.")

    def _iter_others(self, changes: Sequence[BlockChange], shown: Container[FunctionKey]) -> Iterator[str]:
        """Yield a folded section about the functions that a change touches and that are not shown above."""
        others = [item for item in changes if item.key not in shown]
        if others:
            title = f"{'Other' if len(others) < len(changes) else 'All'} changed functions"
            yield from ("", f"<details><summary>{title}: {format_kinds(others)}</summary>", "")
            yield from (_format_row("function", "change", "complexity"), "|---|---|---|")
            for change in others:
                place = self._format_place(change.path, change.cell, change.line)
                steps = ", ".join(filter(None, (_format_step(*pair) for pair in change.metrics.items())))
                steps = "<br/>".join((steps, *self._iter_sum(change)))
                name = _format_code(change.qualified_name)
                kind = self._describe_change(change, change.qualified_name)
                yield _format_row(f"{name}<br/>{place}", kind, steps)
            yield from ("", "</details>")

    def _describe_change(self, item: Finding | BlockChange, name: str | None) -> str:
        """Return what a change did to a function or file, with its old path and name if they differ."""
        change = item.change or ""
        path = item.previous_path and show_name(self._show_path(item.previous_path))
        was = "::".join(filter(None, (path, item.previous_name or (path and name))))
        return f"{OF_ORIGIN.get(change, change)} from {_format_code(was)}" if was else change

    def _format_place(
        self, path: str, cell: int | None, line: int | None, end_line: int | None = None
    ) -> str:
        """Return a place, with a link to it at the commit if the service is known."""
        path = self._show_path(path)
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


def _name_value(finding: Finding) -> _ValueName:
    return finding.path, finding.block, finding.rule


def _group(findings: Iterable[Finding]) -> list[_Row]:
    """Return findings grouped by block, in the order of the first finding of each."""
    groups: dict[tuple[object, ...], _Row] = {}
    for finding in findings:
        groups.setdefault((finding.key, finding.reason, finding.change), []).append(finding)
    return list(groups.values())


def _find_keys(rows: Iterable[_Row]) -> set[FunctionKey]:
    return {first.key for first, *_ in rows}


def _count_rows(rows: Sequence[_Row]) -> str:
    """Return the numbers of functions and of files in some rows."""
    return count_places(first.block for first, *_ in rows)


def _is_tolerated(finding: Finding) -> bool:
    return finding.status == "tolerated"


def _find_better(findings: Iterable[Finding], changes: Changes) -> list[Finding]:
    """Return values of improved functions, the largest improvement first, those within limits included."""
    found = {_name_value(finding): finding for finding in filter(_is_tolerated, findings)}
    for element in _iter_changed(changes):
        found.setdefault(_name_value(element), element)
    others = _find_not_better(changes)
    # A function is one row, whatever tolerates some of its values.
    better = (
        replace(item, reason=None, change=item.change or item.reason)
        for item in found.values()
        if item.effect == "better" and item.key not in others
    )
    return sorted(better, key=lambda item: -abs((item.value or 0) - (item.before or 0)))


def _find_not_better(changes: Changes) -> set[FunctionKey]:
    """Return the functions that are new helpers, whose points only moved, or of which a value is worse."""
    helpers = chain.from_iterable(split.helper_keys for split in changes.splits)
    worse = (change.key for change in changes.changes if find_effect(change) == "worse")
    return {*changes.moved, *helpers, *worse}


def _iter_changed(changes: Changes) -> Iterator[Finding]:
    """Yield the values of functions that a change improves."""
    for change in changes.changes:
        for metric, number in change.metrics.items():
            if (effect := find_number_effect(number)) == "better":
                yield Finding(
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
                    effect=effect,
                    reason=change.change,
                    message=change.change,
                )


def _advise(finding: Finding, proposals: _Proposals) -> str:
    """Return where the plan for a function leads and the command for it, or the command that explains.

    ``explain`` reads no coverage data.
    """
    proposal = proposals.get(finding.key)
    if proposal is not None:
        return f"{proposal.reach}:<br/>{_format_code(proposal.command)}"
    if finding.rule in COVERAGE_METRICS:
        return "test it"
    target = f"{finding.path}::{finding.block}" if finding.block else finding.path
    command = f"pytest-antipasta explain {format_argument(target)}"
    return _format_code(command) if can_be_typed(command) else "simplify it"


def _is_news(change: str | None) -> bool:
    """Return whether a change did more to a function than to edit it."""
    return change not in (None, "", "modified")


def _format_numbers(finding: Finding) -> str:
    """Return a value after its old value, with its limit: ``cognitive 12 → 18 (limit 15)``."""
    metric, limit = look_up_metric(finding.rule), finding.limit or 0
    was = (
        f"{show_number(finding.before, limit)} {_ARROW} "
        if finding.before not in (None, finding.value)
        else ""
    )
    shown = show_limit(limit)
    most = f"limit {shown}"
    if finding.comparison != "<=":
        most = f"must be {_format_code(f'{finding.comparison} {shown}')}"
    if finding.previous_limit is not None:
        most = format_limits(finding.previous_limit, finding.comparison, limit)
    value = f"{metric.label} {was}{show_number(finding.value or 0, limit)} ({most})"
    return " ".join((value, *(iter_tolerance if finding.fails else iter_removed)(finding)))


def _format_step(metric: str, number: MetricChange) -> str:
    """Return a value on both sides of a change, once if equal; empty for missing values."""

    def show(value: Number) -> str:
        return show_number(value, number.limit)

    sides = [show(item) for item in (number.before, number.after) if item is not None]
    if not any((number.before, number.after)):
        return ""
    return f"{look_up_metric(metric).label} {f' {_ARROW} '.join(dict.fromkeys(sides))}"


def _name_columns(rows: Sequence[_Row]) -> Sequence[str]:
    """Return the titles of the columns for rows and for their values."""
    return ("function", "complexity") if any(item.block for item, *_ in rows) else ("file", "values")


def _format_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _escape_names(text: str) -> str:
    """Return text with names of functions such as ``__call__``, which would be bold; also for a table."""
    return text.replace("_", r"\_").replace("|", r"\|")


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
