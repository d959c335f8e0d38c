"""What the gate says of a commit with a baseline, and what a check of everything says after it, agree."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.gate.conftest import Guarded, function

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


def find_places(said: str) -> list[str]:
    """Return the files and lines of what fails."""
    lines = [line for line in said.splitlines() if ", must be " in line and "tolerated" not in line]
    return [":".join(line.split(":")[:2]) for line in lines]


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
        pytest.param(function(6), {"sub/a.py": function(5)}, [], id="a file moved, its function better"),
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
            [],
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
            ["a.py:1"],
            id="a new one above, of its name, which is edited",
        ),
        pytest.param(
            function(5),
            {"a.py": function(5, end=EDITED) + function(5)},
            ["a.py:1"],
            id="an edited copy above",
        ),
        pytest.param(
            function(5) + function(6), {"a.py": function(6) + function(5)}, [], id="two of a name swapped"
        ),
        pytest.param(
            OVERLOADS + function(5),
            {"a.py": OVERLOADS + OVERLOAD.format("bytes", "bytes") + function(5, end=EDITED)},
            [],
            id="an overload more, the implementation edited",
        ),
        pytest.param(
            OVERLOADS + function(5),
            {"a.py": OVERLOADS + OVERLOAD.format("bytes", "bytes") + function(6)},
            ["a.py:8"],
            id="an overload more, the implementation worse",
        ),
        pytest.param(
            OVERLOADS + function(5),
            {"a.py": OVERLOADS[: OVERLOADS.rindex("@")] + function(5, end=EDITED)},
            [],
            id="an overload less, the implementation edited",
        ),
        pytest.param(
            PROPERTY + SETTER,
            {
                "a.py": PROPERTY
                + "    @f.deleter\n    def f(self): ...\n"
                + SETTER.replace("return a", EDITED)
            },
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
    empty.git("add", "--all")
    empty.record()
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


def test_a_server_follows_what_moves_in_what_it_receives(guarded: Guarded) -> None:
    guarded.say("baseline", "write")
    guarded.git("add", NAME)
    guarded.record()
    stage(guarded, {"old.py": None, "b.py": function(5, end=EDITED)})
    guarded.record()
    stage(guarded, {"c.py": function(5, end="return a + 2")})
    commit = guarded.record()
    guarded.git("config", "core.bare", "true")
    for name, found in (("HEAD~1", []), (commit, ["c.py:1"])):
        parent, child = guarded.git("rev-parse", f"{name}~1", name).split()
        guarded.git("update-ref", "refs/heads/known", parent)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", [f"{parent} {child} refs/heads/x\n"])
            guarded.git("update-ref", "refs/heads/main", parent)
            said = guarded.say("hook", "--receive")
        assert find_places(said.out) == found
    assert json.loads(guarded.git("show", f"{commit}:{NAME}"))["entries"][0]["path"] == "old.py"
