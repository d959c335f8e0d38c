"""Plugins that many have: with all of them at once, each still tells the truth about source files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, read_report, told
from tests.windows import NEEDS_SIGNALS

for _module in (
    "pytest_cov",
    "pytest_randomly",
    "pytest_rerunfailures",
    "pytest_timeout",
    "pytest_html",
    "pytest_jsonreport",
    "pytest_sugar",
):
    pytest.importorskip(_module)

PLUGINS = (
    "pytest_cov",
    "randomly",
    "rerunfailures",
    "timeout",
    "html",
    "metadata",
    "pytest_jsonreport",
    "sugar",
)
TESTS = """\
from pkg import b
def test_good():
    assert b.add(1, 2) == 3
def test_bad():
    assert False
"""
FILES = {
    "a.py": FAILING,
    "pkg/__init__.py": "",
    "pkg/b.py": PASSING,
    "pkg/c.py": "def f(:\n",
    "test_t.py": TESTS,
}
OURS = {
    "a.py::antipasta": "failed",
    "pkg/__init__.py::antipasta": "passed",
    "pkg/b.py::antipasta": "passed",
    "pkg/c.py::antipasta": "failed",
    "test_t.py::antipasta": "passed",
}
TESTED = {"test_t.py::test_good": "passed", "test_t.py::test_bad": "failed"}


@pytest.fixture
def tree(project: Project) -> Project:
    """Source files and tests, some of which fail."""
    project.write(FILES)
    return project


def run(project: Project, *args: str) -> pytest.RunResult:
    return project.run("--antipasta", "--antipasta-report=json=report.json", *args, plugins=PLUGINS)


@pytest.mark.slow
def test_each_tells_the_truth(tree: Project) -> None:
    expected = tree.report("--antipasta")
    args = ["--html=report.html", "--self-contained-html", "--json-report", "--json-report-file=pytest.json"]
    args += ["--cov=pkg", "--cov=a", "--cov-report=json:coverage.json"]
    result = run(tree, *args, "-n", "2")
    assert outcomes(result) == OURS | TESTED
    assert result.parseoutcomes() == {"failed": 3, "passed": 4}
    assert told(result)[0] == "1 of 4 functions is over a limit, in 1 of 5 files, 1 file not measured"
    assert read_report(tree.path / "report.json") == expected
    check_coverage(tree.path / "coverage.json")
    check_html(tree.path / "report.html")
    check_json(tree.path / "pytest.json")


def check_coverage(path: Path) -> None:
    """Fail unless the lines are those that the tests have run."""
    found = json.loads(path.read_text())["files"]
    files = {name.replace(os.sep, "/"): lines for name, lines in found.items()}
    assert files["pkg/b.py"]["executed_lines"] == [1, 2]
    assert files["pkg/__init__.py"]["missing_lines"] == []
    assert "pkg/c.py" not in files or not files["pkg/c.py"]["executed_lines"]


def check_html(path: Path) -> None:
    """Fail unless pytest-html has a row a file, with the text of its failure."""
    text = path.read_text()
    start = text.index("data-jsonblob=")
    attribute = text[start : text.index('"', start + len("data-jsonblob=") + 1) + 1]
    data = json.loads(ElementTree.fromstring(f"<a {attribute}/>").attrib["data-jsonblob"])
    rows = {name: [row["result"].lower() for row in found] for name, found in data["tests"].items()}
    assert rows == {name: [outcome] for name, outcome in (OURS | TESTED).items()}
    (row,) = data["tests"]["a.py::antipasta"]
    assert "a.py:1: decide  cyclomatic 3/2" in row["log"]


def check_json(path: Path) -> None:
    """Fail unless pytest-json-report has a test a file, with the text of its failure."""
    report: dict[str, Any] = json.loads(path.read_text())
    assert {test["nodeid"]: test["outcome"] for test in report["tests"]} == OURS | TESTED
    assert (report["summary"]["total"], report["summary"]["failed"]) == (7, 3)
    (failed,) = (test for test in report["tests"] if test["nodeid"] == "a.py::antipasta")
    assert "decide  cyclomatic 3/2" in failed["call"]["longrepr"]


SLOW = """\
import time
import pytest_antipasta.engine.measuring.measurement as metrics
measure = metrics.measure
def slow(data, *more, **options):
    if b"return a" in data:
        time.sleep(30)
    return measure(data, *more, **options)
metrics.measure = slow
"""


@NEEDS_SIGNALS
def test_a_file_that_takes_too_long_is_stopped_and_the_others_are_checked(tree: Project) -> None:
    tree.write({"conftest.py": SLOW.replace('"return a"', '"return a" + b" + b"')})
    result = run(tree, "--timeout=1", "--timeout-method=signal")
    assert outcomes(result) == OURS | TESTED | {
        "pkg/b.py::antipasta": "failed",
        "conftest.py::antipasta": "passed",
    }
    (slow,) = (file for file in read_report(tree.path / "report.json")["files"] if file["path"] == "pkg/b.py")
    assert slow["status"] == "error"
    assert slow["error"] == {
        "kind": "internal",
        "message": "Timeout (>1.0s) from pytest-timeout.",
        "line": None,
        "severity": "error",
        "tried": "to measure it",
        "advice": "exclude the file and report a bug",
        "size": None,
    }
    assert "pkg/b.py: not measured (internal): Timeout (>1.0s) from pytest-timeout." in result.outlines


@pytest.mark.slow
def test_source_files_alone_fail_no_limit_of_coverage(tree: Project) -> None:
    tree.write({"pytest.ini": "[pytest]\naddopts = --cov=pkg --cov-fail-under=90\n"})
    result = run(tree, "--antipasta-only", "pkg/b.py", "-n", "1")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*coverage: *")
    beside = run(tree, "pkg/b.py", "test_t.py::test_good")
    beside.stdout.fnmatch_lines(["Required test coverage of 90*% reached. Total coverage: 100.00%"])


@pytest.mark.parametrize("name", ["faulthandler", "logging", "warnings"])
def test_a_plugin_of_pytest_can_be_off(tree: Project, name: str) -> None:
    assert outcomes(tree.run("--antipasta-only", "-p", f"no:{name}")) == OURS
