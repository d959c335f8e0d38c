"""The list of what a change does to blocks, within their limits or not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gate.conftest import Guarded, function
from tests.report.shape import check_verdicts

Row = tuple[str, str | None, str, str | None, str, int | None, int | None, int | None]
"""Path and the previous one, name likewise, kind; cyclomatic complexity before, after and delta."""


def read_report(guarded: Guarded, *args: str) -> Any:
    """Return the JSON report of what is staged, or of what is asked for."""
    report = json.loads(guarded.say("check", "--format=json", *(args or ("--staged",))).out)
    check_verdicts(report)
    return report


def find_rows(guarded: Guarded, *args: str) -> list[Row]:
    """Return the list in short."""
    return [
        (
            *(one[key] for key in ("path", "previous_path", "qualified_name", "previous_name", "change")),
            *(one["metrics"]["cyclomatic_complexity"][key] for key in ("before", "after", "delta")),
        )
        for one in read_report(guarded, *args)["changes"]
    ]


def test_every_kind_is_listed_within_limits_too(guarded: Guarded) -> None:
    guarded.stage(
        "one.py",
        function(2, "edited") + function(3, "named", end="return 7") + function(2, "gone", end="return 8"),
    )
    guarded.stage("two.py", function(3, "taken", end="return 9") + function(1, "kept"))
    guarded.record()
    guarded.stage(
        "one.py",
        function(1, "edited") + function(3, "renamed", end="return 7") + function(3, "taken", end="return 9"),
    )
    guarded.stage("two.py", "# a comment\n" + function(1, "kept") + function(1, "new", end="return 6"))
    assert find_rows(guarded) == [
        ("one.py", None, "edited", None, "modified", 2, 1, -1),
        ("one.py", None, "renamed", "named", "renamed", 3, 3, 0),
        ("one.py", "two.py", "taken", None, "moved", 3, 3, 0),
        ("one.py", None, "gone", None, "deleted", 2, None, -2),
        ("two.py", None, "new", None, "added", None, 1, 1),
    ]


def test_blocks_of_a_deleted_file_are_listed_and_those_of_a_renamed_one_are_not(guarded: Guarded) -> None:
    guarded.stage("long.py", function(2, "f") + function(3, "g", end="return 5"))
    guarded.record()
    guarded.git("rm", "--quiet", "good.py")
    guarded.git("mv", "long.py", "other.py")
    guarded.stage("other.py", function(2, "f") + function(2, "g", end="return 5"))
    assert find_rows(guarded) == [
        ("good.py", None, "f", None, "deleted", 2, None, -2),
        ("other.py", "long.py", "g", None, "modified", 3, 2, -1),
    ]


@pytest.mark.parametrize(
    ("path", "other", "row", "points"),
    [
        pytest.param(
            "old.py", None, ("old.py", None, "g", "f", "renamed", 5, 6, 1), (1, 0), id="renamed and worse"
        ),
        pytest.param(
            "good.py", None, ("good.py", "old.py", "g", "f", "moved", 5, 4, -1), (0, 1), id="moved and better"
        ),
        pytest.param("old.py", 2, ("old.py", None, "f", None, "deleted", 5, None, -5), (2, 5), id="within"),
    ],
)
def test_an_edited_function_with_another_name_is_counted_as_the_one_that_it_was(
    guarded: Guarded, path: str, other: int | None, row: Row, points: tuple[int, int]
) -> None:
    """Only functions over a limit are compared with similar ones."""
    guarded.git("rm", "--quiet", "old.py")
    kept = function(2) if path == "good.py" else ""
    guarded.stage(path, kept + function(other or row[6] or 0, "other" if other else row[2]))
    assert row in find_rows(guarded)
    report = read_report(guarded)
    found = report["points"]["cyclomatic_complexity"]
    assert (found["added"], found["taken"]) == points
    if row[6] is not None and row[6] > 5:
        assert "5 \N{RIGHTWARDS ARROW} 6/3 (+1)" in guarded.hook().out
        assert "complexity added and removed: cyclomatic +1 -0" in guarded.hook().out
    assert len(report["changes"]) == (2 if other else 1)


def test_a_block_edited_in_its_place_is_the_one_that_it_was_though_its_old_body_is_elsewhere(
    guarded: Guarded,
) -> None:
    guarded.stage("good.py", function(3) + function(2, "copy"))
    assert find_rows(guarded) == [
        ("good.py", None, "f", None, "modified", 2, 3, 1),
        ("good.py", None, "copy", None, "added", None, 2, 2),
    ]


def test_an_old_body_does_not_make_one_block_two(guarded: Guarded) -> None:
    guarded.stage("three.py", function(1) + function(2, "g") + function(3, "h"))
    guarded.record()
    guarded.stage("three.py", function(4) + function(1, "g") + function(2, "h"))
    assert find_rows(guarded) == [
        ("three.py", None, "f", None, "modified", 1, 4, 3),
        ("three.py", None, "g", None, "added", None, 1, 1),
        ("three.py", None, "h", "g", "renamed", 2, 2, 0),
        ("three.py", None, "h", None, "deleted", 3, None, -3),
    ]


def test_classes_are_not_listed_and_a_closure_has_no_points_of_its_own(guarded: Guarded) -> None:
    guarded.stage("pyproject.toml", "[tool.pytest-antipasta]\n")
    before = "class A:\n    def f(self):\n        def g(a):\n            return a\n        return g\n"
    guarded.stage("a.py", before)
    guarded.record()
    guarded.stage("a.py", before.replace("return a\n", "return 1 if a else 2\n"))
    changes = read_report(guarded)["changes"]
    assert [(one["qualified_name"], one["change"]) for one in changes] == [
        ("A.f", "modified"),
        ("A.f.g", "modified"),
    ]
    cognitive = [one["metrics"]["cognitive_complexity"] for one in changes]
    assert [(one["before"], one["after"], one["delta"]) for one in cognitive] == [
        (0, 1, 1),
        (None, None, None),
    ]


def test_blocks_that_the_settings_leave_out_are_not_listed(guarded: Guarded) -> None:
    guarded.configure("nested_blocks = false")
    before = "def f():\n    def g(a):\n        return a\n    return g\n"
    guarded.stage("a.py", before)
    guarded.record()
    guarded.stage("a.py", before.replace("return a\n", "return 1 if a else 2\n"))
    assert [row[2] for row in find_rows(guarded)] == ["f"]
    guarded.stage("a.py", "def f(): pass\n")
    assert [row[2] for row in find_rows(guarded)] == ["f"]


def test_comments_and_layout_are_no_change(guarded: Guarded) -> None:
    guarded.stage("good.py", f"# new\n\n\n{function(2)}\n\n")
    report = read_report(guarded)
    assert (report["changes"], report["not_compared"]) == ([], [])


def test_there_is_no_list_where_no_change_is_judged(guarded: Guarded) -> None:
    assert {"changes", "not_compared"}.isdisjoint(read_report(guarded, "old.py"))


def test_what_is_staged_counts_and_not_what_lies_in_the_worktree(guarded: Guarded) -> None:
    guarded.stage("good.py", function(3))
    guarded.write("good.py", function(7))
    assert find_rows(guarded) == [("good.py", None, "f", None, "modified", 2, 3, 1)]
    assert find_rows(guarded, "--diff=HEAD") == [("good.py", None, "f", None, "modified", 2, 7, 5)]


def test_paths_narrow_the_list(guarded: Guarded) -> None:
    guarded.stage("good.py", function(3))
    guarded.stage("new/b.py", function(1))
    guarded.stage("new/bad.py", "def f(:\n")
    assert [row[0] for row in find_rows(guarded, "--staged", "good.py")] == ["good.py"]
    report = read_report(guarded, "--staged", "new")
    assert [one["path"] for one in report["changes"]] == ["new/b.py"]
    assert [one["path"] for one in report["not_compared"]] == ["new/bad.py"]


def test_each_number_has_the_limit_of_its_path(guarded: Guarded) -> None:
    override = (
        '[[tool.pytest-antipasta.overrides]]\nfiles = ["legacy/"]\n'
        "thresholds.cyclomatic_complexity = 9\nthresholds.cognitive_complexity = 7\n"
    )
    guarded.configure()
    text = (guarded.path / "pyproject.toml").read_text()
    guarded.stage("pyproject.toml", text + override)
    guarded.stage("legacy/a.py", function(2))
    guarded.stage("good.py", function(3))
    report = read_report(guarded)
    limits = [{name: one["limit"] for name, one in change["metrics"].items()} for change in report["changes"]]
    assert limits == [{"cyclomatic_complexity": 3}, {"cyclomatic_complexity": 9, "cognitive_complexity": 7}]
    (other,) = report["run"]["overrides"]
    assert other["files"] == ["legacy/a.py"]
    assert {name: one["limit"] for name, one in other["limits"].items()} == limits[1]
    report = read_report(guarded, "--staged", "--metric=cognitive_complexity")
    assert [list(one["metrics"]) for one in report["changes"]] == [[], ["cognitive_complexity"]]


def test_numbers_with_fractions(guarded: Guarded) -> None:
    text = "[tool.pytest-antipasta.thresholds]\nhalstead_volume = {limit = 1000, block_limit = 5}\n"
    guarded.stage("pyproject.toml", text)
    guarded.stage("good.py", function(3))
    (change,) = read_report(guarded)["changes"]
    volume = change["metrics"]["halstead_volume"]
    assert list(change["metrics"]) == ["cyclomatic_complexity", "cognitive_complexity", "halstead_volume"]
    assert volume["limit"] == 5
    assert volume["delta"] == round(volume["after"] - volume["before"], 4) > 0


@pytest.mark.parametrize("text", ["def f(:\n", "def f(a):\n    return a\n\ndef g(:\n"])
def test_nothing_is_said_of_blocks_in_a_file_without_numbers_before(guarded: Guarded, text: str) -> None:
    guarded.stage("broken.py", text)
    guarded.record()
    guarded.stage("broken.py", "def f(a):\n    return a\n\n" + function(2, "g"))
    guarded.stage("good.py", function(2) + "def f(a):\n    return a\n")
    report = read_report(guarded)
    told = [(one["path"], one["side"], one["kind"]) for one in report["not_compared"]]
    assert told == [("broken.py", "before", "syntax")]
    assert all(one["path"] != "broken.py" for one in report["changes"])


def test_nothing_is_said_of_blocks_in_a_file_without_numbers_after(guarded: Guarded) -> None:
    guarded.stage("good.py", "def g(:\n")
    guarded.stage("old.py", "x = 1\n")
    guarded.stage("broken.py", f"def g(:\n{function(5)}")
    report = read_report(guarded)
    told = [(one["path"], one["side"], one["kind"]) for one in report["not_compared"]]
    assert told == [("broken.py", "after", "syntax"), ("good.py", "after", "syntax")]
    assert report["changes"] == []  # what is gone from old.py is in broken.py


def test_a_deleted_file_without_numbers(guarded: Guarded) -> None:
    guarded.stage("broken.py", "def f(:\n")
    guarded.record()
    guarded.git("rm", "--quiet", "broken.py")
    report = read_report(guarded)
    assert report["changes"] == []
    assert [one["path"] for one in report["not_compared"]] == ["broken.py"]
    said = guarded.say("check", "--staged")
    assert "not compared because the previous version could not be measured: broken.py\n" in said.out


def test_a_file_that_is_no_source_any_more_has_lost_its_blocks(guarded: Guarded) -> None:
    guarded.git("mv", "good.py", "good.txt")
    assert find_rows(guarded) == [("good.py", None, "f", None, "deleted", 2, None, -2)]


def test_in_a_merge_those_blocks_are_listed_that_differ_from_both_parents(guarded: Guarded) -> None:
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.stage("good.py", function(2, end="return 1") + function(2, "ours"))
    guarded.stage("old.py", "x = 1\n")
    guarded.record("ours")
    guarded.git("checkout", "--quiet", "main")
    guarded.stage("good.py", function(3, end="return 2") + function(2, "theirs", end="return 5"))
    guarded.stage("bad.py", "def f(:\n")
    guarded.record("theirs")
    guarded.git("checkout", "--quiet", "topic")
    guarded.run_git("merge", "main")
    theirs = function(2, "theirs", end="return 5")
    guarded.stage("good.py", function(4, end="return 3") + function(2, "ours") + theirs + function(1, "evil"))
    assert find_rows(guarded) == [
        ("good.py", None, "f", None, "modified", 2, 4, 2),
        ("good.py", None, "evil", None, "added", None, 1, 1),
    ]
    assert read_report(guarded)["not_compared"] == []


def test_a_file_with_conflicts_is_not_compared(guarded: Guarded) -> None:
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.stage("good.py", function(2, end="return 1"))
    guarded.record("ours")
    guarded.git("checkout", "--quiet", "main")
    guarded.stage("good.py", function(2, end="return 2"))
    guarded.record("theirs")
    guarded.run_git("merge", "topic")
    report = read_report(guarded)
    assert report["changes"] == []
    told = [(one["path"], one["side"], one["kind"]) for one in report["not_compared"]]
    assert told == [("good.py", "after", "unmerged")]


@pytest.mark.slow
def test_the_list_is_the_same_in_every_way_in(guarded: Guarded) -> None:
    guarded.stage("good.py", function(3) + function(2, "copy"))
    guarded.stage("old.py", "x = 1\n")
    guarded.stage("new.py", function(5, end="return 9"))
    expected = read_report(guarded, "--staged", "--no-cache")
    del expected["run"]
    assert len(expected["changes"]) == 3
    for args in ([], [], ["-p", "xdist", "-n", "2"]):  # cold, and warm
        said = guarded.run_pytest(
            "--antipasta-only", "--antipasta-staged", "--antipasta-report=json=out.json", *args
        )
        report = json.loads((guarded.path / "out.json").read_bytes())
        check_verdicts(report)
        del report["run"]
        assert json.dumps(report) == json.dumps(expected)
        assert "\nread these first:\n  good.py:1 f: cyclomatic 2 → 3 (+1)\n  good.py:5 copy: new" in said.out


def test_files_that_pytest_leaves_out_are_not_in_the_list(guarded: Guarded) -> None:
    guarded.stage("good.py", function(3))
    guarded.stage("new.py", function(1))
    guarded.git("rm", "--quiet", "old.py")
    guarded.run_pytest(
        "--antipasta-only", "--antipasta-staged", "--antipasta-report=json=out.json", "-k", "good"
    )
    report = json.loads((guarded.path / "out.json").read_bytes())
    assert [one["path"] for one in report["changes"]] == ["good.py", "old.py"]


def test_nothing_is_said_of_blocks_in_a_file_that_git_has_lost(guarded: Guarded) -> None:
    blob = guarded.git("rev-parse", "HEAD:good.py").strip()
    (guarded.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    guarded.stage("good.py", function(1))
    guarded.stage("new.py", function(1, "g"))
    report = read_report(guarded)
    told = [(one["path"], one["side"], one["kind"]) for one in report["not_compared"]]
    assert told == [("good.py", "before", "unreadable")]
    assert [one["path"] for one in report["changes"]] == ["new.py"]
