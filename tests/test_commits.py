"""What is staged and committed without a process is what git makes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commits import commit_all, stage_all
from tests.conftest import Repository
from tests.staging import commit_staged, stage_file
from tests.windows import can_be_on_disk, decode_name

NOT_UTF8 = decode_name(b"caf\xe9.py")
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
    (folder / "lib.py").chmod(0o755)
    if sys.platform == "win32":  # where names are text, and git makes links only if it is told to
        return
    (folder / NOT_UTF8).touch()
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
    stage_all(repository.path, exclude=("pyproject.toml",))
    assert repository.git("status", "--porcelain") == "D  a.py\n?? pyproject.toml\n"
    commit_all(repository.path, "two", exclude=("pyproject.toml",))
    assert repository.git("log", "--format=%s") == "two\none\n"
    assert "a.py" not in repository.git("ls-files")


def test_files_are_staged_and_committed_as_git_does(tmp_path: Path) -> None:
    ours, theirs = Repository(tmp_path / "ours"), Repository(tmp_path / "theirs")
    for number in range(2):
        for repository in (ours, theirs):
            write(repository.path)
            # Of another size each time: within a tick of the clock, git sees no other change.
            (repository.path / "a.py").write_text(f"x = {10**number}\n")
        for path in filter(can_be_on_disk, ("lib/b.py", "a.py", "lib.py", "lib/deep/c.py", NOT_UTF8)):
            assert stage_file(ours.path, path)
            theirs.git("add", "--", path)
            assert ours.git("ls-files", "--stage") == theirs.git("ls-files", "--stage")
            assert ours.git("status", "--porcelain") == theirs.git("status", "--porcelain")
        name = commit_staged(ours.path, "one")
        theirs.git("commit", "--quiet", "--message=one")
        assert name == ours.git("rev-parse", "HEAD").strip()
        assert ours.git("cat-file", "-p", "HEAD^{tree}") == theirs.git("cat-file", "-p", "HEAD^{tree}")
        theirs.git("write-tree")
    assert ours.git("log", "--format=%an <%ae> %s") == theirs.git("log", "--format=%an <%ae> %s")
    assert ours.git("fsck", "--strict") == ""


def set_something(repository: Repository) -> None:
    repository.git("config", "core.autocrlf", "input")


def write_attributes(repository: Repository) -> None:
    (repository.path / "lib/.gitattributes").write_text("*.py ident\n")
    repository.git("add", "--all")


def ignore(repository: Repository) -> None:
    (repository.path / ".gitignore").write_text("a.py\n")


def intend(repository: Repository) -> None:
    repository.git("add", "--intent-to-add", "lib.py")


def make_folder(repository: Repository) -> None:
    repository.git("rm", "--quiet", "--cached", "a.py")
    name = repository.git("rev-parse", "HEAD:a.py").strip()
    repository.git("update-index", "--add", "--cacheinfo", f"100644,{name},a.py/b.py")


@pytest.mark.parametrize("make", [set_something, write_attributes, ignore, intend, make_folder])
def test_what_git_may_do_otherwise_is_left_to_it(
    repository: Repository, make: Callable[[Repository], None]
) -> None:
    write(repository.path)
    assert stage_file(repository.path, "a.py")
    assert commit_staged(repository.path, "one")
    make(repository)
    assert not stage_file(repository.path, "a.py")
    assert not stage_file(repository.path, "link")


def test_a_merge_is_left_to_git(repository: Repository) -> None:
    write(repository.path)
    assert stage_file(repository.path, "a.py")
    commit = commit_staged(repository.path, "one")
    (repository.path / ".git/MERGE_HEAD").write_text(f"{commit}\n")
    assert commit_staged(repository.path, "two") is None
