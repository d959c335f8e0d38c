"""``cache = false`` runs every command without the store, as ``--no-cache`` does."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from pytest_antipasta import check
from pytest_antipasta.cli import main
from pytest_antipasta.editor.buffers import Committed, judge_buffer
from tests.commits import commit_all, stage_all
from tests.conftest import Repository
from tests.forked import ForkedPython

SETTINGS = "[tool.pytest-antipasta]\ncache = {}\n"
SOURCE = "def f(a):\n    return a or 1\n"
COMMANDS = (
    "check", "check --jobs 2", "check --staged", "check --diff HEAD", "check --diff HEAD~..HEAD", "check -",
    "measure", "explain a.py", "explain a.py::f", "trend", "trend a.py::f", "hook", "hook a.py",
    "baseline write",
)  # fmt: skip
WAYS: dict[str, Callable[[], object]] = {
    **{f"the command {command}": partial(main, command.split()) for command in COMMANDS},
    "the Python API": check,
    "the Python API, staged": partial(check, staged=True),
    "an editor": lambda: judge_buffer(Path.cwd(), os.path.abspath("a.py"), SOURCE, Committed()),
}
PYTEST = (
    pytest.param(["-n", "2"], marks=pytest.mark.slow),
    pytest.param(["-p", "no:xdist"], marks=pytest.mark.slow),
    ["--antipasta-staged"],
)


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit and a staged change."""
    monkeypatch.chdir(repository.path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SOURCE.encode())))
    for text in ("", SOURCE, f"{SOURCE}{SOURCE.replace('f(', 'g(')}"):
        Path("a.py").write_text(text)
        if not text or text == SOURCE:
            commit_all(repository.path, "step")
    stage_all(repository.path)
    return repository.path


def set_cache(value: str) -> None:
    Path("pyproject.toml").write_text(SETTINGS.format(value))
    stage_all(Path())


@pytest.mark.usefixtures("project")
def test_nothing_is_stored(cache_dir: Path) -> None:
    """In any way, and in each there is a store otherwise."""
    for value in ("false", "true"):
        set_cache(value)
        for name, way in WAYS.items():
            sys.stdin.seek(0)
            way()
            assert cache_dir.exists() is (value == "true"), name
            shutil.rmtree(cache_dir, ignore_errors=True)


@pytest.mark.parametrize("words", PYTEST, ids=" ".join)
def test_pytest_stores_nothing(
    project: Path, forked_python: ForkedPython, words: list[str], cache_dir: Path
) -> None:
    """The controller and its workers."""
    for value in ("false", "true"):
        set_cache(value)
        done = forked_python.run("pytest", ["--antipasta-only", *words], project, os.environ)
        assert done.returncode == 0, done.stdout
        assert cache_dir.exists() is (value == "true")


@pytest.mark.usefixtures("project")
def test_commands_on_the_store_and_debug_name_the_setting(capsys: pytest.CaptureFixture[str]) -> None:
    set_cache("false")
    for action in ("status", "warm", "clear"):
        assert main(["cache", action]) == 2
        assert "remove `cache = false` from the settings" in capsys.readouterr().err
    main(["check", "--debug"])
    assert "debug: store disabled by the settings\n" in capsys.readouterr().err
