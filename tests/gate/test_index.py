"""What the index may hold, and what of it is judged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gate.conftest import Guarded, find_places, function
from tests.windows import NEEDS_LINKS, NOT_ON_WINDOWS, decode_name

BAD = function(4, "bad")
SILENCE = (0, "", "")


def test_nothing_staged_before_the_first_commit(empty: Guarded) -> None:
    assert empty.hook() == SILENCE


def test_an_intent_to_add_is_not_staged(guarded: Guarded) -> None:
    guarded.write("a.py", BAD)
    guarded.git("add", "--intent-to-add", "a.py")
    assert guarded.hook() == SILENCE
    guarded.stage("b.py", BAD)
    assert "a.py" not in guarded.hook().out


def test_rules_that_are_intended_to_be_added_are_those_on_disk(guarded: Guarded) -> None:
    """The index has them without content."""
    name = "antipasta-baseline.json"
    guarded.git("rm", "--quiet", "--cached", "pyproject.toml")
    guarded.stage("empty.py", "")
    guarded.record()
    guarded.say("baseline", "write")
    guarded.git("add", "--intent-to-add", "pyproject.toml", name)
    guarded.stage("good.py", function(4))
    for said in (guarded.hook(), guarded.say("check", "--staged")):
        assert (said.code, find_places(said.out), said.err) == (1, ["good.py:1"], "")
    note = "pyproject.toml: the file on disk was used; it is not staged\n"
    assert f"\n{note}" in said.out
    guarded.say("baseline", "write")
    lacking = f"warning: this commit needs {name}, which is not staged; run `git add {name}`\n"
    used = f"warning: {note.strip()}; run `git add pyproject.toml`\n"
    assert guarded.hook() == (0, "", f"{used}{lacking}")


def test_an_empty_baseline_is_damaged_if_it_is_staged(guarded: Guarded) -> None:
    guarded.stage("antipasta-baseline.json", "")
    said = guarded.hook()
    assert (said.code, "antipasta-baseline.json: is empty" in said.err) == (2, True)


def move_with_edit(guarded: Guarded) -> None:
    guarded.stage("old.py", function(5) + function(5, "rest"))
    guarded.record()
    guarded.git("mv", "old.py", "new.py")
    guarded.stage("new.py", function(5) + function(5, "rest", end="return 3"))


def move_block(guarded: Guarded) -> None:
    guarded.stage("old.py", "")
    guarded.stage("new.py", function(2, "a") + function(5))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda guarded: guarded.write("a.py", BAD), id="nothing staged"),
        pytest.param(lambda guarded: guarded.git("update-index", "--chmod=+x", "old.py"), id="a mode"),
        pytest.param(lambda guarded: guarded.git("rm", "--quiet", "old.py"), id="a deleted file"),
        pytest.param(lambda guarded: guarded.git("mv", "old.py", "new.py"), id="a renamed file"),
        pytest.param(move_with_edit, id="a file renamed with an edit"),
        pytest.param(move_block, id="a block moved between files"),
    ],
)
def test_what_brings_nothing_bad_passes(guarded: Guarded, change: Callable[[Guarded], object]) -> None:
    change(guarded)
    assert guarded.hook() == SILENCE


@pytest.mark.parametrize("named", [(), ("copy.py",)], ids=["all files", "one that is named"])
def test_a_copy_is_new(guarded: Guarded, named: tuple[str, ...]) -> None:
    guarded.git("config", "diff.renames", "copies")
    guarded.stage("old.py", function(5) + "\n")
    guarded.stage("copy.py", function(5))
    assert "copy.py\n    1:1  f  cyclomatic 5/3  added\n" in guarded.hook(*named).out


@NEEDS_LINKS
def test_links_and_submodules_are_no_files(guarded: Guarded, tmp_path: Path) -> None:
    (guarded.path / "link.py").symlink_to("old.py")
    guarded.git("add", "link.py")
    commit = guarded.git("rev-parse", "HEAD").strip()
    guarded.git("update-index", "--add", "--cacheinfo", f"160000,{commit},module.py")
    assert guarded.hook() == SILENCE
    assert guarded.hook("link.py") == SILENCE


@NEEDS_LINKS
def test_a_file_where_a_link_was_is_new(guarded: Guarded) -> None:
    link = guarded.path / "link.py"
    link.symlink_to("old.py")
    guarded.git("add", "link.py")
    guarded.record()
    link.unlink()
    guarded.stage("link.py", function(5))
    assert "link.py\n    1:1  f  cyclomatic 5/3  added\n" in guarded.hook().out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param(" a\tb\n'\"\\;$.py", " a\\x09b\\x0a'\"\\\\;$.py", id="odd", marks=NOT_ON_WINDOWS),
        pytest.param(decode_name(b"l\xe4tin.py"), "l\\xe4tin.py", id="not UTF-8", marks=NOT_ON_WINDOWS),
    ],
)
def test_names(guarded: Guarded, name: str, told: str) -> None:
    guarded.stage(name, BAD)
    assert f"{told}\n    1:1  bad  cyclomatic 4/3" in guarded.hook().out
    guarded.record()
    guarded.stage(name, function(5, "bad"))
    assert f"{told}\n    1:1  bad  cyclomatic 4 → 5/3" in guarded.hook().out


def test_line_ends(guarded: Guarded) -> None:
    guarded.git("config", "core.autocrlf", "false")  # git has them as they are
    guarded.stage("old.py", function(5).replace("\n", "\r\n") + "\r\n")
    assert guarded.hook() == SILENCE
    guarded.stage("a.py", BAD.replace("\n", "\r\n"))
    assert "a.py\n    1:1  bad  cyclomatic 4/3" in guarded.hook().out


def test_an_encoding_of_its_own(guarded: Guarded) -> None:
    guarded.stage("a.py", ("# coding: latin-1\nä = 'ü'\n" + BAD).encode("latin-1"))
    assert "a.py\n    3:1  bad  cyclomatic 4/3" in guarded.hook().out


def test_only_files_that_are_named(guarded: Guarded) -> None:
    guarded.stage("a.py", BAD)
    guarded.stage("sub/b.py", BAD)
    assert "sub" not in guarded.hook("a.py").out
    assert guarded.hook("b.py", cwd="sub").out.startswith("b.py\n    1:1  bad  ")
    assert guarded.hook("good.py") == SILENCE


def test_names_that_are_no_files_are_told(guarded: Guarded) -> None:
    guarded.stage("sub/a.py", BAD)
    for name, told in (
        ("gone.py", "no such file or folder: "),
        ("sub", "sub is a folder; name files, or omit it to check all files"),
    ):
        for said in (guarded.hook(name), guarded.hook("--whole", name)):
            assert (said.code, told in said.err) == (2, True), said


def test_a_file_that_is_staged_and_not_on_disk(guarded: Guarded) -> None:
    guarded.stage("a.py", BAD)
    (guarded.path / "a.py").unlink()
    guarded.git("rm", "--quiet", "good.py")
    assert guarded.hook("a.py").code == 1
    assert guarded.hook("good.py") == SILENCE


def test_changed_and_unchanged_files_together(guarded: Guarded) -> None:
    guarded.stage("old.py", function(5, end="return -a"))
    guarded.stage("late.py", function(5))
    guarded.record()
    guarded.stage("old.py", function(5, end="return -1"))
    said = guarded.hook("old.py", "late.py")
    assert "old.py" not in said.out
    assert "late.py\n    1:1  f  cyclomatic 5/3\n" in said.out


def test_whole_files(guarded: Guarded) -> None:
    assert "old.py\n    1:1  f  cyclomatic 5/3\n" in guarded.hook("--whole").out
    assert guarded.hook("--whole", "good.py") == SILENCE


@NEEDS_LINKS
def test_through_a_link_to_the_repository(guarded: Guarded, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(guarded.path)
    guarded.stage("a.py", BAD)
    for args in ((), ("a.py",), ("old.py",), ("--whole", "old.py")):
        assert guarded.hook(*args, cwd=tmp_path / "linked").code == 1, args


def test_a_damaged_object_is_told(guarded: Guarded) -> None:
    guarded.stage("a.py", BAD)
    guarded.stage("b.py", BAD + "\n")
    _remove_object(guarded, ":a.py")
    said = guarded.hook()
    assert said.code == 1
    assert "warning: not checked, content not found in git: a.py\n" in said.out
    assert "b.py\n    1:1  bad  " in said.out


def test_an_object_that_stops_in_the_middle(guarded: Guarded) -> None:
    guarded.stage("a.py", "".join(function(2, f"f{number}") for number in range(999)))
    blob = guarded.git("rev-parse", ":a.py").strip()
    file = guarded.path / ".git" / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:900])
    said = guarded.hook()
    assert said == (0, "warning: not checked, content not found in git: a.py\n", "")


@pytest.mark.parametrize(
    ("setting", "code", "expected"),
    [
        ("", 0, "warning: not checked, content not found in git: old.py\n"),
        (
            'on_internal_error = "block"',
            3,
            'not checked, content not found in git: old.py (on_internal_error = "block")\n'
            "blocked by pytest-antipasta: 1 file not checked\n",
        ),
    ],
)
def test_the_other_side_missing_is_told(guarded: Guarded, setting: str, code: int, expected: str) -> None:
    guarded.configure(setting)
    guarded.stage("old.py", function(6))
    _remove_object(guarded, "HEAD:old.py")
    assert guarded.hook() == (code, expected, "")


def _remove_object(guarded: Guarded, name: str) -> None:
    guarded.lose(guarded.git("rev-parse", name).strip())


def test_a_bare_repository_has_nothing_staged(guarded: Guarded, server: Path) -> None:
    """Git compares its commit with no files, as if all were deleted."""
    said = guarded.say("check", "--staged", cwd=server)
    assert (said.code, said.out) == (2, "")
    why = "a bare repository has no staged files; run this in a working tree of it\n"
    assert said.err == f"error: could not determine the changes: {why}"
    assert guarded.hook(cwd=server).err == f"warning: antipasta did not check this commit: {why}"
