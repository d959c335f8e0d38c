"""GitHub-flavoured Markdown, for a comment on a pull request or the summary of a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from pytest_antipasta.messages import count, show_name
from pytest_antipasta.model import Tolerated, Verdict, Violation
from pytest_antipasta.policy import is_worse
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.problems import iter_problems
from pytest_antipasta.report.ranking import BY_EXCESS, Over, sort_violations
from pytest_antipasta.report.summary import add_up
from pytest_antipasta.report.wording import format_number, format_place, format_value

_WORST = 10
# What can stand between backticks in a table as it is.
_PLAIN = re.compile(r"[^\s`|\\](?:[^`|\\]*[^\s`|\\])?")
_ODD = re.compile(r"[^\w\s]|_")


def write(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return the verdict, the worst or what a change made worse and better, and all else folded away."""
    place = place_at_top(run)
    shown = [replace(verdict, path=show_name(place(verdict.path))) for verdict in verdicts]
    return "".join(f"{line}\n" for line in _iter_lines(shown, run)).encode()


def _iter_lines(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> Iterator[str]:
    failed = sum(verdict.failed for verdict in verdicts)
    end = "stopped early" if run["stopped"] is not None else "passed"
    yield f"### antipasta: {count(failed, 'file')} failed" if failed else f"### antipasta: {end}"
    yield from ("", _format_totals(verdicts, run))
    over, is_change = sort_violations(verdicts, BY_EXCESS), run["change"] is not None
    tolerated = [Over(verdict, one) for verdict in verdicts for one in verdict.tolerated]
    yield from _iter_part("What got worse" if is_change else "The worst", over[:_WORST])
    yield from _iter_part("What got better", [one for one in tolerated if _is_better(one.violation)])
    yield from _iter_problems(verdicts)
    yield from _fold(f"All {count(len(over), 'violation')}", over)
    yield from _fold(f"Tolerated: {len(tolerated)}", tolerated)


def _iter_part(title: str, over: Sequence[Over]) -> Iterator[str]:
    if over:
        yield from ("", f"**{title}**", "", *_iter_table(over))


def _fold(title: str, over: Sequence[Over]) -> Iterator[str]:
    if over:
        yield from ("", f"<details><summary>{title}</summary>", "", *_iter_table(over), "", "</details>")


def _iter_problems(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield what is not known, and comments that fail."""
    problems = [(verdict, problem) for verdict in verdicts for problem in iter_problems(verdict)]
    if problems:
        yield from ("", "**Not measured, not judged, or suppressed wrongly**", "")
    for verdict, problem in problems:
        yield f"- {_format_code(format_place(verdict.path, problem.line))}: {_format_code(problem.text)}"


def _format_totals(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> str:
    totals = add_up(verdicts)
    parts = [count(totals.files, "file"), count(totals.violations, "violation")]
    parts += [f"{totals.errors} not measured"] if totals.errors else []
    parts += [f"{totals.tolerated} tolerated"] if totals.tolerated else []
    narrowed = ", ".join(map(_format_code, run["narrowed_by"]))
    remarks = [f"narrowed by {narrowed}"] if narrowed else []
    remarks += [f"stopped early: {_format_code(run['stopped'])}"] if run["stopped"] is not None else []
    return "; ".join((", ".join(parts), *remarks))


def _is_better(violation: Violation) -> bool:
    before = violation.before
    return before is not None and is_worse(before, violation.value, violation.comparison)


def _iter_table(over: Iterable[Over]) -> Iterator[str]:
    yield "| where | block | metric | value | limit | why |"
    yield "|---|---|---|---:|---:|---|"
    for verdict, one in over:
        name = _format_code(one.qualified_name) if one.qualified_name else "the file"
        limit = f"{one.comparison} {format_number(one.threshold)}"
        cells = (
            _format_code(format_place(verdict.path, one.line)),
            name,
            _format_code(one.metric),
            format_value(one),
            _format_code(limit),
            one.why if isinstance(one, Tolerated) else one.change or "",
        )
        yield f"| {' | '.join(cells)} |"


def _format_code(text: str) -> str:
    """Return text as code; what backticks or a table would stumble over as an entity, which nothing reads."""
    if _PLAIN.fullmatch(text):
        return f"`{text}`"
    escaped = _ODD.sub(lambda match: f"&#{ord(match[0])};", text)
    return f"<code>{escaped}</code>"
