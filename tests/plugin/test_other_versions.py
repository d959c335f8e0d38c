"""Workers of xdist that could come to other numbers than the controller: they measure nothing.

A test with another Python needs an environment of that Python's, which a variable names:

    python3.12 -m venv /tmp/other && /tmp/other/bin/pip install -q -e '.[xdist]'
    PYTEST_ANTIPASTA_OTHER_PYTHON=/tmp/other/bin/python .venv/bin/pytest tests/plugin/test_other_versions.py
"""

from __future__ import annotations

import os
import subprocess
from typing import Any
from xml.etree import ElementTree

import pytest

from pytest_antipasta.plugin.xdist import describe_difference
from tests.forked import ForkedPython
from tests.plugin.conftest import PASSING, Project, outcomes, read_report, told

OTHER_PYTHON = os.environ.get("PYTEST_ANTIPASTA_OTHER_PYTHON", "")
HOW_TO_HAVE_ONE = (
    "python3.12 -m venv /tmp/other && /tmp/other/bin/pip install -q -e '.[xdist]', "
    "and PYTEST_ANTIPASTA_OTHER_PYTHON=/tmp/other/bin/python"
)
# Each can be read from some Python on, and the lines of the last one count otherwise from 3.12 on.
SYNTAX = {
    "groups.py": "try:\n    pass\nexcept* OSError:\n    pass\n",
    "aliases.py": "type X = int\n",
    "defaults.py": "class A[T = int]: pass\n",
    "templates.py": "x = t'{1}'\n",
    "strings.py": "x = f'''\n{1}\n'''\n",
}
FAILING = "def decide(a):\n" + "    if a: pass\n" * 12
FILES = {f"m{number}.py": f"{PASSING}x = {number}\n" for number in range(6)} | {"bad.py": FAILING} | SYNTAX
# The controller tells some workers that it has an older radon, and they leave word of what they imported.
OLDER = """\
import os, pytest, sys

@pytest.hookimpl(trylast=True)
def pytest_configure_node(node):
    sent = node.workerinput["antipasta"]
    if node.workerinput["workerid"] in {workers}:
        sent["versions"] = ["radon 5.1.0" if "radon" in one else one for one in sent["versions"]]

def pytest_sessionfinish():
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        with open(f"{{worker}}.modules", "w") as file:
            print(*sys.modules, file=file)
"""
ALL, ONE = ("gw0", "gw1"), ("gw1",)
MEASURING = {
    "radon",
    "complexipy",
    "pytest_antipasta.engine.measuring.measurement",
    "pytest_antipasta.store.local",
}


@pytest.mark.parametrize(
    ("worker", "controller", "told"),
    [
        (["python 3.11", "radon 6.0.1"], ["python 3.11", "radon 6.0.1"], None),
        (["python 3.12", "radon 6.0.1"], ["python 3.11", "radon 6.0.1"], ("python 3.12", "python 3.11")),
        (
            ["python 3.11", "complexipy 8.3.0", "pytest-antipasta 0.1.0"],
            ["python 3.11", "complexipy 8.4.0", "pytest-antipasta 0.2.0"],
            ("complexipy 8.3.0, pytest-antipasta 0.1.0", "complexipy 8.4.0, pytest-antipasta 0.2.0"),
        ),
    ],
)
def test_what_differs_is_named(
    worker: list[str], controller: list[str], told: tuple[str, str] | None
) -> None:
    line = "workers have {}, but this process has {}; their files were measured in this process"
    assert describe_difference(worker, controller) == (line.format(*told) if told else "")


@pytest.fixture
def tree(started_project: Project) -> Project:
    """A repository in which all files are new; workers that start cold tell what they have loaded."""
    project = started_project
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run(["git", *command], cwd=project.path, check=True)
    project.write(FILES | {"test_t.py": "def test_t(): pass\n"})
    subprocess.run(["git", "add", "."], cwd=project.path, check=True)
    return project


def run(project: Project, *args: str) -> tuple[Any, list[str]]:
    """Run pytest; return what must not differ between two runs, and what was told of workers."""
    result = project.run("--antipasta-report=json=report.json", "--junitxml=junit.xml", *args)
    cases = sorted(
        (case.get("name"), [child.tag for child in case], [one.attrib for one in case.iter("property")])
        for case in ElementTree.parse(project.path / "junit.xml").iter("testcase")
    )
    report = read_report(project.path / "report.json")
    seen = result.ret, result.parseoutcomes(), outcomes(result), report, cases
    return seen, [line for line in told(result) if line.startswith("workers have")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workers", "args"),
    [
        pytest.param(ALL, ["--antipasta", "--setup-show"], id="all of them, beside tests, in three phases"),
        pytest.param(ONE, ["--antipasta-only", "--antipasta-diff=HEAD"], id="one of them, of a change"),
    ],
)
def test_their_files_are_judged_here(
    tree: Project,
    pytester: pytest.Pytester,
    forked_python: ForkedPython,
    workers: tuple[str, ...],
    args: list[str],
) -> None:
    tree.write({"conftest.py": OLDER.format(workers=workers)})
    seen, notes = run(tree, "-n", "2", *args)
    assert run(Project(pytester, forked_python.run), *args) == (seen, [])
    assert [", but this process has radon 5.1.0; " in note for note in notes] == [True]
    for worker in workers:
        loaded = set((tree.path / f"{worker}.modules").read_text().split())
        assert "pytest_antipasta.engine.outcome" in loaded
        assert not MEASURING & loaded


@pytest.mark.skipif(not OTHER_PYTHON, reason=HOW_TO_HAVE_ONE)
@pytest.mark.parametrize(
    "workers",
    [
        pytest.param([f"2*popen//python={OTHER_PYTHON}"], id="no other workers"),
        pytest.param(["popen", f"popen//python={OTHER_PYTHON}"], id="and one like the controller"),
        pytest.param([f"popen//python={OTHER_PYTHON}//chdir=empty"], id="in another place"),
    ],
)
def test_numbers_of_another_python_are_neither_shown_nor_kept(tree: Project, workers: list[str]) -> None:
    others = [argument for worker in workers for argument in ("--tx", worker)]
    seen, notes = run(tree, "--antipasta-only", "--dist=load", "--max-worker-restart=0", *others)
    assert run(tree, "--antipasta-only") == (seen, [])
    assert run(tree, "--antipasta-only", "--antipasta-no-cache") == (seen, [])
    assert [note.startswith("workers have python 3.") for note in notes] == [True]
