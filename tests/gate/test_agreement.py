"""What the gate says of a commit with a baseline, and what a check of everything says after it, agree."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping

import pytest

from pytest_antipasta.git.objects import Objects
from tests.gate.conftest import Guarded, find_places, function
from tests.windows import AND, QUOTE

NAME = "antipasta-baseline.json"
EDITED = "return a + 1"
OVERLOAD = "@overload\ndef f(a: {}) -> {}: ...\n"
OVERLOADS = "from typing import overload\n" + OVERLOAD.format("int", "int") + OVERLOAD.format("str", "str")
PROPERTY = "class A:\n    @property\n    def f(self):\n        return self.a\n"
METHOD = "    " + function(5).replace("\n", "\n    ").rstrip(" ")
DELETER = "    @f.deleter\n    def f(self): ...\n"
SETTER = "    @f.setter\n" + METHOD


def stage(guarded: Guarded, files: Mapping[str, str | None]) -> None:
    """Write files and stage them; those without a content are taken away."""
    for path, content in files.items():
        if content is None:
            guarded.git("rm", "--quiet", "--force", path)
        else:
            guarded.stage(path, content)


def judge(guarded: Guarded, files: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    """Return what the gate finds in a commit, and what a check finds after it."""
    stage(guarded, files)
    gate = guarded.hook()
    guarded.record()
    check = guarded.say("check", "--quiet")
    assert [gate.code, check.code] == [int(bool(find_places(said.out))) for said in (gate, check)]
    return find_places(gate.out), find_places(check.out)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param(function(5), {"b.py": function(5, end=EDITED)}, [], id="a file renamed and edited"),
        pytest.param(function(5), {"b.py": function(6)}, ["b.py:1"], id="a file renamed, its function worse"),
        pytest.param(
            function(5),
            {"b.py": "def f(b, *c):\n" + "    while b: b = c.pop() or c[b]\n" * 4},
            ["b.py:1"],
            id="another function of the name of one whose file is gone",
        ),
        pytest.param(
            function(6) + function(5, "g"),
            {"b.py": function(6, end=EDITED), "c.py": function(5, "g", end=EDITED)},
            ["b.py:1", "c.py:1"],
            id="a file split in two, both functions edited",
        ),
        pytest.param(
            function(5),
            {"b.py": function(5, end=EDITED), "c.py": function(5, end="return a + 2")},
            ["c.py:1"],
            id="two files like one that is gone",
        ),
        pytest.param(
            function(5), {"a.py": function(4) + function(5)}, ["a.py:1"], id="a new one above, of its name"
        ),
        pytest.param(
            function(5),
            {"a.py": "def f(b):\n" + "    while b: b.pop()\n" * 4 + function(5, end=EDITED)},
            ["a.py:6"],
            id="a new one above, of its name, which is edited",
        ),
        pytest.param(
            function(6) + function(5),
            {"a.py": function(5), "b.py": function(6)},
            [],
            id="the first of two of a name moved to another file",
        ),
        pytest.param(
            OVERLOADS + function(5),
            {"a.py": OVERLOADS + OVERLOAD.format("bytes", "bytes") + function(5, end=EDITED)},
            [],
            id="an overload more, the implementation edited",
        ),
        pytest.param(
            PROPERTY + SETTER,
            {"a.py": PROPERTY + DELETER + SETTER.replace("return a", EDITED)},
            [],
            id="a part of a property more, another one edited",
        ),
        pytest.param(
            "class A:\n" + METHOD,
            {"a.py": "if a:\n  class A: pass\nelse:\n  class A:\n" + METHOD.replace("return a", EDITED)},
            [],
            id="a class of its name before its own",
        ),
    ],
)
def test_of_what_is_recorded(
    empty: Guarded, before: str, after: dict[str, str | None], found: list[str]
) -> None:
    empty.stage("a.py", before)
    empty.say("baseline", "write")
    empty.record_all()
    assert judge(empty, {"a.py": None, **after} if "a.py" not in after else after) == (found, found)
    if not found:
        number = (empty.path / NAME).read_text().count("path")
        assert empty.say("baseline", "prune").code == 0
        assert empty.say("check", "--quiet").code == 0
        assert (empty.path / NAME).read_text().count("path") == number


def test_what_only_the_worktree_has_taken_away_is_still_there(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.stage("b.py", function(5))
    guarded.write("old.py", "")
    assert find_places(guarded.hook().out) == ["b.py:1"]


def test_what_only_the_worktree_still_has_is_gone(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.stage("old.py", "x = 1\n")
    guarded.record()
    guarded.stage("b.py", function(5))
    guarded.write("old.py", function(5))
    guarded.write("a.py", function(5))
    assert find_places(guarded.hook().out) == []


def test_what_moved_before_a_commit_that_edits_its_file_keeps_its_entry(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    assert judge(guarded, {"old.py": None, "b.py": function(5)}) == ([], [])
    gate, check = judge(guarded, {"a.py": function(5), "b.py": function(5) + function(1, "g")})
    # Which of the two a check names does not matter: there is one entry.
    assert (gate, len(check)) == (["a.py:1"], 1)


def test_what_comes_back_to_the_place_of_an_entry_that_has_moved_is_new(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.record_all()
    assert judge(guarded, {"old.py": "x = 1\n", "b.py": function(5)}) == ([], [])
    # A check can't know which of them came first.
    assert judge(guarded, {"old.py": function(5)}) == (["old.py:1"], ["b.py:1"])


def test_a_server_follows_what_moves_in_what_it_receives(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.record_all()
    stage(guarded, {"old.py": None, "b.py": function(5, end=EDITED)})
    guarded.record()
    stage(guarded, {"c.py": function(5, end="return a + 2")})
    commit = guarded.record()
    guarded.git("config", "core.bare", "true")
    for name, found in (("HEAD~1", []), (commit, ["c.py:1"])):
        parent, child = guarded.git("rev-parse", f"{name}~1", name).split()
        guarded.git("update-ref", "refs/heads/known", parent)
        with pytest.MonkeyPatch.context() as patch:
            line = io.BytesIO(f"{parent} {child} refs/heads/x\n".encode())
            patch.setattr("sys.stdin", io.TextIOWrapper(line))
            guarded.git("update-ref", "refs/heads/main", parent)
            said = guarded.say("hook", "--receive", cwd=".git")  # where git runs it
        assert find_places(said.out) == found
    assert json.loads(guarded.git("show", f"{commit}:{NAME}"))["entries"][0]["path"] == "old.py"


def test_a_commit_that_takes_an_entry_out_is_answerable_for_it(guarded: Guarded) -> None:
    guarded.stage("other.py", function(5) + function(6, "g"))
    guarded.say("baseline", "write")
    guarded.record_all()
    text = (guarded.path / NAME).read_text()
    lines = text.splitlines(keepends=True)
    without = "".join(line for line in lines if '"g"' not in line and "old.py" not in line)
    assert judge(guarded, {NAME: without}) == (["other.py:7", "old.py:1"], ["old.py:1", "other.py:7"])
    guarded.git("reset", "--quiet", "--hard", "HEAD~1")
    said = guarded.hook()
    assert said == (0, "", "")
    guarded.stage(NAME, text.replace('"value": 6', '"value": 5'))
    assert guarded.hook().out.startswith(
        "other.py\n"
        "    7:1  g  cyclomatic 6/3 (previously in the baseline) (the baseline has 5)\n"
        "blocked by pytest-antipasta: 1 function is no longer tolerated, in 1 file\n"
        "simplify  pytest-antipasta explain other.py::g\n"
        "allow     add to other.py:7  # antipasta: ignore[cyclomatic<=6] REASON\n"
        f"record    pytest-antipasta baseline write --staged other.py{AND}git add antipasta-baseline.json\n"
    )


def test_every_way_in_says_so(guarded: Guarded) -> None:
    guarded.stage("other.py", function(2))
    guarded.say("baseline", "write")
    guarded.record_all()
    guarded.stage(NAME, '{"schema_version": 1, "entries": []}')
    guarded.stage("other.py", function(1))
    for command in ("check --staged", "check --diff HEAD", "hook other.py"):
        assert find_places(guarded.say(*command.split()).out) == ["old.py:1"], command


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(function(2), id="what is fixed"),
        pytest.param(None, id="what is gone"),
        pytest.param(function(5, "h"), id="what has another name in it"),
    ],
)
def test_an_entry_that_is_not_needed_can_go(guarded: Guarded, content: str | None) -> None:
    guarded.say("baseline", "write")
    guarded.record_all()
    stage(guarded, {"old.py": content})
    guarded.say("baseline", "prune")
    guarded.git("add", NAME)
    assert guarded.hook() == (0, "", "")


def test_what_a_merge_takes_from_both_sides_is_nobodys(guarded: Guarded) -> None:
    """An entry that one side has taken out has been judged there."""
    guarded.say("baseline", "write")
    guarded.record_all()
    guarded.git("branch", "side")
    guarded.stage(NAME, '{"schema_version": 1, "entries": []}')
    guarded.record()
    guarded.git("checkout", "--quiet", "side")
    guarded.stage("x.py", "x = 1\n")
    guarded.record()
    guarded.git("merge", "--quiet", "--no-commit", "--no-verify", "main")
    assert guarded.hook() == (0, "", "")


def test_an_edit_after_which_nobody_knows_what_was_recorded_fails(guarded: Guarded) -> None:
    """Its name is not the recorded one any more, and now its body is not, either."""
    guarded.say("baseline", "write")
    assert judge(guarded, {"old.py": function(5, "g")}) == ([], [])
    assert judge(guarded, {"old.py": function(5, "g", end=EDITED)}) == (["old.py:1"], ["old.py:1"])
    guarded.git("reset", "--quiet", "--hard", "HEAD~1")
    guarded.say("baseline", "prune")
    assert judge(guarded, {"old.py": function(5, "g", end=EDITED)}) == ([], [])


def test_what_was_not_recorded_before_is_not_lost(guarded: Guarded) -> None:
    guarded.stage("new.py", function(5, end="return 9"))
    guarded.say("baseline", "write", "new.py")
    guarded.record_all()
    guarded.stage("old.py", function(5, end=EDITED))
    assert guarded.hook().code == 0
    guarded.stage(NAME, '{"schema_version": 1, "entries": []}')
    assert find_places(guarded.hook().out) == ["new.py:1"]


def record_baseline(guarded: Guarded, files: Mapping[str, str | None]) -> None:
    """Commit files and a baseline of what is over its limit in them."""
    stage(guarded, files)
    guarded.say("baseline", "write")
    guarded.record_all()


def test_a_function_that_goes_after_its_entry_has_followed_it(guarded: Guarded) -> None:
    record_baseline(guarded, {"a.py": function(5)})
    old = function(5, "k", end="return 7")
    stage(guarded, {"a.py": None, "c.py": function(5) + old})
    guarded.record()
    assert judge(guarded, {"c.py": old + function(9, "new")}) == (["c.py:7"], ["c.py:1", "c.py:7"])


def test_what_leaves_its_name_to_another_one_is_new(guarded: Guarded) -> None:
    record_baseline(guarded, {"b.py": function(6, "h"), "c.py": "x = 1\n"})
    small = function(2, "h", end="return 7")
    assert judge(guarded, {"b.py": small, "c.py": function(6, "h")}) == (["c.py:1"], ["c.py:1"])


def test_what_comes_back_as_one_of_several_of_its_name_has_its_entry(guarded: Guarded) -> None:
    record_baseline(guarded, {"b.py": function(6, "h")})
    small = function(2, "h", end="return 7")
    assert judge(guarded, {"b.py": small}) == ([], [])
    assert judge(guarded, {"b.py": small + function(6, "h")}) == ([], [])


def test_an_entry_that_has_followed_its_file_can_not_be_taken_out(guarded: Guarded) -> None:
    record_baseline(guarded, {"a.py": function(5)})
    assert judge(guarded, {"a.py": None, "b.py": function(5)}) == ([], [])
    lost = ["b.py:1", "old.py:1"]
    assert judge(guarded, {NAME: '{"schema_version": 1, "entries": []}'}) == (lost, lost)


def test_what_fail_fast_has_left_out_is_not_judged_by_the_baseline_alone(guarded: Guarded) -> None:
    guarded.configure("fail_fast = true")
    record_baseline(guarded, {"b.py": function(5), "old.py": None})
    worse = {"a.py": function(9) + "x = 1\n" * 50, "b.py": function(5, end=EDITED) + function(8, "n2")}
    stage(guarded, {**worse, NAME: '{"schema_version": 1, "entries": []}'})
    said = guarded.hook()
    assert find_places(said.out) == ["a.py:1"]
    assert "b.py" in said.out + said.err


def test_one_question_to_git_for_all_files_that_lose_entries(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_baseline(guarded, {f"m{number}.py": function(5, f"f{number}") for number in range(20)})
    guarded.stage(NAME, '{"schema_version": 1, "entries": []}')
    asked: list[list[str]] = []
    read = Objects.read_blobs

    def note(self: Objects, names: Iterable[str]) -> dict[str, bytes]:
        asked.append(list(names))
        return read(self, asked[-1])

    monkeypatch.setattr(Objects, "read_blobs", note)
    assert len(find_places(guarded.hook().out)) == 21  # with old.py
    assert sum(map(bool, asked)) < 10


@pytest.mark.parametrize(
    ("files", "named"),
    [
        pytest.param({"old.py": function(5, "g", end=EDITED)}, "old.py", id="renamed and edited"),
        pytest.param(
            {"old.py": "x = 1\n", "a b.py": function(5, end=EDITED)},
            f"{QUOTE}a b.py{QUOTE}",
            id="moved and edited",
        ),
        pytest.param({"b.py": function(5)}, None, id="a copy"),
    ],
)
def test_what_nobody_can_tell_is_new_and_said_how_to_record(
    guarded: Guarded, files: dict[str, str | None], named: str | None
) -> None:
    record_baseline(guarded, {"good.py": function(2)})
    stage(guarded, files)
    said = guarded.hook()
    assert said.code == 1
    assert f"record    pytest-antipasta baseline write --staged {named or ''}" in said.out
    assert guarded.say("check").code == 1
    if named is not None:
        guarded.say("baseline", "write", named.strip(QUOTE))
        assert guarded.say("check").code == 0
