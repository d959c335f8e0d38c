"""Workflow commands: their order and their levels."""

from __future__ import annotations

import pytest

from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.model.measured import FileError, FileMetrics, Measurement
from tests.report.making import write_as


def read_lines(*verdicts: Verdict) -> list[str]:
    """Return the commands."""
    return write_as("github", verdicts).decode().splitlines()


def test_the_ten_worst_come_first() -> None:
    values = [11, 40, 12, 39, 13, 38, 14, 37, 15, 36, 16, 35]
    verdicts = [
        Verdict(
            f"{value}.py",
            Measurement(FileMetrics()),
            (Violation("cyclomatic_complexity", "f", 1, value, 10, "<="),),
        )
        for value in values
    ]
    lines = read_lines(*verdicts)
    shown = [int(line.partition("file=")[2].partition(".py")[0]) for line in lines]
    assert shown == sorted(values, reverse=True)
    assert lines[0] == (
        "::error title=Too complex%3A f 40/10,file=40.py,line=1::"
        "f: cyclomatic_complexity is 40, must be <= 10"
    )


def test_what_is_not_known_has_annotations_of_its_own(reports: dict[str, bytes]) -> None:
    lines = [line for line in reports["github"].decode().split("\n") if line]
    levels = [line.split(" ")[0] for line in lines]
    assert levels == sorted(levels, key=["::error", "::warning", "::notice"].index)
    assert (
        lines[0] == "::error title=not_measured,file=app/bad.py,line=1::not measured (syntax): invalid syntax"
    )
    assert (
        "::notice title=not_judged,file=app/refused.py::not checked: cognitive_complexity, no value" in lines
    )


@pytest.mark.parametrize(("fails", "level"), [(True, "error"), (False, "warning")])
def test_a_file_without_values_is_an_error_if_it_fails(fails: bool, level: str) -> None:
    measurement = Measurement.of(FileError("missing", "it is gone"))
    (line,) = read_lines(Verdict("a.py", measurement, errors_fail=fails))
    assert line == f"::{level} title=not_measured,file=a.py::not measured (missing): it is gone"


@pytest.mark.parametrize(
    ("path", "written"),
    [("a,b::c.py", "a%2Cb%3A%3Ac.py"), ("100%\r\n.py", "100%25\\x0d\\x0a.py"), ("%0A.py", "%250A.py")],
)
def test_no_name_ends_a_command(path: str, written: str) -> None:
    (line,) = read_lines(Verdict(path, Measurement(FileMetrics()), unjudged=("x",)))
    expected = f"::notice title=not_judged,file={written}::not checked: x, no value"
    assert line == expected


def test_a_block_has_its_last_line(reports: dict[str, bytes]) -> None:
    (line,) = [
        line
        for line in reports["github"].decode().split("\n")
        if "file=app/a.py" in line and "Too complex" in line
    ]
    assert line.startswith("::error title=Too complex%3A decide 3/2,file=app/a.py,line=1,endLine=5::decide: ")


def test_a_run_that_was_stopped_is_reported() -> None:
    content = write_as("github", [], stopped="two\nlines")
    assert content == b"::warning title=incomplete::stopped early, so files are missing: two%0Alines\n"


def test_a_whole_file_has_no_line() -> None:
    violation = Violation("lines_of_code", None, None, 11, 10, "<=")
    (line,) = read_lines(Verdict("a.py", Measurement(FileMetrics()), (violation,)))
    assert line == "::error title=Lines of code%3A a.py 11/10,file=a.py::lines_of_code is 11, must be <= 10"
