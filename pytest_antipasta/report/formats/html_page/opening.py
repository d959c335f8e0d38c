"""What the page of a check opens with, without its scripts too: project, verdict, and what to fix first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import MOST_NAMED, count, list_names, make_printable, show_name
from pytest_antipasta.model.finding import Report, Row
from pytest_antipasta.model.judged import Violation
from pytest_antipasta.model.run import RunFacts
from pytest_antipasta.report.rows import sort_numbers
from pytest_antipasta.report.summary import format_over
from pytest_antipasta.report.waivers import iter_new_baseline
from pytest_antipasta.report.wording import (
    format_edits,
    format_history,
    format_limits,
    format_place,
    show_number,
)

_PASSED = "No violations"
_ARROW = "\N{RIGHTWARDS ARROW}"


def name_entry(row: Row) -> str:
    """Return what links to a function or a file have after the ``#``."""
    return "::".join(row.key)


def make_first(report: Report, first: Sequence[Row]) -> list[dict[str, Any]]:
    """Return what to fix first as data; a plan and edits are left out where there are none."""
    parts = [
        {
            "id": name_entry(row),
            "plan": report.proposals.get(row.key),
            "edits": format_edits(report.edits, row.key),
        }
        for row in first
    ]
    return [{name: value for name, value in part.items() if value} for part in parts]


def describe_verdict(report: Report) -> str:
    """Return the verdict in a line."""
    totals = report.totals
    unmeasured = f"{count(totals.errors, 'file')} could not be measured" if totals.errors else ""
    failing = [finding for finding in report.findings if finding.fails]
    if totals.violations:
        found = format_over(report.rows)
        return f"{found}, and {unmeasured}" if unmeasured else found
    if failing:
        return unmeasured or "Failed because of a suppression comment"
    if report.waivers.fails:
        return "Failed because of new waivers"
    return _describe_passing(report, unmeasured)


def _describe_passing(report: Report, unmeasured: str) -> str:
    if report.facts.stopped is not None:
        return "Stopped early"
    if not report.files:
        return "Nothing was checked"
    return f"{_PASSED}, but {unmeasured}" if unmeasured else _PASSED


def name_project(root: str) -> str:
    """Return the name of a project, which is that of its folder."""
    return show_name(next(iter(reversed([part for part in root.split("/") if part])), "/"))


def make_opening(report: Report, first: Sequence[Row]) -> dict[str, str]:
    """Return the parts of the page's body as markup, by the names of their slots."""
    verdict, commit = describe_verdict(report), report.commit
    has_failed = report.waivers.fails or any(finding.fails for finding in report.findings)
    about = f"commit {commit.name[:10]} of {commit.date}" if commit else ""
    return {
        "title": escape(f"antipasta: {name_project(report.facts.root)}"),
        "kind": "failed" if has_failed else "passed" if verdict == _PASSED else "",
        "verdict": escape(verdict),
        "commit": escape(about),
        "remarks": "".join(f"<li>{escape(remark)}</li>" for remark in _iter_remarks(report)),
        "hidden": "" if first else " hidden",
        "first": "\n".join(_iter_items(report, first)),
        "history": escape(_describe_order(report)),
        "order": "what the change added most to first" if _begins_with_added(report) else "the worst first",
    }


def _iter_remarks(report: Report) -> Iterator[str]:
    """Yield what makes less of this report than of others."""
    facts = report.facts
    if facts.stopped is not None:
        yield f"Files are missing because the run was stopped early: {make_printable(facts.stopped)}"
    elif not report.files and not facts.total and facts.change is None:
        yield "No source files found: check `paths`, `include` and `exclude` in the settings."
    yield from _iter_extent(facts, len(report.files))
    if (
        facts.change is None
        and not report.rows
        and any(item.reason == "baseline" for item in report.findings)
    ):
        yield "With `--no-baseline`, this page ranks what the baseline tolerates."
    yield from (f"{line.capitalize()}." for line in iter_new_baseline(report.waivers))


def _iter_extent(facts: RunFacts, number: int) -> Iterator[str]:
    """Yield which part of the files was checked, if it was a part."""
    of_all = "" if facts.total is None else f"{number:,} of {count(facts.total, 'file')}"
    if names := [make_printable(name) for name in facts.narrowed_by if name != facts.change]:
        yield f"Narrowed by {list_names(names, MOST_NAMED)}{of_all and f' to {of_all}'}."
    elif facts.stopped is None and number < (facts.total or 0):
        yield f"Only {of_all} were checked."


def _iter_items(report: Report, first: Sequence[Row]) -> Iterator[str]:
    """Yield a list item for each function or file, which scripts replace by one with links and bars."""
    for row in first:
        proposal, edits = report.proposals.get(row.key), format_edits(report.edits, row.key)
        place = format_place(show_name(row.verdict.path), *row.locate())
        name = make_printable(row.name) if row.name else place
        values = ", ".join((*map(_format_number, sort_numbers(row)), *filter(None, [edits])))
        plan = proposal and f"{_ARROW} {proposal.reach}: {proposal.command}"
        lines = "<br>".join(escape(line) for line in (values, plan) if line)
        yield f"<li><span><b>{escape(name)}</b> {escape(place)}<br>{lines}</span></li>"


def _describe_order(report: Report) -> str:
    edits, order = report.edits, "The worst come first"
    if report.facts.change is not None:
        if _begins_with_added(report):
            order = "What the change added most to comes first"
    elif edits is None:
        order += f"; {format_history(edits)}"
    elif edits.counts:
        order = f"Functions changed in the last year come first; {format_history(edits)}"
    return f"{order}. Steps that are proven are shown." if report.proposals else f"{order}."


def _begins_with_added(report: Report) -> bool:
    """Return whether a change has added to what fails, not only `judge = "all"` or a lower limit."""
    return report.facts.change is not None and any(item.fails and item.added for item in report.findings)


def _format_number(number: Violation) -> str:
    limit = number.threshold
    was = "" if number.before in (None, number.value) else f"{show_number(number.before, limit)} {_ARROW} "
    value = f"{look_up_metric(number.metric).label} {was}{show_number(number.value, limit)}"
    if number.previous_limit is not None:
        return f"{value} ({format_limits(number.previous_limit, number.comparison, limit)})"
    return f"{value} (must be {number.comparison} {show_number(limit)})"
