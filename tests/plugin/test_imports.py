"""Code that is checked is never imported; and a plugin that is not asked for is as good as not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin.conftest import FAILING, Project, outcomes
from tests.report.conftest import FORMATS, OF_RUNS
from tests.tables import keep_quick

TRAP = f"""\
from pathlib import Path
Path(__file__).with_suffix(".imported").touch()
raise RuntimeError("imported")
{FAILING}"""
NAMES = (
    "pkg/__init__.py",
    "pkg/__main__.py",
    "pkg/a.py",
    "pkg/test_t.py",
    "pkg/sub/__init__.py",
    "pkg/sub/b_test.py",
    "pkg/deep/conftest.py",
    "pkg/deep/test_u.py",
    "setup.py",
    "test_v.py",
)


@pytest.fixture
def trap(project: Project) -> Project:
    """A package whose modules all leave a mark and raise when they are imported."""
    project.write(dict.fromkeys(NAMES, TRAP))
    return project


def imported(folder: Path) -> set[str]:
    """Return the modules that left a mark or a compiled file, and forget them."""
    marks = [*folder.rglob("*.imported"), *folder.rglob("*.pyc")]
    names = {mark.relative_to(folder).as_posix() for mark in marks}
    for mark in marks:
        mark.unlink()
    return names


@pytest.mark.parametrize(
    ("args", "expected"),
    keep_quick(
        [
            pytest.param(["--antipasta-only"], NAMES, id="everything"),
            pytest.param(["--antipasta-only", "pkg/a.py"], ["pkg/a.py"], id="a file"),
            pytest.param(["--antipasta-only", "pkg/a.py::antipasta"], ["pkg/a.py"], id="a node id"),
            pytest.param(["--antipasta", "test_v.py::antipasta"], ["test_v.py"], id="a node id alone"),
            pytest.param(["--antipasta-only", "--doctest-modules"], NAMES, id="doctests asked for"),
            pytest.param(["--antipasta-only", "-n", "1"], NAMES, id="everything in workers"),
            pytest.param(
                ["--antipasta", "test_v.py::antipasta", "-n", "1"], ["test_v.py"], id="a node id in workers"
            ),
        ],
        "everything",
        "a node id",
        "a node id alone",
        "doctests asked for",
        "a node id in workers",
    ),
)
def test_nothing_is_imported_and_nothing_fails_for_it(
    trap: Project, args: list[str], expected: list[str]
) -> None:
    found = outcomes(trap.run(*args))
    assert found == {f"{name}::antipasta": "failed" for name in expected}
    assert imported(trap.path) == set()


@pytest.mark.slow
def test_nothing_is_imported_to_run_what_failed_again(trap: Project) -> None:
    trap.run("--antipasta-only", "pkg/a.py", "test_v.py")
    for workers in ([], ["-n", "1"]):
        found = outcomes(trap.run("--antipasta-only", "--lf", *workers))
        assert set(found) == {"pkg/a.py::antipasta", "test_v.py::antipasta"}
    assert imported(trap.path) == set()


@pytest.mark.parametrize(
    ("args", "number"),
    [
        pytest.param([], 10, id="everything"),
        pytest.param(["pkg/a.py"], 1, id="a file"),
        pytest.param(["-n", "1"], 10, id="everything in workers", marks=pytest.mark.slow),
    ],
)
def test_beside_tests_nothing_is_imported_that_pytest_does_not_import(
    trap: Project, args: list[str], number: int
) -> None:
    trap.run("--continue-on-collection-errors", *args)
    by_pytest = imported(trap.path)
    assert by_pytest
    found = outcomes(trap.run("--antipasta", "--continue-on-collection-errors", *args))
    assert imported(trap.path) == by_pytest
    assert sum(name.endswith("::antipasta") for name in found) == number


# What pytest itself imports is its business.
NAMESAKES = (
    "git", "gitdb", "radon", "complexipy", "diskcache", "django", "filelock", "platformdirs", "pathspec",
    "yaml", "sqlite3", "concurrent", "multiprocessing",
)  # fmt: skip


@pytest.mark.parametrize(
    "args",
    [pytest.param([], id="here"), pytest.param(["-n", "1"], id="in a worker", marks=pytest.mark.slow)],
)
def test_nothing_is_imported_that_only_has_the_name_of_what_we_stand_on(
    started_project: Project, args: list[str]
) -> None:
    """A conftest.py puts its folder at the head of sys.path, of a Python which has imported nothing."""
    project = started_project
    names = [f"{name}.py" for name in NAMESAKES]
    # pytest imports pdb, which imports asyncio since CPython 3.14.
    project.write(dict.fromkeys(names, TRAP) | {"conftest.py": "", "pdb.py": "set_trace = None"})
    result = project.run("--antipasta-only", "--antipasta-report=json=report.json", *args)
    others = {"conftest.py::antipasta": "passed", "pdb.py::antipasta": "passed"}
    assert outcomes(result) == {f"{name}::antipasta": "failed" for name in names} | others
    own = ("__pycache__/conftest", "__pycache__/pdb")
    assert {name for name in imported(project.path) if not name.startswith(own)} == set()


@pytest.mark.slow
def test_nor_what_a_report_is_written_with(started_project: Project) -> None:
    project = started_project
    project.write({"xml.py": TRAP, "conftest.py": ""})
    options = [f"--antipasta-report={form}=report.{form}" for form in (*FORMATS, *OF_RUNS)]
    found = outcomes(project.run("--antipasta-only", "-p", "no:junitxml", *options))
    assert found == {"xml.py::antipasta": "failed", "conftest.py::antipasta": "passed"}
    assert all((project.path / f"report.{form}").exists() for form in (*FORMATS, *OF_RUNS))
    assert not (project.path / "xml.imported").exists()


@pytest.mark.slow
def test_nor_what_the_setting_pythonpath_puts_first(started_project: Project) -> None:
    project = started_project
    names = [f"{name}.py" for name in ("msgspec", *NAMESAKES)]
    # pytest imports pdb, which imports asyncio since CPython 3.14.
    project.write(dict.fromkeys(names, TRAP) | {"pdb.py": "set_trace = None"})
    found = outcomes(project.run("--antipasta-only", "-o", "pythonpath=.", "-n", "1"))
    failed = {f"{name}::antipasta": "failed" for name in names}
    assert found == failed | {"pdb.py::antipasta": "passed"}
    assert {name for name in imported(project.path) if not name.startswith("__pycache__/pdb")} == set()


def test_neither_does_the_command_line(project: Project) -> None:
    """Python puts the current folder at the head of sys.path, where it is asked for a module."""
    project.write({f"{name}.py": TRAP for name in NAMESAKES})
    command = [sys.executable, "-m", "pytest_antipasta", "check", "--jobs=2"]
    done = subprocess.run(command, cwd=project.path, capture_output=True, check=False)
    assert done.stderr == b""
    assert done.returncode == 1
    assert imported(project.path) == set()


SPY = """\
import json, os, pathlib, sys
def pytest_unconfigure(config):
    name = os.environ.get("PYTEST_XDIST_WORKER", "modules")
    pathlib.Path(f"{name}.json").write_text(json.dumps(sorted(sys.modules)))
"""


def modules(project: Project, *args: str, process: str = "modules") -> set[str]:
    """Return the modules that pytest, or a worker of it, has imported at its end."""
    project.run("-p", "spy", *args)
    return set(json.loads((project.path / f"{process}.json").read_text()))


@pytest.fixture
def spied(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty folder, and a plugin that tells which modules are there."""
    project = Project(pytester)
    (project.path / "pyproject.toml").unlink()
    (project.path / "spy").mkdir()
    (project.path / "spy" / "spy.py").write_text(SPY)
    monkeypatch.setenv("PYTHONPATH", str(project.path / "spy"), prepend=os.pathsep)
    return project


def test_not_asked_for_nothing_is_imported_but_the_options(spied: Project) -> None:
    without = modules(spied, "--collect-only", "-p", "no:antipasta")
    with_plugin = modules(spied, "--collect-only")
    assert with_plugin - without == {"pytest_antipasta", "pytest_antipasta.plugin"}
    assert "sqlite3" not in with_plugin


@pytest.mark.slow
def test_a_run_that_finds_everything_in_the_store_imports_no_metrics(spied: Project) -> None:
    spied.write({"a.py": FAILING})
    assert {"radon", "complexipy"} & modules(spied, "--antipasta-only")
    warm = modules(spied, "--antipasta-only", "--tb=no")
    assert not {"radon", "complexipy", "git", "yaml", "diskcache", "django"} & warm


def test_a_worker_imports_nothing_for_reports(spied: Project) -> None:
    spied.write({"a.py": FAILING})
    found = modules(spied, "--antipasta-only", "-n", "1", process="gw0")
    assert "pytest_antipasta.plugin.worker_judge" in found
    of_controller = ("ledger", "reporter", "results", "session")
    assert {
        name for name in found if name.startswith("pytest_antipasta") and name.endswith(of_controller)
    } == set()
