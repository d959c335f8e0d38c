"""What is ignored: git's own answer in a repository, its files elsewhere."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from pytest_antipasta.files.walk import Search
from pytest_antipasta.settings.values import Settings
from tests.conftest import Repository
from tests.windows import NEEDS_PIPES, can_be_on_disk

NAMES = list(filter(can_be_on_disk, (
    "a", "b", "c.py", "d.py", "build", "x y", "ü", "[q]", "e!", "#h", ".hid", "t\n", "s ", "-d", 'q"', "\\s",
)))  # fmt: skip
ALIKE = [
    "a", "b", "/a", "a/", "*.py", "!c.py", "b/", "/b/", "**/a", "a/**", "a/*", "!a/c.py", "*", "[ab]",
    "build/", "[!a]*", "\\#h", "\\!x", "#h", "x y", "s ", "s\\ ", "ü", "\\[q\\]", "?", "*/b", "/*/c.py",
    "a/b", ".*", "**/build/**", "**", "/", "//", "*.p?", "[a-c]*", "\\", "!", "a\\", "***", "a**b", "/**/b",
    "", "**/**/d.py", "t*", "[]a]", "[a", "e!", "!e!", "   ", "\u2028", "c.py\u0085d.py",
]  # fmt: skip
REINCLUDED = ["!.hid", "!a", "!*/", "!build/", "!b/"]


def grow(chance: random.Random, folder: Path, patterns: list[str], depth: int = 0) -> None:
    """Make some files and folders, with ``.gitignore`` files among them."""
    for name in chance.sample(NAMES, chance.randint(1, 5)):
        if depth < 3 and chance.random() < 0.45:
            (folder / name).mkdir()
            grow(chance, folder / name, patterns, depth + 1)
        else:
            (folder / name).write_text(str(chance.random()))
    if chance.random() < (0.3 if depth else 0.9):
        end = chance.choice(["\n", "\n", "\r\n"])
        lines = end.join(chance.choices(patterns, k=chance.randint(1, 5)))
        (folder / ".gitignore").write_bytes((lines + chance.choice(["", end])).encode())


def files_below(folder: Path) -> list[Path]:
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sorted(path for path in paths if ".git" not in path.relative_to(folder).parts)


def by_git(repository: Repository) -> set[Path]:
    """Return the files that git knows or could add."""
    listed = repository.git("ls-files", "-co", "--exclude-standard", "-z").split("\0")
    return {path for name in listed if (path := repository.path / name).is_file()}


def by_us(root: Path, start: str = ".", asked_for: Iterable[Path] = ()) -> set[Path]:
    search = Search(Settings(root, None, include=("*",)), [start], map(str, asked_for))
    return {Path(file.location) for file in search.find_files()}


def names(paths: Iterable[Path], root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in paths)


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 24))]
)
def test_in_a_repository_the_files_are_those_that_git_lists(repository: Repository, seed: int) -> None:
    chance = random.Random(seed)
    root = repository.path
    grow(chance, root, ALIKE + REINCLUDED)
    files = files_below(root)
    tracked = chance.sample(files, min(len(files), chance.randint(0, 4)))
    for path in tracked:
        repository.git("--literal-pathspecs", "add", "--force", "--", str(path.relative_to(root)))
    for path in tracked[: int(seed % 3 == 0)]:
        path.unlink()
        path.mkdir()
        grow(chance, path, ALIKE + REINCLUDED, 2)
    folders = [path for path in root.rglob("*") if path.is_dir() and ".git" not in path.parts]
    folders = [path for path in folders if not any(known.is_relative_to(path) for known in tracked)]
    inner = Repository(chance.choice(folders)) if folders and seed % 2 else None
    if inner is not None:
        for path in files_below(inner.path)[:1]:
            inner.git("--literal-pathspecs", "add", "--force", "--", str(path.relative_to(inner.path)))
            inner.git("commit", "--quiet", "--message=One")
        assert names(by_us(root, str(inner.path)), root) == names(by_git(inner), root)
    assert names(by_us(root), root) == names(by_git(repository), root)


@pytest.mark.parametrize("seed", range(100, 104))  # more of them in campaigns/patterns.py
def test_outside_a_repository_they_are_those_that_git_would_list(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    grow(random.Random(seed), root, ALIKE)
    repository = Repository(root)
    expected = by_git(repository)
    (root / ".git").rename(tmp_path / "elsewhere")
    assert names(by_us(root), root) == names(expected, root)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("*.py", [], id="by its name, which is that of the file"),
        pytest.param("one.py/", [], id="as a folder"),
        pytest.param("x.py", ["one.py/y.py"], id="in part"),
        pytest.param("", ["one.py/x.py", "one.py/y.py"], id="not at all"),
    ],
)
def test_a_folder_in_the_place_of_a_tracked_file_is_ignored(
    repository: Repository, pattern: str, expected: list[str]
) -> None:
    root = repository.path
    (root / "one.py").touch()
    repository.git("add", "one.py")
    (root / "one.py").unlink()
    (root / "one.py").mkdir()
    for name in ("x.py", "y.py"):
        (root / "one.py" / name).write_text("x = 1\n")
    (root / ".gitignore").write_text(f"{pattern}\n.gitignore\n")
    assert names(by_us(root), root) == names(by_git(repository), root) == expected


def test_the_users_own_rules_count_in_a_repository(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository.path
    (tmp_path / "settings").write_text(f"[core]\nexcludesFile = {tmp_path.as_posix()}/ignored\n")
    (tmp_path / "ignored").write_text("mine.py\n")
    (root / ".git" / "info" / "exclude").write_text("private.py\n")
    for name in ("a.py", "mine.py", "private.py"):
        (root / name).touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    assert names(by_us(root), root) == ["a.py"]


def test_a_submodule_has_rules_of_its_own(repository: Repository, tmp_path: Path) -> None:
    other = Repository(tmp_path / "other")
    (other.path / "lib.py").touch()
    (other.path / ".gitignore").write_text("secret.py\n")
    other.git("add", ".")
    other.git("commit", "--quiet", "--message=One")
    root = repository.path
    (root / ".gitignore").write_text("*.txt\nlib.py\n")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "sub")
    for name in ("sub/secret.py", "sub/new.txt"):
        (root / name).touch()
    expected = ["sub/.gitignore", "sub/lib.py", "sub/new.txt"]
    assert names(by_us(root, "sub"), root) == expected
    assert names(by_us(root, ".", [root / "sub"]), root) == [".gitignore", ".gitmodules", *expected]


def test_a_linked_worktree_is_a_repository(repository: Repository, tmp_path: Path) -> None:
    (repository.path / ".gitignore").write_text("ignored.py\n")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message=One")
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "--quiet", str(linked))
    for name in ("a.py", "ignored.py"):
        (linked / name).touch()
    assert names(by_us(linked), linked) == [".gitignore", "a.py"]


@pytest.mark.parametrize("in_repository", [True, False])
def test_only_the_folder_that_is_asked_for_is_walked_and_rules_above_it_count(
    repository: Repository, in_repository: bool
) -> None:
    root = repository.path
    if not in_repository:
        (root / ".git").rename(root.parent / "elsewhere")
    (root / "src" / "pkg").mkdir(parents=True)
    (root / ".gitignore").write_text("ignored.py\n/src/pkg/top.py\n")
    (root / "src" / ".gitignore").write_text("/pkg/inner.py\n")
    for name in ("a.py", "src/b.py", "src/ignored.py", "src/pkg/top.py", "src/pkg/inner.py", "src/pkg/c.py"):
        (root / name).touch()
    assert names(by_us(root, "src"), root) == ["src/.gitignore", "src/b.py", "src/pkg/c.py"]
    assert names(by_us(root, "src/pkg"), root) == ["src/pkg/c.py"]


@pytest.mark.parametrize("in_repository", [True, False])
@pytest.mark.parametrize("start", ["build", "build/inner"])
def test_an_ignored_folder_that_is_asked_for_is_walked(
    repository: Repository, start: str, in_repository: bool
) -> None:
    root = repository.path
    if not in_repository:
        (root / ".git").rename(root.parent / "elsewhere")
    (root / "build" / "inner").mkdir(parents=True)
    (root / ".gitignore").write_text("build/\n")
    (root / "build" / "inner" / "a.py").touch()
    assert names(by_us(root, start), root) == ["build/inner/a.py"]


def test_what_a_git_hook_has_in_its_environment_does_not_mislead(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository(tmp_path / "other")
    root = repository.path
    (root / ".gitignore").write_text("ignored.py\n")
    for name in ("a.py", "ignored.py"):
        (root / name).touch()
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / "index"))
    assert names(by_us(root), root) == [".gitignore", "a.py"]


@pytest.mark.parametrize("trouble", ["no git", "another owner's repository", "a broken repository"])
def test_where_git_has_no_answer_its_files_are_read(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    root = repository.path
    (root / ".gitignore").write_text("ignored.py\n")
    for name in ("a.py", "ignored.py"):
        (root / name).touch()
    if trouble == "no git":
        monkeypatch.setenv("PATH", str(tmp_path))
    elif trouble == "another owner's repository":
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    else:
        (root / ".git" / "HEAD").write_text("nonsense")
    assert names(by_us(root), root) == [".gitignore", "a.py"]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda path: path.mkdir(), id="a folder"),
        pytest.param(lambda path: path.symlink_to("nowhere"), id="a link to nothing"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe\n*.\xe9\n\0\n"), id="no text"),
        pytest.param(
            lambda path: path.write_bytes(b"!\n\\\n[z-a]\n[[:alpha:]]x\n"), id="lines that say nothing"
        ),
    ],
)
def test_an_odd_gitignore_outside_a_repository_is_harmless(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / ".gitignore")
    (tmp_path / "a.py").touch()
    assert [file.path for file in Search(Settings(tmp_path, None), ["."]).find_files()] == ["a.py"]


def test_a_byte_order_mark_is_not_a_part_of_the_first_pattern(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfa.py\n")
    (tmp_path / "a.py").touch()
    assert names(by_us(tmp_path), tmp_path) == [".gitignore"]


def test_gits_monitor_is_not_started(repository: Repository, tmp_path: Path) -> None:
    """A repository's settings may name a program for git to run; asking for files must not run it."""
    program = tmp_path / "monitor"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/started'\n")
    program.chmod(0o755)
    repository.git("config", "core.fsmonitor", program.as_posix())
    (repository.path / "a.py").touch()
    by_us(repository.path)
    assert not (tmp_path / "started").exists()
    subprocess.run(["git", "status"], cwd=repository.path, check=True, capture_output=True, env=os.environ)
    assert (tmp_path / "started").exists()


@NEEDS_PIPES
def test_a_pipe_in_the_place_of_a_gitignore_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".gitignore")
    (tmp_path / "a.py").write_text("x = 1\n")
    search = Search(Settings(tmp_path, None, include=("*",)), ["."])
    assert [file.path for file in search.find_files()] == ["a.py"]
