"""GitLab's Code Quality report, which its merge requests show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import excess_ratio
from pytest_antipasta.report.formats.problems import iter_problems
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.records import encode
from pytest_antipasta.report.wording import find_file_line, format_named

# Up to how many times over its limit a number is of a severity.
_SEVERITIES = ((1.25, "minor"), (1.5, "major"), (2.0, "critical"))
_WORST = "blocker"


def write(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return a list of issues: violations, and what is not known; what is tolerated is none."""
    place = place_at_top(run)
    issues = [issue for verdict in verdicts for issue in _iter_issues(verdict, place(verdict.path))]
    return encode(issues)


def _iter_issues(verdict: Verdict, path: str) -> Iterator[dict[str, Any]]:
    for number, problem in enumerate(iter_problems(verdict)):
        severity = "critical" if problem.fails else "info"
        yield _make_issue(
            path, problem.line_in_file, problem.rule, problem.text_in_file, severity, f"{number}"
        )
    for violation in verdict.violations:
        line, where = find_file_line(verdict, violation.line)
        text, severity = f"{where}{format_named(violation)}", _choose_severity(violation)
        yield _make_issue(path, line, violation.metric, text, severity, violation.qualified_name or "")


def _make_issue(
    path: str, line: int | None, rule: str, text: str, severity: str, name: str
) -> dict[str, Any]:
    """Return an issue; by its fingerprint GitLab knows it again, whatever line and value it has."""
    return {
        "description": text,
        "check_name": rule,
        "fingerprint": sha256("\0".join((path, rule, name)).encode()).hexdigest(),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line or 1}},
    }


def _choose_severity(violation: Violation) -> str:
    ratio = excess_ratio(violation)
    return next((severity for most, severity in _SEVERITIES if ratio <= most), _WORST)
