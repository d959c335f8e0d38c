"""GitLab's Code Quality report, which merge requests show."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.records import encode

# The factor over the limit up to which a value has each severity.
_SEVERITIES = ((1.25, "minor"), (1.5, "major"), (2.0, "critical"))
_WORST = "blocker"


def write(report: Report) -> bytes:
    """Return a list of issues: violations, warnings and errors; tolerated values are left out."""
    place, seen = place_at_top(report.facts), Counter[tuple[str, str, str]]()
    issues = []
    for finding in report.findings:
        if finding.status != "tolerated":
            key = place(finding.path), finding.rule, _identify(finding)
            again = f"#{seen[key]}" if seen[key] else ""  # a file can contain the same comment twice
            seen[key] += 1
            issues.append(_make_issue(finding, key[0], f"{key[2]}{again}"))
    return encode(issues)


def _identify(finding: Finding) -> str:
    """Return the identity of a finding in its file, independent of line and value."""
    if finding.is_number:
        return finding.block or ""
    # Several extensions may each have failed.
    return (
        finding.message
        if finding.rule == "suppression" or finding.reason == "extension"
        else finding.reason or ""
    )


def _make_issue(finding: Finding, path: str, name: str) -> dict[str, Any]:
    """Return an issue, which GitLab recognises by its fingerprint."""
    return {
        "description": finding.message_in_file,
        "check_name": finding.rule,
        "fingerprint": sha256("\0".join((path, finding.rule, name)).encode()).hexdigest(),
        "severity": _choose_severity(finding),
        "location": {"path": path, "lines": {"begin": finding.line_in_file or 1}},
    }


def _choose_severity(finding: Finding) -> str:
    if finding.is_warned:
        return "info"
    if not finding.is_number:
        return "critical" if finding.fails else "info"
    excess = finding.ratio
    return next((severity for most, severity in _SEVERITIES if excess <= most), _WORST)
