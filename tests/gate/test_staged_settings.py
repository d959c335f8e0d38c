"""Which content of settings and baselines counts: what is staged, where the worktree has another one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_antipasta.engine import Rules
from pytest_antipasta.gate import StagedSettings, load_staged
from pytest_antipasta.git import Repository as Asked
from pytest_antipasta.settings import FindContent, Settings
from tests.conftest import Repository


def look(repository: Repository, folder: str = ".") -> StagedSettings:
    """Look at what is staged in a folder of a repository."""
    return StagedSettings(Asked(repository.path), repository.path / folder)


@pytest.mark.parametrize(
    ("staged", "there", "expected"),
    [
        pytest.param(b"a\n", b"b\n", b"a\n", id="another content"),
        pytest.param(b"a\n", b"a\n", None, id="the same content"),
        pytest.param(b"a\nb\n", b"a\r\nb\r\n", None, id="other ends of lines"),
        pytest.param(b"a\r\n", b"a\n", None, id="other ends of staged lines"),
        pytest.param(b"a\n", None, b"a\n", id="no file"),
        pytest.param(b"", b"a\n", b"", id="nothing is staged of it"),
        pytest.param(None, b"a\n", None, id="it is not staged"),
        pytest.param(None, None, None, id="it is nowhere"),
    ],
)
@pytest.mark.parametrize("name", ["pyproject.toml", "sub/other.json"])
def test_what_counts(
    repository: Repository, name: str, staged: bytes | None, there: bytes | None, expected: bytes | None
) -> None:
    file = repository.path / name
    file.parent.mkdir(exist_ok=True)
    if staged is not None:
        file.write_bytes(staged)
        repository.git("add", "--all")
        file.unlink()
    if there is not None:
        file.write_bytes(there)
    files = look(repository)
    assert [files.read(file), files.read(file)] == [expected] * 2
    told = f"{file}: the staged version was used; the working tree differs"
    assert list(files.iter_notes()) == ([told] if expected is not None else [])


def test_what_git_has_lost_is_taken_from_the_worktree(repository: Repository) -> None:
    file = repository.path / "pyproject.toml"
    file.write_text("staged")
    repository.git("add", "--all")
    file.write_text("other")
    shutil.rmtree(repository.path / ".git" / "objects")
    (repository.path / ".git" / "objects").mkdir()
    assert look(repository).read(file) is None


def test_rules_are_loaded_as_they_are_staged(repository: Repository, tmp_path: Path) -> None:
    file = repository.path / "pyproject.toml"
    file.write_text("staged")
    repository.git("add", "--all")
    file.write_text("other")

    def load(find: FindContent) -> Rules:
        return Rules(Settings(root=repository.path, source=None), notes=(repr(find(file)),))

    staged, told = load_staged(repository.path, load).notes
    assert staged == "b'staged'"
    assert told.endswith("pyproject.toml: the staged version was used; the working tree differs")
    assert load_staged(tmp_path, load).notes == ("None",)


def test_only_what_was_read_is_told(repository: Repository) -> None:
    (repository.path / "pyproject.toml").write_text("staged")
    repository.git("add", "--all")
    (repository.path / "pyproject.toml").write_text("other")
    assert list(look(repository).iter_notes()) == []


def test_a_folder_that_is_reached_by_a_link(repository: Repository, tmp_path: Path) -> None:
    (repository.path / "pyproject.toml").write_text("staged")
    repository.git("add", "--all")
    (repository.path / "pyproject.toml").unlink()
    (tmp_path / "link").symlink_to(repository.path)
    files = StagedSettings(Asked(repository.path), tmp_path / "link")
    assert files.read(tmp_path / "link" / "pyproject.toml") == b"staged"


def test_what_is_outside_of_the_repository_is_not_staged(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("other")
    assert look(repository).read(tmp_path / "pyproject.toml") is None


@pytest.mark.parametrize("folder", [".", "sub"])
def test_settings_and_baselines_are_asked_for_at_once(repository: Repository, folder: str) -> None:
    (repository.path / "sub").mkdir()
    for name in ("pyproject.toml", ".antipasta.yaml", "antipasta-baseline.json"):
        (repository.path / name).write_text("staged")
    repository.git("add", "--all")
    for name in ("pyproject.toml", ".antipasta.yaml", "antipasta-baseline.json"):
        (repository.path / name).write_text("other")
    files = look(repository, folder)
    assert files.read(repository.path / "pyproject.toml") == b"staged"
    (repository.path / ".git" / "index").unlink()  # whoever asks git again gets nothing
    for name in ("pyproject.toml", ".antipasta.yaml", "antipasta-baseline.json"):
        assert files.read(repository.path / name) == b"staged"
