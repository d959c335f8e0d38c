"""JUnit XML of ``check``: counts that add up, and what does not fail."""

from __future__ import annotations

from xml.etree import ElementTree

from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileError, FileMetrics, Measurement
from tests.report.conftest import HOSTILE
from tests.report.making import write_as


def read_cases(content: bytes) -> dict[str | None, ElementTree.Element]:
    """Return the test cases by name."""
    return {case.get("name"): case for case in ElementTree.fromstring(content).iter("testcase")}


def test_counts_add_up(reports: dict[str, bytes]) -> None:
    (suite,) = ElementTree.fromstring(reports["junit"])
    counts = {name: int(suite.get(name, "")) for name in ("tests", "failures", "errors", "skipped")}
    assert counts["tests"] == len(suite)
    assert counts["failures"] == len(list(suite.iter("failure"))) > len(HOSTILE)
    assert counts["errors"] == len(list(suite.iter("error"))) == 3
    assert counts["skipped"] == 0


def test_what_does_not_fail_is_reported(reports: dict[str, bytes]) -> None:
    case = read_cases(reports["junit"])["pkg/same.py"]
    (output,) = case
    first, second = str(output.text).splitlines()
    assert first == "tolerated (baseline): pkg/same.py: lines_of_code is 5, must be <= 4; the baseline has 5"
    assert second.startswith(
        "tolerated (baseline): pkg/same.py:1: decide: cyclomatic_complexity is 3, must be"
    )


def test_a_file_without_numbers_that_passes_is_skipped() -> None:
    verdict = Verdict("a.py", Measurement(FileMetrics(), (), FileError("syntax", "\x00 <wrong>\uffff")))
    content = write_as("junit", [verdict], seconds=1.25)
    (suite,) = ElementTree.fromstring(content)
    assert (suite.get("skipped"), suite.get("time")) == ("1", "1.250")
    (skipped,) = suite.iter("skipped")
    assert skipped.get("message") == "not measured (syntax): \\x00 <wrong>\\uffff"


def test_a_function_has_a_case_of_its_own(reports: dict[str, bytes]) -> None:
    suites = ElementTree.fromstring(reports["junit-blocks"])
    cases = {(case.get("classname"), case.get("name")): case for case in suites.iter("testcase")}
    assert len(cases) == len(list(suites.iter("testcase")))
    failure = cases["pkg.methods", "K.decide"].find("failure")
    assert failure is not None
    assert failure.get("message") == "K.decide: cyclomatic_complexity is 3, must be <= 2"
    assert list(cases["good", "add"]) == []
    assert [one.tag for one in cases["pkg.suppressed", "decide"]] == ["system-out"]
    assert [one.tag for one in cases["bad", "bad.py"]] == ["error"]
