"""A merge that has stopped: the index has files in several versions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.gate.conftest import Guarded, function

TOLD = (
    "a.py: not measured (unmerged): it has unresolved merge conflicts",
    "    resolve its conflicts, and `git add` it",
)


def edit(guarded: Guarded) -> None:
    guarded.stage("a.py", function(2, "theirs"))


def delete(guarded: Guarded) -> None:
    guarded.git("rm", "--quiet", "a.py")


def stop(guarded: Guarded, change: Callable[[Guarded], None], side: str = "ours") -> None:
    """Begin what stops at a conflict in one file, with nothing else that changes."""
    guarded.stage("a.py", function(2, "base"))
    guarded.record("base")
    guarded.git("checkout", "--quiet", "-b", "ours")
    guarded.stage("a.py", function(2, "ours"))
    guarded.record("ours")
    guarded.git("checkout", "--quiet", "-b", "theirs", "HEAD~1")
    change(guarded)
    guarded.record("theirs")
    guarded.git("checkout", "--quiet", side)
    assert guarded.run_git("merge", "theirs" if side == "ours" else "ours").code == 1


CONFLICTS = {
    "edited on both sides": (edit, "ours"),
    "deleted by us": (delete, "theirs"),
}


@pytest.mark.parametrize(("change", "side"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_it_is_an_error_until_it_is_resolved(
    guarded: Guarded, change: Callable[[Guarded], None], side: str
) -> None:
    stop(guarded, change, side)
    for command in (["check", "--staged"], ["hook"]):
        said = guarded.say(*command)
        assert said.code == 3
        assert tuple(said.out.splitlines()[:2]) == TOLD
    said = guarded.run_pytest("--antipasta-staged")
    assert said.code == 1
    assert all(line in said.out.splitlines() for line in TOLD)
    assert "1 failed" in said.out
    guarded.stage("b.py", function(4, "b"))
    said = guarded.say("check", "--staged")
    assert said.code == 1, "others are judged"
    assert "b.py\n    1:1  b  cyclomatic 4/3  added\n" in said.out
    assert TOLD[0] in said.out
    guarded.stage("b.py", function(2, "b"))
    guarded.stage("a.py", function(2, "resolved"))
    assert guarded.say("check", "--staged").code == 0


def test_the_worktree_has_its_own_version(guarded: Guarded) -> None:
    stop(guarded, edit)
    told = "a.py:1: not measured (unmerged): the file has merge conflict markers\n"
    assert told in guarded.say("check", "--diff", "HEAD").out
    guarded.write("a.py", function(4, "resolved"))
    said = guarded.say("check", "--diff", "HEAD")
    assert said.code == 1
    assert said.out.startswith("a.py\n    1:1  resolved  cyclomatic 4/3  added\n")


@pytest.mark.parametrize("name", ["pyproject.toml", "antipasta-baseline.json"])
def test_rules_with_conflicts_are_no_rules_that_are_removed(guarded: Guarded, name: str) -> None:
    for number, branch in enumerate(("main", "theirs", "main")):
        guarded.git("checkout", "--quiet", "-B", branch, "main")
        guarded.stage(name, f"[tool.pytest-antipasta]\n# {number}\n")
        guarded.record(branch)
    assert guarded.run_git("merge", "theirs").code == 1
    guarded.stage("a.py", function(4))
    for command in (["check", "--staged"], ["hook"]):
        said = guarded.say(*command)
        assert (said.code, said.err.startswith(f"error: {name}:")) == (2, True), said
