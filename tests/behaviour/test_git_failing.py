"""A git that fails where files are selected: each command says so once, with what to do."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_antipasta import check
from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo_keeping
from tests.commits import commit_all
from tests.conftest import Repository
from tests.editor.client import Editor, run
from tests.windows import NEEDS_SCRIPTS

EFFECT = "only .gitignore files are used to find ignored files, as git failed: "
NO_FOLDERS = "virtual environments and nested repositories are skipped, even if git tracks files in them"
SOURCE = "def f(a):\n    return a\n"


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit, and a file that only git's own settings ignore."""
    root = repository.path
    (root / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    (root / "a.py").write_text(SOURCE)
    commit_all(repository.path, "one")
    (root / ".git/info/exclude").write_text("local.py\n")
    (root / "local.py").write_text(SOURCE)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def foreign(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, in git's eyes of another user."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    return project


@pytest.mark.parametrize(
    ("command", "code", "what"),
    [
        (["check"], 0, EFFECT),
        (["check", "--jobs", "2", "--format", "concise"], 0, EFFECT),
        (["measure"], 0, EFFECT),
        (["baseline", "write"], 0, EFFECT),
        (["cache", "warm"], 0, EFFECT),
        (["cache", "prune", "a.py", "."], 0, EFFECT),
        (["config", "init"], 0, EFFECT),
        (["config", "show", "local.py"], 0, EFFECT),
        (["hook", "--whole"], 0, EFFECT),
        (["hook"], 0, "antipasta did not check this commit: "),
        (["check", "--staged"], 2, "could not determine the changes: "),
        (["check", "--diff", "HEAD"], 2, "could not determine the changes: "),
        (["trend"], 2, "could not read the history: "),
        (["check", "a.py"], 0, None),
    ],
    ids=str,
)
def test_each_command_repeats_what_git_says_once(
    foreign: Path, command: list[str], code: int, what: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if command == ["config", "init"]:
        (foreign / "pyproject.toml").unlink()
    if command[0] == "cache":
        main(["check", "a.py"])  # so that there is a store
    capsys.readouterr()
    assert main(command) == code
    said = "".join(capsys.readouterr())
    told = [line for line in said.splitlines() if "dubious ownership" in line]
    if what is None:
        assert told == []
        return
    (line,) = told
    assert f"{what}detected dubious ownership in repository at '{foreign.as_posix()}'; " in line
    assert line.endswith(f": git config --global --add safe.directory {foreign.as_posix()}")


def test_the_api_warns(foreign: Path) -> None:
    with pytest.warns(RuntimeWarning, match=f"^{EFFECT}detected dubious ownership") as warned:
        assert [file.path for file in check().files] == ["a.py", "local.py"]
    assert len(warned) == 1
    assert warned[0].filename == __file__


@pytest.mark.slow
def test_an_editor_is_told_once_why_nothing_is_compared_with_head(foreign: Path) -> None:
    async def session(editor: Editor) -> list[str]:
        for name in ("a.py", "local.py"):
            await editor.open(foreign / name, SOURCE)
        editor.save(foreign / "a.py", SOURCE)
        await editor.hear((foreign / "a.py").as_uri())
        return editor.messages

    (told,) = run(session, foreign)
    assert told.startswith(
        "pytest-antipasta: values are not compared with HEAD, as git failed: detected dubious ownership in "
    )


def _remove_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root.parent))


def _fail(script: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def put(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = root.parent / "bin"
        folder.mkdir()
        (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return put


def _damage(name: str, content: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def put(root: Path, _: pytest.MonkeyPatch) -> None:
        (root / name).write_text(content)

    return put


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(
            _remove_git,
            r"no git on PATH \(copies inside the repository are ignored\); install git, or put it .*",
            id="no git",
        ),
        pytest.param(
            _fail("echo 'warning: odd' >&2; echo 'fatal: bad' >&2; echo 'try this' >&2; exit 128"),
            "bad; try this",
            id="the error with what follows it",
            marks=NEEDS_SCRIPTS,
        ),
        pytest.param(
            _fail("exit 3"), r"git ls-files ended with exit code 3", id="no word", marks=NEEDS_SCRIPTS
        ),
        pytest.param(
            _fail("kill -9 $$"), r"git ls-files was killed by signal 9", id="a signal", marks=NEEDS_SCRIPTS
        ),
        pytest.param(_damage(".git/index", "nonsense"), ".*index.*", id="a broken index"),
    ],
)
def test_the_cause_is_named(
    project: Path,
    spoil: Callable[[Path, pytest.MonkeyPatch], None],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(project, monkeypatch)
    assert main(["check"]) == 0
    _, told, _ = capsys.readouterr().out.splitlines()
    assert re.fullmatch(re.escape(EFFECT) + why, told)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda root: shutil.rmtree(root / ".git"), id="no repository"),
        pytest.param(lambda root: (root / ".git/HEAD").unlink(), id="a folder with that name"),
    ],
)
def test_where_there_is_no_repository_nothing_is_said(
    foreign: Path, make: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    make(foreign)
    (foreign / "venv").mkdir()
    (foreign / "venv/pyvenv.cfg").touch()
    assert main(["check"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == ["no violations in 2 files"]


def test_a_warm_run_warns_like_a_cold_one(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a memo of the commit, which only git can say to be right, and files known by their status."""
    monkeypatch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
    for _ in range(2):
        assert main(["check"]) == 0
    assert capsys.readouterr().out.splitlines()[::2] == ["no violations in 1 file"] * 2
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    for _ in range(2):
        assert main(["check"]) == 0
        first, told, _ = capsys.readouterr().out.splitlines()
        assert (first, told.startswith(EFFECT)) == ("no violations in 2 files", True)
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    assert main(["check"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == ["no violations in 1 file"]


def test_folders_that_only_git_can_tell_apart_are_skipped_and_that_is_said(
    repository: Repository, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\nuse_gitignore = false\n")
    for name in ("one", "two"):
        (project / name).mkdir()
        (project / name / "c.py").write_text(SOURCE)
        (project / name / "pyvenv.cfg").touch()
    repository.git("add", ".")
    assert main(["check"]) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == ["no violations in 4 files"]
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert main(["check"]) == 0
    first, told, _ = capsys.readouterr().out.splitlines()
    assert first == "no violations in 2 files"
    assert told.startswith(f"{NO_FOLDERS}, as git failed: detected dubious ownership in repository at ")


def test_a_repository_inside_that_fails_is_named(
    repository: Repository, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        repository.git("init", "--quiet", name)
        (project / name / "c.py").write_text(SOURCE)
        (project / name / ".git/config").write_text("[core")
    (project / "pyproject.toml").write_text('[tool.pytest-antipasta]\npaths = [".", "one", "two"]\n')
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("no violations in 3 files\n")
    assert len(re.findall(r"as git failed in (?:one|two)/: bad config line \d", said)) == 1
