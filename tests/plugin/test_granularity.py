"""``granularity = "directory"``: an item a folder, and the verdicts of its files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from tests.plugin.conftest import FAILING, PASSING, SETTINGS, Project, outcomes, read_report, told

ROOT, PKG, SUB = ".::antipasta", "pkg::antipasta", "pkg/sub::antipasta"
FILES = {
    "a.py": PASSING,
    "pkg/__init__.py": "",
    "pkg/b.py": FAILING,
    "pkg/broken.py": "def f(:\n",
    "pkg/good.py": PASSING,
    "pkg/sub/c.py": PASSING,
    "z.py": f"{PASSING}x = 1\n",
}
ALL = {ROOT: "passed", PKG: "failed", SUB: "passed"}
BY_FOLDER = f'[tool.pytest-antipasta]\ngranularity = "directory"\n\n{SETTINGS}'
# What ends a worker at a folder, before any of its files is judged.
DYING = """\
import os

def pytest_runtest_logstart(nodeid):
    die = os._exit if os.environ.get("PYTEST_XDIST_WORKER") in ("gw0", "gw1") else print
    die(1) if nodeid == "pkg::antipasta" else None
"""
# What stops a folder in the midst of its files, as pytest-timeout does.
STOPPING = """\
import pytest
from pytest_antipasta.engine.judge import FileJudge

run = FileJudge.run

def stop(self, source):
    if source.path == "pkg/broken.py":
        pytest.fail("Timeout >1.0s")
    return run(self, source)

FileJudge.run = stop

def pytest_runtest_call(item): pass  # with it an item has its three phases
"""


@pytest.fixture
def tree(project: Project) -> Project:
    """Seven files in three folders, in one of which two files fail."""
    project.write({**FILES, "pyproject.toml": BY_FOLDER})
    return project


def run(project: Project, settings: str, *args: str) -> tuple[pytest.RunResult, list[object]]:
    """Run pytest; return that with what is equal however files are divided among items."""
    project.write({"pyproject.toml": settings})
    reports = ["--antipasta-report=json=report.json", "--antipasta-report=csv=report.csv"]
    result = project.run("--antipasta-only", "--junitxml=junit.xml", *reports, *args)
    csv = (project.path / "report.csv").read_bytes()
    return result, [result.ret, told(result)[:3], csv, read_report(project.path / "report.json")]


def test_each_folder_is_an_item_and_reports_are_those_of_files(tree: Project, workers: list[str]) -> None:
    by_file = run(tree, SETTINGS, *workers)[1]
    result, by_folder = run(tree, BY_FOLDER, *workers)
    assert by_folder == by_file
    assert outcomes(result) == ALL
    assert "FAILED pkg::antipasta - pkg/b.py: decide cyclomatic 3/2" in result.stdout.str()


def test_junit_has_a_case_a_folder_that_names_the_files_that_fail(tree: Project, workers: list[str]) -> None:
    run(tree, BY_FOLDER, *workers)
    suite = ElementTree.parse(tree.path / "junit.xml").getroot()[0]
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert set(cases) == {".", "pkg", "pkg/sub"}
    numbers = {one.get("name"): one.get("value") for one in cases["pkg"].iter("property")}
    assert numbers == {"files": "4", "failed": "2"}
    (failure,) = cases["pkg"].iter("failure")
    assert (failure.get("message") or "").endswith("decide cyclomatic 3/2, and 1 more file")
    assert (failure.text or "").splitlines() == [
        "pkg/broken.py:1: not measured (syntax): invalid syntax",
        "    still measured (partial): lines_of_code 1",
        "    fix it, or run with a Python newer than {}.{} if the syntax is newer".format(*sys.version_info),
        "pkg/b.py",
        "      1  decide  cyclomatic 3/2",
    ]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(["-k", "sub"], {SUB}, id="-k with a folder's name"),
        pytest.param(["-k", "b.py"], {PKG}, id="-k with the name of a file"),
        pytest.param(["-k", "not good"], {ROOT, SUB}, id="-k without a file's folder"),
        pytest.param(["pkg"], {PKG, SUB}, id="a folder with those below"),
        pytest.param(["pkg::antipasta"], {PKG}, id="a folder's node id"),
        pytest.param(["./.::antipasta", "pkg/sub"], {ROOT, SUB}, id="the root's node id, and a folder"),
        pytest.param(["pkg::antipasta", "pkg"], {PKG, SUB}, id="a folder and its node id"),
        pytest.param(["pkg/good.py::antipasta"], {"pkg/good.py::antipasta"}, id="a file's node id"),
        pytest.param(["pkg", "pkg/b.py"], {PKG, SUB, "pkg/b.py::antipasta"}, id="a folder and a file in it"),
        pytest.param(["--deselect", PKG], {ROOT, SUB}, id="--deselect"),
    ],
)
def test_a_command_line_selects(tree: Project, args: list[str], expected: set[str]) -> None:
    result = tree.run("--antipasta-only", "--collect-only", "-q", *args)
    assert {line for line in result.outlines if line.endswith("::antipasta")} == expected


def test_a_folders_item_is_its_own_files(tree: Project, workers: list[str]) -> None:
    result = tree.run("--antipasta-only", PKG, *workers)
    assert told(result)[0].startswith("4 of 7 files, limited to `pkg::antipasta`: 1 violation")
    assert outcomes(result) == {PKG: "failed"}


def test_what_failed_is_run_again_and_a_named_file_says_nothing_of_its_folder(
    tree: Project, workers: list[str]
) -> None:
    tree.check(*workers)
    assert tree.check("pkg/good.py") == {"pkg/good.py::antipasta": "passed"}
    assert tree.check("--lf", *workers) == {PKG: "failed"}
    tree.write({"pkg/b.py": PASSING, "pkg/broken.py": PASSING})
    assert tree.check("--lf", *workers) == {PKG: "passed"}
    assert tree.check("--lf", "-x") == dict.fromkeys(ALL, "passed")


def test_beside_tests_and_in_shards(tree: Project, workers: list[str]) -> None:
    tree.write({"pkg/test_it.py": "def test_it(): pass\n"})
    seen: list[str] = []
    for number in (1, 2):
        report = f"--antipasta-report=json=report{number}.json"
        result = tree.run("--antipasta", f"--antipasta-shard={number}/2", report, *workers)
        assert outcomes(result)["pkg/test_it.py::test_it"] == "passed"
        files = json.loads((tree.path / f"report{number}.json").read_bytes())["files"]
        assert {f"{os.path.dirname(file['path']) or '.'}::antipasta" for file in files} == {
            name for name in outcomes(result) if name.endswith("::antipasta")
        }
        seen += [file["path"] for file in files]
    assert sorted(seen) == sorted([*FILES, "pkg/test_it.py"])


@pytest.mark.parametrize("change", ["--antipasta-diff=HEAD", "--antipasta-staged"])
def test_a_change_has_the_folders_of_its_files(tree: Project, change: str) -> None:
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", *command], cwd=tree.path, check=True)
    tree.write({"pkg/good.py": FAILING, "pkg/sub/c.py": PASSING + "x = 1\n"})
    subprocess.run(["git", "add", "."], cwd=tree.path, check=True)
    result = tree.run(change, "--antipasta-only")
    assert outcomes(result) == {PKG: "failed", SUB: "passed"}
    result.stdout.fnmatch_lines(["pkg/good.py", "      1  decide  cyclomatic 3/2*"])


def test_a_folder_passes_whose_violations_are_recorded(tree: Project, workers: list[str]) -> None:
    recorded = {"path": "pkg/b.py", "qualified_name": "decide", "metric": "cyclomatic_complexity", "value": 3}
    baseline = json.dumps({"schema_version": 1, "entries": [recorded]})
    tree.write({"antipasta-baseline.json": baseline, "pkg/broken.py": PASSING})
    assert tree.check(*workers) == dict.fromkeys(ALL, "passed")
    assert tree.check("--antipasta-no-baseline", *workers) == {**ALL, PKG: "failed"}


def test_a_worker_that_dies_loses_no_file(tree: Project) -> None:
    # The largest folder is the first that a worker comes to.
    tree.write({"conftest.py": DYING, "pkg/good.py": f"# {'x' * 1000}\n{PASSING}"})
    expected = run(tree, BY_FOLDER)[1]
    result, found = run(tree, BY_FOLDER, "-n", "2")
    assert "replacing crashed worker" in result.stdout.str()
    assert outcomes(result) == ALL | {ROOT: "failed"}
    assert found == expected
    processes = json.loads((tree.path / "report.json").read_bytes())["run"]["processes"]
    assert [process["kind"] for process in processes].count("worker") == 1  # for all files of the folder


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["here", "in another folder"])
def test_what_stops_a_folder_leaves_what_is_judged_by_then(
    tree: Project, workers: list[str], tmp_path_factory: pytest.TempPathFactory, *, is_elsewhere: bool
) -> None:
    tree.write({"conftest.py": STOPPING})
    if is_elsewhere and workers:
        copy = shutil.copytree(tree.path, tmp_path_factory.mktemp("other") / "copy")
        workers = ["--dist=load", f"--tx=popen//chdir={copy}"]
    result = tree.run("--antipasta-only", "--antipasta-report=json=report.json", *workers)
    assert outcomes(result) == ALL
    files = json.loads((tree.path / "report.json").read_bytes())["files"]
    found = {file["path"]: file["status"] for file in files}
    assert found == dict.fromkeys([*FILES, "conftest.py"], "measured") | {
        "pkg/broken.py": "error",
        "pkg/good.py": "error",
    }
    text = result.stdout.str()
    assert "pkg/b.py\n      1  decide  cyclomatic 3/2" in text
    assert "pkg: not measured: Timeout >1.0s" in text
