"""A commit that is written without a process is the one that git makes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.commits import commit_all
from tests.conftest import Repository

FILES = {
    "a.py": "x = 1\n",
    "lib/b.py": "x = 2\n",
    "lib.py": "",
    "lib/deep/c.py": "x = 3\n",
    "lib-a/d.py": "é",
}


def write(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / os.fsdecode(b"caf\xe9.py")).touch()
    (folder / "lib.py").chmod(0o755)
    (folder / "link").unlink(missing_ok=True)
    (folder / "link").symlink_to("lib/b.py")


def test_it_has_the_name_that_git_gives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_DATE", "@1500000000 +0000")
    ours, theirs = Repository(tmp_path / "ours"), Repository(tmp_path / "theirs")
    for number in range(2):
        for repository in (ours, theirs):
            write(repository.path)
            (repository.path / f"{number}.py").touch()
        name = commit_all(ours.path, "one", 1_500_000_000)
        theirs.git("add", "--all")
        theirs.git("commit", "--quiet", "--message=one")
        assert name == theirs.git("rev-parse", "HEAD").strip()
    assert ours.git("ls-files", "--stage") == theirs.git("ls-files", "--stage")
    assert ours.git("fsck", "--strict") == ""


def test_git_takes_it_for_its_own(repository: Repository) -> None:
    write(repository.path)
    (repository.path / "pyproject.toml").touch()
    commit_all(repository.path, "one", exclude=("pyproject.toml",))
    assert repository.git("status", "--porcelain") == "?? pyproject.toml\n"
    assert repository.git("diff-files") == "", "the status of each file is known"
    repository.git("checkout", "--quiet", "--detach")
    (repository.path / "a.py").unlink()
    commit_all(repository.path, "two", exclude=("pyproject.toml",))
    assert repository.git("log", "--format=%s") == "two\none\n"
    assert "a.py" not in repository.git("ls-files")
