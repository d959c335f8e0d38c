"""GitLab's Code Quality report, which its merge requests show."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

from pytest_antipasta.model import Finding, Report
from pytest_antipasta.report.findings import measure_excess
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.records import encode

# Up to how many times over its limit a number is of a severity.
_SEVERITIES = ((1.25, "minor"), (1.5, "major"), (2.0, "critical"))
_WORST = "blocker"


def write(report: Report) -> bytes:
    """Return a list of issues: violations, and what is not known; what is tolerated is none."""
    place, problems = place_at_top(report.facts), Counter[str]()
    issues = []
    for one in report.findings:
        if one.status != "tolerated":
            path = place(one.path)
            name = (one.block or "") if one.is_number else str(problems[path])
            problems[path] += not one.is_number
            issues.append(_make_issue(one, path, name))
    return encode(issues)


def _make_issue(one: Finding, path: str, name: str) -> dict[str, Any]:
    """Return an issue; by its fingerprint GitLab knows it again, whatever line and value it has."""
    return {
        "description": one.message_in_file,
        "check_name": one.rule,
        "fingerprint": sha256("\0".join((path, one.rule, name)).encode()).hexdigest(),
        "severity": _choose_severity(one),
        "location": {"path": path, "lines": {"begin": one.line_in_file or 1}},
    }


def _choose_severity(one: Finding) -> str:
    if not one.is_number:
        return "critical" if one.fails else "info"
    excess = measure_excess(one)
    return next((severity for most, severity in _SEVERITIES if excess <= most), _WORST)
