"""Make findings from verdicts: everything that reports say about files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_antipasta.extension.metrics import rank_metric
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.finding import BriefPlan, Finding, Report, Status
from pytest_antipasta.model.judged import Suppression, Tolerated, Verdict, Violation
from pytest_antipasta.model.run import RunFacts
from pytest_antipasta.model.waivers import NO_WAIVERS, Waivers
from pytest_antipasta.policy.limits import added_ratio, excess_ratio, was_over
from pytest_antipasta.report.paths import ShowPath, show_from_top
from pytest_antipasta.report.plans import PLANNED
from pytest_antipasta.report.rows import find_rows, rank_by_excess, sort_rows
from pytest_antipasta.report.wording import (
    OVER_BEFORE,
    compute_violation_effect,
    describe_error,
    format_exceeded,
    format_named,
)

# These values of a file may be worse than before although a change passes.
_WHY = {"not worse": OVER_BEFORE, "suppressed": "suppressed", "baseline": "baseline"}


def make_report(
    verdicts: Sequence[Verdict],
    facts: RunFacts,
    changes: Changes | None = None,
    waivers: Waivers = NO_WAIVERS,
    files: Sequence[Verdict] | None = None,
    coverage: CoverageFacts | None = None,
    plans: Mapping[str, Sequence[BriefPlan]] = {},
) -> Report:
    """Return the content of a report, for all formats, from verdicts sorted by path.

    If these are brief, ``files`` are the verdicts with all values. ``plans`` are those of
    complexipy, by path.
    """
    show_path = show_from_top(facts)
    findings = [
        finding
        for verdict in verdicts
        for finding in find_findings(verdict, plans.get(verdict.path, ()), show_path)
    ]
    files, rows = verdicts if files is None else files, sort_rows(find_rows(verdicts))
    return Report(findings, facts, files, changes, waivers, coverage, rows=rows, plans=plans)


def find_findings(
    verdict: Verdict, plans: Sequence[BriefPlan] = (), show_path: ShowPath = str
) -> Iterator[Finding]:
    """Yield the problems of a file, its violations, warnings, and tolerated values.

    ``plans`` belong to some of the values, and ``show_path`` returns the path of a file from git's top.
    """
    yield from _find_problems(verdict)
    numbers: tuple[tuple[Status, Sequence[Violation]], ...] = (
        ("failing", verdict.violations),
        ("warning", verdict.warnings),
        ("tolerated", verdict.tolerated),
    )
    for status, violations in numbers:
        for violation in violations:
            yield _make_number(verdict, violation, status, plans, show_path)


def _find_problems(verdict: Verdict) -> Iterator[Finding]:
    path = verdict.path
    for error in verdict.errors:
        yield Finding(
            status="failing" if verdict.errors_fail else "warning",
            rule="not_measured",
            path=path,
            line=error.line,
            cell=error.cell,
            reason=error.kind,
            message=make_printable(describe_error(error)),
        )
    if verdict.unjudged:
        message = f"not checked: {', '.join(verdict.unjudged)}, no value"
        yield Finding(status="not judged", rule="not_judged", path=path, message=message)
    for comment in verdict.suppressions:
        if comment.fails or comment.problems:
            yield _make_suppression(verdict, comment)


def find_unused(verdicts: Iterable[Verdict]) -> Iterator[Finding]:
    """Yield the comments that are honoured and without effect, and fail no file."""
    for verdict in verdicts:
        for comment in verdict.suppressions:
            if not (comment.fails or comment.problems):
                found = _make_suppression(verdict, comment)
                yield from [found] if found.message else ()


def _make_suppression(verdict: Verdict, comment: Suppression) -> Finding:
    """Return the finding of a comment; its message is empty if there is nothing to say of it."""
    from pytest_antipasta.report.suppressions import iter_remarks

    cell, line = verdict.measurement.locate(comment.line)
    return Finding(
        status="failing" if comment.fails else "warning",
        rule="suppression",
        path=verdict.path,
        line=line,
        cell=cell,
        message="; ".join(iter_remarks(verdict, comment)),
    )


def _make_number(
    verdict: Verdict, violation: Violation, status: Status, plans: Sequence[BriefPlan], show_path: ShowPath
) -> Finding:
    """Return the finding of a value over its limit."""
    why = _WHY[violation.why] if isinstance(violation, Tolerated) else None
    cell, line = verdict.measurement.locate(violation.line)
    complexity, lines = verdict.find_size(violation.qualified_name)
    known: dict[str, Any] = {}
    block = verdict.by_name.get(violation.qualified_name)
    if block is not None and line is not None:
        known = {"name": block.name, "kind": block.kind, "end_line": line + block.end_line - block.line}
    allowances = verdict.find_allowances(violation) if why == "suppressed" else ()
    return Finding(
        status=status,
        rule=violation.metric,
        path=verdict.path,
        line=line,
        cell=cell,
        block=violation.qualified_name,
        **known,
        complexity=complexity,
        lines=lines,
        value=violation.value,
        before=violation.before,
        was_over=was_over(violation),
        effect=compute_violation_effect(violation),
        ratio=excess_ratio(violation),
        added=added_ratio(violation),
        limit=violation.threshold,
        comparison=violation.comparison,
        previous_limit=violation.previous_limit,
        change=violation.change,
        previous_path=violation.previous_path,
        previous_name=violation.previous_name,
        recorded=violation.recorded,
        was_suppressed=violation.was_suppressed,
        was_recorded=violation.was_recorded,
        reason=why,
        message=format_named(violation),
        message_at_top=format_named(violation, show_path) if violation.previous_path else None,
        notes=tuple(format_exceeded(verdict, violation)),
        plans=tuple(plan for plan in plans if (plan.line, PLANNED) == (violation.line, violation.metric)),
        comments=tuple(comment for comment, _ in allowances),
        digest=verdict.digest,
    )


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings from worst to best: those of functions, which can be made simpler, before files.

    Equal findings are sorted by complexity, then by length (both descending), then by path.
    """
    return sorted(
        findings,
        key=lambda item: rank_by_excess(item.block, item.added, item.ratio, item.complexity, item.lines),
    )


def count_failed(findings: Iterable[Finding]) -> int:
    """Return the number of files that fail: each has a finding that says why."""
    return len({finding.path for finding in findings if finding.fails})


def find_limited(report: Report, limits: Iterable[str]) -> list[str]:
    """Return the metrics that have a limit, and those with a value over the limit."""
    names = {finding.rule for finding in report.findings if finding.is_number}.union(limits)
    return sorted(sorted(names), key=rank_metric)
