"""What ``pytest-antipasta hook`` costs, and how it is called."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Repository

_TABLE = "[tool.pytest-antipasta]\nfail_fast = true\n"
_YAML = "languages: []\n"
# What takes long to import, or is for other ways in.
_HEAVY = {"pytest", "_pytest", "yaml", "tomllib", "radon", "complexipy", "pathspec"}


@pytest.fixture
def five(repository: Repository) -> Repository:
    """A repository with five staged files, whose measurements the store has."""
    for number in range(5):
        (repository.path / f"f{number}.py").write_text(f"def f{number}(a):\n    return a\n")
    repository.git("add", ".")
    assert run(repository) == ""
    return repository


def run(repository: Repository, *options: str) -> str:
    """Run the hook in a process of its own, and return what it says."""
    command = [sys.executable, *options, "-m", "pytest_antipasta", "hook"]
    done = subprocess.run(command, cwd=repository.path, capture_output=True, check=True)
    return os.fsdecode(done.stdout + done.stderr)


def find_imported(repository: Repository) -> set[str]:
    """Return all modules that a run imports."""
    return set(re.findall(r"^import time: .*\| +(\S+)$", run(repository, "-X", "importtime"), re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(None, "", set(), id="no settings"),
        pytest.param("pyproject.toml", "[project]\n", set(), id="no table of ours"),
        pytest.param("pyproject.toml", _TABLE, {"tomllib"}, id="a table"),
        pytest.param(".antipasta.yaml", _YAML, {"yaml"}, id="antipasta's settings"),
    ],
)
def test_what_a_warm_run_imports(five: Repository, name: str | None, text: str, expected: set[str]) -> None:
    if name is not None:
        (five.path / name).write_text(text)
    imported = find_imported(five)
    assert "git" in imported, "the list is one of modules"
    assert imported & _HEAVY == expected


def test_nothing_measures_what_the_store_has(five: Repository) -> None:
    imported = find_imported(five)
    measuring = {"pytest_antipasta.engine.measuring.measurement", "pytest_antipasta.metrics.following.bodies"}
    assert imported & measuring == set()
    # Nobody has written a comment that suppresses.
    assert (
        imported & {"pytest_antipasta.policy.suppressions", "pytest_antipasta.report.suppressions"} == set()
    )


def test_a_run_without_a_store_writes_none(repository: Repository, cache_dir: Path) -> None:
    (repository.path / "a.py").write_text("a = 1\n")
    repository.git("add", ".")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(repository.path)
        assert main(["hook", "--no-cache"]) == 0
        assert not cache_dir.exists()
        assert main(["hook"]) == 0
    assert cache_dir.exists()


def test_ways_in_that_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["hook", "--push", "--whole"])
    assert exit_info.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
