"""A worktree without some of the files that the index has."""

from __future__ import annotations

from tests.gate.conftest import Guarded, function

TABLE = "[tool.pytest-antipasta]\n"
BASELINE = "antipasta-baseline.json"


def test_a_file_that_is_gone_from_the_worktree_is_not_judged(guarded: Guarded) -> None:
    guarded.stage("a.py", function(4, "a"))
    guarded.record("after")
    (guarded.path / "a.py").unlink()
    assert guarded.say("check", "--diff", "HEAD~1").code == 0


def test_settings_that_it_leaves_out_count_for_the_files_beside_them(guarded: Guarded) -> None:
    guarded.stage("pyproject.toml", f"{TABLE}nested = true\nthresholds = {{cyclomatic_complexity = 9}}\n")
    guarded.stage("outside/pyproject.toml", f"{TABLE}thresholds = {{cyclomatic_complexity = 3}}\n")
    guarded.stage("outside/a.py", function(2, "a"))
    guarded.stage("inside/b.py", function(2, "b"))
    guarded.record("before")
    guarded.stage("outside/a.py", function(5, "a"))
    guarded.record("after")
    guarded.git("sparse-checkout", "set", "--cone", "inside")
    for change in ("HEAD~1", "HEAD~1..HEAD"):
        said = guarded.say("check", "--diff", change)
        assert said.code == 1
        assert said.out.startswith("outside/a.py\n    1:1  a  cyclomatic 2 → 5/3 (+3)\n")


def test_the_baseline_keeps_the_entries_of_files_that_it_leaves_out(guarded: Guarded) -> None:
    guarded.stage("outside/a.py", function(5, "a"))
    guarded.stage("inside/b.py", function(5, "b"))
    guarded.say("baseline", "write")
    guarded.record_all()
    entries = (guarded.path / BASELINE).read_bytes()
    guarded.git("sparse-checkout", "set", "--cone", "inside")
    assert "no longer needed" not in guarded.say("check").out
    assert guarded.say("baseline", "prune", "--check").code == 0
    for command in ("prune", "write"):
        guarded.say("baseline", command)
        assert (guarded.path / BASELINE).read_bytes() == entries, command
    # A copy of the code is new.
    guarded.write("inside/c.py", function(5, "a"))
    assert "inside/c.py\n    1:1  a  cyclomatic 5/3\n" in guarded.say("check").out
