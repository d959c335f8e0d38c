"""Files at both ends of a history, those that were renamed beside what they were."""

from __future__ import annotations

from typing import TypeAlias

from tests.trend.conftest import Past, function

TWO, THREE, FIVE = function(2), function(3), function(5)


def find_pairs(past: Past, *args: str) -> dict[str, tuple[int | None, int | None]]:
    """Return the complexity of each file, in the first commit and in the last one."""
    rows = past.ask(*args)["files"]
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    ends = (
        [row[end] and row[end]["sum"]["cyclomatic_complexity"] for end in ("first", "last")] for row in rows
    )
    return {row["path"]: (first, last) for row, (first, last) in zip(rows, ends, strict=True)}


History: TypeAlias = list[dict[str, str | None]]
Ends: TypeAlias = dict[str, tuple[int | None, int | None]]
HISTORIES: dict[str, tuple[History, Ends]] = {
    "edited": ([{"a.py": FIVE}, {"a.py": THREE}], {"a.py": (5, 3)}),
    "gone": ([{"a.py": FIVE}, {"a.py": None}], {"a.py": (5, None)}),
    "gone and back": ([{"a.py": FIVE}, {"a.py": None}, {"a.py": TWO}], {"a.py": (5, 2)}),
    "renamed, edited and renamed": (
        [{"a.py": FIVE}, {"a.py": None, "b.py": FIVE}, {"b.py": THREE}, {"b.py": None, "c.py": THREE}],
        {"c.py": (5, 3)},
    ),
    "renamed and edited at once": (
        [{"a.py": FIVE}, {"a.py": None, "b.py": THREE}],
        {"b.py": (5, 3)},
    ),
    "another elsewhere": (
        [{"a.py": FIVE}, {"a.py": None, "b.py": "x = 1\n" * 400 + TWO}],
        {"a.py": (5, None), "b.py": (None, 2)},
    ),
    "another in its place": (
        [{"a.py": FIVE}, {"a.py": None, "b.py": FIVE}, {"a.py": TWO}],
        {"a.py": (None, 2), "b.py": (5, 5)},
    ),
    "the other one renamed, too": (
        [{"a.py": FIVE}, {"a.py": None, "b.py": FIVE}, {"a.py": TWO}, {"a.py": None, "c.py": TWO}],
        {"b.py": (5, 5), "c.py": (None, 2)},
    ),
    "added and renamed": (
        [{"a.py": FIVE}, {"b.py": TWO}, {"b.py": None, "c.py": TWO}],
        {"a.py": (5, 5), "c.py": (None, 2)},
    ),
    "names exchanged are edits": (
        [{"a.py": FIVE, "b.py": TWO}, {"a.py": TWO, "b.py": FIVE}],
        {"a.py": (5, 2), "b.py": (2, 5)},
    ),
}


def test_both_ends_of_each_file(past: Past) -> None:
    past.record_rows(history for history, _ in HISTORIES.values())
    found = find_pairs(past)
    for number, (row, (_, expected)) in enumerate(HISTORIES.items()):
        ends = {path: pair for path, pair in found.items() if path.startswith(f"{number}/")}
        assert ends == {f"{number}/{path}": pair for path, pair in expected.items()}, row


def test_numbers_of_a_file_are_those_of_its_content(past: Past) -> None:
    past.record({"a.py": FIVE + function(4, "g"), "bad.py": "def f(:\n"})
    first, bad = past.ask("--metric", "cyclomatic_complexity")["files"]
    assert first["first"] == {"lines": 11, "blocks": 2, "violations": 2, "sum": {"cyclomatic_complexity": 9}}
    assert bad["first"] == {"lines": 0, "blocks": 0, "violations": 0, "sum": {}}
