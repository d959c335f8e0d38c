"""The baseline in pytest."""

from __future__ import annotations

import json

import pytest

from pytest_antipasta.metrics.following.bodies import NormalizedBlocks, shorten
from tests.commits import commit_all
from tests.conftest import Repository
from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, told

NAME = "antipasta-baseline.json"


def record(project: Project, value: int, name: str = NAME, **others: str | None) -> None:
    entry = {"path": "a.py", "qualified_name": "decide", "metric": "cyclomatic_complexity", "value": value}
    entry |= others
    project.write({name: json.dumps({"schema_version": 1, "entries": [entry]})})


@pytest.fixture
def tree(project: Project) -> Project:
    """A project with the same failing function in two files, one of them recorded."""
    project.write({"a.py": FAILING, "b.py": FAILING, "c.py": PASSING})
    record(project, 3)
    return project


def test_what_is_recorded_passes(tree: Project, workers: list[str]) -> None:
    result = tree.run("--antipasta-only", *workers)
    assert outcomes(result) == {
        "a.py::antipasta": "passed",
        "b.py::antipasta": "failed",
        "c.py::antipasta": "passed",
    }
    assert "baseline: 1 violation tolerated" in told(result)


def test_an_entry_that_a_commit_alone_has_is_not_said_to_be_needless(tree: Project) -> None:
    """``baseline prune`` reads the baseline of the working tree."""
    commit_all(Repository(tree.path).path, "One")
    tree.write({"a.py": PASSING, "b.py": PASSING})
    assert any(line.startswith("baseline: ") for line in told(tree.run("--antipasta-only")))
    said = told(tree.run("--antipasta-only", "--antipasta-limits-from=HEAD"))
    assert not any(line.startswith("baseline: ") for line in said)


def test_what_is_proposed_names_the_files_that_options_name(tree: Project) -> None:
    named = ("--antipasta-config", "pyproject.toml", "--antipasta-baseline", NAME)
    command = f"next: `pytest-antipasta explain --config pyproject.toml --baseline {NAME} b.py::decide`"
    assert command in tree.run("--antipasta-only", *named).stdout.str()


def test_of_copies_of_what_has_moved_one_passes(tree: Project, workers: list[str]) -> None:
    record(tree, 3, path="gone.py", body=shorten(NormalizedBlocks(FAILING.encode()).find("decide")))
    result = tree.run("--antipasta-only", *workers)
    assert outcomes(result) == {
        "a.py::antipasta": "passed",
        "b.py::antipasta": "failed",
        "c.py::antipasta": "passed",
    }
    assert not [line for line in told(result) if "store" in line], "it looks with that of the run"
    assert outcomes(tree.run("--antipasta-only", "b.py")) == {"b.py::antipasta": "failed"}


COUNT_SWEEPS = """
import os
from pytest_antipasta.engine.file_tree import FileTree
iter_versions = FileTree.iter_versions
def count(self):
    with open(f"{os.environ.get('PYTEST_XDIST_WORKER', 'controller')}.swept", "a") as file:
        file.write("x")
    return iter_versions(self)
FileTree.iter_versions = count
"""


def test_what_has_moved_is_looked_for_once_and_stops_no_worker(tree: Project) -> None:
    """A worker that fails what is another process's to judge would end, as ``-x`` is asked for."""
    record(tree, 3, path="gone.py", body=shorten(NormalizedBlocks(FAILING.encode()).find("decide")))
    tree.write({"conftest.py": COUNT_SWEEPS, "b.py": PASSING})
    result = tree.run("--antipasta-only", "-n", "2", "-x", "--maxfail", "1")
    assert sorted(set(outcomes(result).values())) == ["passed"]
    assert len(outcomes(result)) == 4
    assert [path.name for path in tree.path.glob("*.swept")] == ["controller.swept"]
    assert (tree.path / "controller.swept").read_text() == "x"


@pytest.mark.slow
def test_reports_agree_whatever_the_workers(tree: Project) -> None:
    alone = tree.report("--antipasta-only", "-p", "no:xdist")
    assert tree.report("--antipasta-only", "-n", "2") == alone
    assert [one["why"] for one in alone["files"][0]["tolerated"]] == ["baseline"]


def test_an_option_names_another_one(tree: Project) -> None:
    record(tree, 3, "sub/other.json")
    record(tree, 2)
    assert tree.check("--antipasta-baseline=sub/other.json", "-n", "1")["a.py::antipasta"] == "passed"


def test_an_option_judges_without_one(tree: Project) -> None:
    """A worker, too; and it is not even read."""
    tree.write({NAME: "{"})
    found = outcomes(tree.run("--antipasta-only", "--antipasta-no-baseline", "-n", "1"))
    assert sorted(path for path, outcome in found.items() if outcome == "failed") == [
        "a.py::antipasta",
        "b.py::antipasta",
    ]


@pytest.mark.parametrize(
    ("args", "text", "message"),
    [
        pytest.param([], "{", f"{NAME}:1: not valid JSON: *", id="a damaged one"),
        pytest.param(
            ["--antipasta-baseline", "x.json", "--antipasta-no-baseline"],
            None,
            "--antipasta-baseline and --antipasta-no-baseline can't be used together",
            id="one and none",
        ),
    ],
)
def test_a_wrong_one_is_a_usage_error(tree: Project, args: list[str], text: str | None, message: str) -> None:
    if text is not None:
        tree.write({NAME: text})
    result = tree.run("--antipasta-only", *args, "-n", "1")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_what_is_deselected_may_still_need_its_entry(tree: Project) -> None:
    lines = told(tree.run("--antipasta-only", "-k", "c.py"))
    assert not [line for line in lines if "prune" in line]
