"""Comments that suppress, in a test run."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, told

CC = "cyclomatic_complexity"
SETTINGS = "[tool.pytest-antipasta]\n{}\nthresholds.cyclomatic_complexity = 2\n"
FILES = {
    "a.py": f"# antipasta: ignore[{CC}<=3] it decides\n{FAILING}",
    "b.py": f"# antipasta: ignore[{CC}<=2]\n{FAILING}",
    "c.py": f"# antipasta: ignore\n{PASSING}",
}
UNUSED = "c.py:1: unused suppression: nothing in add is over a limit"


@pytest.fixture
def commented(project: Project) -> Project:
    """Files with comments that are used, wrong and unused."""
    project.write(FILES)
    return project


def test_what_is_suppressed_passes(commented: Project) -> None:
    result = commented.run("--antipasta-only")
    assert outcomes(result) == {
        "a.py::antipasta": "passed",
        "b.py::antipasta": "failed",
        "c.py::antipasta": "passed",
    }
    lines = told(result)
    assert any(line.startswith("suppressed by comments: 1 violation in 1 file; ") for line in lines)
    assert f"warning: {UNUSED}" in lines
    problem = f"{CC} must be <= 2, and the ceiling 2 allows no more than that"
    assert result.outlines.count(f"b.py:1: suppression not applied: {problem}") == 1


def test_without_comments_it_fails(commented: Project) -> None:
    found = outcomes(commented.run("--antipasta-only", "--antipasta-no-ignore", "-n", "1"))
    assert [found[f"{name}.py::antipasta"] for name in "abc"] == ["failed", "failed", "passed"]


def test_an_unused_one_can_fail(commented: Project) -> None:
    commented.write({"pyproject.toml": SETTINGS.format('unused_suppressions = "fail"')})
    result = commented.run("--antipasta-only", "--junitxml=junit.xml", "--tb=line", "c.py")
    assert outcomes(result) == {"c.py::antipasta": "failed"}
    assert UNUSED in result.outlines
    assert f"FAILED c.py::antipasta - {UNUSED.removeprefix('c.py:1: ')}" in result.outlines
    assert f"warning: {UNUSED}" not in result.outlines
    (failure,) = ElementTree.parse(commented.path / "junit.xml").findall(".//failure")
    assert (failure.text or "").strip() == UNUSED


@pytest.mark.slow
def test_reports_are_equal_whatever_the_workers(commented: Project) -> None:
    plain = commented.report("--antipasta-only", "--antipasta-no-cache")
    assert [len(file["suppressions"]) for file in plain["files"]] == [1, 1, 1]
    assert commented.report("--antipasta-only", "-n", "2") == plain
    assert commented.report("--antipasta-only") == plain, "what the store has"
