"""Which git is run: that of the PATH, and none that stands where anybody's files are."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from pytest_antipasta.git.process import GitError, GitProcess, GitTimeout
from pytest_antipasta.git.program import _NAME, _look_along
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.model.errors import UsageError
from tests.gate.conftest import Guarded, function


@pytest.fixture
def mark(guarded: Guarded, tmp_path: Path) -> Path:
    """What is left by a git that must not be run: in the repository, in folders of it, or beside it."""
    mark = tmp_path / "mark"
    for folder in (".", ".venv/bin", "sub", ".."):
        guarded.write(f"{folder}/{_NAME}", f"#!/bin/sh\ntouch {mark}\nexit 1\n").chmod(0o755)
    guarded.stage("sub/a.py", function(4, "a"))
    guarded.write("sub/b.py", function(2))
    return mark


@pytest.mark.parametrize(
    ("entry", "cwd"),
    [
        *((entry, cwd) for entry in (".", "", "..", "bin") for cwd in (".", "sub")),
        *((entry, ".") for entry in ("{}", "{}/.venv/bin", "{}/link", "{}/sub/../sub")),
    ],
)
def test_a_git_of_the_repository_is_not_run(
    guarded: Guarded, mark: Path, entry: str, cwd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (guarded.path / "link").symlink_to(".venv/bin")
    (guarded.path / "sub" / "bin").symlink_to("../.venv/bin")
    monkeypatch.setenv("PATH", f"{entry.format(guarded.path)}{os.pathsep}{os.environ['PATH']}")
    assert guarded.say("check", cwd=cwd).code == 1
    assert guarded.say("hook", cwd=cwd).code == 1, "without git it lets everything pass"
    assert not mark.exists()


def test_nor_when_gitpython_is_imported(guarded: Guarded, mark: Path) -> None:
    """It runs a git of its own finding then, in the current folder."""
    folders = (".", str(Path(sys.executable).parent), os.environ["PATH"])
    said = guarded.run_program("hook", PATH=os.pathsep.join(folders))
    assert said.code == 1
    assert not mark.exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(["check", "--staged"], 2, id="what only git can tell"),
        pytest.param(["hook"], 0, id="a commit"),
        pytest.param(["check"], 1, id="which files are ignored"),
    ],
)
def test_where_there_is_no_other_that_is_reported(
    guarded: Guarded, mark: Path, command: list[str], code: int
) -> None:
    said = guarded.run_program(*command, PATH=f"{guarded.path}{os.pathsep}{guarded.path}/.venv/bin")
    assert said.code == code
    told = "no git on PATH (copies inside the repository are ignored); install git, or put it on the PATH"
    assert (said.out + said.err).count(told) == 1
    assert "Traceback" not in said.err
    assert not mark.exists()


def test_a_folder_that_is_gone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"can't run git: can't enter folder .*gone"):
        Repository(tmp_path / "gone")


def test_the_top_of_the_file_system_is_not_a_place_of_a_repository(tmp_path: Path) -> None:
    """In a container it may be that, and has the system's own git."""
    program = tmp_path / _NAME
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert _look_along(str(tmp_path), "/here", frozenset({tmp_path.anchor})) == str(program)
    assert _look_along(str(tmp_path), "/here", frozenset({str(tmp_path.parent)})) is None
    assert _look_along(str(tmp_path), str(tmp_path), frozenset({tmp_path.anchor})) is None


@pytest.mark.timeout(30)
def test_what_git_runs_is_not_waited_for_out_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, the git on the PATH runs another one, which has its output."""
    monkeypatch.setenv("PYTEST_ANTIPASTA_GIT_TIMEOUT", "0.5")
    git = GitProcess(tmp_path, ["wait"], options=["-c", "alias.wait=!sleep 60"])
    with pytest.raises(GitTimeout):
        git.read()


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e9", "soon"])
def test_a_time_limit_that_is_none_is_named(
    tmp_path: Path, seconds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ANTIPASTA_GIT_TIMEOUT", seconds)
    expected = f'PYTEST_ANTIPASTA_GIT_TIMEOUT: expected a number of seconds > 0 and <= 86400, got "{seconds}"'
    with pytest.raises(UsageError, match=re.escape(expected)):
        GitProcess(tmp_path, ["version"], os.environ)
