"""``pytest-antipasta baseline write | show | prune``."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.baseline.conftest import Root, function, read_entries
from tests.windows import NEEDS_LINKS, NEEDS_SCRIPTS, decode_name

NAME = "antipasta-baseline.json"


@pytest.fixture
def recorded(root: Root) -> Root:
    """A root with what is over its limit recorded."""
    root.write("a.py", function(5, "f") + function(6, "g"))
    root.write("sub/b.py", function(7, "h"))
    root.write("sub/good.py", function(2, "k"))
    assert root.run("baseline", "write") == (0, [f"{NAME}: written, 3 entries for 2 files (3 added)"], [])
    return root


def test_everything_over_its_limit_is_recorded(recorded: Root) -> None:
    assert recorded.entries() == [("a.py::f", 5), ("a.py::g", 6), ("sub/b.py::h", 7)]
    assert recorded.check() == []


def test_the_numbers_of_files_are_recorded_with_the_python_that_they_depend_on(root: Root) -> None:
    root.configure(index="99", more="halstead_time = 0")
    root.write("a.py", "x = 1 + 2\n" * 20)
    root.run("baseline", "write")
    time, index = read_entries(root.baseline)
    assert (time["metric"], index["metric"]) == ("halstead_time", "maintainability_index")
    assert "python" not in time
    assert index["python"].startswith("3.")
    assert time["body"] == index["body"]
    assert root.check() == []


def test_writing_again_changes_nothing(recorded: Root) -> None:
    before = recorded.baseline.stat()
    assert recorded.run("baseline", "write").out == [f"{NAME}: up to date, 3 entries for 2 files"]
    assert recorded.run("baseline", "prune").out == [f"{NAME}: up to date, 3 entries for 2 files"]
    assert recorded.baseline.stat().st_ino == before.st_ino


def test_a_baseline_keeps_its_line_ends(recorded: Root) -> None:
    """Git counts a file of another size as modified, even if it converts its line ends."""
    recorded.baseline.write_bytes(before := recorded.baseline.read_bytes().replace(b"\n", b"\r\n"))
    assert recorded.run("baseline", "write").out == [f"{NAME}: up to date, 3 entries for 2 files"]
    assert recorded.baseline.read_bytes() == before
    recorded.write("sub/b.py", function(2, "h"))
    recorded.run("baseline", "prune")
    assert recorded.baseline.read_bytes().count(b"\n") == recorded.baseline.read_bytes().count(b"\r\n") == 8


@NEEDS_SCRIPTS
@pytest.mark.parametrize("command", ["write", "prune"])
def test_a_baseline_that_changes_during_the_run_stays(
    recorded: Root, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Another run may write entries for other files at the same time."""
    folder = tmp_path_factory.mktemp("git")  # one in the repository is not run
    other, program = folder / "other.json", folder / "git"
    other.write_text("".join(recorded.baseline.read_text().splitlines(keepends=True)[:-4]) + "null]}")
    program.write_text(f'#!/bin/sh\ncp "{other}" "{recorded.baseline}"\nexec "{shutil.which("git")}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    recorded.write("a.py", function(4, "f"))
    message = f"error: {NAME}: changed during the run; nothing was written; run again"
    assert recorded.run("baseline", command) == (2, [], [message])
    assert recorded.baseline.read_bytes() == other.read_bytes()
    assert recorded.run("baseline", command).code == 0


def test_writing_says_what_it_changes(recorded: Root) -> None:
    recorded.write("a.py", function(9, "f") + function(4, "g") + function(4, "new"))
    recorded.write("sub/b.py", function(2, "h"))
    assert recorded.run("baseline", "write").out == [
        f"{NAME}: written, 3 entries for 1 file (1 added, 1 removed, 1 allowing more, 1 allowing less)",
        "allows more: a.py: f: cyclomatic_complexity 5 → 9",
        "allows less: a.py: g: cyclomatic_complexity 6 → 4",
        "removed: sub/b.py: h: cyclomatic_complexity 7",
    ]
    assert recorded.entries() == [("a.py::f", 9), ("a.py::g", 4), ("a.py::new", 4)]


@pytest.mark.parametrize("command", ["write", "prune"])
def test_a_dry_run_says_the_same_and_writes_nothing(recorded: Root, command: str) -> None:
    recorded.write("a.py", function(9, "f") + function(4, "g"))
    recorded.write("sub/b.py", function(2, "h"))
    before = recorded.baseline.read_bytes()
    first, *rest = recorded.run("baseline", command, "--dry-run").out
    assert recorded.baseline.read_bytes() == before
    done = recorded.run("baseline", command).out
    assert [first.replace("not written (dry run)", "written"), *rest] == done
    assert recorded.baseline.read_bytes() != before


def test_a_dry_run_makes_no_baseline(root: Root) -> None:
    root.write("a.py", function(5, "f"))
    said = root.run("baseline", "write", "--dry-run").out
    assert said == [f"{NAME}: not written (dry run), 1 entry for 1 file (1 added)"]
    assert not root.baseline.exists()


def test_quiet_says_nothing(recorded: Root) -> None:
    recorded.write("a.py", function(9, "f"))
    assert recorded.run("baseline", "write", "--quiet") == (0, [], [])
    assert recorded.run("baseline", "prune", "--quiet") == (0, [], [])


def test_a_long_list_of_changes_is_cut(root: Root) -> None:
    root.write("a.py", "".join(function(5, f"f{number:02}") for number in range(12)))
    root.run("baseline", "write")
    root.write("a.py", "")
    lines = root.run("baseline", "prune").out
    assert lines[1] == "removed: a.py: f00: cyclomatic_complexity 5"
    assert lines[10:] == ["removed: a.py: f09: cyclomatic_complexity 5", "removed: and 2 more"]


def test_writing_for_a_part_leaves_the_rest(recorded: Root) -> None:
    recorded.write("a.py", function(9, "f"))
    recorded.write("sub/b.py", function(9, "h"))
    recorded.write("sub/c.py", function(4, "new"))
    recorded.run("baseline", "write", "sub")
    assert recorded.entries() == [("a.py::f", 5), ("a.py::g", 6), ("sub/b.py::h", 9), ("sub/c.py::new", 4)]
    recorded.run("baseline", "write", "a.py")
    assert recorded.entries() == [("a.py::f", 9), ("sub/b.py::h", 9), ("sub/c.py::new", 4)]


def test_a_part_includes_what_is_gone_from_it(recorded: Root) -> None:
    (recorded.path / "sub/b.py").unlink()
    (recorded.path / "a.py").unlink()
    recorded.run("baseline", "prune", "sub")
    assert recorded.entries() == [("a.py::f", 5), ("a.py::g", 6)]
    recorded.run("baseline", "prune", ".")
    assert recorded.entries() == []


def test_what_is_gone_can_be_named_while_it_is_recorded(recorded: Root) -> None:
    (recorded.path / "sub/b.py").unlink()
    assert recorded.run("baseline", "show", "sub/b.py").out[:1] == ["sub/b.py: h: cyclomatic_complexity 7"]
    (recorded.path / "a.py").rename(recorded.path / "c.py")
    recorded.run("baseline", "prune", "sub/b.py", "a.py")
    assert recorded.entries() == [("a.py::f", 5), ("a.py::g", 6)]
    (recorded.path / "c.py").unlink()
    assert recorded.run("baseline", "prune", "a.py").code == 0
    assert recorded.entries() == []


def test_pruning_tightens_and_never_loosens(recorded: Root) -> None:
    recorded.write("a.py", function(4, "f") + function(9, "g") + function(5, "new"))
    recorded.write("sub/b.py", function(3, "h"))
    failing = recorded.check()
    assert recorded.run("baseline", "prune").out == [
        f"{NAME}: written, 2 entries for 1 file (1 removed, 1 allowing less)",
        "allows less: a.py: f: cyclomatic_complexity 5 → 4",
        "removed: sub/b.py: h: cyclomatic_complexity 7",
    ]
    assert recorded.entries() == [("a.py::f", 4), ("a.py::g", 6)]
    assert recorded.check() == failing
    assert failing == [
        "a.py",
        "    6:1  g    cyclomatic 9/3 (the baseline has 6)",
        "   16:1  new  cyclomatic 5/3",
    ]


def test_pruning_follows(recorded: Root) -> None:
    recorded.write("a.py", function(5, "renamed") + function(6, "g"))
    (recorded.path / "sub/b.py").rename(recorded.path / "sub/c.py")
    assert recorded.run("baseline", "prune").out == [
        f"{NAME}: written, 3 entries for 2 files (2 moved)",
        "follows: a.py: f: cyclomatic_complexity to a.py: renamed: cyclomatic_complexity 5",
        "follows: sub/b.py: h: cyclomatic_complexity to sub/c.py: h: cyclomatic_complexity 7",
    ]
    assert recorded.entries() == [("a.py::g", 6), ("a.py::renamed", 5), ("sub/c.py::h", 7)]
    assert recorded.run("check").out[1] == "baseline: 3 violations tolerated"


def test_writing_for_the_new_file_alone_leaves_no_entry_of_the_renamed_one(recorded: Root) -> None:
    """A hook proposes the new path alone, as git has no other."""
    (recorded.path / "a.py").rename(recorded.path / "c.py")
    recorded.write("c.py", function(6, "f") + function(6, "g"))
    assert recorded.run("baseline", "write", "c.py").out == [
        f"{NAME}: written, 3 entries for 2 files (1 allowing more, 2 moved)",
        "allows more: c.py: f: cyclomatic_complexity 5 → 6",
        "follows: a.py: f: cyclomatic_complexity to c.py: f: cyclomatic_complexity 6",
        "follows: a.py: g: cyclomatic_complexity to c.py: g: cyclomatic_complexity 6",
    ]
    assert recorded.run("baseline", "prune", "--check").code == 0


def test_an_edit_is_followed_once_it_is_recorded(recorded: Root) -> None:
    recorded.write("sub/b.py", function(7, "h", end="return 7"))
    assert recorded.run("baseline", "prune").out == [
        f"{NAME}: written, 3 entries for 2 files (1 whose code was edited)"
    ]
    recorded.write("sub/b.py", function(7, "renamed", end="return 7"))
    assert recorded.check() == []


def test_what_is_recorded_of_a_file_without_numbers_stays(recorded: Root) -> None:
    recorded.write("a.py", "def f(:\n")
    recorded.write("new.py", "def f(:\n")
    warning = "not measured (syntax): invalid syntax"
    for command in ("write", "prune"):
        said = recorded.run("baseline", command)
        assert (said.code, said.err) == (
            3,
            [f"warning: a.py:1: {warning}; its entries are unchanged", f"warning: new.py:1: {warning}"],
        )
    assert recorded.entries() == [("a.py::f", 5), ("a.py::g", 6), ("sub/b.py::h", 7)]
    recorded.configure('on_error = "warn"')
    assert recorded.run("baseline", "write").code == 0


def test_what_may_have_gone_to_a_file_without_numbers_stays(recorded: Root) -> None:
    recorded.write("a.py", function(5, "f"))
    recorded.write("c.py", function(6, "g") + "def broken(:\n")
    before = recorded.entries()
    assert not [line for line in recorded.run("check").out if "prune" in line]
    assert recorded.run("baseline", "prune").out == [f"{NAME}: up to date, 3 entries for 2 files"]
    recorded.write("c.py", function(6, "g"))
    assert recorded.check() == []
    assert recorded.entries() == before


def test_a_part_keeps_what_has_moved_out_of_it(recorded: Root) -> None:
    recorded.write("a.py", function(5, "f"))
    recorded.write("c.py", function(6, "g"))
    for command in ("prune", "write"):
        assert recorded.run("baseline", command, "a.py").out == [f"{NAME}: up to date, 3 entries for 2 files"]
    assert recorded.check() == []


def test_a_file_outside_of_the_root_is_not_recorded(root: Root, tmp_path: Path) -> None:
    (tmp_path / "out.py").write_text(function(5))
    said = root.run("baseline", "write", str(tmp_path / "out.py"))
    path = (tmp_path / "out.py").as_posix()
    assert said.out == ["no violations that can be recorded"]
    assert said.err[0].startswith(f"warning: {path} is outside the root ({root.path.as_posix()}, ")
    assert said.err[1:] == [f"warning: not recorded because it is outside the root: {path}"]
    assert not root.baseline.exists()


def test_nothing_to_record_makes_no_file(root: Root) -> None:
    root.write("a.py", function(2))
    assert root.run("baseline", "write") == (0, ["no violations that can be recorded"], [])
    assert not root.baseline.exists()


def test_recording_no_files_is_a_warning(root: Root) -> None:
    said = root.run("baseline", "write")
    assert said.out == ["no violations that can be recorded"]
    assert said.err == [
        "warning: 0 files: nothing was checked; "
        "check `paths`, `include` and `exclude` in the settings; symlinks are not followed"
    ]


def test_without_a_baseline_there_is_nothing_to_do(root: Root) -> None:
    hint = "no baseline found; create one with `pytest-antipasta baseline write`"
    for command in ("show", "prune"):
        assert root.run("baseline", command) == (0, [hint], [])


def test_showing(recorded: Root) -> None:
    assert recorded.run("baseline", "show").out == [
        "a.py: f: cyclomatic_complexity 5",
        "a.py: g: cyclomatic_complexity 6",
        "sub/b.py: h: cyclomatic_complexity 7",
        "3 entries for 2 files",
    ]
    assert recorded.run("baseline", "show", "sub").out[1:] == ["1 entry for 1 file"]
    recorded.run("baseline", "write", "--reason", "five kinds of price", "sub")
    assert recorded.run("baseline", "show", "sub").out == [
        "sub/b.py: h: cyclomatic_complexity 7; reason: five kinds of price",
        "1 entry for 1 file",
    ]


def test_showing_as_json(recorded: Root) -> None:
    shown = json.loads("\n".join(recorded.run("baseline", "show", "--format", "json", "a.py").out))
    assert shown["schema_version"] == 1
    assert [sorted(entry) for entry in shown["entries"]] == 2 * [
        ["body", "metric", "path", "python", "qualified_name", "reason", "value"]
    ]
    recorded.baseline.unlink()
    shown = json.loads("\n".join(recorded.run("baseline", "show", "--format", "json").out))
    assert shown == {"schema_version": 1, "entries": []}


@pytest.mark.parametrize("command", ["prune", "write"])
def test_so_does_what_may_have_gone_to_one_that_was_not_asked_for(recorded: Root, command: str) -> None:
    recorded.write("a.py", function(5, "f"))
    recorded.write("c.py", function(6, "g") + "def broken(:\n")
    before = recorded.entries()
    said = recorded.run("baseline", command, "a.py")
    assert recorded.entries() == before
    assert said.err == [
        (
            "warning: kept 1 entry of code that may have moved to c.py, which could not be measured; fix "
            "or exclude that file"
        )
    ]
    recorded.write("c.py", "")
    recorded.run("baseline", command, "a.py")
    assert recorded.entries() == [("a.py::f", 5), ("sub/b.py::h", 7)]


def test_a_path_that_is_not_there(recorded: Root) -> None:
    for command in ("write", "show", "prune"):
        assert recorded.run("baseline", command, "nowhere.py")[::2] == (
            2,
            ["error: no such file or folder: nowhere.py"],
        )
        assert recorded.run("baseline", command, "").code == 2


def test_it_is_written_whole_or_not_at_all(root: Root) -> None:
    root.write("a.py", function(5))
    root.write("file", "")
    said = root.run("baseline", "write", "--baseline", "file/b.json")
    assert said.code == 2
    assert said.err == ["error: can't write the baseline file/b.json: file is not a folder"]
    root.run("baseline", "write", "--baseline", "new/b.json")
    assert os.listdir(root.path / "new") == ["b.json"]


@NEEDS_LINKS
def test_a_link_is_written_through(recorded: Root) -> None:
    recorded.baseline.rename(recorded.path / "real.json")
    recorded.baseline.symlink_to("real.json")
    recorded.write("a.py", "")
    recorded.run("baseline", "prune")
    assert recorded.baseline.is_symlink()
    assert [place for place, _ in recorded.entries()] == ["sub/b.py::h"]


def test_the_limits_are_the_measure_and_not_the_baseline_itself(recorded: Root) -> None:
    recorded.configure(
        '[[tool.pytest-antipasta.overrides]]\nfiles = ["a.py"]\nthresholds = {cyclomatic_complexity = 5}'
    )
    recorded.run("baseline", "prune")
    assert recorded.entries() == [("a.py::g", 6), ("sub/b.py::h", 7)]


def test_a_function_in_which_nothing_is_tolerated_is_reported(recorded: Root) -> None:
    recorded.configure('critical_functions = ["a.py::f"]')
    said = recorded.run("baseline", "write")
    assert (said.code, said.out) == (0, [f"{NAME}: up to date, 3 entries for 2 files"])
    assert said.err == [
        ("warning: recorded but not tolerated, because it is in `critical_functions`: a.py::f")
    ]
    assert recorded.check() == [
        "a.py",
        "    1:1  f  cyclomatic 5/3 (the baseline has 5)  in `critical_functions`",
    ]


def test_a_folder_around_the_root_means_all_of_it(recorded: Root) -> None:
    recorded.write("a.py", function(7, "f") + function(6, "g"))
    assert recorded.run("baseline", "write", "..").code == 0
    assert recorded.entries() == [("a.py::f", 7), ("a.py::g", 6), ("sub/b.py::h", 7)]
    said = recorded.run("check", "--quiet", "..")
    assert (said.code, said.out) == (0, [])
    assert said.err[0].endswith("; only that root was checked")


def test_entries_of_files_that_nobody_looks_at_are_not_pruned(recorded: Root) -> None:
    recorded.configure('exclude = ["sub"]')
    assert not any("no longer needed" in line for line in recorded.run("check").out)
    said = recorded.run("baseline", "prune")
    assert said.out == [f"{NAME}: up to date, 3 entries for 2 files"]
    assert said.err == [
        (
            "warning: kept 1 entry of a file that is not checked (excluded?); fix the settings, or run "
            "`pytest-antipasta baseline write` to remove it"
        )
    ]
    assert recorded.run("baseline", "prune", "a.py").err == []
    assert recorded.run("baseline", "write").err == []
    assert recorded.entries() == [("a.py::f", 5), ("a.py::g", 6)]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are not bytes")
def test_a_check_does_not_propose_to_prune_what_stays_for_want_of_a_real_path(recorded: Root) -> None:
    place = recorded.path / decode_name(b"\xff.py")
    place.write_text(function(5))
    recorded.run("baseline", "write")
    place.unlink()
    assert not any("to update it" in line for line in recorded.run("check").out)
    assert recorded.run("baseline", "prune").out == [f"{NAME}: up to date, 4 entries for 3 files"]


@pytest.mark.parametrize(
    ("keys", "entry"),
    [
        pytest.param("", {"path": "gone.py", "metric": "other:depth"}, id="a metric"),
        pytest.param(
            'languages = ["other:js"]',
            {"path": "gone.js", "metric": "cyclomatic_complexity"},
            id="a language",
        ),
    ],
)
def test_entries_of_a_deleted_file_that_an_extension_measured_are_needed_without_it(
    root: Root, keys: str, entry: dict[str, str]
) -> None:
    """The file may have been renamed."""
    root.configure(keys)
    root.write("a.py", "x = 1\n")
    root.record({**entry, "qualified_name": "f", "value": 5})
    assert not any("no longer needed" in line for line in root.run("check").out)
    root.run("baseline", "prune")
    assert root.entries() == [(f"{entry['path']}::f", 5)]


@pytest.mark.parametrize("action", ["write", "prune"])
@pytest.mark.parametrize(
    ("left", "told"),
    [
        pytest.param(
            (5, 6),
            [
                "written, 2 entries for 1 file (1 removed, 2 moved)",
                "follows: a.py: f#2: cyclomatic_complexity to a.py: f: cyclomatic_complexity 5",
                "follows: a.py: f#3: cyclomatic_complexity to a.py: f#2: cyclomatic_complexity 6",
                "removed: a.py: f: cyclomatic_complexity 4",
            ],
            id="the first is gone",
        ),
        pytest.param(
            (6, 5, 4),
            [
                "written, 3 entries for 1 file (2 moved)",
                "follows: a.py: f#3: cyclomatic_complexity to a.py: f: cyclomatic_complexity 6",
                "follows: a.py: f: cyclomatic_complexity to a.py: f#3: cyclomatic_complexity 4",
            ],
            id="they changed places",
        ),
    ],
)
def test_what_gets_another_number_takes_its_entry_along(
    root: Root, action: str, left: Sequence[int], told: Sequence[str]
) -> None:
    root.write("a.py", "".join(map(function, (4, 5, 6))))
    root.run("baseline", "write")
    root.write("a.py", "".join(map(function, left)))
    assert f"baseline: {len(left)} violations tolerated" in [
        line.partition(",")[0] for line in root.run("check").out
    ]
    assert "strict_files" not in "".join(root.run("check").out)
    assert root.run("baseline", "prune", "--check").code == ("removed" in told[0])
    assert root.run("baseline", action).out == [f"{NAME}: {told[0]}", *told[1:]]
    assert root.check() == []


@pytest.mark.parametrize("path", ["a.py", "."])
def test_a_reason_is_written_into_what_has_none_in_a_file_that_is_named(recorded: Root, path: str) -> None:
    recorded.run("baseline", "write", "--reason", "five kinds of price", path)
    reasons = {entry["reason"] for entry in read_entries(recorded.baseline) if entry["path"] == "a.py"}
    assert reasons == {"five kinds of price"}


def test_a_reason_is_written_into_what_moves_and_allows_more(root: Root) -> None:
    root.write("a.py", function(4) + function(5, "g"))
    root.run("baseline", "write")
    (root.path / "a.py").unlink()
    root.write("b.py", function(6) + function(5, "g"))
    assert root.run("baseline", "write", "--reason", "five kinds of price").out == [
        f"{NAME}: written, 2 entries for 1 file (1 allowing more, 2 moved)",
        "allows more: b.py: f: cyclomatic_complexity 4 → 6",
        "follows: a.py: f: cyclomatic_complexity to b.py: f: cyclomatic_complexity 6",
        "follows: a.py: g: cyclomatic_complexity to b.py: g: cyclomatic_complexity 5",
    ]
    reasons = {entry["qualified_name"]: entry.get("reason") for entry in read_entries(root.baseline)}
    assert reasons == {"f": "five kinds of price", "g": None}
    (root.path / "b.py").unlink()
    root.write("c.py", function(4) + function(5, "g"))
    assert root.run("baseline", "prune", "--check").out[0] == (
        "allows more than needed: c.py: f: cyclomatic_complexity: allows 6, the code has 4"
    )


def test_what_is_advised_in_place_of_a_reason_is_none(recorded: Root) -> None:
    for text in ("", " ", "REASON"):
        with pytest.raises(SystemExit, match="2"):
            recorded.run("baseline", "write", "--reason", text)


def test_a_reason_is_written_into_what_is_new_or_allows_more(recorded: Root) -> None:
    recorded.write("a.py", function(9, "f") + function(4, "g") + function(4, "new"))
    recorded.run("baseline", "write", "--reason", "five kinds of price")
    reasons = {entry["qualified_name"]: entry.get("reason") for entry in read_entries(recorded.baseline)}
    assert reasons == {"f": "five kinds of price", "g": None, "new": "five kinds of price", "h": None}
    recorded.write("a.py", function(7, "f") + function(4, "g") + function(4, "new", end="return 7"))
    for command in ("prune", "write"):
        recorded.run("baseline", command)
        entries = {entry["qualified_name"]: entry for entry in read_entries(recorded.baseline)}
        assert (entries["f"]["value"], entries["f"]["reason"]) == (7, "five kinds of price"), command
        assert entries["new"]["reason"] == "five kinds of price", command
    recorded.write("a.py", function(8, "f"))
    recorded.run("baseline", "write")
    (first, _) = read_entries(recorded.baseline)
    assert (first["value"], "reason" in first) == (8, False), "another reason than before"


def test_a_baseline_that_allows_more_than_the_code_needs_fails_a_check(recorded: Root) -> None:
    assert recorded.run("baseline", "prune", "--check") == (0, [], [])
    before = recorded.baseline.read_bytes()
    recorded.write("a.py", function(4, "f") + function(6, "g"))
    recorded.write("sub/b.py", function(2, "h"))
    assert recorded.run("baseline", "prune", "--check") == (
        1,
        [
            "allows more than needed: a.py: f: cyclomatic_complexity: allows 5, the code has 4",
            "no longer needed: sub/b.py: h: cyclomatic_complexity 7",
            (
                f"{NAME}: 2 entries allow more than the code needs; run `pytest-antipasta baseline prune` "
                "to tighten it"
            ),
        ],
        [],
    )
    assert recorded.baseline.read_bytes() == before
    recorded.run("baseline", "prune")
    assert recorded.run("baseline", "prune", "--check") == (0, [], [])
    recorded.write("a.py", function(9, "f") + function(6, "renamed"))
    assert recorded.run("baseline", "prune", "--check").code == 0, "worse, or under another name"


def test_a_hook_that_checks_the_baseline_says_what_to_do_if_unstaged_changes_need_it(
    recorded: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pre-commit and prek put these changes aside, and then prune has nothing to do."""
    recorded.write("a.py", function(4, "f") + function(6, "g"))
    assert "unstaged" not in recorded.run("baseline", "prune", "--check").out[-1]
    monkeypatch.setenv("PRE_COMMIT", "1")
    command = "`pytest-antipasta baseline write --staged PATH`"
    said = recorded.run("baseline", "prune", "--check").out[-1]
    assert said == f"if that changes nothing, an unstaged change needs an entry; run {command} for its file"


def test_a_check_of_the_baseline_says_what_it_could_not_measure(recorded: Root) -> None:
    recorded.write("a.py", "def f(:\n")
    said = recorded.run("baseline", "prune", "--check")
    assert (said.code, said) == (recorded.run("baseline", "prune").code, (3, [], said[2]))
    assert any("a.py" in line for line in said[2])


def test_a_shard_does_not_call_an_entry_needless_whose_code_may_be_in_another(root: Root) -> None:
    root.write("a.py", function(7))
    root.run("baseline", "write")
    names = [f"b{number}.py" for number in range(6)]
    for name in names:
        root.write(name, "x = 1\n")
    root.write("a.py", "y = 1\n")
    for name in names:
        root.write(name, function(7))
        shards = [root.run("check", "--shard", f"{number}/2") for number in (1, 2)]
        assert not [line for said in shards for line in said.out if "no longer needed" in line]
        root.write(name, "x = 1\n")
