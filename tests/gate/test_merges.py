"""Merges: what the other side wrote blames nobody, what the merge adds does."""

from __future__ import annotations

import pytest

from tests.gate.conftest import Guarded, find_places, function

BAD = function(4, "bad")
OURS, THEIRS = function(2, end="return 1"), function(2, end="return 2")


@pytest.fixture
def diverged(guarded: Guarded) -> Guarded:
    """A topic and a main that changed the same function, with a bad block on main beside."""
    guarded.install("pre-commit", "pre-merge-commit")
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.stage("good.py", OURS)
    guarded.record("ours")
    guarded.git("checkout", "--quiet", "main")
    guarded.stage("good.py", THEIRS + BAD)
    guarded.stage("theirs.py", BAD)
    guarded.record("theirs")
    guarded.git("checkout", "--quiet", "topic")
    return guarded


def merge(guarded: Guarded) -> None:
    """Merge main, which stops at a conflict."""
    said = guarded.run_git("merge", "main")
    assert "CONFLICT" in said.out


def test_a_resolved_conflict(diverged: Guarded) -> None:
    merge(diverged)
    diverged.stage("good.py", OURS + BAD)
    assert diverged.commit("--quiet") == (0, "", "")


def test_an_unresolved_conflict_blocks(diverged: Guarded) -> None:
    merge(diverged)
    said = diverged.hook()
    assert said.code == 3
    assert said.out.startswith("good.py: not measured (unmerged): ")


def test_an_evil_merge(diverged: Guarded) -> None:
    merge(diverged)
    diverged.stage("good.py", OURS + BAD + function(5, "evil"))
    said = diverged.commit()
    assert said.code == 1
    assert "  evil  cyclomatic 5/3" in said.out
    assert "  bad  " not in said.out


def test_a_copy_of_what_stays_in_a_file_of_the_other_side(diverged: Guarded) -> None:
    """That file is as the other parent has it, and is not judged; its block has not moved away."""
    diverged.git("checkout", "--quiet", "main")
    diverged.stage("theirs.py", function(4, "other", end="return 7"))
    diverged.record()
    diverged.git("checkout", "--quiet", "topic")
    diverged.stage("theirs.py", function(4, "other", end="return 7") + "x = 1\n")
    diverged.record()
    merge(diverged)
    diverged.git("checkout", "--quiet", "main", "--", "theirs.py")
    diverged.stage("good.py", OURS + BAD + function(4, "copied", end="return 7"))
    assert "  copied  cyclomatic 4/3  added\n" in diverged.commit().out


def test_a_merge_without_conflict(diverged: Guarded) -> None:
    """For its own hook git has no MERGE_HEAD yet."""
    diverged.git("reset", "--quiet", "--hard", "HEAD~1")
    diverged.stage("ours.py", function(2, "o"))
    diverged.record("ours")
    said = diverged.run_git("merge", "--no-edit", "--quiet", "main")
    assert said == (0, "", "")
    assert len(diverged.git("rev-list", "--parents", "-1", "HEAD").split()) == 3


def test_an_octopus(guarded: Guarded) -> None:
    for name in ("one", "two"):
        guarded.git("checkout", "--quiet", "-b", name, "main")
        guarded.stage(f"{name}.py", BAD)
        guarded.record()
    guarded.git("checkout", "--quiet", "-b", "three", "main")
    guarded.stage("three.py", function(2))
    guarded.record()
    guarded.git("merge", "--quiet", "--no-commit", "one", "two")
    assert guarded.commit("--quiet") == (0, "", "")
    assert len(guarded.git("rev-list", "--parents", "-1", "HEAD").split()) == 4


# Baselines.

NAME = "antipasta-baseline.json"


def test_a_merge_answers_for_what_fails_in_it_and_in_neither_parent(guarded: Guarded) -> None:
    """One side writes a function and records it; the merge takes the function, and not what is recorded."""
    assert guarded.say("baseline", "write").code == 0
    guarded.git("add", "--all")
    guarded.record()
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.stage("old.py", function(2))
    guarded.say("baseline", "prune")
    guarded.git("add", "--all")
    guarded.record()
    guarded.git("checkout", "--quiet", "main")
    guarded.stage("new.py", BAD)
    assert guarded.say("baseline", "write", "new.py").code == 0
    guarded.git("add", "--all")
    guarded.record()
    assert [guarded.say("check", "--quiet").code, guarded.run_git("merge", "topic", "--no-commit").code] == [
        0,
        1,
    ]
    guarded.git("checkout", "--ours", "--", NAME)
    guarded.git("add", "--all")
    assert guarded.hook().code == 0
    guarded.git("checkout", "topic", "--", NAME)
    assert guarded.hook().out.startswith("new.py\n    1:1  bad  cyclomatic 4/3")
    assert guarded.hook().code == 1


def test_a_merge_of_two_renames_keeps_what_is_recorded_for_one_of_them(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.git("add", "--all")
    guarded.record()
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.git("mv", "old.py", "ours.py")
    guarded.record()
    guarded.git("checkout", "--quiet", "main")
    guarded.git("mv", "old.py", "theirs.py")
    guarded.record()
    assert guarded.run_git("merge", "topic", "--no-commit").code == 1
    guarded.git("rm", "--quiet", "--cached", "old.py")
    guarded.git("add", "--all")
    assert guarded.say("check", "--quiet").code == guarded.hook().code == 1
    guarded.git("rm", "--quiet", "-f", "ours.py")
    assert guarded.say("check", "--quiet").code == guarded.hook().code == 0


@pytest.mark.parametrize("ours", ["main", "topic"])
def test_a_merge_gives_an_entry_to_new_code_and_names_what_had_it(guarded: Guarded, ours: str) -> None:
    """In one parent, the entry followed a renamed file. The other one deleted the file."""
    guarded.say("baseline", "write")
    guarded.git("add", "--all")
    guarded.record()
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.git("mv", "old.py", "renamed.py")
    guarded.record()
    guarded.git("checkout", "--quiet", "main")
    guarded.git("rm", "--quiet", "old.py")
    guarded.record()
    guarded.git("checkout", "--quiet", ours)
    guarded.run_git("merge", "topic" if ours == "main" else "main", "--no-commit")
    guarded.git("checkout", "topic", "--", "renamed.py")
    guarded.stage("old.py", function(5, end="return 7"))
    said = guarded.hook()
    assert (said.code, find_places(said.out)) == (1, ["renamed.py:1"])
    assert find_places(guarded.say("check", "--quiet").out) == ["renamed.py:1"]


def test_a_parent_with_invalid_settings_is_no_reason_to_let_a_merge_pass(guarded: Guarded) -> None:
    """Its settings can't be compared; what the merge adds is judged all the same."""
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.stage("topic.py", function(2))
    guarded.record("ours")
    guarded.git("checkout", "--quiet", "main")
    guarded.stage("pyproject.toml", "[tool.pytest-antipasta]\nexlcude = []\n")
    guarded.stage("main.py", function(2))
    guarded.record("theirs")
    guarded.git("checkout", "--quiet", "topic")
    assert guarded.run_git("merge", "--no-commit", "--no-ff", "main").code == 0
    guarded.configure()
    guarded.stage("pyproject.toml", (guarded.path / "pyproject.toml").read_text())
    guarded.stage("topic.py", function(2, end="return 1") + BAD)
    guarded.stage("main.py", function(2, end="return 2"))
    said = guarded.hook()
    assert (said.code, said.err) == (1, "")
    assert "topic.py\n    4:1  bad  cyclomatic 4/3" in said.out


def test_branches_that_were_merged_into_each_other(diverged: Guarded) -> None:
    """Each has a common ancestor that the other one merged, and neither is the better one."""
    diverged.stage("ours.py", BAD)
    diverged.record("also over a limit")
    ours, theirs = diverged.git("rev-parse", "topic", "main").split()
    for branch, other in (("topic", theirs), ("main", ours)):
        diverged.git("checkout", "--quiet", branch)
        options = ("--no-verify", "--no-edit", "--strategy-option", "theirs" if branch == "topic" else "ours")
        diverged.git("merge", "--quiet", *options, other)
    diverged.git("checkout", "--quiet", "topic")
    assert diverged.say("check", "--diff", "main").code == 0
    diverged.stage("mine.py", function(5, "mine"))
    diverged.record()
    said = diverged.say("check", "--diff", "main")
    assert (said.code, find_places(said.out)) == (1, ["mine.py:1"])
