"""Real commits, with the plain git hook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gate.conftest import SETTINGS, Guarded, function
from tests.windows import AND, NOT_ON_WINDOWS

GOOD, BAD = function(3, "g"), function(4, "g")
TOLD = "a.py\n    1:1  g  cyclomatic 4/3  added\n"


def test_a_bad_block_is_not_committed(guarded: Guarded, started_program: None) -> None:
    guarded.stage("a.py", BAD)
    said = guarded.commit()
    assert said.code == 1
    assert said.out == (
        "a.py\n"
        "    1:1  g  cyclomatic 4/3  added\n"
        "blocked by pytest-antipasta: 1 function became too complex, in 1 file\n"
        "simplify  pytest-antipasta explain a.py::g\n"
        "allow     add to a.py:1  # antipasta: ignore[cyclomatic<=4] REASON\n"
        f"record    pytest-antipasta baseline write --staged a.py{AND}git add antipasta-baseline.json\n"
    )
    assert guarded.git("log", "--format=%s").split() == ["initial"]


def test_files_that_can_not_be_measured_are_counted_apart(guarded: Guarded) -> None:
    guarded.stage("a.py", BAD)
    guarded.stage("b.py", "def f(:\n")
    line = "blocked by pytest-antipasta: 1 function became too complex, in 1 file, 1 file not measured\n"
    assert line in guarded.hook().out


@pytest.mark.parametrize("asked", ["..other", "...other"])
def test_an_end_that_is_not_named_is_head(guarded: Guarded, asked: str) -> None:
    guarded.git("checkout", "--quiet", "-b", "other")
    guarded.stage("a.py", BAD)
    guarded.record()
    guarded.git("checkout", "--quiet", "main")
    said = guarded.say("check", "--diff", asked, "--quiet")
    assert (said.code, TOLD in said.out) == (1, True), said


@pytest.mark.parametrize("asked", ["..", "..."])
def test_two_ends_that_are_not_named_are_an_error(guarded: Guarded, asked: str) -> None:
    said = guarded.say("check", "--diff", asked)
    assert (said.code, f"--diff {asked} names no commit; write REF or REF..REF" in said.err) == (2, True)


@pytest.mark.parametrize("how", [["-a"], ["--", "old.py"]], ids=["all", "some paths"])
def test_more_is_shown_of_a_commit_whose_index_is_gone(guarded: Guarded, how: list[str]) -> None:
    guarded.write("old.py", function(6))
    said = guarded.commit(*how)
    assert said.code == 1
    assert "blocked by pytest-antipasta: 1 function got worse, in 1 file\nsimplify  " in said.out


def test_more_is_shown_of_a_file_that_the_commit_leaves_alone(guarded: Guarded) -> None:
    said = guarded.hook("old.py")
    assert said.code == 1
    assert "\n1 function is over a limit, in 1 file\nsimplify  " in said.out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_a_note_that_nobody_can_read_blocks_nothing(guarded: Guarded) -> None:
    guarded.stage("new.py", f"# antipasta: ignore\n{function(5)}")
    line = [sys.executable, "-m", "pytest_antipasta", "hook"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(line, cwd=guarded.path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.splitlines()) == (
        0,
        ["warning: can't write to standard output: No space left on device"],
    )


def test_a_good_block_is_committed_without_a_word(guarded: Guarded) -> None:
    guarded.stage("a.py", GOOD)
    said = guarded.commit("--quiet")
    assert said == (0, "", "")


def test_an_old_block_that_is_not_worse_is_committed_without_a_word(guarded: Guarded) -> None:
    guarded.stage("old.py", function(5, end="return -a"))
    assert guarded.commit("--quiet") == (0, "", "")


def test_a_number_of_a_file_that_is_worse_is_told_beside_what_fails(guarded: Guarded) -> None:
    settings = (guarded.path / "pyproject.toml").read_text()
    guarded.stage("pyproject.toml", f"{settings}lines_of_code = 3\n")
    guarded.record()
    guarded.stage("old.py", "\n\n\n" + function(5))
    guarded.stage("a.py", function(4, "bad"))
    assert "\ntolerated (already over the limit): old.py: lines of code " in guarded.commit("--quiet").out
    guarded.git("rm", "--quiet", "--force", "a.py")
    assert guarded.commit("--quiet") == (0, "", "")


def test_parts_of_a_file(guarded: Guarded) -> None:
    """As `git add --patch` leaves them: the good block of a file staged, the bad one not."""
    guarded.stage("a.py", GOOD)
    guarded.write("a.py", GOOD + function(9, "h"))
    assert guarded.commit().code == 0
    assert guarded.commit("-a").code == 1


def test_commit_of_a_path_leaves_out_what_else_is_staged(guarded: Guarded) -> None:
    guarded.stage("a.py", BAD)
    guarded.write("good.py", GOOD)
    assert guarded.commit("--", "a.py").code == 1
    assert guarded.commit("--", "good.py").code == 0
    assert guarded.commit("--include", "old.py").code == 1


def test_amending_is_judged_beside_what_is_amended(guarded: Guarded) -> None:
    guarded.stage("a.py", BAD)
    guarded.record("bad")
    guarded.stage("good.py", GOOD)
    assert guarded.commit("--amend").code == 0
    guarded.stage("a.py", function(5, "g"))
    assert "4 → 5/3 (+1)" in guarded.commit("--amend").out


def test_an_initial_commit(empty: Guarded, started_program: None) -> None:
    empty.stage("a.py", BAD)
    assert TOLD in empty.commit().out
    empty.stage("a.py", GOOD)
    assert empty.commit("--quiet") == (0, "", "")


def test_a_linked_worktree(guarded: Guarded, tmp_path: Path) -> None:
    guarded.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    (tmp_path / "linked" / "a.py").write_text(BAD)
    guarded.run_git("add", "a.py", cwd=tmp_path / "linked")
    assert TOLD in guarded.commit(cwd=tmp_path / "linked").out
    guarded.stage("a.py", GOOD)
    assert guarded.commit().code == 0


def test_a_repository_of_sha256(guarded: Guarded, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sha256"
    path.mkdir()
    if guarded.run_git("init", "--quiet", "--object-format=sha256", cwd=path).code:
        pytest.skip("this git knows no sha256")
    other = Guarded(path, capsys)
    other.configure()
    other.install("pre-commit")
    other.stage("a.py", BAD)
    assert TOLD in other.commit().out
    other.record()
    other.stage("a.py", BAD + function(3, "h"))
    assert other.commit("--quiet") == (0, "", "")


def test_a_sparse_checkout(guarded: Guarded) -> None:
    guarded.stage("far/a.py", function(5))
    guarded.stage("near/a.py", GOOD)
    guarded.record()
    guarded.git("update-index", "--refresh")  # git for Windows keeps other statuses than ours
    guarded.git("sparse-checkout", "set", "--sparse-index", "near")
    assert not (guarded.path / "far").exists()
    guarded.stage("near/a.py", GOOD + "\n")
    assert guarded.commit("--quiet") == (0, "", "")
    blob = guarded.path / "blob"
    blob.write_text(function(6))
    name = guarded.git("hash-object", "-w", "blob").strip()
    guarded.git("update-index", "--cacheinfo", f"100644,{name},far/a.py")
    assert "far/a.py\n    1:1  f  cyclomatic 5 → 6/3 (+1)" in guarded.commit().out


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["cherry-pick", "topic"], id="a cherry-pick"),
        pytest.param(["rebase", "--onto", "main", "topic~1", "topic"], id="a rebase"),
    ],
)
def test_git_asks_no_hook_about_some_commits(guarded: Guarded, command: list[str]) -> None:
    """``docs/commit-hook.md`` says what to do about them."""
    guarded.git("branch", "before")
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.stage("a.py", BAD)
    guarded.record("topic")
    guarded.git("checkout", "--quiet", "main")
    guarded.stage("good.py", GOOD)
    guarded.record("meanwhile")
    assert guarded.run_git(*command).code == 0
    assert guarded.git("show", "HEAD:a.py") == BAD
    assert TOLD in guarded.say("check", "--diff", "before").out


@NOT_ON_WINDOWS
def test_a_folder_with_a_newline_in_its_name_is_judged(guarded: Guarded, tmp_path: Path) -> None:
    moved = tmp_path / "two\nlines\n"
    os.rename(guarded.path, moved)
    for path in ("a.py", "b.py"):
        (moved / path).write_text(BAD)
    subprocess.run(["git", "add", "--all"], cwd=moved, check=True)
    done = subprocess.run([sys.executable, "-m", "pytest_antipasta", "hook"], cwd=moved, capture_output=True)
    assert (done.returncode, done.stdout.count(b"cyclomatic 4/3  added")) == (1, 2)


def test_the_environment_that_git_knows(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.stage("a.py", BAD)
    index = tmp_path / "another index"
    monkeypatch.setenv("GIT_INDEX_FILE", str(index))
    guarded.git("read-tree", "HEAD")
    assert guarded.hook() == (0, "", "")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert guarded.hook().code == 1
    moved = tmp_path / "elsewhere"
    os.rename(guarded.path / ".git", moved)
    monkeypatch.setenv("GIT_DIR", str(moved))
    monkeypatch.setenv("GIT_WORK_TREE", str(guarded.path))
    assert guarded.hook().code == 1
    (guarded.path / "sub").mkdir()
    assert "\nallow     add to ../a.py:1  #" in guarded.commit(cwd="sub").out


@pytest.mark.parametrize("is_relative", [True, False], ids=["relative", "absolute"])
def test_a_worktree_that_is_not_where_the_repository_is(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, is_relative: bool
) -> None:
    """Git's index has paths that are relative to the worktree."""
    guarded.write("src/a.py", function(6, "new"))
    monkeypatch.setenv("GIT_WORK_TREE", "src" if is_relative else str(guarded.path / "src"))
    guarded.git("add", "a.py")
    for command in (["hook"], ["hook", "src/a.py"], ["check", "--staged"], ["check", "--diff", "HEAD"]):
        said = guarded.say(*command)
        assert (said.code, said.err) == (1, ""), command
        assert said.out.startswith("src/a.py\n    1:1  new  cyclomatic "), command


@pytest.mark.parametrize("has_other", [False, True], ids=["no repository there", "another one there"])
def test_a_worktree_that_the_repository_s_settings_name(guarded: Guarded, has_other: bool) -> None:
    """Nothing in it leads back to the repository, and the settings of the current folder are not in it."""
    guarded.write("../tree/a.py", function(6, "new"))
    if has_other:
        guarded.git("init", "--quiet", "../tree")
    guarded.git("config", "core.worktree", "../../tree")
    guarded.git("-C", "../tree", "--git-dir", f"{guarded.path}/.git", "add", "a.py")
    for command in (["hook"], ["check", "--staged"]):
        said = guarded.say(*command)
        assert (said.code, said.out) == (2, ""), command
        assert "pyproject.toml is in another git repository than the current folder" in said.err
    said = guarded.say("hooks", "status")
    assert (said.code, said.err) == (0, "")


def test_the_way_out_by_a_comment_covers_all_of_a_function(guarded: Guarded) -> None:
    guarded.stage("pyproject.toml", SETTINGS.format("").replace("cognitive_complexity = false", ""))
    allow = "\nallow     {1}  # antipasta: ignore[{0}] REASON\n"
    both = "cyclomatic<=18, cognitive<=17"
    guarded.stage("a.py", function(18, "g"))
    assert allow.format(both, "add to a.py:1") in guarded.hook().out
    comment = "# antipasta: ignore[cyclomatic_complexity<=9, cognitive_complexity<=17] REASON\n"
    guarded.stage("a.py", comment + function(18, "g"))
    assert allow.format(both, "replace the comment in a.py:1 with") in guarded.hook().out
    guarded.stage("a.py", comment.replace("REASON", "many kinds") + function(18, "g"))
    kept = allow.replace("REASON", "many kinds").format(both, "replace the comment in a.py:1 with")
    assert kept in guarded.hook().out
    guarded.stage("a.py", f"# antipasta: ignore[{both}] REASON\n" + function(18, "g"))
    assert guarded.hook().code == 0


def test_the_name_is_left_to_programs_that_print_it(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.stage("a.py", function(4, "g"))
    assert "\nblocked by pytest-antipasta: 1 function became" in guarded.hook().out
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert "\nblocked: 1 function became" in guarded.hook().out


@pytest.mark.parametrize("name", ["--help", "--push", "-y.py", "--cache-dir=cc.py"])
def test_the_name_of_a_file_is_no_option(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """pre-commit and prek write the names of files directly after the options."""
    monkeypatch.setenv("PRE_COMMIT", "1")
    guarded.stage("a.py", function(4, "g"))
    guarded.stage(name, "#!/usr/bin/env python3\n")
    said = guarded.hook(name, "a.py")
    assert said.code == 1, said
    assert "1 function became too complex" in said.out
    assert not (guarded.path / "cc.py").exists()


def test_the_ways_out_fit_what_is_over(guarded: Guarded) -> None:
    """A number of the file, a function in which nothing is tolerated, and where more is better."""
    guarded.configure('critical_functions = ["g"]')
    guarded.stage("a.py", function(4, "g"))
    said = guarded.hook().out
    assert "\nsimplify  " in said
    assert "\nallow  " not in said
    assert "\nrecord  " not in said
    guarded.stage(
        "pyproject.toml",
        SETTINGS.format("").replace(
            "maintainability_index = false", "maintainability_index = { limit = 90, level = 'error' }"
        ),
    )
    guarded.stage("a.py", function(2))
    assert (
        "simplify  pytest-antipasta explain a.py\n"
        "allow     on its own line in a.py  # antipasta: ignore-file[maintainability>="
    ) in guarded.hook().out


def test_a_file_that_can_not_be_parsed_shows_the_line(guarded: Guarded) -> None:
    guarded.stage("a.py", "x = 1\ndef f(:\n")
    guarded.write("a.py", "x = 1\n")  # what is staged counts
    lines = guarded.hook().out.splitlines()
    assert lines[0].startswith("a.py:2: not measured (syntax): ")
    assert lines[1:3] == ["    2 | def f(:", "      |       ^"]


def test_comments_are_proposed_in_the_order_of_the_list(guarded: Guarded) -> None:
    guarded.stage("a.py", function(4, "g") + function(9, "h"))
    lines = guarded.hook().out.splitlines()
    assert [line.split("  #")[0] for line in lines if line.startswith("allow")] == [
        "allow     add to a.py:6",
        "allow     add to a.py:1",
    ]


@NOT_ON_WINDOWS
def test_only_what_fails_for_missing_values_is_red(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded.stage("a.py", "def f(:\n")
    guarded.stage("b: not measured.py", BAD.replace(":", ":  # antipasta: ignore", 1))
    monkeypatch.delenv("NO_COLOR")
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    lines = guarded.hook().out.splitlines()
    assert lines[0].startswith("\x1b[31ma.py:1: not measured (syntax): ")
    assert any(line.startswith("tolerated (suppressed by a comment): b: not measured.py") for line in lines)
