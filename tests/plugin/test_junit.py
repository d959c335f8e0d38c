"""JUnit XML: a test case a file, its numbers as properties, its violations as the failure."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.plugin.conftest import FAILING, PASSING, Project
from tests.windows import can_be_on_disk

FILES = {"a.py": FAILING, "pkg/b.py": PASSING, "pkg/broken.py": "def f(:\n", "pkg/feed.py": "s = 'a\x0cb'\n"}


@pytest.fixture
def tree(project: Project) -> Project:
    """A file that fails, one that passes, one with an error, one without an index."""
    project.write(FILES)
    return project


def cases(project: Project, *args: str) -> dict[str, ElementTree.Element]:
    """Run pytest; return the test cases by their names."""
    project.run("--junitxml=junit.xml", *args)
    suite = ElementTree.parse(project.path / "junit.xml").getroot()[0]
    found = {case.get("name", ""): case for case in suite.iter("testcase")}
    assert len(found) == len(list(suite.iter("testcase")))
    return found


def properties(case: ElementTree.Element) -> dict[str | None, str | None]:
    """Return the properties of a test case, and make sure that none is there twice."""
    found = [(element.get("name"), element.get("value")) for element in case.iter("property")]
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.parametrize(
    ("family", "workers"),
    [("xunit1", []), pytest.param("xunit1", ["-n", "1"], marks=pytest.mark.slow), ("xunit2", [])],
)
def test_each_file_is_a_test_case_with_its_numbers(tree: Project, family: str, workers: list[str]) -> None:
    found = cases(tree, "--antipasta-only", "-o", f"junit_family={family}", *workers)
    assert set(found) == set(FILES)
    report = tree.report("--antipasta-only")
    for file in report["files"]:
        case = found[file["path"]]
        known = {name: str(value) for name, value in file["metrics"].items() if value is not None}
        if file["status"] == "error":
            known["partial"] = "True"
        assert properties(case) == known
        assert case.get("classname") == file["path"].removesuffix(".py").replace("/", ".")
        assert case.get("file") == (file["path"] if family == "xunit1" else None)
        assert (case.get("line") is not None) == (family == "xunit1")


def test_its_line_is_that_of_the_first_violation_and_its_time_that_of_measuring(
    tree: Project, workers: list[str]
) -> None:
    """Counted from 0, as pytest's own."""
    long = "x = [\n" + "1,\n" * 1000 + "]\n"
    tree.write({"long.py": long, "low.py": f"x = 1\n\n{FAILING}", "z.py": "x = 1\ndef f(:\n"})
    found = cases(tree, "--antipasta", "-o", "junit_family=xunit1", *workers)
    lines = {
        "a.py": "0",
        "long.py": "0",
        "low.py": "2",
        "pkg/b.py": "0",
        "pkg/broken.py": "0",
        "pkg/feed.py": "0",
        "z.py": "1",
    }
    assert {name: case.get("line") for name, case in found.items()} == lines
    assert float(found["long.py"].get("time") or 0) > 0


def test_violations_are_a_failure_with_a_message_and_the_whole_text(tree: Project) -> None:
    found = cases(tree, "--antipasta-only")
    (failure,) = found["a.py"].iter("failure")
    assert failure.get("message") == "decide cyclomatic 3/2"
    assert failure.text == "a.py:1: decide  cyclomatic 3/2"
    (error,) = found["pkg/broken.py"].iter("failure")
    assert error.get("message") == "not measured (syntax): invalid syntax"
    assert not list(found["pkg/b.py"].iter("failure"))


def test_the_totals_are_right(tree: Project) -> None:
    tree.write({"test_t.py": "def test_good(): pass\ndef test_bad(): assert False\n"})
    found = cases(tree, "--antipasta")
    suite = ElementTree.parse(tree.path / "junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("7", "3", "0")
    assert set(found) == {*FILES, "test_t.py", "test_good", "test_bad"}


def test_check_writes_the_same_cases(tree: Project) -> None:
    if can_be_on_disk("n\nl.py"):
        tree.write({"n\nl.py": FAILING})
    theirs = cases(tree, "--antipasta-only", "--antipasta-report=junit=ours.xml")
    ours = {case.get("name"): case for case in ElementTree.parse(tree.path / "ours.xml").iter("testcase")}
    assert ours.keys() == theirs.keys()
    for name, case in theirs.items():
        own = [one for one in ours[name] if one.tag != "system-out"]
        assert ours[name].get("classname") == case.get("classname")
        failures = [(one.get("message"), one.text) for one in case.iter("failure")]
        assert [(one.get("message"), one.text) for one in own] == failures
