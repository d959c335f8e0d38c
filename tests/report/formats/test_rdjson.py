"""Reviewdog's report: which lines a diagnostic has, and how severe it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.model.measured import FileError, Measurement
from tests.report.making import write_as

MEASURED = measure(b"x = 1\n\n\ndef f(a):\n    if a:\n        return 1\n    return a\n")
OVER = Violation("cyclomatic_complexity", "f", 4, 2, 1, "<=")
OF_FILE = Violation("lines_of_code", None, None, 7, 1, "<=")
BAD = FileError("syntax", "invalid", line=3)


def read_one(verdict: Verdict) -> dict[str, Any]:
    """Return the only diagnostic about a file."""
    (found,) = json.loads(write_as("rdjson", [verdict], root="/top/root", git_top="/top"))["diagnostics"]
    return dict(found)


def test_a_function_has_all_of_its_lines() -> None:
    assert read_one(Verdict("a.py", MEASURED, (OVER,))) == {
        "message": "f: cyclomatic_complexity is 2, must be <= 1",
        "location": {"path": "root/a.py", "range": {"start": {"line": 4}, "end": {"line": 7}}},
        "severity": "ERROR",
        "code": {"value": "cyclomatic_complexity"},
    }


def test_a_value_of_the_file_has_no_line() -> None:
    assert read_one(Verdict("a.py", MEASURED, (OF_FILE,)))["location"] == {"path": "root/a.py"}


UNREAD = Verdict("a.py", Measurement.of(BAD))
SEVERITIES = {
    "a violation": (Verdict("a.py", MEASURED, (OVER,)), "ERROR"),
    "a warning": (Verdict("a.py", MEASURED, warnings=(OVER,)), "WARNING"),
    "an error": (replace(UNREAD, errors_fail=True), "ERROR"),
    "one that does not fail": (UNREAD, "WARNING"),
    "a metric without a value": (Verdict("a.py", MEASURED, unjudged=("halstead_volume",)), "INFO"),
}


@pytest.mark.parametrize(("verdict", "severity"), SEVERITIES.values(), ids=SEVERITIES)
def test_how_severe_it_is(verdict: Verdict, severity: str) -> None:
    assert read_one(verdict)["severity"] == severity
