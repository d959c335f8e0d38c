"""Notebooks that nobody has decided about are not checked, and every way in says how many there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gate.conftest import SETTINGS, Guarded, Prepare, Said, find_places, function
from tests.metrics.notebook.making import make_notebook

BAD = make_notebook(function(5))
NOTE = (
    "{} not checked; set `notebooks = true` to check notebooks, or `notebooks = false` to hide this message"
)


@pytest.fixture
def project(prepare: Prepare) -> Guarded:
    """A repository with two notebooks in HEAD, a staged one and an untracked one."""
    return prepare(make_notebooks)


def make_notebooks(guarded: Guarded) -> None:
    guarded.stage("old.py", function(2))
    guarded.stage("a.ipynb", BAD)
    guarded.stage("sub/b.ipynb", BAD)
    guarded.stage("sub/.ipynb_checkpoints/b-checkpoint.ipynb", BAD)
    guarded.record("notebooks")
    guarded.stage("staged.ipynb", BAD)
    guarded.write("sub/new.ipynb", BAD)


def find_numbers(said: Said) -> list[str]:
    """Return what is said of notebooks: how many."""
    found = (said.out + said.err).splitlines()
    lines = [line.removeprefix("warning: ") for line in found if "notebook" in line]
    numbers = [line.partition(" not checked")[0] for line in lines]
    assert lines == [NOTE.format(number) for number in numbers]
    return numbers


def run_pytest(*args: str) -> Callable[[Guarded], Said]:
    return lambda guarded: guarded.run_pytest("--antipasta-only", *args)


def run(*args: str) -> Callable[[Guarded], Said]:
    return lambda guarded: guarded.say(*args)


def run_range(guarded: Guarded) -> Said:
    guarded.record("three")
    return guarded.say("check", "--diff", "HEAD~1..HEAD")


def check_twice(guarded: Guarded) -> Said:
    guarded.say("check")
    return guarded.say("check")


def merge_shards(guarded: Guarded) -> Said:
    reports = []
    for number in ("1", "2"):
        reports.append(f"{number}.shard")
        said = guarded.say("check", "--quiet", f"--shard={number}/2", f"--report=shard={number}.shard")
        assert find_numbers(said) == []
    return guarded.say("report", "merge", *reports)


def push(guarded: Guarded) -> Said:
    server = guarded.path.parent / "server"
    guarded.git("clone", "--quiet", "--bare", ".", str(server))
    guarded.record("three")
    guarded.install("pre-push")
    return guarded.run_git("push", str(server), "HEAD")


WAYS = [
    pytest.param(run("check"), ["4 notebooks"], id="check"),
    pytest.param(check_twice, ["4 notebooks"], id="a second check"),
    pytest.param(run("check", "--quiet"), [], id="check that is quiet"),
    pytest.param(run("check", "sub"), ["2 notebooks"], id="a folder"),
    pytest.param(run("check", "old.py"), [], id="a file"),
    pytest.param(run("check", "--format", "json"), ["4 notebooks"], id="a report"),
    pytest.param(run("measure"), ["4 notebooks"], id="measure"),
    pytest.param(run("check", "--staged"), ["1 notebook"], id="what is staged"),
    pytest.param(run("check", "--staged", "sub"), [], id="what is staged in a folder"),
    pytest.param(run("check", "--diff", "HEAD"), ["2 notebooks"], id="what differs"),
    pytest.param(run_range, ["1 notebook"], id="a range"),
    pytest.param(run("hook"), ["1 notebook"], id="hook"),
    pytest.param(run("hook", "staged.ipynb"), ["1 notebook"], id="hook of a staged notebook"),
    pytest.param(run("hook", "--whole", "a.ipynb", "old.py"), ["1 notebook"], id="hook of whole files"),
    pytest.param(push, ["1 notebook"], id="a push"),
    pytest.param(run_pytest(), ["4 notebooks"], id="pytest"),
    pytest.param(run_pytest("--antipasta-staged"), ["1 notebook"], id="pytest of what is staged"),
    pytest.param(merge_shards, ["4 notebooks"], id="shards"),
]


@pytest.mark.parametrize(("way", "expected"), WAYS)
def test_their_number_is_said_once(
    project: Guarded, way: Callable[[Guarded], Said], expected: list[str]
) -> None:
    said = way(project)
    assert find_numbers(said) == expected
    assert said.code in (0, 5), "nothing else fails"


def test_with_a_decision_nothing_is_said(project: Guarded) -> None:
    commands = (["check"], ["check", "--staged"], ["check", "--diff", "HEAD"], ["hook"], ["hook", "a.ipynb"])
    for value, code in (("false", 0), ("true", 1)):
        project.configure(f"notebooks = {value}")
        for command in commands:
            said = project.say(*command)
            assert find_numbers(said) == []
            assert said.code == code


def test_a_project_of_notebooks_alone_does_not_look_clean(empty: Guarded) -> None:
    empty.stage("a.ipynb", BAD)
    said = empty.say("check")
    assert said == (
        0,
        "warning: 0 files: nothing was checked; "
        "check `paths`, `include` and `exclude` in the settings; symlinks are not followed\n"
        f"{NOTE.format('1 notebook')}\n",
        "",
    )
    assert f"warning: {NOTE.format('1 notebook')}\n" in empty.commit().out


def test_a_notebook_that_is_named_is_checked(project: Guarded) -> None:
    for value in ("", "notebooks = false"):
        project.configure(value)
        for said in (project.say("check", "a.ipynb"), project.run_pytest("--antipasta-only", "a.ipynb")):
            assert re.search(r"\n(  cell 1:1|a\.ipynb:cell 1:1:) +f  cyclomatic 5/3\n", said.out)
            assert find_places(said.out) == ["a.ipynb:cell 1:1"]
            assert "not checked" not in said.out


def test_programs_read_the_same(project: Guarded) -> None:
    """A report has no key more or less, whether nobody has decided or somebody has."""
    reports = []
    for value in ("", "notebooks = false"):
        (project.path / "pyproject.toml").write_text(SETTINGS.format(value))
        project.say("check", "--report", "json=report.json", "--report", "sarif=report.sarif")
        report = json.loads((project.path / "report.json").read_text())
        report["run"] = sorted(report["run"])
        reports.append((report, (project.path / "report.sarif").read_text()))
    assert reports[0] == reports[1]


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        pytest.param("", "a.ipynb", "notebooks (default): notebooks are not checked", id="nobody decided"),
        pytest.param(
            "notebooks = false",
            "a.ipynb",
            "notebooks (pyproject.toml:3): notebooks are not checked",
            id="not wanted",
        ),
        pytest.param(
            "notebooks = true",
            "sub/.ipynb_checkpoints/b-checkpoint.ipynb",
            "include (default): no pattern matches it",
            id="a copy",
        ),
    ],
)
def test_the_reason_of_a_notebook_is_shown(project: Guarded, value: str, path: str, expected: str) -> None:
    project.configure(value)
    assert f"# checked: no: {expected}\n" in project.say("config", "show", path).out


def test_settings_below_the_root_leave_some_out(project: Guarded) -> None:
    project.configure("nested = true")
    Path(project.path, "sub/pyproject.toml").write_text("[tool.pytest-antipasta]\nexclude = ['b.ipynb']\n")
    assert find_numbers(project.say("check")) == ["3 notebooks"]
