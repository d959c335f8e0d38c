"""Functions that a commit renames or moves and edits at once, with real git."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from pytest_antipasta.metrics.following.file_version import FileVersion
from tests.gate.conftest import SETTINGS, Guarded, MakeTable, function
from tests.gate.tables import name_rows

EDITED = "return a + 1"


def method(complexity: int, name: str = "f") -> str:
    text = textwrap.indent(function(complexity, name, end=EDITED), "    ").replace("(a)", "(self, a)")
    return f"class A:\n{text}"


def list_files(guarded: Guarded, *arguments: str) -> list[dict[str, Any]]:
    said = guarded.say("check", "--staged", "--format", "json", *arguments)
    files: list[dict[str, Any]] = json.loads(said.out)["files"]
    return files


REWRITTEN = [
    pytest.param(function(5), method(5), 0, id="a method of a function"),
    pytest.param(function(5), method(6), 1, id="a method of a function, worse"),
    pytest.param(
        function(5), function(1) + function(5, "_f", end=EDITED), 0, id="a thin wrapper left behind"
    ),
    pytest.param(function(5), function(1) + function(6, "_f", end=EDITED), 1, id="a thin wrapper, worse"),
    pytest.param(
        function(6), function(2) + function(5, "_f", end=EDITED), 1, id="more points than were lost"
    ),
    pytest.param(
        function(7), function(2) + function(5, "_f", end=EDITED), 0, id="as many points as were lost"
    ),
    pytest.param(
        function(6),
        function(1) + function(5, "_f", end=EDITED) + function(4, "_g", end=EDITED),
        1,
        id="two, where one of them has the points that were lost",
    ),
    pytest.param(function(3), method(5), 1, id="of one that was within its limit"),
    pytest.param(
        "# antipasta: ignore\n" + function(5), method(5), 1, id="of one with a comment, which is gone"
    ),
]


@pytest.fixture(scope="module")
def rewritten(make_table: MakeTable) -> list[dict[str, list[str]]]:
    """What fails of each row, by the hook and by a check of what is staged."""
    rows = name_rows(REWRITTEN)
    table = make_table({name: {"a.py": row[0]} for name, row in rows.items()})
    table.guarded.record()
    table.stage({name: {"a.py": row[1]} for name, row in rows.items()})
    return [table.find("hook"), table.find("check", "--staged", "--quiet")]


@pytest.mark.parametrize(("before", "after", "code"), REWRITTEN)
def test_it_fails_only_if_it_is_worse_than_its_origin(
    rewritten: list[dict[str, list[str]]],
    request: pytest.FixtureRequest,
    before: str,
    after: str,
    code: int,
) -> None:
    assert [bool(found[request.node.callspec.id]) for found in rewritten] == [bool(code)] * 2


def test_reports_say_which_function_it_was(guarded: Guarded) -> None:
    guarded.stage("a.py", method(6, "f"))
    guarded.git("rm", "--quiet", "--force", "old.py")
    said = guarded.hook()
    assert "a.py\n    2:1  A.f  cyclomatic 5 → 6/3 (+1)  moved from old.py::f\n" in said.out
    (violation,) = list_files(guarded)[0]["violations"]
    place = violation["change"], violation["previous_path"], violation["previous_name"], violation["before"]
    assert place == ("moved", "old.py", "f", 5)
    guarded.stage("a.py", method(5, "f"))
    assert list_files(guarded)[0]["tolerated"][0]["why"] == "not worse"


def test_each_file_alone_is_judged_as_with_all_others(guarded: Guarded) -> None:
    """Of two that are like one that is gone, the more similar one has its number."""
    guarded.git("rm", "--quiet", "--force", "old.py")
    guarded.stage("a.py", function(5, "g", end="a = 2; return a").replace("a += 0", "a += 9"))
    guarded.stage("b.py", function(5, "h", end=EDITED))
    assert [guarded.hook(*paths).code for paths in ((), ("a.py",), ("b.py",))] == [1, 1, 0]


def test_a_merge_is_blamed_only_where_it_is_worse_than_in_each_parent(guarded: Guarded) -> None:
    guarded.git("branch", "side")
    guarded.stage("x.py", "x = 1\n")
    guarded.record()
    guarded.git("checkout", "--quiet", "side")
    guarded.stage("old.py", function(5, "g", end=EDITED))
    guarded.record()
    guarded.git("merge", "--quiet", "--no-commit", "--no-ff", "main")
    guarded.stage("old.py", function(5, "h", end="return a + 2"))
    assert guarded.hook().code == 0
    guarded.stage("old.py", function(6, "h", end="return a + 2"))
    assert guarded.hook().code == 1


# With a baseline.


@pytest.fixture
def recorded(guarded: Guarded) -> Guarded:
    """A repository whose only function is recorded, and that lists no waivers silently."""
    guarded.stage("pyproject.toml", SETTINGS.format('new_waivers = "fail"'))
    guarded.say("baseline", "write")
    guarded.record_all()
    return guarded


def test_what_was_recorded_is_to_be_recorded_under_its_new_name(recorded: Guarded) -> None:
    recorded.stage("old.py", method(5))
    said = recorded.hook()
    assert said.code == 1
    assert "(previously in the baseline)" in said.out
    step = "`pytest-antipasta baseline write --staged old.py` records them under their new names"
    for options in ((), ("--format", "agent")):
        assert (
            f"next: {step}; they are no worse than before\n"
            in recorded.say("check", "--staged", *options).out
        )
    recorded.stage("new.py", function(6))
    assert "next: `pytest-antipasta explain " in recorded.say("check", "--staged").out
    recorded.git("rm", "--quiet", "--force", "new.py")
    recorded.say("baseline", "write")
    recorded.git("add", "--all")
    said = recorded.hook()
    assert (said.code, said.out) == (0, "")
    recorded.record()
    assert recorded.say("check", "--quiet").code == 0


def test_to_record_more_than_before_is_a_waiver(recorded: Guarded) -> None:
    recorded.stage("old.py", method(6))
    recorded.say("baseline", "write")
    recorded.git("add", "--all")
    said = recorded.hook()
    assert said.code == 1
    assert "waiver" in said.out


def test_a_comment_that_goes_along_is_no_waiver(guarded: Guarded) -> None:
    guarded.stage("pyproject.toml", SETTINGS.format('new_waivers = "fail"'))
    comment = "# antipasta: ignore[cyclomatic_complexity<=5] a parser\n"
    guarded.stage("old.py", comment + function(5))
    guarded.record()
    guarded.stage("old.py", comment + function(5, "g", end=EDITED))
    assert guarded.hook().code == 0
    guarded.stage("old.py", comment.replace("5", "6") + function(6, "g", end=EDITED))
    assert guarded.hook().code == 1


def test_too_many_that_are_alike_are_new_and_it_is_said(guarded: Guarded) -> None:
    guarded.stage("old.py", "".join(function(5, f"f{number}") for number in range(201)))
    guarded.record()
    guarded.stage("old.py", "".join(function(5, f"g{number}", end=EDITED) for number in range(201)))
    said, checked = guarded.hook(), guarded.say("check", "--staged")
    warning = (
        "some new functions were not compared with old ones, as more than 200 have the same lines; "
        "if they were renamed or moved, commit that first, and edits after it"
    )
    assert (said.code, checked.code) == (1, 1)
    assert f"warning: {warning}\n" in said.err
    assert f"\n{warning}\n" in checked.out


# What it costs.


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        pytest.param(function(6), False, id="of a name that was there"),
        pytest.param(function(5) + function(3, "g"), False, id="a new one within its limit"),
        pytest.param(function(5, "g"), False, id="only renamed"),
        pytest.param(function(5, "g", end=EDITED), True, id="renamed and edited"),
        pytest.param(function(5) + function(4, "g"), True, id="a new one over its limit"),
    ],
)
def test_only_for_an_added_function_over_a_limit_lines_are_counted(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, text: str, is_asked: bool
) -> None:
    counted: list[str] = []

    def count(version: FileVersion, name: str, *, is_named: bool) -> object:
        counted.append(name)
        return real(version, name, is_named=is_named)

    real = FileVersion.count_lines
    monkeypatch.setattr(FileVersion, "count_lines", count)
    guarded.stage("old.py", text)
    guarded.hook()
    assert bool(counted) == is_asked
