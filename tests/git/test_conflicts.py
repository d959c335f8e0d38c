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


def stop(guarded: Guarded, change: Callable[[Guarded], None], side: str = "ours", way: str = "merge") -> None:
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
    assert guarded.run_git(way, "theirs" if side == "ours" else "ours").code == 1


CONFLICTS = {
    "edited on both sides": (edit, "ours"),
    "deleted by them": (delete, "ours"),
    "deleted by us": (delete, "theirs"),
}


@pytest.fixture(params=CONFLICTS)
def stopped(request: pytest.FixtureRequest, guarded: Guarded, way: str) -> Guarded:
    """A repository in which that has begun."""
    stop(guarded, *CONFLICTS[request.param], way)
    return guarded


@pytest.mark.parametrize("way", ["merge", "cherry-pick"])
class TestConflict:
    """A file of which nobody knows yet what will be committed."""

    @pytest.mark.parametrize("command", [["check", "--staged"], ["hook"]], ids=" ".join)
    def test_it_is_an_error(self, stopped: Guarded, command: list[str]) -> None:
        said = stopped.say(*command)
        assert said.code == 3
        assert tuple(said.out.splitlines()[:2]) == TOLD

    def test_it_is_a_failed_item(self, stopped: Guarded) -> None:
        said = stopped.run_pytest("--antipasta-staged")
        assert said.code == 1
        assert all(line in said.out.splitlines() for line in TOLD)
        assert "1 failed" in said.out

    def test_others_are_judged(self, stopped: Guarded) -> None:
        stopped.stage("b.py", function(4, "b"))
        said = stopped.say("check", "--staged")
        assert said.code == 1
        assert "b.py\n    1:1  b  cyclomatic 4/3  added\n" in said.out
        assert TOLD[0] in said.out

    def test_it_is_over_with_what_is_staged(self, stopped: Guarded) -> None:
        stopped.stage("a.py", function(2, "resolved"))
        assert stopped.say("check", "--staged").code == 0


def test_the_worktree_has_its_own_version(guarded: Guarded) -> None:
    stop(guarded, edit)
    told = "a.py:1: not measured (unmerged): the file has merge conflict markers; resolve the conflict\n"
    assert told in guarded.say("check", "--diff", "HEAD").out
    guarded.write("a.py", function(4, "resolved"))
    said = guarded.say("check", "--diff", "HEAD")
    assert said.code == 1
    assert said.out.startswith("a.py\n    1:1  resolved  cyclomatic 4/3  added\n")
