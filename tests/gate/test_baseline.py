"""The baseline in the commit gate: what would fail and is recorded is tolerated, and told."""

from __future__ import annotations

import json
import re
import shutil
import time
from math import inf
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_antipasta import check
from pytest_antipasta.cli import main
from pytest_antipasta.gate import measuring
from tests.gate.conftest import BLOCKED, HOOKS, MORE_TIME, SETTINGS, Guarded, Said, find_places, function
from tests.windows import AND, NEEDS_LINKS

NAME = "antipasta-baseline.json"


def record(guarded: Guarded, *entries: tuple[str, str, int], name: str = NAME) -> None:
    """Write a baseline of functions."""
    metric = "cyclomatic_complexity"
    rows = [{"path": path, "qualified_name": f, "metric": metric, "value": v} for path, f, v in entries]
    guarded.write(name, json.dumps({"schema_version": 1, "entries": rows}))


def test_a_change_that_is_recorded_is_tolerated(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 7), ("new.py", "g", 4))
    guarded.stage("old.py", function(6))
    guarded.stage("new.py", function(4, "g"))
    guarded.git("add", NAME)
    assert guarded.hook().without_waivers()[:2] == (0, "")
    guarded.stage("bad.py", function(4, "bad"))
    said = guarded.hook()
    assert said.code == 1
    assert [line for line in said.out.splitlines() if line.startswith("tolerated")] == [
        "tolerated (in the baseline): old.py:1: f: cyclomatic 5 → 6/3 (+1) (the baseline has 7)",
        "tolerated (in the baseline): 1 violation in new code",
    ]
    said = guarded.say("check", "--staged")
    assert [line for line in said.out.splitlines() if "tolerated" in line] == [
        "tolerated (in the baseline): old.py:1: f: cyclomatic 5 → 6/3 (+1) (the baseline has 7)",
        "baseline: 2 violations tolerated",
    ]


@NEEDS_LINKS
def test_an_entry_follows_a_file_that_leaves_a_link_behind(guarded: Guarded) -> None:
    guarded.say("baseline", "write", "old.py")
    guarded.record_all()
    guarded.git("mv", "old.py", "new.py")
    (guarded.path / "old.py").symlink_to("new.py")
    guarded.git("add", "--all")
    assert guarded.hook().code == 0
    said = guarded.say("check")
    assert "recorded under another name or path; run `pytest-antipasta baseline prune`" in said.out
    said = guarded.say("baseline", "prune")
    assert "follows: old.py: f: cyclomatic_complexity to new.py: f: cyclomatic_complexity 5" in said.out
    assert guarded.say("baseline", "prune", "--check").code == 0


@NEEDS_LINKS
@pytest.mark.parametrize("paths", [".", "way", "way/deep"])
def test_so_does_one_of_a_folder_unless_the_settings_name_the_link(guarded: Guarded, paths: str) -> None:
    guarded.stage("folder/deep/a.py", function(5, "g"))
    (guarded.path / "way").symlink_to("folder")
    guarded.stage("pyproject.toml", SETTINGS.format(f'paths = ["{paths}", "new.py"]'))
    guarded.stage("new.py", "")
    assert guarded.say("baseline", "write").code == 0
    if paths == ".":
        guarded.git("rm", "-q", "--cached", "-r", "folder")
        (guarded.path / "way").unlink()
        (guarded.path / "folder").rename(guarded.path / "moved")
        (guarded.path / "folder").symlink_to("moved")
    else:
        guarded.stage("new.py", function(5, "g"))
    assert guarded.say("check").code == (0 if paths == "." else 1)


@NEEDS_LINKS
def test_an_entry_of_a_link_that_the_settings_name_follows_no_copy(guarded: Guarded) -> None:
    guarded.git("mv", "old.py", "kept.txt")
    (guarded.path / "old.py").symlink_to("kept.txt")
    guarded.stage("pyproject.toml", SETTINGS.format('paths = ["old.py", "new.py"]'))
    guarded.stage("new.py", "")
    assert guarded.say("baseline", "write", "old.py").code == 0
    guarded.record_all()
    guarded.stage("new.py", (guarded.path / "kept.txt").read_text())
    assert guarded.hook().code == 1
    assert guarded.say("check").code == 1
    assert guarded.say("baseline", "prune", "--check").code == 0


def test_a_baseline_that_a_commit_passes_by_is_named_where_it_is_not_staged(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 5), ("new.py", "g", 4))
    guarded.stage("new.py", function(3, "g"))
    assert "not part of" not in guarded.hook().err, "it takes none"
    guarded.stage("new.py", function(4, "g"))
    warning = f"warning: this commit needs {NAME}, which is not staged; run `git add {NAME}`\n"
    assert guarded.hook() == (0, "", warning)
    (guarded.path / "sub").mkdir()
    assert f"`git add ../{NAME}`" in guarded.hook(cwd="sub").err
    guarded.stage("bad.py", function(4, "bad"))
    assert (said := guarded.hook()).code == 1
    assert "is not part of" not in said.err, "there is more to do than that"
    guarded.git("rm", "--quiet", "--force", "bad.py")
    guarded.git("add", NAME)
    assert guarded.hook().without_waivers() == (0, "", "")
    guarded.record()
    guarded.git("rm", "--quiet", "--cached", NAME)
    guarded.stage("new.py", function(4, "g", end="return 7"))
    assert find_places(guarded.hook().out) == ["old.py:1", "new.py:1"], "the commit removes it"
    guarded.record()
    guarded.stage("new.py", function(4, "g", end="return 8"))
    assert guarded.hook() == (0, "", ""), "as bad as before, whatever is recorded"
    outside = guarded.path.parent / "known.json"
    (guarded.path / NAME).rename(outside)
    guarded.stage("other.py", function(6, "h"))
    record(guarded, ("other.py", "h", 6), name=str(outside))
    assert guarded.hook("--baseline", str(outside)) == (0, "", ""), "who names one elsewhere wants it there"


@pytest.mark.parametrize("name", ["known.json", NAME])
def test_a_baseline_that_the_settings_name_is_needed_by_every_commit(guarded: Guarded, name: str) -> None:
    record(guarded, name=name)
    assert guarded.hook() == (0, "", ""), "nothing names it"
    guarded.configure(f'baseline = "{name}"')
    warning = f"warning: this commit needs {name}, which is not staged; run `git add {name}`\n"
    assert guarded.hook() == (0, "", warning)
    staged = (guarded.path / "pyproject.toml").read_text()
    guarded.write("pyproject.toml", "what is staged counts, and this is no TOML")
    assert guarded.hook().err.endswith(warning)
    guarded.write("pyproject.toml", staged)
    guarded.write(".gitignore", f"{name}\n")
    assert guarded.hook() == (0, "", ""), "who ignores it wants it there alone"
    guarded.git("add", "--force", name)
    assert guarded.hook() == (0, "", "")


def test_a_baseline_that_is_not_staged_counts_before_the_first_commit(empty: Guarded) -> None:
    empty.stage("a.py", function(5))
    record(empty, ("a.py", "f", 5))
    warning = f"warning: this commit needs {NAME}, which is not staged; run `git add {NAME}`\n"
    assert empty.hook() == (0, "", warning)
    assert empty.say("check", "--staged").code == 0
    empty.stage("b.py", function(4))
    assert find_places(empty.hook().out) == ["b.py:1"]


def test_a_baseline_that_a_push_passes_by_is_named_where_it_is_not_committed(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", guarded.git("rev-parse", "HEAD").strip())
    guarded.stage("new.py", function(4, "g"))
    monkeypatch.setenv("PRE_COMMIT_TO_REF", guarded.record())
    record(guarded, ("new.py", "g", 4))
    commands = f"`git add {NAME}` and `git commit`"
    warning = f"warning: this push needs {NAME}, which is not committed; run {commands}\n"
    assert guarded.hook() == (0, "", warning)
    guarded.git("add", NAME)
    assert guarded.hook() == (0, "", warning)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", guarded.record())
    assert guarded.hook().without_waivers() == (0, "", "")
    record(guarded, ("new.py", "g", 4), ("old.py", "f", 5))
    differs = "the version of {} was used; the working tree differs"
    note = f"warning: {NAME}: {differs.format(guarded.git('rev-parse', 'HEAD')[:12])}\n"
    assert guarded.hook().without_waivers() == (0, "", note)


def test_what_is_worse_than_recorded_and_than_before_fails(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 5))
    guarded.stage("old.py", function(6))
    said = guarded.hook()
    assert said.code == 1
    row = "    1:1  f  cyclomatic 5 → 6/3 (+1)\n"
    assert said.out.startswith(f"old.py\n{row}")


def test_what_a_commit_does_not_touch_is_not_told(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 5))
    guarded.stage("old.py", function(5) + function(2, "g"))
    assert guarded.hook() == (0, "", "")


def test_nothing_is_tolerated_in_critical_functions(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 9), ("good.py", "f", 9))
    guarded.configure('critical_functions = ["old.py::f"]')
    guarded.stage("old.py", function(6))
    guarded.stage("good.py", function(6))
    said = guarded.hook()
    assert said.code == 1
    assert "\ntolerated (in the baseline): good.py:1: f: " in said.out
    cells = "cyclomatic 5 → 6/3 (+1) (the baseline has 9)  in `critical_functions`"
    assert f"old.py\n    1:1  f  {cells}\n" in said.out


def test_files_that_are_judged_whole(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 5))
    guarded.git("add", NAME)
    assert guarded.hook("old.py").without_waivers() == (0, "", "")
    assert guarded.hook("--whole") == (0, "", "")
    guarded.configure('judge = "all"')
    guarded.stage("old.py", function(5) + function(4, "g"))
    said = guarded.hook()
    assert said.code == 1
    assert said.out.startswith("old.py\n    7:1  g  cyclomatic 4/3\n")


def test_a_baseline_that_is_named(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 7), name="other.json")
    guarded.stage("old.py", function(6))
    assert guarded.hook().code == 1
    assert guarded.hook("--baseline", "other.json").code == 0
    guarded.stage("old.py", function(8))
    proposal = f"pytest-antipasta baseline write --staged --baseline other.json old.py{AND}git add other.json"
    said = guarded.hook("--baseline", "other.json").out
    assert proposal in said
    assert "\nsimplify  pytest-antipasta explain --baseline other.json old.py::f\n" in said
    guarded.stage("old.py", function(8, "renamed"))
    assert proposal in guarded.hook("--baseline", "other.json").out


def test_a_named_baseline_that_is_renamed_is_the_same_one(guarded: Guarded) -> None:
    for name in "pqrst":
        guarded.stage(f"{name}.py", function(5, name))
    guarded.say("baseline", "write", "--baseline", "a.json")
    guarded.record_all()
    lines = (guarded.path / "a.json").read_text().splitlines(keepends=True)
    guarded.git("mv", "a.json", "b.json")
    assert guarded.hook("--baseline", "b.json") == (0, "", "")
    guarded.stage("b.json", "".join(line for line in lines if '"old.py"' not in line))
    said = guarded.hook("--baseline", "b.json")
    assert said.code == 1
    assert said.out.startswith("old.py\n    1:1  f  cyclomatic 5/3 (previously in the baseline)\n")
    assert "\nblocked by pytest-antipasta: 1 function is no longer tolerated, in 1 file\n" in said.out


def test_a_renamed_and_staged_function_is_followed(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit before has left the name, and this one goes back to the body that is recorded."""
    monkeypatch.chdir(guarded.path)
    assert main(["baseline", "write"]) == 0
    guarded.stage("old.py", function(2, "h"))
    guarded.record()
    guarded.stage("old.py", function(5, "h"))
    assert guarded.hook().code == 0
    guarded.stage("old.py", function(5, "h", end="return 1"))
    assert guarded.hook().code == 1


def test_checking_a_change(guarded: Guarded) -> None:
    guarded.stage("old.py", function(6))
    ways = (["check", "--staged"], ["check", "--diff", "HEAD"])
    assert [guarded.say(*way).code for way in ways] == [1, 1]
    record(guarded, ("old.py", "f", 6))
    for way in ways:
        said = guarded.say(*way)
        assert (said.code, "baseline: 1 violation tolerated\n" in said.out) == (0, True), way
        assert said.out.startswith("no violations; "), "and it is not told twice"


def test_a_server_takes_it_from_what_it_receives(guarded: Guarded, server: Path) -> None:
    shutil.copy(HOOKS / "pre-receive", server / "hooks")
    guarded.stage("a.py", function(4, "bad"))
    guarded.record()
    assert guarded.run_git("push", "--quiet", "origin", "main").code == 1
    record(guarded, ("a.py", "bad", 4))
    guarded.record_all()
    assert guarded.run_git("push", "--quiet", "origin", "main").code == 0
    # A body that is known does not follow: there is no worktree to see what has left its place.
    guarded.write(NAME, "{")
    guarded.record_all()
    said = guarded.run_git("push", "--quiet", "origin", "main")
    commit = guarded.git("rev-parse", "HEAD")[:12]
    assert (said.code, f"error: {commit}:{NAME}:1: not valid JSON: " in said.out) == (1, True)
    guarded.stage("pyproject.toml", SETTINGS.format('baseline = "ci/known.json"'))
    guarded.git("add", "pyproject.toml")
    guarded.record()
    said = guarded.run_git("push", "--quiet", "origin", "main")
    assert "ci/known.json: baseline not found; it is read from the pushed commit" in said.out
    record(guarded, ("a.py", "bad", 4), name="ci/known.json")
    guarded.record_all()
    assert guarded.run_git("push", "--quiet", "origin", "main").code == 0


def test_a_server_takes_the_one_that_its_hook_names_from_what_it_receives(
    guarded: Guarded, server: Path
) -> None:
    script = server / "hooks" / "pre-receive"
    shutil.copy(HOOKS / "pre-receive", script)
    plain = script.read_text()
    script.write_text(plain.replace("--receive", "--receive --baseline ci/known.json"))
    guarded.stage("a.py", function(4, "bad"))
    guarded.record()
    said = guarded.run_git("push", "--quiet", "origin", "main")
    commit = guarded.git("rev-parse", "HEAD")[:12]
    missing = "baseline not found; it is read from the pushed commit"
    assert (said.code, f"error: {commit}:ci/known.json: {missing}" in said.out) == (1, True)
    record(guarded, ("a.py", "bad", 4), name="ci/known.json")
    guarded.record_all()
    assert guarded.run_git("push", "--quiet", "origin", "main").code == 0
    script.write_text(plain.replace("--receive", f"--receive --baseline {guarded.path / 'ci/known.json'}"))
    guarded.stage("a.py", function(5, "bad"))
    guarded.record()
    said = guarded.run_git("push", "--quiet", "origin", "main")
    assert (said.code, missing in said.out) == (1, True)


def test_of_copies_in_one_commit_the_first_takes_the_entry_along(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.git("rm", "--quiet", "old.py")
    for name in ("b.py", "c.py", "d.py"):
        guarded.stage(name, function(5))
    said = guarded.hook()
    assert (said.code, find_places(said.out)) == (1, ["c.py:1", "d.py:1"])
    guarded.record()
    assert len(find_places(guarded.say("check", "--quiet").out)) == 2


def test_copies_are_judged_though_the_commit_takes_a_path_of_the_settings_away(guarded: Guarded) -> None:
    guarded.configure("paths = ['.', 'lib']")
    guarded.stage("lib/x.py", "x = 1\n")
    guarded.record()
    guarded.say("baseline", "write")
    guarded.git("rm", "--quiet", "old.py", "lib/x.py")
    for name in ("b.py", "c.py"):
        guarded.stage(name, function(5))
    said = guarded.hook()
    assert (said.code, find_places(said.out)) == (1, ["c.py:1"])


def test_a_copy_takes_nothing_from_where_the_entry_went_before(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.git("rm", "--quiet", "old.py")
    guarded.stage("b.py", function(5))
    assert guarded.hook().code == 0
    guarded.record()
    guarded.stage("a.py", function(5))
    assert guarded.hook().out.startswith("a.py\n    1:1  f  cyclomatic 5/3  added\n")
    assert guarded.say("check").code == 1


def test_looking_for_copies_keeps_to_the_time_budget(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.say("baseline", "write")
    guarded.git("rm", "--quiet", "old.py")
    guarded.stage("b.py", function(5, "g"))
    guarded.record()
    guarded.stage("c.py", function(5, "h"))
    guarded.write("untracked.py", function(9, "i"))
    seconds = iter([0.0])  # one file is measured in time
    clock = SimpleNamespace(monotonic=lambda: next(seconds, inf), perf_counter=time.perf_counter)
    monkeypatch.setattr(measuring, "time", clock)
    said = guarded.hook()
    assert (said.code, said.out) == (
        0,
        f"warning: not checked, time_budget of 5 s exceeded: c.py\n{MORE_TIME}",
    )


@pytest.mark.usefixtures("no_time")
def test_entries_that_nobody_has_time_for_are_told(guarded: Guarded) -> None:
    """No file of the commit is left out then, as it may have none."""
    guarded.say("baseline", "write")
    guarded.git("add", NAME)
    guarded.record()
    guarded.git("rm", "--quiet", NAME)
    said = guarded.hook()
    late = "not checked completely: time_budget of 5 s exceeded"
    assert (said.code, said.out) == (0, f"warning: {late}\n{MORE_TIME}")
    guarded.configure('on_timeout = "block"')
    guarded.git("add", "pyproject.toml")
    said = guarded.hook()
    summary = "blocked by pytest-antipasta: not checked completely"
    assert (said.code, said.out) == (3, f'{late} (on_timeout = "block")\n{BLOCKED}{summary}\n')


SAID = "{}: the staged version was used; the working tree differs"


def say_everywhere(guarded: Guarded) -> list[int]:
    """Judge what is staged in each way in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(guarded.path)
        with pytest.warns(RuntimeWarning, match=re.escape(SAID.format(NAME))):
            from_python = any(verdict.failed for verdict in check(staged=True).files)
    ways = [guarded.hook(), guarded.say("check", "--staged"), guarded.run_pytest("--antipasta-staged")]
    assert all(SAID.format(NAME) in said.out + said.err for said in ways), ways
    return [*(said.code for said in ways), int(from_python)]


def test_a_baseline_that_is_not_staged_tolerates_nothing(guarded: Guarded) -> None:
    """As pre-commit, which puts away what is not staged, and a CI would judge it."""
    record(guarded, ("old.py", "f", 5))
    guarded.record_all()
    record(guarded, ("old.py", "f", 5), ("new.py", "g", 4))
    guarded.stage("new.py", function(4, "g"))
    assert say_everywhere(guarded) == [1, 1, 1, 1]
    guarded.git("add", NAME)
    assert guarded.hook().code == 0


def test_a_baseline_that_is_staged_and_gone_tolerates(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 5), ("new.py", "g", 4))
    guarded.git("add", "--all")
    (guarded.path / NAME).unlink()
    guarded.stage("new.py", function(4, "g"))
    assert say_everywhere(guarded) == [0, 0, 0, 0]


def test_settings_are_those_that_are_staged(guarded: Guarded) -> None:
    guarded.stage("new.py", function(4, "g"))
    guarded.write("pyproject.toml", SETTINGS.format("").replace("= 3", "= 9"))
    said = guarded.hook()
    assert said.code == 1
    assert SAID.format("pyproject.toml") in said.err
    assert guarded.say("check", "--staged").code == 1
    guarded.git("add", "pyproject.toml")
    assert guarded.hook().without_waivers() == (0, "", "")


@pytest.mark.parametrize("name", [NAME, "pyproject.toml"])
def test_what_a_commit_removes_from_git_alone_is_gone(guarded: Guarded, name: str) -> None:
    guarded.configure('new_waivers = "fail"')
    record(guarded, ("old.py", "f", 5))
    guarded.record_all()
    guarded.git("rm", "--quiet", "--cached", name)
    guarded.stage("good.py", function(3))
    ways = [guarded.hook(), guarded.say("check", "--staged")]
    guarded.record()
    ways.append(guarded.say("check", "--diff", "HEAD~..HEAD"))
    expected = "(previously in the baseline)" if name == NAME else 'settings new_waivers ("fail" → "report")'
    assert [(said.code, expected in said.out) for said in ways] == [(1, True)] * 3, ways


def test_a_named_baseline_that_only_the_disk_has_is_staged_by_the_named_command(guarded: Guarded) -> None:
    guarded.configure(f'baseline = "{NAME}"')
    record(guarded, ("old.py", "f", 5))
    guarded.record_all()
    guarded.git("rm", "--quiet", "--cached", NAME)
    for args in (("hook",), ("check", "--staged")):
        said = guarded.say(*args)
        missing = (
            f"{NAME}: baseline not found in git's files, only on disk; `git add {NAME}` stages a new one"
        )
        assert (said.code, said.err) == (2, f"error: {missing}\n")
    guarded.git("add", NAME)
    assert guarded.hook() == (0, "", "")


def test_settings_that_git_does_not_have_are_those_of_the_worktree(guarded: Guarded) -> None:
    guarded.git("rm", "--quiet", "--cached", "pyproject.toml")
    guarded.record()
    guarded.stage("new.py", function(4, "g"))
    said = guarded.hook()
    assert (said.code, said.err) == (1, "")


def test_staged_settings_of_a_folder_below(guarded: Guarded) -> None:
    guarded.stage("sub/pyproject.toml", SETTINGS.format("").replace("= 3", "= 9"))
    guarded.stage("sub/a.py", function(5))
    (guarded.path / "sub" / "pyproject.toml").write_text("[broken")
    assert guarded.hook(cwd="sub").code == 0
    assert "sub/pyproject.toml" not in guarded.hook().err


REMOVALS = {
    "removed": ("", [("git", "rm", "--quiet", NAME)], ""),
    "renamed": ("", [("git", "mv", NAME, "old-baseline.json")], ""),
    "another one is named": ('baseline = "ci/a.json"', [("write", "ci/b.json")], 'baseline = "ci/b.json"'),
    "none is named any more": ('baseline = "ci/a.json"', [], ""),
}


def judge_everywhere(guarded: Guarded) -> list[Said]:
    """Judge what the worktree and the index have beside HEAD in each way in but pytest's."""
    return [guarded.hook(), guarded.say("check", "--staged"), guarded.say("check", "--diff", "HEAD")]


@pytest.mark.parametrize(
    ("before", "steps", "after"),
    [pytest.param(*values, id=name) for name, values in REMOVALS.items()],
)
def test_what_a_baseline_that_goes_has_tolerated_fails(
    guarded: Guarded, before: str, steps: list[tuple[str, ...]], after: str
) -> None:
    """A value that the baseline allowed before and does not allow now fails, in any file."""
    guarded.configure(before)
    named = "ci/a.json" if before else NAME
    record(guarded, ("old.py", "f", 5), name=named)
    guarded.record_all()
    assert guarded.hook().code == 0
    guarded.configure(after)
    for command, *args in steps:
        if command == "git":
            guarded.git(*args)
        else:
            record(guarded, name=args[0])
            guarded.git("add", "--all")
    guarded.stage("more.py", "x = 1\n")
    for said in (guarded.hook(), guarded.say("check", "--diff", "HEAD")):
        assert said.code == 1
        assert "old.py\n    1:1  f  cyclomatic 5/3" in said.out
    assert guarded.say("check", "--quiet").code == 1
    assert guarded.hook("--no-baseline").code == 0, "as before, it is told to know none"


def test_what_another_baseline_of_named_settings_has_tolerated_fails(guarded: Guarded) -> None:
    guarded.write("ci.toml", SETTINGS.format('baseline = "a.json"'))
    record(guarded, ("old.py", "f", 5), name="a.json")
    guarded.record_all()
    guarded.stage("ci.toml", SETTINGS.format('baseline = "b.json"'))
    record(guarded, name="b.json")
    guarded.git("add", "b.json")
    for way in (("check", "--staged"), ("check", "--diff", "HEAD"), ("hook",)):
        said = guarded.say(*way, "--config", "ci.toml")
        assert (said.code, find_places(said.out)) == (1, ["old.py:1"]), said


def test_what_had_no_entry_does_not_fail_with_what_loses_its_own(guarded: Guarded) -> None:
    guarded.stage("old.py", function(5) + function(5, "g"))
    record(guarded, ("old.py", "f", 5))
    guarded.record_all()
    record(guarded)
    guarded.git("add", "--all")
    said = guarded.hook()
    assert (said.code, find_places(said.out)) == (1, ["old.py:1"])


def test_a_baseline_that_is_replaced_by_the_same_takes_nothing_away(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 5))
    guarded.record_all()
    guarded.configure('baseline = "ci/a.json"')
    (guarded.path / "ci").mkdir()
    guarded.git("mv", NAME, "ci/a.json")
    assert [said.code for said in judge_everywhere(guarded)] == [0, 0, 0]
    guarded.stage("old.py", function(5, end="return 7"))
    assert [said.code for said in judge_everywhere(guarded)] == [0, 0, 0]


@pytest.mark.parametrize("is_first", [False, True], ids=["a later commit", "the first commit"])
def test_files_that_are_not_named_are_not_judged_for_a_new_baseline(guarded: Guarded, is_first: bool) -> None:
    if is_first:
        guarded.git("checkout", "--quiet", "--orphan", "fresh")
    record(guarded, ("a.py", "f", 6), ("c.py", "h", 6))
    guarded.git("add", NAME)
    guarded.stage("a.py", function(6) + function(7, "g"))
    guarded.stage("b.py", function(6))
    said = guarded.hook("a.py")
    assert (said.code, "    8:1  g  " in said.out, "b.py" in said.out) == (1, True, False), said
    assert "b.py:1" in find_places(guarded.hook().out)


def test_a_commit_that_makes_recorded_functions_better_is_told_how_to_tighten(guarded: Guarded) -> None:
    record(guarded, ("old.py", "f", 5))
    guarded.record_all()
    guarded.stage("old.py", function(5, end="return -a"))
    assert guarded.hook() == (0, "", "")
    guarded.stage("old.py", function(4))
    line = (
        "1 value in checked files is better than recorded; update it with `pytest-antipasta baseline prune`"
    )
    assert guarded.hook() == (0, "", f"baseline: {line}\n")
    guarded.stage("old.py", function(2))
    assert guarded.hook() == (0, "", f"baseline: {line}\n")
    guarded.record_all()
    assert guarded.hook("old.py") == (0, "", f"baseline: {line}\n")


def test_a_commit_that_renames_recorded_functions_is_told_how_to_record_these(guarded: Guarded) -> None:
    """A later edit of them would find no entry: neither its name nor its body would be that of one."""
    guarded.stage("old.py", function(5) + function(5, "h"))
    guarded.say("baseline", "write", "old.py")
    guarded.record_all()
    better = "1 value in checked files is better than recorded"
    guarded.stage("old.py", function(5, "g") + function(4, "h"))
    assert guarded.hook().err.startswith(f"baseline: {better} and 1 entry names a function no longer in ")
    guarded.stage("old.py", function(5, "g") + function(5, "i"))
    assert guarded.hook().err.startswith("baseline: 2 entries name functions no longer in their files; ")
    guarded.stage("old.py", function(5, "g") + function(5, "h"))
    line = "1 entry names a function no longer in its file; update it with `pytest-antipasta baseline prune`"
    assert guarded.hook() == (0, "", f"baseline: {line}\n")
    assert guarded.say("baseline", "prune").code == 0
    guarded.git("add", NAME)
    assert guarded.hook() == (0, "", "")
    guarded.record()
    guarded.stage("old.py", function(5, "g", end="return 7") + function(5, "h"))
    assert guarded.hook() == (0, "", "")


def test_of_a_damaged_baseline_the_staged_version_is_named(guarded: Guarded) -> None:
    """The one on disk may be repaired, and is not what the commit has."""
    guarded.stage("antipasta-baseline.json", "{")
    guarded.write("antipasta-baseline.json", '{"schema_version": 1, "entries": []}')
    guarded.stage("good.py", function(3))
    said = guarded.hook()
    add = "git add antipasta-baseline.json"
    assert (said.code, f"; the staged version was read: after a change, run `{add}`" in said.err) == (2, True)
    guarded.git(*add.split()[1:])
    assert guarded.hook().code == 0


def test_a_new_baseline_is_one_line_and_a_change_to_it_is_a_list(guarded: Guarded) -> None:
    guarded.stage("new.py", function(4, "g"))
    guarded.say("baseline", "write")
    guarded.git("add", "--all")
    assert guarded.hook() == (0, "new baseline: 2 entries for 2 files\n", "")
    for arguments in (("check", "--staged"), ("check", "--staged", "--format", "markdown")):
        shown = guarded.say(*arguments).out
        assert "new baseline: 2 entries for 2 files" in shown.lower().replace("*", "")
        assert " added:" not in shown
        assert " added**" not in shown
    guarded.git("update-ref", "-d", "HEAD")
    assert guarded.hook() == (0, "new baseline: 2 entries for 2 files\n", ""), "also in the first commit"
    guarded.record()
    guarded.stage("new.py", function(5, "g"))
    guarded.say("baseline", "write", "new.py")
    guarded.git("add", "--all")
    assert guarded.hook().out.startswith("1 waiver added:\n  new.py:1: g: ")


@pytest.mark.parametrize("entries", [[("old.py", "f", 5)], []])
def test_a_baseline_under_another_name_is_no_new_one(
    guarded: Guarded, entries: list[tuple[str, str, int]]
) -> None:
    """git takes it for another file if most of its entries are new."""
    record(guarded, *entries)
    guarded.record_all()
    added = [("new.py", f"g{number}", 4) for number in range(5)]
    record(guarded, *entries, *added, name="other.json")
    guarded.git("rm", "--quiet", NAME)
    guarded.git("add", "other.json")
    guarded.configure('baseline = "other.json"')
    guarded.stage("new.py", "".join(function(4, name) for _, name, _ in added))
    assert guarded.hook().out.startswith("5 waivers added:\n  new.py:1: g0: ")


def test_of_two_entries_for_moved_code_none_is_left_for_new_code(guarded: Guarded) -> None:
    guarded.stage("a.py", function(5))
    guarded.say("baseline", "write", "--quiet")
    file = guarded.path / NAME
    baseline = json.loads(file.read_text())
    (entry,) = [entry for entry in filter(None, baseline["entries"]) if entry["path"] == "a.py"]
    baseline["entries"].insert(0, {**entry, "value": 6, "reason": "of another branch"})
    guarded.stage(NAME, json.dumps(baseline))
    guarded.record()
    guarded.git("mv", "a.py", "b.py")
    guarded.record()
    guarded.stage("a.py", "def f(a):\n" + "    if a: print(a)\n" * 4)
    assert guarded.hook().code == 1
