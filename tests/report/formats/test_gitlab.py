"""GitLab's report: fingerprints, and how severe a number is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_antipasta.model.judged import Suppression, Verdict, Violation
from pytest_antipasta.model.measured import FileMetrics, Measurement
from tests.report.making import write_as


def read_issues(*violations: Violation, path: str = "a.py") -> list[dict[str, Any]]:
    """Return the issues of a file."""
    verdict = Verdict(path, Measurement(FileMetrics()), violations)
    issues: list[dict[str, Any]] = json.loads(write_as("gitlab", [verdict]))
    return issues


def over(
    name: str | None = "f", metric: str = "cyclomatic_complexity", line: int = 1, value: int = 11
) -> Violation:
    """Return a violation."""
    return Violation(metric, name, line, value, 10, "<=")


def test_a_fingerprint_has_neither_line_nor_value() -> None:
    assert read_issues(over())[0]["fingerprint"] == read_issues(over(line=9, value=99))[0]["fingerprint"]


def test_no_two_in_a_report_are_the_same(reports: dict[str, bytes]) -> None:
    issues = json.loads(reports["gitlab"])
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    others = [over(None), over("g"), over("f", "halstead_volume"), over("f#2")]
    found = [*read_issues(over(), *others), *read_issues(over(), path="b.py")]
    assert len({issue["fingerprint"] for issue in found}) == 6


def test_a_problem_keeps_its_fingerprint_when_another_is_gone() -> None:
    def read(*suppressions: Suppression) -> dict[str, str]:
        verdict = Verdict("a.py", Measurement(FileMetrics()), (), (), suppressions=suppressions)
        issues = json.loads(write_as("gitlab", [verdict]))
        return {issue["description"]: issue["fingerprint"] for issue in issues}

    first, second, again = (
        Suppression(line, "f", "antipasta", "# antipasta: x", problems=(problem,), fails=True)
        for line, problem in ((1, "unknown metric x"), (5, "no reason"), (9, "no reason"))
    )
    both, alone = read(first, second), read(second)
    assert len(set(both.values())) == 2
    assert alone.items() <= both.items()
    verdict = Verdict("a.py", Measurement(FileMetrics()), suppressions=(second, again))
    issues = json.loads(write_as("gitlab", [verdict]))
    assert len({issue["fingerprint"] for issue in issues}) == 2


@pytest.mark.parametrize(
    ("value", "comparison", "severity"),
    [
        (11, "<=", "minor"),
        (12.5, "<=", "minor"),
        (13, "<=", "major"),
        (15, "<=", "major"),
        (16, "<=", "critical"),
        (20, "<=", "critical"),
        (21, "<=", "blocker"),
        (9, ">=", "minor"),
        (5, ">=", "major"),
        (0, ">=", "critical"),
    ],
)
def test_it_is_as_severe_as_a_number_is_over_its_limit(value: float, comparison: Any, severity: str) -> None:
    (issue,) = read_issues(Violation("cyclomatic_complexity", "f", 1, value, 10, comparison))
    assert issue["severity"] == severity


def test_what_is_not_known_is_an_issue_and_what_is_tolerated_is_none(reports: dict[str, bytes]) -> None:
    issues = {issue["location"]["path"]: issue for issue in json.loads(reports["gitlab"])}
    for path in ("bad.py", "lacking.py", "unused.py"):
        assert issues[f"app/{path}"]["severity"] == "critical"
    refused = issues["app/refused.py"]
    assert (refused["severity"], refused["check_name"]) == ("info", "not_judged")
    assert "app/pkg/same.py" not in issues
