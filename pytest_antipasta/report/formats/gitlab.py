"""GitLab's Code Quality report, which merge requests show."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

from pytest_antipasta.model import Finding, Report
from pytest_antipasta.report.findings import measure_excess
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.records import encode

# The factor over the limit up to which a value has each severity.
_SEVERITIES = ((1.25, "minor"), (1.5, "major"), (2.0, "critical"))
_WORST = "blocker"


def write(report: Report) -> bytes:
    """Return a list of issues: violations, warnings and errors; tolerated values are left out."""
    place, seen = place_at_top(report.facts), Counter[tuple[str, str, str]]()
    issues = []
    for one in report.findings:
        if one.status != "tolerated":
            key = place(one.path), one.rule, _identify(one)
            again = f"#{seen[key]}" if seen[key] else ""  # a file can contain the same comment twice
            seen[key] += 1
            issues.append(_make_issue(one, key[0], f"{key[2]}{again}"))
    return encode(issues)


def _identify(one: Finding) -> str:
    """Return the identity of a finding in its file, independent of line and value."""
    if one.is_number:
        return one.block or ""
    # Several extensions may each have failed.
    return one.message if one.rule == "suppression" or one.reason == "extension" else one.reason or ""


def _make_issue(one: Finding, path: str, name: str) -> dict[str, Any]:
    """Return an issue, which GitLab recognises by its fingerprint."""
    return {
        "description": one.message_in_file,
        "check_name": one.rule,
        "fingerprint": sha256("\0".join((path, one.rule, name)).encode()).hexdigest(),
        "severity": _choose_severity(one),
        "location": {"path": path, "lines": {"begin": one.line_in_file or 1}},
    }


def _choose_severity(one: Finding) -> str:
    if one.is_warned:
        return "info"
    if not one.is_number:
        return "critical" if one.fails else "info"
    excess = measure_excess(one)
    return next((severity for most, severity in _SEVERITIES if excess <= most), _WORST)
