"""Pipes where files belong: whoever opens one waits for ever, and git is one of those who do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.runtime.fileio import append_regular
from tests.conftest import Repository
from tests.windows import NEEDS_PIPES

pytestmark = [
    NEEDS_PIPES,
    pytest.mark.timeout(60),
]
OFF = "only .gitignore files are used to find ignored files, as git failed"


@pytest.fixture
def folder(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a file in its index and one that is not."""
    monkeypatch.chdir(repository.path)
    (repository.path / "sub").mkdir()
    Path("a.py").write_text("x = 1\n")
    repository.git("add", ".")
    Path("b.py").write_text("x = 1\n")
    return repository.path


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give git up soon, where it waits."""
    monkeypatch.setenv("PYTEST_ANTIPASTA_GIT_TIMEOUT", "0.8")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", ["sub/.gitignore", ".git/info/exclude"])
def test_git_that_waits_for_a_pipe_is_off_for_this_run(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).unlink(missing_ok=True)
    os.mkfifo(name)
    assert main(["check"]) == 0
    first, told, *others = capsys.readouterr().out.splitlines()
    assert first == "no violations in 2 files"
    assert told.startswith(f"{OFF}: git ls-files timed out after 0.8 s; raise PYTEST_ANTIPASTA_GIT_TIMEOUT")
    assert [line for line in others if OFF in line] == []


@pytest.mark.usefixtures("impatient")
def test_it_is_not_asked_again_for_every_repository_inside(
    folder: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        repository.git("init", "--quiet", name)
        os.mkfifo(f"{name}/.gitignore")
        Path(name, "c.py").write_text("x = 1\n")
    assert main(["check", "one", "two"]) == 0
    said = capsys.readouterr().out
    assert "; 2 of 4 files checked" in said
    assert said.count(OFF) == 1


def test_what_only_git_can_tell_ends_the_command(
    folder: Path,
    repository: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repository.git("commit", "--quiet", "--message=one")
    os.mkfifo(".gitignore")
    assert main(["hook"]) == 0  # what is staged has nothing to do with it
    assert capsys.readouterr().err == ""
    Path(".git/info/grafts").unlink(missing_ok=True)
    os.mkfifo(".git/info/grafts")
    monkeypatch.setenv("PYTEST_ANTIPASTA_GIT_TIMEOUT", "0.8")
    assert main(["check", "--diff", "HEAD"]) == 2
    assert capsys.readouterr().err.count("timed out after 0.8 s") == 1


@pytest.mark.usefixtures("impatient")
def test_a_commit_is_let_pass_where_git_itself_waits(
    folder: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("commit", "--quiet", "--message=one")
    repository.git("add", ".")
    Path(".git/info/grafts").unlink(missing_ok=True)
    os.mkfifo(".git/info/grafts")
    assert main(["hook"]) == 0
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith("warning: antipasta did not check this commit: git diff timed out")


@pytest.mark.usefixtures("impatient", "folder")
def test_settings_of_git_that_are_a_pipe_are_left_to_git() -> None:
    """A script asks for them: git has to trust the mode of its file."""
    Path("script").write_text("#!/usr/bin/env python3\n")
    Path("script").chmod(0o755)
    Path(".git/config").unlink()
    os.mkfifo(".git/config")
    assert main(["check"]) == 0


@pytest.mark.parametrize(
    ("name", "command", "code", "text"),
    [
        pytest.param("antipasta-baseline.json", ["check"], 2, "not a regular file", id="a baseline"),
        pytest.param("pyproject.toml", ["check"], 0, "", id="settings"),
        pytest.param(
            "pyproject.toml",
            ["config", "init", "--yes"],
            2,
            "not a regular file",
            id="settings to be written",
        ),
        pytest.param(".antipasta.yaml", ["check"], 0, "", id="old settings"),
        pytest.param(
            "setup.cfg",
            ["config", "migrate"],
            2,
            "no complexity settings found",
            id="settings of another tool",
        ),
        pytest.param(".pre-commit-config.yaml", ["hooks", "status"], 0, "", id="settings of pre-commit"),
        pytest.param(".git/hooks/pre-commit", ["hooks", "status"], 0, "", id="a git hook"),
        pytest.param(
            ".git/hooks/pre-commit",
            ["hooks", "install"],
            2,
            "was not written by pytest-antipasta",
            id="a git hook to be written",
        ),
        pytest.param(".git/MERGE_HEAD", ["hook"], 0, "", id="what is merged"),
        pytest.param("c.py", ["check", "c.py"], 3, "not a regular file", id="a source file that is named"),
        pytest.param("sub/c.py", ["check"], 0, "", id="a source file that is not"),
    ],
)
def test_nobody_waits_for(
    folder: Path, name: str, command: list[str], code: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).unlink(missing_ok=True)
    os.mkfifo(name)
    assert main(command) == code
    said = capsys.readouterr()
    assert text in said.out + said.err


@pytest.mark.parametrize("name", ["damage", "runs.jsonl", "cache.db", "create.lock", "cache.db-journal"])
def test_nobody_waits_for_one_in_the_stores_folder(
    folder: Path, cache_dir: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check"]) == 0
    (cache_dir / "v1" / name).unlink(missing_ok=True)
    os.mkfifo(cache_dir / "v1" / name)
    for command in (["check"], ["cache", "status"], ["cache", "verify"], ["cache", "clear"], ["check"]):
        assert main(command) == 0
    capsys.readouterr()
    assert main(["check", "--debug"]) == 0
    assert "store: 2 hits" in capsys.readouterr().out


def test_a_baseline_that_is_named_may_be_a_pipe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    Path("c.py").write_text("def f(a):\n" + "    if a:\n        a()\n" * 11)
    assert main(["baseline", "write"]) == 0
    os.write(writing, Path("antipasta-baseline.json").read_bytes())
    os.close(writing)
    Path("antipasta-baseline.json").unlink()
    assert main(["check", "--baseline", f"/dev/fd/{reading}"]) == 0
    os.close(reading)


def test_what_is_written_can_not_be_executed(tmp_path: Path) -> None:
    append_regular(tmp_path / "file", b"")
    assert not os.access(tmp_path / "file", os.X_OK)


YAML = ".antipasta.yaml"


@pytest.mark.parametrize(
    ("name", "make", "command"),
    [
        pytest.param("pyproject.toml", lambda name: os.mkfifo(name), "check", id="a pipe"),
        pytest.param(YAML, os.mkdir, "check --staged", id="a folder"),
        pytest.param("pyproject.toml", lambda name: os.symlink("/dev/null", name), "hook", id="a device"),
        pytest.param(YAML, lambda name: os.symlink("x", name), "config validate", id="a link to nothing"),
    ],
)
def test_what_is_not_a_file_of_settings_is_reported(
    folder: Path, name: str, make: Callable[[str], None], command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make(name)
    assert main(command.split()) == 0
    said = "".join(capsys.readouterr())
    assert said.count(f"{name}: not a regular file; ignored") == 1
