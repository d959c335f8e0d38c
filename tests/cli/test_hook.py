"""What ``pytest-antipasta hook`` costs, and how it is called."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Repository

_TABLE = "[tool.pytest-antipasta]\nfail_fast = true\n"
_YAML = "languages: []\n"
# What takes long to import, or is for other ways in; what measures, or reads comments that nobody wrote.
_HEAVY = {
    "pytest", "_pytest", "yaml", "tomllib", "radon", "complexipy", "pathspec",
    "pytest_antipasta.engine.measuring.measurement", "pytest_antipasta.metrics.following.bodies",
    "pytest_antipasta.policy.suppressions", "pytest_antipasta.report.suppressions",
}  # fmt: skip


@pytest.fixture
def five(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with five staged files, whose measurements the store has."""
    for number in range(5):
        (repository.path / f"f{number}.py").write_text(f"def f{number}(a):\n    return a\n")
    repository.git("add", ".")
    monkeypatch.chdir(repository.path)
    assert main(["hook"]) == 0
    return repository


def find_imported(repository: Repository) -> set[str]:
    """Return all modules that a run imports."""
    command = [sys.executable, "-X", "importtime", "-m", "pytest_antipasta", "hook"]
    done = subprocess.run(command, cwd=repository.path, capture_output=True, text=True, check=True)
    return set(re.findall(r"^import time: .*\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(None, "", set(), id="no settings"),
        pytest.param("pyproject.toml", "[project]\n", set(), id="no table of ours", marks=pytest.mark.slow),
        pytest.param("pyproject.toml", _TABLE, {"tomllib"}, id="a table", marks=pytest.mark.slow),
        pytest.param(".antipasta.yaml", _YAML, {"yaml"}, id="antipasta's settings"),
    ],
)
def test_what_a_warm_run_imports(five: Repository, name: str | None, text: str, expected: set[str]) -> None:
    if name is not None:
        (five.path / name).write_text(text)
    imported = find_imported(five)
    assert "git" in imported, "the list is one of modules"
    assert imported & _HEAVY == expected


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
    assert main(["hook", "--whole", "--policy-from", "HEAD"]) == 2
    assert capsys.readouterr().err == "error: --policy-from needs a change; remove --whole\n"
