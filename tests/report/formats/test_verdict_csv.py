"""CSV: a row for each number over a limit, tolerated or not, and for each problem."""

from __future__ import annotations

import csv
from io import StringIO

from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.model.measured import FileError, FileMetrics, Measurement
from tests.report.making import write_as


def read_rows(content: bytes, path: str) -> list[dict[str, str]]:
    """Return the rows of a file."""
    return [row for row in csv.DictReader(StringIO(content.decode(), newline="")) if row["path"] == path]


def test_what_fails_and_what_does_not(reports: dict[str, bytes]) -> None:
    rows = read_rows(reports["csv"], "pkg/suppressed.py")
    assert [(row["status"], row["metric"], row["fails"]) for row in rows] == [
        ("violation", "lines_of_code", "True"),
        ("suppressed", "cyclomatic_complexity", "False"),
    ]
    rows = read_rows(reports["csv"], "pkg/worse.py")
    assert [(row["status"], row["value"], row["recorded"]) for row in rows] == [
        ("violation", "4", "3"),
        ("baseline", "5", "5"),
    ]


def test_paths_are_from_the_root(reports: dict[str, bytes]) -> None:
    (row,) = read_rows(reports["csv"], "bad.py")
    assert (row["status"], row["line"], row["message"]) == (
        "not_measured",
        "1",
        "not measured (syntax): invalid syntax",
    )


def test_no_cell_is_a_formula(reports: dict[str, bytes]) -> None:
    assert read_rows(reports["csv"], "./=cmd().py")
    violation = Violation("lines_of_code", None, None, 3, 2, "==")
    content = write_as("csv", [Verdict("a.py", Measurement(FileMetrics()), (violation,))])
    assert read_rows(content, "a.py")[0]["comparison"] == "'=="


def test_an_error_of_several_lines_stays_in_its_cell() -> None:
    error = FileError("internal", 'two\nlines, "quoted"')
    verdict = Verdict("a.py", Measurement(FileMetrics(), (), error), errors_fail=True)
    (row,) = read_rows(write_as("csv", [verdict]), "a.py")
    assert row["message"] == 'not measured (internal): two\\x0alines, "quoted"'
