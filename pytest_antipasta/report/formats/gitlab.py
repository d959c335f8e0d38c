"""GitLab's Code Quality report, which merge requests show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.report.paths import show_from_top
from pytest_antipasta.report.records import encode
from pytest_antipasta.report.waivers import describe_in_file, find_waivers

# The factor over the limit up to which a value has each severity.
_SEVERITIES = ((1.25, "minor"), (1.5, "major"), (2.0, "critical"))
_WORST = "blocker"


class _Issue(NamedTuple):
    """An issue; its name identifies it among those of a rule in its file, independent of line and value."""

    path: str
    rule: str
    name: str
    line: int | None
    text: str
    severity: str


def write(report: Report) -> bytes:
    """Return a list of issues: violations, warnings, errors and new waivers; no tolerated values."""
    seen = Counter[tuple[str, ...]]()
    issues = []
    for issue in _iter_issues(report):
        key = issue[:3]
        again = f"#{seen[key]}" if seen[key] else ""  # a file can contain the same comment twice
        seen[key] += 1
        issues.append(_make_issue(issue, again))
    return encode(issues)


def _iter_issues(report: Report) -> Iterator[_Issue]:
    show_path = show_from_top(report.facts)
    for finding in (*report.findings, *find_waivers(report.waivers)):
        if finding.status != "tolerated":
            found = finding.rule, _identify(finding), finding.line_in_file, describe_in_file(finding)
            yield _Issue(show_path(finding.path), *found, _choose_severity(finding))


def _make_issue(issue: _Issue, again: str) -> dict[str, Any]:
    """Return an issue, which GitLab recognises by its fingerprint."""
    identity = "\0".join((issue.path, issue.rule, f"{issue.name}{again}"))
    return {
        "description": issue.text,
        "check_name": issue.rule,
        "fingerprint": sha256(identity.encode()).hexdigest(),
        "severity": issue.severity,
        "location": {"path": issue.path, "lines": {"begin": issue.line or 1}},
    }


def _identify(finding: Finding) -> str:
    if finding.is_number:
        return finding.block or ""
    # Several extensions may each have failed.
    return (
        finding.message
        if finding.rule in ("suppression", "waiver") or finding.reason == "extension"
        else finding.reason or ""
    )


def _choose_severity(finding: Finding) -> str:
    if finding.is_warned:
        return "info"
    if not finding.is_number:
        return "critical" if finding.fails else "info"
    excess = finding.ratio
    return next((severity for most, severity in _SEVERITIES if excess <= most), _WORST)
