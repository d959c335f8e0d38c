"""Files at both ends of a history, those that were renamed beside what they were."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([{"a.py": FIVE}], {"a.py": (5, 5)}, id="one commit"),
        pytest.param([{"a.py": FIVE}, {"a.py": THREE}], {"a.py": (5, 3)}, id="edited"),
        pytest.param([{"a.py": FIVE}, {"b.py": THREE}], {"a.py": (5, 5), "b.py": (None, 3)}, id="added"),
        pytest.param([{"a.py": FIVE}, {"a.py": None}], {"a.py": (5, None)}, id="gone"),
        pytest.param([{"a.py": FIVE}, {"a.py": None}, {"a.py": TWO}], {"a.py": (5, 2)}, id="gone and back"),
        pytest.param([{"a.py": FIVE}, {"a.py": None, "b.py": FIVE}], {"b.py": (5, 5)}, id="renamed"),
        pytest.param(
            [{"a.py": FIVE}, {"a.py": None, "b.py": FIVE}, {"b.py": THREE}, {"b.py": None, "c.py": THREE}],
            {"c.py": (5, 3)},
            id="renamed, edited and renamed",
        ),
        pytest.param(
            [{"a.py": FIVE}, {"a.py": None, "b.py": THREE}],
            {"a.py": (5, None), "b.py": (None, 3)},
            id="renamed and edited at once",
        ),
        pytest.param(
            [{"a.py": FIVE}, {"a.py": None, "b.py": FIVE}, {"a.py": TWO}],
            {"a.py": (None, 2), "b.py": (5, 5)},
            id="another in its place",
        ),
        pytest.param(
            [
                {"a.py": FIVE},
                {"a.py": None, "b.py": FIVE},
                {"a.py": TWO},
                {"a.py": None, "c.py": TWO},
            ],
            {"b.py": (5, 5), "c.py": (None, 2)},
            id="the other one renamed, too",
        ),
        pytest.param(
            [{"a.py": FIVE}, {"b.py": TWO}, {"b.py": None, "c.py": TWO}],
            {"a.py": (5, 5), "c.py": (None, 2)},
            id="added and renamed",
        ),
        pytest.param(
            [{"a.py": FIVE, "b.py": TWO}, {"a.py": TWO, "b.py": FIVE}],
            {"a.py": (5, 2), "b.py": (2, 5)},
            id="names exchanged are edits",
        ),
    ],
)
def test_both_ends_of_each_file(
    past: Past,
    history: list[dict[str, str | None]],
    expected: dict[str, tuple[int | None, int | None]],
) -> None:
    for day, files in enumerate(history):
        past.record(files, day)
    assert find_pairs(past) == expected


def test_numbers_of_a_file_are_those_of_its_content(past: Past) -> None:
    past.record({"a.py": FIVE + function(4, "g"), "bad.py": "def f(:\n"})
    first, bad = past.ask("--metric", "cyclomatic_complexity")["files"]
    assert first["first"] == {"lines": 11, "blocks": 2, "violations": 2, "sum": {"cyclomatic_complexity": 9}}
    assert bad["first"] == {"lines": 0, "blocks": 0, "violations": 0, "sum": {}}
