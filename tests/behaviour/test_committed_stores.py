"""A store that git tracks: whoever commits could forge it, and its numbers would be believed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.digests import digest_content
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.storage.storage import current_fingerprint, open_store
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.protocol import StoreError
from pytest_antipasta.store.records import encode_record
from tests.commits import commit_all
from tests.conftest import Repository
from tests.windows import NEEDS_LINKS

BAD = b"def f(a):\n" + b"    if a: print()\n" * 20
OFF = "store disabled for this run: "
Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("forged")


@pytest.fixture
def forged(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit with a file over its limit, and a store that knows it as a simple one."""
    monkeypatch.chdir(repository.path)
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    Path("bad.py").write_bytes(BAD)
    Path(".cache").mkdir()
    record = encode_record(measure(b"def f(a): return a\n"))
    with closing(LocalStore(Path(".cache/antipasta").absolute())) as store:
        store.put_many({digest_content(BAD, (), "bad.py") + current_fingerprint(): record})
    return repository.path


def commit(repository: Repository) -> None:
    commit_all(repository.path, "all")


def by_option() -> list[str]:
    return ["--cache-dir", ".cache/antipasta"]


def by_setting() -> list[str]:
    Path("pyproject.toml").write_text('[tool.pytest-antipasta]\ncache_dir = ".cache/antipasta"\n')
    return []


def by_link() -> list[str]:
    Path("way").symlink_to(".cache")
    return ["--cache-dir", "way/antipasta"]


@pytest.mark.parametrize("name", [by_option, by_setting, pytest.param(by_link, marks=NEEDS_LINKS)])
def test_it_is_not_used(name: Callable[[], list[str]], repository: Repository, capsys: Capture) -> None:
    words = name()
    assert main(["check", *words]) == 0, "what nobody has committed is the user's"
    assert OFF not in capsys.readouterr().out
    commit(repository)
    before = sorted(Path(".cache").rglob("*"))
    assert main(["check", "--jobs", "2", *words]) == 1
    assert capsys.readouterr().out.count(OFF) == 1
    assert sorted(Path(".cache").rglob("*")) == before


def test_nor_by_a_commit_hook(repository: Repository, capsys: Capture) -> None:
    repository.git("add", ".")
    assert main(["hook", *by_option()]) == 1
    assert OFF in capsys.readouterr().err


def test_nor_by_commands_about_it(repository: Repository, capsys: Capture) -> None:
    commit(repository)
    folder = repository.path / ".cache/antipasta/v1"
    error = f"git tracks files in {folder}; remove them from git, or name another folder"
    for action in ("status", "verify", "prune", "clear", "inspect bad.py", "export out"):
        assert main(["cache", *action.split(), *by_option()]) == 2
        assert capsys.readouterr().err == f"error: the store can't be used: {error}\n", action


def test_nor_where_it_is_a_repository_of_its_own(repository: Repository, capsys: Capture) -> None:
    """As a submodule is."""
    inner = Repository(repository.path / ".cache")
    commit(inner)
    commit(repository)
    assert main(["check", *by_option()]) == 1
    assert OFF in capsys.readouterr().out


def test_a_file_beside_it_may_be_tracked(repository: Repository, capsys: Capture) -> None:
    shutil.rmtree(".cache/antipasta/v1")
    Path(".cache/antipasta/.gitkeep").touch()
    commit(repository)
    for _ in range(2):
        assert main(["check", "--debug", *by_option()]) == 1
    assert "store: 1 hit, 0 misses" in capsys.readouterr().out


def test_without_git_s_answer_it_is_not_used_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["check", *by_option()]) == 1
    assert f"{OFF}could not determine whether git tracks " in capsys.readouterr().out


def test_git_is_not_asked_about_the_store_of_a_user_without_a_home_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a container with any user's number, to which git refuses another user's checkout, too."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="home folder not found"):
        open_store(Path("~/.cache/pytest-antipasta"), Settings(Path.cwd(), None))
