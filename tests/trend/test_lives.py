"""The life of one block: each commit that changed its numbers, its name or its place."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from pytest_antipasta.model.errors import FETCH
from tests.report.reading import read_page
from tests.trend.conftest import DAY, FIRST_DAY, Past, function

F = "a.py::f"


def find_steps(past: Past, *args: str) -> list[tuple[Any, ...]]:
    """Return of each step what it did, where the block came from, and its complexity before and after."""
    steps = past.ask(*args)["steps"]
    return [
        (
            step["subject"],
            step["change"],
            step["previous_path"] and f"{step['previous_path']}::{step['previous_name']}",
            *step["metrics"]["cyclomatic_complexity"].values(),
        )
        for step in steps
    ]


def test_a_method_may_be_named_as_pytest_names_it(past: Past) -> None:
    past.record({"a.py": "class A:\n    def f(self): pass\n"}, 0, "begin")
    assert [step[0] for step in find_steps(past, "a.py::A::f")] == ["begin"]


def test_each_commit_that_changed_its_numbers_is_reported(past: Past) -> None:
    names = [
        past.record({"a.py": function(2)}, 0, "begin"),
        past.record({"a.py": function(5), "b.py": "x = 1\n"}, 1, "grow"),
        past.record({"a.py": "# a comment\n" + function(5, value=3)}, 2, "edit"),
        past.record({"a.py": "\n# another\n\n" + function(5, value=3).replace("    ", "  ")}, 3, "layout"),
        past.record({"a.py": function(4, value=3)}, 4, "shrink"),
    ]
    answer = past.ask(F)
    assert (answer["path"], answer["qualified_name"], answer["looked_at"], answer["edits"]) == (
        "a.py",
        "f",
        5,
        1,
    )
    assert answer["thresholds"] == {"cyclomatic_complexity": {"limit": 3, "comparison": "<="}}
    assert answer["steps"] == [
        {
            "commit": names[day],
            "date": f"2017-07-{14 + day}T02:40:00+00:00",
            "subject": subject,
            "change": change,
            "path": "a.py",
            "qualified_name": "f",
            "previous_path": before and "a.py",
            "previous_name": before and "f",
            "metrics": {"cyclomatic_complexity": {"before": before, "after": after}},
        }
        for day, subject, change, before, after in (
            (0, "begin", "added", None, 2),
            (1, "grow", "modified", 2, 5),
            (4, "shrink", "modified", 5, 4),
        )
    ]


G, BROKEN = function(2, "g", 7), "def broken(:\n"
IN_B, IN_A = {"b.py": function(4) + G, "a.py": G}, {"b.py": G, "a.py": G + function(4)}
BEGUN = (0, "added", None, None, 4)
# The files of each day, and what is told of ``f``: day, change, what it was, complexity before and after.
LIVES: dict[str, tuple[list[dict[str, str | None]], list[tuple[Any, ...]]]] = {
    "renamed": (
        [{"a.py": function(4, "e")}, {"a.py": function(4)}],
        [BEGUN, (1, "renamed", "a.py::e", 4, 4)],
    ),
    "moved": ([{**IN_B}, {**IN_A}], [BEGUN, (1, "moved", "b.py::f", 4, 4)]),
    "its file renamed, and edited": (
        [{"b.py": function(14) + G}, {"b.py": None, "a.py": function(15) + G}],
        [(0, "added", None, None, 14), (1, "moved", "b.py::f", 14, 15)],
    ),
    "new, as it is renamed and edited": (
        [{"a.py": function(4, "e")}, {"a.py": function(5)}],
        [(1, "added", None, None, 5)],
    ),
    "new, as the old body of one that is edited": (
        [{"a.py": function(4, "e")}, {"a.py": "def e(a):\n    return f(a)\n\n\n" + function(4)}],
        [(1, "added", None, None, 4)],
    ),
    "new, as it is there again": (
        [{"a.py": function(4)}, {"a.py": G}, {"a.py": G + function(4)}],
        [(2, "added", None, None, 4)],
    ),
    "never measured before": ([{"a.py": "def f(:\n"}, {"a.py": function(5)}], [(1, None, None, None, 5)]),
    # Its text is in those contents as it is, so that they need not be parsed.
    "changed in contents without numbers": (
        [
            {"a.py": function(2) + G},
            {"a.py": function(3) + BROKEN},
            {"a.py": function(3) + "#\n" + BROKEN},
            {"a.py": function(3) + G},
            {"a.py": function(4) + G},
        ],
        [(0, "added", None, None, 2), (3, "modified", F, 2, 3), (4, "modified", F, 3, 4)],
    ),
    "new in a content without numbers": (
        [{"a.py": G}, {"a.py": G + function(4) + BROKEN}, {"a.py": G + function(4)}],
        [(2, "added", None, None, 4)],
    ),
    "in contents that never had numbers": (
        [
            {"a.py": function(4) + BROKEN},
            {"a.py": function(4) + G + BROKEN},
            {"a.py": function(4) + G},
            {"a.py": function(4)},
        ],
        [(2, None, None, None, 4)],
    ),
    # The last content of the other file counts: it has the function, and the one before did not.
    "moved out of a file that never had numbers": (
        [{"b.py": G + BROKEN}, {"b.py": G + function(4) + BROKEN}, {"b.py": G + BROKEN, "a.py": function(4)}],
        [(2, None, None, None, 4)],
    ),
    "moved out of a content without numbers": (
        [{**IN_B}, {"b.py": function(4) + BROKEN}, {**IN_A}],
        [BEGUN, (2, "moved", "b.py::f", 4, 4)],
    ),
    "moved as its file breaks": (
        [{**IN_B}, {"b.py": G + BROKEN, "a.py": G + function(4)}, {"b.py": G}],
        [BEGUN, (1, "moved", "b.py::f", 4, 4)],
    ),
    "its file renamed as it breaks": (
        [
            {"b.py": function(4) + G},
            {"b.py": None, "a.py": function(4) + G + BROKEN},
            {"a.py": function(4) + G},
        ],
        [BEGUN, (2, "moved", "b.py::f", 4, 4)],
    ),
}


@pytest.mark.parametrize(("contents", "steps"), LIVES.values(), ids=LIVES.keys())
def test_it_is_followed(
    past: Past, contents: list[dict[str, str | None]], steps: list[tuple[Any, ...]]
) -> None:
    for day, files in enumerate(contents):
        past.record(files, day, f"day {day}")
    assert find_steps(past, F) == [(f"day {day}", *step) for day, *step in steps]


def test_a_function_that_moves_into_a_class_of_its_name_is_followed(past: Past) -> None:
    past.record({"a.py": "def g(a):\n    return a\n"}, 0, "begin")
    past.record({"a.py": "class f:\n    def g(a):\n        return a\n"}, 1, "wrap")
    assert find_steps(past, "a.py::f.g") == [
        ("begin", "added", None, None, 1),
        ("wrap", "renamed", "a.py::g", 1, 1),
    ]


def test_one_that_leaves_its_body_to_a_new_one_keeps_its_life(past: Past) -> None:
    past.record({"a.py": function(4)}, 0, "begin")
    past.record({"a.py": "def f(a):\n    return _f(a)\n\n\n" + function(4, "_f")}, 1, "split")
    assert [step[0] for step in find_steps(past, F)] == ["begin", "split"]
    assert [step[0] for step in find_steps(past, "a.py::_f")] == ["split"]


def test_contents_without_numbers_are_skipped(past: Past) -> None:
    past.record({"a.py": function(4)}, 0, "begin")
    past.record({"a.py": "def f(:\n"}, 1, "break")
    past.record({"a.py": "def f(::\n"}, 2, "break it more")
    past.record({"a.py": function(5)}, 3, "mend")
    past.record({"a.py": "# same\n" + function(5)}, 4, "comment")
    assert find_steps(past, F) == [
        ("begin", "added", None, None, 4),
        ("mend", "modified", "a.py::f", 4, 5),
    ]
    assert past.ask(F)["unmeasured"] == {"syntax": 2}
    assert "skipped 2 contents of its file that could not be measured (syntax)" in past.run(F)


def test_a_content_that_git_lacks_is_skipped_with_advice(past: Past) -> None:
    for day in range(3):
        past.record({"a.py": function(4 + day)}, day)
    past.blob_file("HEAD~1:a.py").unlink()
    assert f"could not be measured (missing)\n{FETCH}\n" in past.run(F, code=3)


def test_a_file_that_is_made_executable_is_not_changed(past: Past) -> None:
    past.record({"a.py": function(2)}, 0, "begin")
    (past.path / "a.py").chmod(0o755)
    past.record({}, 1, "make it executable")
    past.record({"a.py": function(3)}, 2, "grow")
    assert [step[0] for step in find_steps(past, F)] == ["begin", "grow"]
    assert past.ask("--hotspots")["hotspots"][0]["changes"] == 1


def test_it_begins_where_the_history_does_that_was_asked_for(past: Past) -> None:
    for day in range(6):
        past.record({"a.py": function(2 + day)}, day, f"day {day}")
    past.git("tag", "then", "HEAD~2")
    expected = [
        ("day 3", None, None, None, 5),
        ("day 4", "modified", F, 5, 6),
        ("day 5", "modified", F, 6, 7),
    ]
    for option in (["--commits", "3"], ["--since", "then"], ["--since", "2017-07-17"]):
        assert find_steps(past, F, *option) == expected
    assert find_steps(past, F, "--ref", "then", "--commits", "1") == expected[:1]
    weekly = find_steps(past, F, "--every", "week")
    assert [step[0] for step in weekly] == ["day 2", "day 5"], "the last ones of two weeks"
    assert past.run(F, "--commits", "3").splitlines()[4:6] == [
        "    was there already",
        "    cyclomatic_complexity 5",
    ]


def test_a_merge_is_one_step(past: Past) -> None:
    past.record({"a.py": function(2), "b.py": "x = 1\n"}, 0, "begin")
    past.git("checkout", "--quiet", "-b", "side")
    past.record({"a.py": function(3)}, 1, "three")
    past.record({"a.py": function(4)}, 2, "four")
    past.git("checkout", "--quiet", "main")
    past.record({"b.py": "x = 2\n"}, 3)
    past.git("merge", "--quiet", "--message=all", "side")
    assert find_steps(past, F) == [("begin", "added", None, None, 2), ("all", "modified", F, 2, 4)]


def test_a_long_one_is_read_in_parts(past: Past) -> None:
    """More commits than are read at once, and moves in between."""
    for day in range(50):
        files: dict[str, str | None] = {"a.py": function(2 + day % 3)}
        if 20 <= day < 30:
            files = {"a.py": None, "b.py": function(2 + day % 3)}
        past.record(files, day, f"day {day}")
    assert [step[0] for step in find_steps(past, F)] == [f"day {day}" for day in range(30, 50)]
    past.record({"b.py": None, "a.py": None, "c.py": function(2 + 49 % 3)}, 50, "moved")
    assert len(find_steps(past, "c.py::f")) == 21


def test_numbers_are_those_that_have_a_limit_for_blocks(past: Past) -> None:
    past.record({"a.py": "def f(a):\n    def g(b):\n        return b\n    return g(a)\n"})
    assert list(past.ask(F)["thresholds"]) == ["cyclomatic_complexity"]
    both = {"halstead_volume": None, "cognitive_complexity": None}
    assert (
        past.ask(F, "--metric", "halstead_volume", "--metric", "cognitive_complexity")["thresholds"] == both
    )
    assert (
        past.ask(F, "--limit", "cognitive_complexity=9")["thresholds"]["cognitive_complexity"]["limit"] == 9
    )
    off = past.ask("a.py::f.g", "--limit", "cyclomatic_complexity=off")
    assert list(off["thresholds"].values()) == [None, None]
    (step,) = off["steps"]
    assert [one["after"] for one in step["metrics"].values()] == [1, None], "its points are the outer one's"


def test_a_limit_of_some_functions_counts_for_these(past: Past) -> None:
    override = "[[tool.pytest-antipasta.overrides]]\nfunctions = ['f']\nthresholds.nesting_depth = 2\n"
    past.record({"pyproject.toml": override, "a.py": function(2) + G})
    usual = ["cyclomatic_complexity", "cognitive_complexity"]
    assert list(past.ask(F)["thresholds"]) == [*usual, "nesting_depth"]
    assert list(past.ask("a.py::g")["thresholds"]) == usual


def test_a_limit_without_a_value_is_left_out(past: Past) -> None:
    """A closure's cognitive points are those of its function."""
    past.record({"a.py": "def f():\n    def g(a):\n        return a or 1\n    return g\n"}, 0, "begin")
    limits = ["--limit", "cognitive_complexity=9"]
    assert list(past.ask("a.py::f.g", *limits)["thresholds"]) == ["cyclomatic_complexity"]
    assert list(past.ask(F, *limits)["thresholds"]) == ["cyclomatic_complexity", "cognitive_complexity"]


def test_plots_have_79_columns_and_names_are_whole(past: Past) -> None:
    long = "a_function_of_an_enormous_name" * 2
    metrics = [
        f"--metric={name}" for name in ("cyclomatic_complexity", "cognitive_complexity", "halstead_effort")
    ]
    for day in range(30):
        path = f"a/path/that/is/rather/long/{'and/goes/on/' * (day // 10)}for_ever.py"
        past.record({path: function(4 + day, long)}, day, "a subject " * 20)
    lines = past.run(f"{path}::{long}", *metrics).splitlines()
    assert lines[0] == f"{path}::{long}"
    assert max(map(len, lines[1:4])) <= 79
    assert lines[1].startswith("cyclomatic_complexity")


def test_text_says_what_happened(past: Past) -> None:
    names = [
        past.record({"b.py": function(2, "e")}, 0, "begin"),
        past.record({"b.py": function(2)}, 1, "rename"),
        past.record({"b.py": None, "a.py": function(2)}, 2, "move"),
        past.record({"a.py": function(5)}, 3, "grow"),
        past.record({"a.py": function(5, value=1)}, 4, "edit"),
        past.record({"a.py": function(5, value=1).replace(":\n", ':\n    """Count."""\n', 1)}, 5, "describe"),
    ]
    short = [name[:10] for name in names]
    assert past.run(F).splitlines() == [
        "a.py::f",
        "cyclomatic_complexity          2  ▄▄▄█        5  must be <= 3",
        "",
        f"2017-07-14 {short[0]} begin",
        "    added as b.py::e",
        "    cyclomatic_complexity 2",
        f"2017-07-15 {short[1]} rename",
        "    renamed from e",
        f"2017-07-16 {short[2]} move",
        "    moved from b.py::f",
        f"2017-07-17 {short[3]} grow",
        "    cyclomatic_complexity 2 → 5 (+3)",
        "",
        "3 commits changed its values, name or location, of 6 examined",
        "1 commit more edited its code but changed none of these values",
    ]


def test_csv_has_a_row_for_each_step(past: Past) -> None:
    past.record({"a.py": function(2)}, 0, "=1+1")
    past.record({"a.py": function(3)}, 1, "two, and more")
    rows = list(csv.DictReader(io.StringIO(past.run(F, "--format", "csv"))))
    assert [row["subject"] for row in rows] == ["'=1+1", "two, and more"]
    assert [row["change"] for row in rows] == ["added", "modified"]
    assert [row["previous_path"] for row in rows] == ["", "a.py"]
    assert [row["before_cyclomatic_complexity"] for row in rows] == ["", "2"]
    assert [row["after_cyclomatic_complexity"] for row in rows] == ["2", "3"]


def test_a_page_has_the_numbers_from_commit_to_commit(past: Past) -> None:
    past.record({"a.py": function(2)}, 0, "begin")
    past.record({"a.py": function(5)}, 1, "grow")
    path = past.path / "docs/life.html"
    text = past.run(F)
    assert past.run(F, "--html", str(path)) == text
    assert path.read_text(encoding="utf-8") == past.run(F, "--html", "-", "--format", "json")
    assert [one[3] for one in read_page(path.read_bytes())["commits"]] == ["begin", "grow"]
    name = past.record({"b.py": "x = 1\n"}, 9, "last")
    page = read_page(past.run(F, "--html", "-").encode())
    assert page["commits"][2] == [name, FIRST_DAY + 9 * DAY, "2017-07-23T02:40:00+00:00", "last"]
    threshold = {"limit": 3, "comparison": "<="}
    assert page["series"] == [
        {
            "group": "numbers",
            "name": "cyclomatic_complexity",
            "values": [2, 5, 5],
            "threshold": threshold,
        }
    ]
    assert page["steps"] == past.ask(F)["steps"]


MANY = "".join(
    f"class {name}:\n    def get(self): return 1\n    def {name.lower()}_only(self): return 2\n"
    for name in "ABCDE"
)
ERRORS = {
    "a slip": (["many.py::A.gett"], 'many.py: no function or class "A.gett" in HEAD; did you mean A.get'),
    "ambiguous": (
        ["many.py::get"],
        'many.py: no function or class "get" in HEAD; did you mean A.get, B.get, C.get?',
    ),
    "nothing near": (["many.py::xyz"], "in HEAD; it has A, A.get, A.a_only, B, B.get and 10 more"),
    "a class": (["many.py::A"], "many.py: A is a class; name one of its methods: A.get, A.a_only"),
    "gone": (
        ["gone.py::f"],
        ("gone.py: not found in HEAD; use --ref to name an older commit that has the file"),
    ),
    "another folder": (["lib/many.py::f"], "lib/many.py: not found in HEAD; did you mean many.py?"),
    "no source file": (["notes.txt::f"], "notes.txt: not a source file according to"),
    "broken": (["broken.py::f"], "broken.py: not measured in HEAD (syntax)"),
    "two of them": (
        ["many.py::A.get", "many.py"],
        "many.py::A.get is a function or class; to show its history, remove the other paths and --hotspots",
    ),
    "a number of files": (
        ["many.py::A.get", "--metric", "lines_of_code"],
        "not measured for functions and classes",
    ),
}


@pytest.mark.parametrize(("args", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_what_can_not_be_reported_is_an_error(past: Past, args: list[str], expected: str) -> None:
    past.record({"gone.py": function(2)})
    past.record({"gone.py": None, "many.py": MANY, "notes.txt": "x", "broken.py": "def f(:\n"})
    said = past.run(*args, code=2)
    assert said.startswith("error: ")
    assert expected in said


def test_the_first_of_several_of_a_name_can_be_called_so(past: Past) -> None:
    past.record(
        {"a.py": "if x:\n" + "".join(f"    {line}\n" for line in function(2).splitlines()) + function(3)}
    )
    assert [find_steps(past, f"a.py::{name}")[0][-1] for name in ("f", "f#1", "f#2")] == [2, 2, 3]
    assert "other blocks with this name have their own history: f#2" in past.run(F).splitlines()


def test_overloads_stand_before_the_one_that_has_the_life(past: Past) -> None:
    overload = "@overload\ndef f(a: {}): ...\n"
    past.record({"a.py": function(2)}, 0, "begin")
    past.record({"a.py": overload.format("int") + function(4)}, 1, "overload")
    past.record({"a.py": overload.format("str") + overload.format("int") + function(5)}, 2, "another")
    assert find_steps(past, F) == [
        ("begin", "added", None, None, 2),
        ("overload", "renamed", "a.py::f", 2, 4),
        ("another", "renamed", "a.py::f#2", 4, 5),
    ]
    assert [step[0] for step in find_steps(past, "a.py::f#1")] == ["another"]
    assert past.run(F).splitlines()[0] == "a.py::f#3"


def test_the_path_is_relative_to_the_current_folder(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    past.record({"lib/a.py": function(2)})
    monkeypatch.chdir(past.path / "lib")
    assert past.ask("a.py::f")["path"] == "lib/a.py"


def test_a_shallow_clone_says_so(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    past.record({"a.py": function(2)})
    past.record({"a.py": function(3)}, 1)
    past.git("clone", "--quiet", "--depth=1", past.path.as_uri(), "clone")
    monkeypatch.chdir(past.path / "clone")
    assert past.ask(F)["is_cut_off"]
    assert (
        past.run(F).splitlines()[-1]
        == "shallow clone: older commits are missing; `git fetch --unshallow` gets them"
    )
