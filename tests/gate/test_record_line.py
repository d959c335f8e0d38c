"""The command after ``record`` records what a commit has, whatever is in the working tree."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.baseline.conftest import read_entries
from tests.gate.conftest import SETTINGS, Guarded, Prepare, Said, find_recording, function
from tests.tables import keep_quick
from tests.windows import AND

NAME = "antipasta-baseline.json"
THEN = f"name {NAME} in the commit, too, and any file that code moved from"
LEGACY = {"old.py::f": 5, "sub/older.py::f": 7}


class Case(NamedTuple):
    """A commit that fails, and what the advised command has to record.

    Attributes:
        prepare: changes the index and the working tree.
        values: the values to be recorded, beside those of other files.
        arguments: the arguments of ``git commit``.
        cwd: the folder where the user is.
        baseline: the path of the baseline.
        named: what the command names.
        then: what else is to be done.
        left: the place of an entry that moves.
    """

    prepare: Callable[[Guarded], object]
    values: dict[str, int]
    arguments: tuple[str, ...] = ()
    cwd: str = "."
    baseline: str = NAME
    named: str = "--staged a.py"
    then: str | None = None
    left: str | None = None


def repaired(guarded: Guarded) -> None:
    guarded.stage("a.py", function(6, "g"))
    guarded.write("a.py", function(2, "g"))


def worse(guarded: Guarded) -> None:
    guarded.stage("a.py", function(6, "g"))
    guarded.write("a.py", function(9, "g"))


def renamed(guarded: Guarded) -> None:
    guarded.git("mv", "old.py", "a.py")
    guarded.stage("a.py", function(6, "g"))
    guarded.write("a.py", function(2, "g"))


def renamed_file_only(guarded: Guarded) -> None:
    guarded.git("mv", "old.py", "a.py")
    guarded.stage("a.py", function(6))
    guarded.git("rm", "--quiet", "--cached", "sub/older.py")
    (guarded.path / "a.py").rename(guarded.path / "old.py")


def other_limits(guarded: Guarded) -> None:
    repaired(guarded)
    settings = guarded.path / "pyproject.toml"
    settings.write_text(settings.read_text().replace("complexity = 3", "complexity = 20"))


def many(guarded: Guarded) -> None:
    for name in "abcd":
        guarded.stage(f"{name}.py", function(6, "g"))
        guarded.write(f"{name}.py", function(9, "g"))


def edited_baseline(guarded: Guarded) -> None:
    """The baseline on disk has an entry more than the staged one."""
    repaired(guarded)
    guarded.write("more.py", function(8, "m"))
    guarded.say("baseline", "write", "more.py")


CASES = {
    "repaired in the working tree": Case(repaired, {"a.py::g": 6}),
    "renamed and edited": Case(renamed, {"a.py::g": 6}),
    "renamed in the index, back in the working tree": Case(
        renamed_file_only, {"a.py::f": 6}, left="old.py::f"
    ),
    "other limits in the working tree": Case(other_limits, {"a.py::g": 6}),
    "a baseline in a folder": Case(
        repaired, {"a.py::g": 6}, cwd="sub", baseline="sub/known.json", named="--staged ../a.py"
    ),
    "many files": Case(many, {f"{name}.py::g": 6 for name in "abcd"}, named="--staged"),
    "a baseline with more on disk": Case(edited_baseline, {"a.py::g": 6, "more.py::m": 8}),
    "all that git tracks": Case(worse, {"a.py::g": 9}, ("--all",), named="a.py"),
    "a part": Case(worse, {"a.py::g": 9}, ("--", "a.py"), named="a.py", then=THEN),
}


@pytest.fixture
def recorded(prepare: Prepare) -> Guarded:
    """A repository with old code and its baseline."""
    return prepare(begin)


def begin(guarded: Guarded, baseline: str = NAME) -> None:
    """Commit settings, old code and its baseline."""
    named = "" if baseline == NAME else f'baseline = "{baseline}"'
    guarded.stage("pyproject.toml", SETTINGS.format(named))
    guarded.stage("sub/older.py", function(7))
    guarded.write(baseline, '{"schema_version": 1, "entries": []}\n')
    assert guarded.say("baseline", "write").code == 0
    guarded.record_all()


def commit(guarded: Guarded, case: Case, *more: str) -> Said:
    """Commit, or run the hook alone where git would tell it nothing else."""
    if not case.arguments and case.cwd == ".":
        return guarded.hook()
    return guarded.commit(*case.arguments, *more, cwd=case.cwd)


def read_values(guarded: Guarded, baseline: str) -> dict[str, int]:
    entries = read_entries(guarded.path / baseline)
    return {f"{entry['path']}::{entry['qualified_name']}": entry["value"] for entry in entries}


@pytest.mark.parametrize(
    "case",
    keep_quick(
        [pytest.param(case, id=name) for name, case in CASES.items()],
        *("repaired in the working tree", "renamed and edited", "other limits in the working tree"),
        *("a baseline in a folder", "many files", "a baseline with more on disk", "a part"),
    ),
)
def test_a_commit_passes_after_the_line_that_records_it(
    guarded: Guarded, prepare: Prepare, case: Case
) -> None:
    if case.baseline == NAME:
        prepare(begin)
    else:
        begin(guarded, case.baseline)
    case.prepare(guarded)
    said = commit(guarded, case)
    assert said.code == 1
    command = find_recording(said)
    assert command.split(" && ")[0] == f"pytest-antipasta baseline write {case.named}"
    done = subprocess.run(command, shell=True, cwd=guarded.path / case.cwd, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    stayed = {place: value for place, value in LEGACY.items() if place != case.left}
    assert read_values(guarded, case.baseline) == stayed | case.values
    if case.then is not None:
        assert f"          then {case.then}" in said.out.splitlines()
    again = commit(guarded, case, *([] if case.then is None else [case.baseline]))
    assert again.code == 0, again.out


def test_limits_that_a_commit_of_named_files_leaves_out_are_stashed_first(recorded: Guarded) -> None:
    """Git deletes the index of such a commit, so that commands read what is on disk."""
    other_limits(recorded)
    recorded.stage("a.py", function(6, "g"))
    said = recorded.commit("--", "a.py")
    assert (said.code, "\nfirst     stash the changed limits on disk, " in said.out) == (1, True)
    command = find_recording(said)
    recorded.git("stash", "push", "--quiet", "pyproject.toml")
    subprocess.run(command, shell=True, cwd=recorded.path, check=True, capture_output=True)
    assert recorded.commit("--", "a.py", NAME).code == 0


def test_a_part_that_git_asked_for_is_staged_first(recorded: Guarded) -> None:
    """On disk is more, which the command for the whole file would record, too."""
    lines = "x = 1\n" * 9
    recorded.stage("a.py", function(2, "g") + lines + function(2, "h"))
    recorded.record()
    recorded.write("a.py", function(6, "g") + lines + function(6, "h"))
    command = ["git", "commit", "--patch", "--message", "a part"]
    done = subprocess.run(command, cwd=recorded.path, input="y\nn\n", capture_output=True, text=True)
    expected = "first     a.py differs on disk from what was checked; choose parts by `git add --patch`"
    assert (done.returncode, expected in done.stdout + done.stderr) == (1, True)
    assert "--staged a.py" not in done.stdout + done.stderr
    subprocess.run(
        ["git", "add", "--patch"], cwd=recorded.path, input="y\nn\n", capture_output=True, text=True
    )
    assert f"record    pytest-antipasta baseline write --staged a.py{AND}" in recorded.commit().out


def test_an_index_that_only_a_program_knows_is_not_read_again(recorded: Guarded) -> None:
    own = {"GIT_INDEX_FILE": str(recorded.path / ".git" / "index-of-editor")}
    recorded.write("a.py", function(6, "g"))
    shutil.copy(recorded.path / ".git" / "index", own["GIT_INDEX_FILE"])
    recorded.run_git("add", "a.py", **own)
    said = recorded.commit(**own)
    assert f"\nrecord    pytest-antipasta baseline write a.py{AND}git add {NAME}\n" in said.out
    assert f"          then {THEN}" in said.out.splitlines()


def test_code_that_moves_is_recorded_if_the_commit_has_both_files(recorded: Guarded) -> None:
    recorded.git("mv", "old.py", "new.py")
    said = recorded.commit("--", "new.py")
    command = find_recording(said)
    assert f"          then {THEN}" in said.out.splitlines()
    subprocess.run(command, shell=True, cwd=recorded.path, check=True, capture_output=True)
    assert recorded.commit("--", "new.py", NAME).code == 1
    assert recorded.commit("--", "new.py", NAME, "old.py").code == 0


def test_files_outside_of_the_root_are_not_recorded(guarded: Guarded) -> None:
    """The settings of a project may name a folder beside it."""
    guarded.stage("project/pyproject.toml", SETTINGS.format('paths = [".", "../lib"]'))
    guarded.record()
    guarded.stage("lib/b.py", function(6, "g"))
    said = guarded.hook(cwd="project")
    last = "          a baseline records no files outside the root"
    assert (said.code, "\nrecord " in said.out, said.out.splitlines()[-1]) == (1, False, last)
    guarded.stage("project/a.py", function(6, "g"))
    record = f"\nrecord    pytest-antipasta baseline write --staged a.py{AND}git add {NAME}\n{last}\n"
    assert guarded.hook(cwd="project").out.endswith(record)


RECORDED = f"{NAME}: written, 3 entries for 3 files (1 added)\n"
WRITES = [
    pytest.param((), RECORDED, "", {"bad.py::g": 6}, id="only what the commit makes worse"),
    pytest.param(
        ("--dry-run",), RECORDED.replace("written", "not written (dry run)"), "", {}, id="a dry run"
    ),
    pytest.param(
        (".",),
        "4 entries for 4 files (2 added)",
        "",
        {"bad.py::g": 6, "kept.py::f": 4},
        id="all of the index",
    ),
    pytest.param(("good.py",), "up to date", "", {}, id="a good file"),
    pytest.param(("new.py",), "", "error: new.py is not staged\n", {}, id="a file that is not staged"),
]


@pytest.mark.parametrize(("paths", "out", "error", "values"), WRITES)
def test_what_is_staged_is_recorded_and_nothing_else(
    recorded: Guarded, paths: tuple[str, ...], out: str, error: str, values: dict[str, int]
) -> None:
    recorded.stage("kept.py", function(4))
    recorded.record()
    recorded.stage("kept.py", function(4, end="return -a"))  # over its limit, and no worse
    recorded.stage("bad.py", function(6, "g"))
    for path in ("kept.py", "bad.py", "old.py", "new.py"):
        recorded.write(path, function(9, "g"))
    said = recorded.say("baseline", "write", "--staged", *paths)
    assert (said.code, out in said.out, said.err.startswith(error)) == (2 if error else 0, True, True)
    assert read_values(recorded, NAME) == LEGACY | values


def test_entries_of_a_staged_baseline_that_is_not_on_disk_stay(recorded: Guarded) -> None:
    """A sparse checkout may leave it out, and who deleted it would lose the reasons of all other entries."""
    recorded.git("add", NAME)
    (recorded.path / NAME).unlink()
    recorded.stage("bad.py", function(6, "g"))
    assert recorded.say("baseline", "write", "--staged", "bad.py").code == 0
    assert read_values(recorded, NAME) == LEGACY | {"bad.py::g": 6}


def test_files_are_named_if_the_hook_was_given_a_part_of_them(recorded: Guarded) -> None:
    many(recorded)
    recorded.stage("e.py", function(6))
    files = [f"{name}.py" for name in "abcd"]
    assert f"baseline write --staged {' '.join(files)}{AND}" in recorded.hook(*files).out
    assert f"baseline write --staged{AND}" in recorded.hook(*files, "e.py", "pyproject.toml").out
    assert f"baseline write --staged a.py{AND}" in recorded.hook("a.py").out


@pytest.mark.parametrize(
    ("options", "ways"),
    [
        ((), {"simplify", "allow", "record"}),
        (("--limits-from", "HEAD"), {"simplify", "allow"}),
        (("--no-baseline",), {"simplify", "allow"}),
        (("--no-ignore",), {"simplify", "record"}),
    ],
)
def test_a_way_out_that_the_check_does_not_read_is_not_proposed(
    recorded: Guarded, options: tuple[str, ...], ways: set[str]
) -> None:
    recorded.stage("bad.py", function(6, "g"))
    said = recorded.hook(*options).out
    assert {line.split()[0] for line in said.splitlines()} & {"simplify", "allow", "record"} == ways


def test_what_a_removed_baseline_allowed_is_recorded_again(recorded: Guarded) -> None:
    many(recorded)
    recorded.say("baseline", "write")
    recorded.record_all()
    values = read_values(recorded, NAME)
    for path in {place.partition("::")[0] for place in values}:
        recorded.stage(path, f"import os\n{(recorded.path / path).read_text()}")
    recorded.git("rm", "--quiet", NAME)
    command = find_recording(recorded.hook())
    assert command == f"pytest-antipasta baseline write --staged && git add {NAME}"
    subprocess.run(command, shell=True, cwd=recorded.path, check=True, capture_output=True)
    assert recorded.hook().code == 0
    assert read_values(recorded, NAME) == values


def test_a_baseline_outside_of_the_repository_is_named(guarded: Guarded) -> None:
    guarded.configure('baseline = "../known.json"')
    guarded.say("baseline", "write", "--baseline", "../known.json")
    guarded.stage("a.py", function(6, "g"))
    (line,) = (line for line in guarded.hook().out.splitlines() if line.startswith("record"))
    subprocess.run(line.removeprefix("record"), shell=True, cwd=guarded.path, check=True, capture_output=True)
    assert guarded.hook().code == 0
    assert "../known.json" in line and "git add" not in line


def test_a_reason_is_not_written_into_old_entries_of_a_file_that_nobody_named(recorded: Guarded) -> None:
    recorded.stage("old.py", function(5) + function(6, "g"))
    assert "1 added" in recorded.say("baseline", "write", "--staged", "--reason", "law").out
    entries = read_entries(recorded.path / NAME)
    reasons = {f"{entry['path']}::{entry['qualified_name']}": entry.get("reason") for entry in entries}
    assert reasons == {"old.py::f": None, "old.py::g": "law", "sub/older.py::f": None}
    recorded.say("baseline", "write", "--staged", "--reason", "age", "old.py")
    assert '"reason": "age"' in (recorded.path / NAME).read_text()


def test_a_commit_without_violations_has_nothing_to_record(guarded: Guarded) -> None:
    guarded.stage("a.py", function(2, "g"))
    said = guarded.say("baseline", "write", "--staged")
    assert said == (0, "no violations that can be recorded\n", "")


def test_outside_of_a_repository_nothing_is_staged(guarded: Guarded) -> None:
    shutil.rmtree(guarded.path / ".git")
    said = guarded.say("baseline", "write", "--staged")
    assert said.code == 2
    assert said.err.startswith("error: could not determine the changes: ")


def test_entries_follow_code_in_the_index(recorded: Guarded) -> None:
    text = (recorded.path / NAME).read_text()
    recorded.write(NAME, text.replace('"value": 5', '"value": 5, "reason": "law"'))
    recorded.git("mv", "old.py", "new.py")
    (recorded.path / "new.py").rename(recorded.path / "old.py")
    said = recorded.say("baseline", "write", "--staged", ".")
    assert "follows: old.py: f: cyclomatic_complexity to new.py: f: cyclomatic_complexity 5\n" in said.out
    assert read_values(recorded, NAME) == {"new.py::f": 5, "sub/older.py::f": 7}
    assert '"reason": "law"' in (recorded.path / NAME).read_text()


def test_what_was_read_from_disk_is_recorded_from_there(guarded: Guarded) -> None:
    """`pre-commit run --files a.py` names a file of which nothing is staged."""
    guarded.write("a.py", function(6, "g"))
    said = guarded.say("hook", "a.py")
    assert f"record    pytest-antipasta baseline write a.py{AND}git add {NAME}\n" in said.out
    guarded.say("baseline", "write", "a.py")
    assert guarded.say("hook", "a.py").code == 0


def test_a_command_about_many_files_is_short(guarded: Guarded) -> None:
    names = [f"f{place:02}.py" for place in range(21)]
    guarded.write("untouched.py", function(6))
    guarded.git("add", ".")
    guarded.git("commit", "--quiet", "--no-verify", "--message", "more")
    for name in names:
        guarded.stage(name, function(6, "g"))
    add = f"{AND}git add {NAME}"
    for asked, named in {
        (): f" --staged{add}",
        tuple(names): f" --staged{add}",
        tuple(names[1:]): f" --staged {' '.join(names[1:])}{add}",
        (*names, "untouched.py"): f" --staged PATH{add}",
        ("--whole",): add,
    }.items():
        assert f"record    pytest-antipasta baseline write{named}\n" in guarded.say("hook", *asked).out, asked
