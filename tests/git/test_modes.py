"""Which files are executable: by their status, or by the index where git does not trust that."""

from __future__ import annotations

import subprocess
import tracemalloc
from pathlib import Path

import pytest

from pytest_antipasta.git import modes
from pytest_antipasta.git.modes import FileModes
from tests.conftest import Repository

FILE, EXECUTABLE = 0o100644, 0o100755


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of git that are run."""
    found: list[str] = []
    ask = modes._ask

    def note(folder: Path, *arguments: str) -> str:
        found.append(arguments[0])
        return ask(folder, *arguments)

    monkeypatch.setattr(modes, "_ask", note)
    return found


@pytest.fixture
def root(repository: Repository) -> Repository:
    """A repository of which the index has two executable files."""
    for name in ("sub/tool", "top", "sub/plain"):
        (repository.path / name).parent.mkdir(exist_ok=True)
        (repository.path / name).write_text("")
    repository.git("add", "--all")
    repository.git("update-index", "--chmod=+x", "sub/tool", "top")
    return repository


def find(folder: Path) -> tuple[bool, bool, bool]:
    """Return whether a file is executable by its status, by the index, and by neither of them."""
    found = FileModes(folder)
    return (
        found.is_executable("plain", EXECUTABLE),
        found.is_executable("tool", FILE),
        found.is_executable("none", FILE),
    )


BY_STATUS, BY_INDEX = (True, False, False), (False, True, False)


@pytest.mark.parametrize(
    ("key", "value", "expected", "commands"),
    [
        pytest.param("core.fileMode", "true", BY_STATUS, [], id="as git writes it"),
        pytest.param("core.fileMode", "false", BY_INDEX, ["config", "ls-files"], id="not trusted"),
        pytest.param("core.fileMode", "off", BY_INDEX, ["config", "ls-files"], id="in other words"),
        pytest.param("include.path", "other", BY_INDEX, ["config", "ls-files"], id="by another file"),
        pytest.param("user.name", "filemode", BY_STATUS, ["config"], id="a name that looks like it"),
    ],
)
def test_git_s_setting_decides_and_is_asked_only_where_it_is_not_plain(
    root: Repository, asked: list[str], key: str, value: str, expected: tuple[bool, ...], commands: list[str]
) -> None:
    (root.path / ".git" / "other").write_text("[core]\nfilemode = false\n")
    root.git("config", "core.fileMode", "true")
    root.git("config", key, value)
    assert find(root.path / "sub") == expected
    assert asked == commands


def test_large_settings_are_left_to_git(root: Repository, asked: list[str]) -> None:
    """They may have no end: here, 64 MB of zeros that take no room on the disk."""
    with (root.path / ".git" / "config").open("r+b") as file:
        file.truncate(64_000_000)
    tracemalloc.start()
    try:
        assert find(root.path / "sub") == BY_STATUS
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert asked == ["config"]


def test_settings_of_the_environment_count(
    root: Repository, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fileMode")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "false")
    assert find(root.path / "sub") == BY_INDEX


def test_a_linked_working_tree_has_the_setting_of_its_repository(root: Repository, tmp_path: Path) -> None:
    root.git("commit", "--quiet", "--message", "one")
    root.git("config", "core.fileMode", "true")
    root.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert find(tmp_path / "linked" / "sub") == BY_STATUS
    root.git("config", "core.fileMode", "false")
    assert find(tmp_path / "linked" / "sub") == BY_INDEX


def test_without_a_repository_or_without_git_the_status_counts(
    tmp_path: Path, root: Repository, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    assert find(tmp_path) == BY_STATUS
    assert asked == []
    subprocess.run(["git", "config", "core.fileMode", "false"], cwd=root.path, check=True)
    monkeypatch.setenv("PATH", "")
    assert find(root.path / "sub") == BY_STATUS
