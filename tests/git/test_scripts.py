"""Which versions of the files of a change are scripts, in the index, in commits and on disk."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_antipasta.git import objects
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.repository import Repository as OurRepository
from tests.conftest import Repository
from tests.windows import change_mode

PYTHON, OTHER, SHELL = "#!/usr/bin/python3\nx = 1\n", "#!/usr/bin/python3\nx = 2\n", "#!/bin/sh\npython3\n"
Seen: TypeAlias = "list[tuple[str | None, bool, str | None, bool]]"


def write(root: Path, path: str, content: str, mode: int = 0o755) -> None:
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text(content)
    change_mode(root, path, mode)


@pytest.fixture
def root(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a script, a program of the shell, and text that is not executable."""
    monkeypatch.chdir(repository.path)
    write(repository.path, "tool", PYTHON)
    write(repository.path, "shell", SHELL)
    write(repository.path, "text", PYTHON, 0o644)
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "one")
    return repository


def see(diffs: Iterable[FileDiff]) -> Seen:
    return [(diff.path, diff.is_script, diff.old_path, diff.was_script) for diff in diffs]


def make_link() -> None:
    Path("tool").unlink()
    Path("tool").symlink_to("text")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda: write(Path(), "tool", OTHER), [("tool", True, "tool", True)], id="edited"),
        pytest.param(
            lambda: write(Path(), "tool", SHELL), [("tool", False, "tool", True)], id="of a shell now"
        ),
        pytest.param(
            lambda: write(Path(), "shell", PYTHON), [("shell", True, "shell", False)], id="and back"
        ),
        pytest.param(
            lambda: change_mode(Path(), "tool", 0o644), [("tool", False, "tool", True)], id="not executable"
        ),
        pytest.param(
            lambda: change_mode(Path(), "text", 0o755), [("text", True, "text", False)], id="executable"
        ),
        pytest.param(
            lambda: change_mode(Path(), "shell", 0o644), [("shell", False, "shell", False)], id="of neither"
        ),
        pytest.param(
            lambda: Path("tool").rename("tool.py"), [("tool.py", False, "tool", True)], id="with a suffix"
        ),
        pytest.param(
            lambda: write(Path(), "bin/new", PYTHON), [("bin/new", True, None, False)], id="a new one"
        ),
        pytest.param(lambda: Path("tool").unlink(), [(None, False, "tool", True)], id="deleted"),
        pytest.param(make_link, [(None, False, "tool", True)], id="a link in its place"),
    ],
)
def test_both_versions_of_a_change_are_known(
    root: Repository, change: Callable[[], object], expected: Seen
) -> None:
    change()
    root.git("add", "--all", "--intent-to-add")
    repository = OurRepository(root.path)
    if expected[0][2] is not None and expected[0][0] in (None, expected[0][2]):
        assert see(repository.diffs.of_worktree("HEAD")) == expected
    root.git("add", "--all")
    assert see(repository.diffs.of_index("HEAD")) == expected
    root.git("commit", "--quiet", "--message", "two")
    assert see(repository.diffs.of_commit("HEAD~1", "HEAD")) == expected
    commits = list(map(repository.history.resolve, ("HEAD~1", "HEAD")))
    (along,) = repository.diffs.along(commits)
    assert see(along) == (expected if expected[0][1] or expected[0][3] else []), "a mode alone is no change"


def test_all_files_of_a_commit(root: Repository) -> None:
    found = OurRepository(root.path).diffs.of_whole("HEAD")
    assert {diff.path: diff.is_script for diff in found} == {"tool": True, "shell": False, "text": False}


def test_a_script_with_conflicts_is_still_one(root: Repository) -> None:
    for branch, content in (("ours", OTHER), ("theirs", f"{PYTHON}y = 2\n")):
        root.git("checkout", "--quiet", "-B", branch, "main")
        write(root.path, "tool", content.replace("x", branch))
        root.git("commit", "--quiet", "--all", "--message", branch)
    subprocess.run(["git", "merge", "--quiet", "ours"], cwd=root.path, capture_output=True, check=False)
    (diff,) = (diff for diff in OurRepository(root.path).diffs.of_index("HEAD") if diff.is_unmerged)
    assert (diff.path, diff.is_script, diff.was_script) == ("tool", True, True)


def test_a_content_is_read_once_and_not_all_are_in_memory(
    root: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_MOST_BYTES", 30)
    repository, parts = OurRepository(root.path), list[int]()
    read = repository.objects.read_blobs

    def note(names: Iterable[str]) -> dict[str, bytes]:
        found = read(names)
        parts.append(len(found))
        return found

    monkeypatch.setattr(repository.objects, "read_blobs", note)
    for number in range(3):
        write(root.path, f"tool{number}", f"{PYTHON}{number}")
    root.git("add", "--all")
    for _ in range(2):
        assert len(see(repository.diffs.of_index("HEAD"))) == 3
    assert parts == [1, 1, 1]


def test_a_content_that_git_does_not_have_may_be_one(root: Repository) -> None:
    blob = root.git("rev-parse", "HEAD:tool").strip()
    root.lose(blob)
    (diff,) = (diff for diff in OurRepository(root.path).diffs.of_whole("HEAD") if diff.path == "tool")
    assert diff.is_script
