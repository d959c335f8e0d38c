"""Files that are both complex and changed often."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

import pytest

from pytest_antipasta.metrics.source import parse_source
from tests.metrics.notebook.making import make_notebook
from tests.tables import ONE_LIMIT
from tests.trend.conftest import Past, function


def find_hotspots(past: Past, *args: str) -> dict[str, tuple[int, int, int]]:
    rows = past.ask("--hotspots", *args)["hotspots"]
    return {row["path"]: (row["changes"], row["complexity"], row["score"]) for row in rows}


def test_the_hottest_stands_first(past: Past) -> None:
    past.record({"often.py": function(2), "once.py": function(9), "never.py": function(20)})
    past.record({"once.py": function(9, value=1)}, 1)
    for day in range(2, 8):
        past.record({"often.py": function(2, value=day)}, day)
    found = find_hotspots(past)
    assert list(found.items()) == [("often.py", (6, 2, 12)), ("once.py", (1, 9, 9))]
    assert past.run("--hotspots").splitlines()[1:] == [
        "        6           2        12  often.py",
        "        1           9         9  once.py",
        "",
        "    edits  complexity   product  function",
        "        6           2        12  often.py::f",
        "        1           9         9  once.py::f",
    ]


Rows: TypeAlias = dict[str, tuple[dict[str, str | None], dict[str, tuple[int, ...]]]]
BEGUN = [{"a.py": function(2 + day)} for day in range(3)]
FILES: Rows = {
    "it was renamed": ({"a.py": None, "b.py": function(4)}, {"b.py": (2, 4, 8)}),
    "it was copied": ({"b.py": function(4)}, {"a.py": (2, 4, 8), "b.py": (1, 4, 4)}),
    "what is gone is left out": ({"a.py": None}, {}),
    "renamed and edited": ({"a.py": None, "b.py": function(5)}, {"b.py": (3, 5, 15)}),
    "another elsewhere": ({"a.py": None, "b.py": "x = 1\n" * 400}, {"b.py": (1, 0, 0)}),
    "it does not parse": ({"a.py": "def f(:"}, {"a.py": (3, 0, 0)}),
}


def check_rows(rows: Rows, found: Mapping[str, tuple[int, ...]]) -> None:
    """Compare what was found in the folder of each row, whose number it has."""
    for number, (name, (_, expected)) in enumerate(rows.items()):
        own = {path: values for path, values in found.items() if path.startswith(f"{number}/")}
        assert own == {f"{number}/{path}": values for path, values in expected.items()}, name


def test_changes_follow_the_file(past: Past) -> None:
    past.record_rows([*BEGUN, last] for last, _ in FILES.values())
    check_rows(FILES, find_hotspots(past))


def test_equal_files_that_are_renamed_together_keep_their_changes(past: Past) -> None:
    past.record({"a.py": "x = 1\n", "b.py": function(2)})
    past.record({"a.py": "x = 2\n"}, 1)
    past.record({"a.py": function(2)}, 2)
    past.record({"a.py": None, "b.py": None, "lib/a.py": function(2), "lib/b.py": function(2)}, 3)
    past.record({"lib/b.py": function(3)}, 4)
    assert find_hotspots(past) == {"lib/a.py": (2, 2, 4), "lib/b.py": (1, 3, 3)}


def test_without_a_change_that_is_reported(past: Past) -> None:
    past.record({"a.py": function(2)})
    assert past.run("--hotspots") == "no existing file was changed\n"


@pytest.mark.parametrize("args", [["--format", "csv"], ["--metric", "lines_of_code"]])
def test_they_have_a_table_of_their_own(past: Past, args: list[str]) -> None:
    assert "--hotspots has its own table" in past.run("--hotspots", *args, code=2)


def test_many_are_not_all_shown(past: Past) -> None:
    past.record({f"a{number}.py": function(2, f"f{number}") for number in range(25)})
    past.record({f"a{number}.py": function(3, f"f{number}") for number in range(25)}, 1)
    lines = past.run("--hotspots").splitlines()
    assert lines[11] == "and 15 more files with changes; for all of them, use JSON"
    assert lines[-1] == "and 15 more functions with edits; for all of them, use JSON"


def find_functions(past: Past, *args: str) -> dict[str, tuple[int, int]]:
    rows = past.ask("--hotspots", *args)["block_hotspots"]
    assert all(row["score"] == row["changes"] * row["complexity"] for row in rows)
    return {f"{row['path']}::{row['qualified_name']}": (row["changes"], row["complexity"]) for row in rows}


G = function(2, "g", 7)
DOCUMENTED = function(4).replace("f(a):\n", 'f(a: int) -> int:\n    """Add."""\n    b: str\n') + G


FUNCTIONS: Rows = {
    "a comment": ({"a.py": "# x\n" + function(4) + G}, {"a.py::f": (2, 4)}),
    "it was renamed": ({"a.py": function(4, "e") + G}, {"a.py::e": (2, 4)}),
    "it was moved": ({"a.py": G, "b.py": function(4)}, {"b.py::f": (2, 4)}),
    "its file was renamed": ({"a.py": None, "b.py": function(4) + G}, {"b.py::f": (2, 4)}),
    "it was edited": ({"a.py": function(5) + G}, {"a.py::f": (3, 5)}),
    "it is gone": ({"a.py": G}, {}),
    "another one, which begins anew": ({"a.py": function(9, "e") + G}, {}),
    "docstring and annotations": ({"a.py": DOCUMENTED}, {"a.py::f": (2, 4)}),
    "code beside them": ({"a.py": DOCUMENTED.replace("+ 0", "+ 1")}, {"a.py::f": (3, 4)}),
    "it does not parse": ({"a.py": "def f(:"}, {"a.py::f": (2, 4)}),
}


def test_changes_follow_the_function(past: Past) -> None:
    begun = [{"a.py": function(2 + day) + G} for day in range(3)]
    past.record_rows([*begun, last] for last, _ in FUNCTIONS.values())
    check_rows(FUNCTIONS, find_functions(past))


def test_changes_wait_until_a_file_parses_again(past: Past) -> None:
    for day, text in enumerate([function(2), function(3), "def f(:", "def f(::", function(3), function(4)]):
        past.record({"a.py": text}, day)
    assert find_functions(past) == {"a.py::f": (3, 4)}, (
        "to mend it counts, as what it was before is not known"
    )


def test_bodies_that_are_known_are_not_parsed_again(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, text in enumerate([function(2), function(2, value=1), G + function(2, "h", 1), "x = 1\n"]):
        past.record({"a.py": text}, day)
    past.record({"b.py": function(3, "k")}, 4)
    parsed: list[str] = []

    def note(text: str) -> ast.Module:
        parsed.append(text)
        return parse_source(text)

    monkeypatch.setattr("pytest_antipasta.metrics.following.bodies.parse_source", note)
    first = past.ask("--hotspots")
    again = Counter(parsed) - Counter(set(parsed))
    assert again == Counter([function(2), function(2, value=1)]), "only to compare the code of an edit"
    parsed.clear()
    assert past.ask("--hotspots") == first
    assert not parsed


def test_functions_are_followed_within_the_paths_that_are_asked_for(past: Past) -> None:
    past.record({"lib/a.py": function(2), "b.py": G})
    past.record({"lib/a.py": function(3)}, 1)
    past.record({"lib/a.py": None, "b.py": G + function(3)}, 2)
    assert find_functions(past) == {"b.py::f": (1, 3)}
    assert find_functions(past, "b.py") == {}, "as it is new there"
    past.record({"b.py": G + function(4)}, 3)
    assert find_functions(past) == {"b.py::f": (2, 4)}
    assert find_functions(past, "b.py") == {"b.py::f": (1, 4)}


def test_nobody_follows_functions_where_hotspots_are_not_asked_for(past: Past) -> None:
    past.record({"a.py": function(2)})
    assert past.ask()["block_hotspots"] is None


def test_what_a_content_that_does_not_parse_did_counts_once(past: Past) -> None:
    """Where the file parses again: ``f`` was edited as it broke, ``g`` broke, and ``h`` did neither."""
    h = function(2, "h", 3)
    past.record({"a.py": function(2) + G + h})
    past.record({"a.py": function(3) + "def g(:\n" + h}, 1)
    past.record({"a.py": function(3) + "def g(:\n" + h + "#\n"}, 2)
    past.record({"a.py": function(3) + G + h}, 3)
    past.record({"a.py": function(3) + G + function(3, "h")}, 4)
    assert find_functions(past) == {"a.py::f": (1, 3), "a.py::g": (1, 2), "a.py::h": (1, 3)}


BROKEN = "def broken(:\n"
WAITING: dict[str, tuple[list[dict[str, str | None]], str, int]] = {
    "it is moved out": ([{"a.py": function(3) + BROKEN}, {"a.py": G, "b.py": function(3)}], "b.py::f", 1),
    "it is moved as it breaks": ([{"a.py": G + BROKEN, "b.py": function(3)}, {"a.py": G}], "b.py::f", 1),
    "it breaks as it is renamed": (
        [{"a.py": None, "b.py": function(3) + G + BROKEN}, {"b.py": function(3) + G}], "b.py::f", 1,
    ),
    "it is renamed in it": ([{"a.py": G + BROKEN}, {"a.py": function(3, "e") + G}], "a.py::e", 2),
    "it is copied as it breaks": (
        [{"a.py": function(3) + BROKEN, "b.py": function(3)}, {"a.py": function(3) + G}], "a.py::f", 1,
    ),
    "it is still broken": ([{"a.py": None, "b.py": function(3) + G + BROKEN}], "b.py::f", 1),
    "all of it is broken": ([{"a.py": None, "b.py": function(3, "(") + G}], "b.py::f", 1),
    "it is new in it": ([{"b.py": function(3, "e") + BROKEN}, {"b.py": function(3, "e")}], "b.py::e", 0),
}  # fmt: skip


def test_no_change_is_lost_while_a_file_does_not_parse(past: Past) -> None:
    begun: list[dict[str, str | None]] = [
        {"a.py": function(2) + G, "c.py": G.replace("return", "return -")},
        {"a.py": function(3) + G},
    ]
    past.record_rows([*begun, *last] for last, _, _ in WAITING.values())
    found = find_functions(past)
    for number, (row, (_, name, expected)) in enumerate(WAITING.items()):
        assert found.get(f"{number}/{name}", (0, 3)) == (expected, 3), row


def test_cells_of_notebooks_are_not_functions(past: Past) -> None:
    (past.path / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\nnotebooks = true\n{ONE_LIMIT}")
    for day, complexity in enumerate((2, 5)):
        cells = [function(complexity), "if x:\n    y = 1\nif z:\n    y = 2\n"]
        past.record({"a.ipynb": make_notebook(*cells)}, day)
    commit = past.ask()["commits"][-1]
    assert (commit["blocks"], commit["sum"]["cyclomatic_complexity"]) == (1, 5)
    assert commit["mean"]["cyclomatic_complexity"] == 5
    assert find_hotspots(past) == {"a.ipynb": (1, 5, 5)}
    assert find_functions(past) == {"a.ipynb::f": (1, 5)}
