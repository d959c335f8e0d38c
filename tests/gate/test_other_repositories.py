"""Repositories inside of a repository: every way in leaves out the same ones."""

from __future__ import annotations

import warnings
from pathlib import Path
from posixpath import join, normpath

import pytest

from pytest_antipasta import check
from tests.conftest import Repository
from tests.gate.conftest import Guarded, find_places, function


@pytest.fixture
def around(guarded: Guarded, tmp_path: Path) -> Guarded:
    """A repository with a submodule, a clone and a linked worktree in it, each with a file over its limit."""
    other = Repository(tmp_path / "other")
    (other.path / "lib").mkdir()
    (other.path / "lib/bad.py").write_text(function(6))
    other.git("add", ".")
    other.git("commit", "--quiet", "--message=One")
    guarded.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "sub")
    guarded.git("clone", "--quiet", str(other.path), "vendor/clone")
    guarded.git("worktree", "add", "--quiet", "linked")
    guarded.stage("old.py", function(6))
    return guarded


def judge_all(repository: Guarded, *paths: str, cwd: str = ".") -> set[str]:
    """Return the files that fail in a run over all files, by hand and in pytest."""
    found = failing(repository.say("check", *paths, cwd=cwd).out, cwd)
    tested = repository.run_pytest("--antipasta-only", "--rootdir=.", *paths, cwd=cwd)
    assert failing(tested.out, cwd) == found
    return found


def judge_change(repository: Guarded, *paths: str, cwd: str = ".") -> set[str]:
    """Return the files that fail for what is staged, in the git hook, by hand and in pytest."""
    found = failing(repository.hook(cwd=cwd).out, cwd)
    assert failing(repository.say("check", "--diff", "HEAD", cwd=cwd).out, cwd) == found
    tested = repository.run_pytest("--antipasta-only", "--antipasta-diff=HEAD", "--rootdir=.", cwd=cwd)
    assert failing(tested.out, cwd) == found
    return found


def failing(text: str, cwd: str = ".") -> set[str]:
    """Return the files that a text says to be over their limit, as seen from the top."""
    return {normpath(join(cwd, place.removesuffix(":1"))) for place in find_places(text)}


def told(repository: Guarded, *args: str) -> list[str]:
    """Return the lines of a check that speak of other repositories."""
    return [
        line
        for line in repository.say("check", *args).out.splitlines()
        if "separate git repositories" in line
    ]


def test_all_ways_leave_them_out(around: Guarded) -> None:
    assert judge_all(around) == judge_change(around) == failing(around.hook("--whole").out) == {"old.py"}
    assert around.hook("sub/lib/bad.py", "vendor/clone/lib/bad.py").code == 0


def test_a_line_names_them(around: Guarded) -> None:
    line = (
        "skipped because they are separate git repositories: linked, sub, vendor/clone; to check one, "
        "add it to `paths`; to silence this message, add it to `exclude`"
    )
    assert told(around) == [line]
    assert around.run_pytest("--antipasta-only").out.count(line) == 1
    assert around.say("check", "--quiet", "--all").err == ""
    assert "separate git repositories" not in around.run_pytest("--antipasta-only", "--quiet").out
    assert told(around, "vendor") == [line.replace("linked, sub, ", "")]
    around.configure("exclude = ['/linked/', '/vendor/clone/']\npaths = ['.', 'sub']")
    assert told(around) == []


def test_a_line_does_not_name_many(guarded: Guarded) -> None:
    for number in range(7):
        Repository(guarded.path / f"clone{number}")
    assert (
        "separate git repositories: clone0, clone1, clone2, clone3, clone4 and 2 more; " in told(guarded)[0]
    )


def test_the_settings_can_name_one(around: Guarded) -> None:
    """A commit changes no file of it, so that only runs over all files come to it."""
    around.configure("paths = ['good.py', 'sub', 'vendor/clone/lib']")
    assert judge_all(around) == {"sub/lib/bad.py", "vendor/clone/lib/bad.py"}
    around.configure("paths = ['.', 'vendor/clone/lib']")
    assert failing(around.say("check").out) == {"old.py", "vendor/clone/lib/bad.py"}


@pytest.mark.parametrize(
    ("paths", "names"),
    [("['.', 'sub']", True), ("['sub/lib']", True), ("['.']", False), ("['.', 'vendor/clone']", False)],
)
def test_a_change_of_one_that_the_settings_name_is_reported(paths: str, names: bool, around: Guarded) -> None:
    note = (
        "`paths` names sub, a separate git repository, and checks of changes skip its files; run the check "
        "in that repository\n"
    )
    around.configure(f"paths = {paths}")
    for asked in ({"staged": True}, {"diff": "HEAD"}):
        with warnings.catch_warnings(record=True, action="always") as found:
            check(root=around.path, **asked)
        assert [f"{warning.message}\n" for warning in found] == [note] * names
    assert (note in around.hook().err) == names
    assert (note in around.say("check", "--diff", "HEAD").out) == names
    around.record()
    assert note not in around.say("check", "--diff", "HEAD").out, "its commit is the same"


@pytest.mark.parametrize("path", ["sub", "sub/lib/bad.py"])
def test_a_path_that_is_given_is_judged(around: Guarded, path: str) -> None:
    assert judge_all(around, path) == {"sub/lib/bad.py"}
    around.configure("exclude = ['lib/']")
    left = {"sub/lib/bad.py"} if path.endswith(".py") else set()
    assert failing(around.say("check", path).out) == left


@pytest.mark.parametrize("paths", ["['good.py', 'sub']", "['sub/']", "['.']"])
def test_one_that_is_not_fetched_is_reported(paths: str, around: Guarded) -> None:
    """Git leaves an empty folder for a submodule, in which nothing can fail."""
    around.configure(f"paths = {paths}")
    around.git("submodule", "--quiet", "deinit", "--force", "sub")
    note = "`paths` names sub, which is empty; if it is a submodule, run `git submodule update --init`"
    is_named = "sub" in paths
    assert (note in around.say("check").out) == is_named
    assert (note in around.run_pytest("--antipasta-only").out) == is_named
    assert (note in around.say("check", "--quiet").err) == is_named
    assert note not in around.say("check", "good.py").out
    around.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    assert note not in around.say("check").out


def test_who_stands_in_one_means_it(around: Guarded) -> None:
    """The settings above it apply to it."""
    around.git("-C", "sub", "rm", "--quiet", "--cached", "lib/bad.py")
    around.git("-C", "sub", "commit", "--quiet", "--message=Two")
    around.git("-C", "sub", "add", ".")
    assert judge_change(around, cwd="sub") == {"sub/lib/bad.py"}
    assert judge_all(around, cwd="sub") == {"old.py", "sub/lib/bad.py"}


def test_a_folder_that_only_looks_like_one_is_ours(guarded: Guarded) -> None:
    """Git takes what is in it for part of the repository around it."""
    (guarded.path / "folder/.git").mkdir(parents=True)
    guarded.stage("folder/bad.py", function(6))
    assert judge_change(guarded) == {"folder/bad.py"}
    assert judge_all(guarded) == {"folder/bad.py", "old.py"}


def test_without_a_repository_around_them_all_are_judged(around: Guarded) -> None:
    (around.path / ".git").rename(around.path.parent / "elsewhere")
    for name in ("sub", "linked"):  # whose repositories are in that of the other
        (around.path / name / ".git").unlink()
    around.git("-C", "vendor/clone", "clone", "--quiet", ".", "inner")
    assert judge_all(around, "vendor") == {"vendor/clone/lib/bad.py"}


def test_the_reason_is_shown(around: Guarded) -> None:
    line = "# checked: no: sub/ is a separate git repository; add it to `paths` to check it"
    lines = around.say("config", "show", "sub/lib/bad.py").out.splitlines()
    named = "# if it is named: `check` and pytest check it, `hook` and checks of a change do not"
    assert lines[lines.index(line) + 1] == named
    around.configure("paths = ['sub']")
    assert "# checked: yes" in around.say("config", "show", "sub/lib/bad.py").out.splitlines()


@pytest.mark.parametrize("change", ["--staged", "--diff=HEAD"])
def test_settings_in_one_judge_no_change_around_it(around: Guarded, change: str) -> None:
    inner = around.path / "sub/pyproject.toml"
    inner.write_text("[tool.pytest.ini_options]\n[tool.pytest-antipasta]\n")
    line = (
        "sub/pyproject.toml is in another git repository than the current folder, whose changes were "
        "requested; run in its folder"
    )
    said = around.say("check", change, "--config", "sub/pyproject.toml")
    assert (said.code, said.err) == (2, f"error: {line}\n")
    tested = around.run_pytest("--antipasta-only", f"--antipasta{change[1:]}", "sub")
    assert (tested.code, line in tested.err) == (4, True)
    assert around.say("check", change, "--config", "../pyproject.toml", cwd="sub").code in (0, 1)
