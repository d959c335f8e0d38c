"""Since when numbers are over their limits, and what the last month did."""

from __future__ import annotations

import re
from textwrap import indent

import pytest

from tests.trend.conftest import Past, function

OVER, WITHIN, BROKEN = function(5), function(3), "def f(:"
METHOD = indent(OVER, "    ")
UNLIKE = "x = 1\n" * 50 + function(6)
OTHER = function(5, "g").replace("+= 1", "-= 1")


def find_origins(past: Past) -> dict[str, int | None]:
    """Return for each function over its limit how many commits before the last one took it there."""
    answer = past.ask()
    names = [one["commit"] for one in answer["commits"]]
    return {
        f"{one['path']}::{one['qualified_name']}": names.index(one["since"]) if one["since"] else None
        for one in answer["standing"]
    }


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([{"a.py": OVER}, {"b.py": "x = 1\n"}], {"a.py::f": 0}, id="from the first on"),
        pytest.param([{"a.py": WITHIN}, {"a.py": OVER}, {"b.py": ""}], {"a.py::f": 1}, id="it came over"),
        pytest.param([{"a.py": OVER}, {"a.py": function(9)}], {"a.py::f": 0}, id="it got worse"),
        pytest.param(
            [{"a.py": OVER}, {"a.py": WITHIN}, {"a.py": OVER}], {"a.py::f": 2}, id="it was within for a while"
        ),
        pytest.param([{"a.py": OVER}, {"a.py": None}, {"a.py": OVER}], {"a.py::f": 2}, id="it was gone"),
        pytest.param([{"a.py": OVER}, {"a.py": None}], {}, id="it is gone"),
        pytest.param([{"a.py": OVER}, {"a.py": None, "b.py": OVER}], {"b.py::f": 0}, id="a renamed file"),
        pytest.param(
            [{"a.py": OVER}, {"a.py": "x = 1\n", "b.py": f"y = 2\n{OVER}"}], {"b.py::f": 0}, id="it was moved"
        ),
        pytest.param([{"a.py": OVER}, {"a.py": function(5, "g")}], {"a.py::g": 0}, id="it was renamed"),
        pytest.param([{"a.py": OVER}, {"a.py": function(6, "g")}], {"a.py::g": 1}, id="another of its file"),
        pytest.param(
            [{"a.py": OVER}, {"a.py": "x = 1\n", "b.py": function(5, "g")}],
            {"b.py::g": 0},
            id="it was moved, and renamed",
        ),
        pytest.param(
            [{"a.py": OVER, "c.py": UNLIKE}, {"a.py": UNLIKE, "b.py": OVER, "c.py": None}],
            {"a.py::f": 0, "b.py::f": 0},
            id="its file was replaced by another",
        ),
        pytest.param(
            [{"a.py": OVER}, {"a.py": "x = 1\n", "b.py": OTHER}], {"b.py::g": 1}, id="another elsewhere"
        ),
        pytest.param([{"a.py": OVER}, {"a.py": OTHER}], {"a.py::g": 1}, id="another with its value"),
        pytest.param(
            [
                {"a.py": OVER},
                {"a.py": function(6)},
                {"b.py": function(6, "g"), "a.py": ""},
                {"b.py": f"class A:\n{indent(function(6, 'h'), '    ')}"},
            ],
            {"b.py::A.h": 0},
            id="it was moved and renamed twice",
        ),
        pytest.param(
            [{"a.py": OVER}, {"a.py": None, "b.py": function(5, "g")}],
            {"b.py::g": 0},
            id="it was renamed, and its file",
        ),
        pytest.param(
            [
                {"a.py": OVER},
                {"a.py": OVER + function(5, "g")},
                {"a.py": function(5, "h") + function(5, "i")},
            ],
            {"a.py::h": 0, "a.py::i": 1},
            id="two were renamed",
        ),
        pytest.param(
            [{"a.py": OVER + function(6, "g")}, {"a.py": function(6) + function(5, "h")}],
            {"a.py::f": 0, "a.py::h": 0},
            id="it was renamed, and another one has its name",
        ),
        pytest.param(
            [{"a.py": OVER}, {"b.py": function(5, "g")}, {"a.py": None, "b.py": function(5, "h") + OVER}],
            {"b.py::h": 1, "b.py::f": 0},
            id="it was moved beside one that was renamed",
        ),
        pytest.param([{"a.py": OVER}, {"b.py": OVER}], {"a.py::f": 0, "b.py::f": 1}, id="it was copied"),
        pytest.param(
            [{"a.py": OVER}, {"a.py": None, "b.py": function(6)}],
            {"b.py::f": 0},
            id="its file was renamed, and edited",
        ),
        pytest.param(
            [{"a.py": OVER, "b.py": WITHIN}, {"a.py": None, "b.py": function(6)}],
            {"b.py::f": 1},
            id="another in a file that stays",
        ),
        pytest.param(
            [{"a.py": OVER}, {"a.py": f"def f(a: int): ...\n{function(6)}"}],
            {"a.py::f#2": 0},
            id="it got an overload, and was edited",
        ),
        pytest.param(
            [
                {"a.py": f"class A:\n{METHOD}{function(3, 'g')}"},
                {"a.py": f"{OTHER}class B:\n{METHOD}"},
            ],
            {"a.py::g": 1, "a.py::B.f": 0},
            id="its class was renamed",
        ),
        pytest.param([{"a.py": OVER}, {"a.py": BROKEN}, {"a.py": OVER}], {"a.py::f": 0}, id="it broke"),
        pytest.param([{"a.py": OVER}, {"a.py": BROKEN}], {}, id="it is broken"),
        pytest.param(
            [{"a.py": OVER, "b.py": ""}, {"a.py": BROKEN, "b.py": OVER}, {"a.py": "x = 1\n"}],
            {"b.py::f": 0},
            id="its file broke as it was moved",
        ),
        pytest.param(
            [{"a.py": OVER, "b.py": ""}, {"a.py": OVER + BROKEN, "b.py": OVER}],
            {"b.py::f": 1},
            id="its file broke as it was copied",
        ),
        pytest.param(
            [{"a.py": OVER}, {"a.py": None, "b.py": OVER + BROKEN}, {"b.py": OVER}],
            {"b.py::f": 0},
            id="it broke as its file was renamed",
        ),
        pytest.param(
            [{"a.py": BROKEN}, {"a.py": f"{BROKEN}\n"}, {"a.py": OVER}], {"a.py::f": 2}, id="it was broken"
        ),
        pytest.param(
            [{"a.py": OVER}, {"a.py": BROKEN}, {"a.py": f"{BROKEN}\n"}, {"a.py": WITHIN}, {"a.py": OVER}],
            {"a.py::f": 4},
            id="it broke, and was within",
        ),
        pytest.param(
            [{"a.py": OVER}, {"a.py": BROKEN}, {"a.py": None}, {"a.py": OVER}],
            {"a.py::f": 3},
            id="it broke, and was gone",
        ),
    ],
)
def test_each_has_the_commit_that_took_it_over(
    past: Past, history: list[dict[str, str | None]], expected: dict[str, int]
) -> None:
    for day, files in enumerate(history):
        past.record(files, day)
    assert find_origins(past) == expected


def test_what_was_over_before_is_not_blamed_on_the_first_that_is_shown(past: Past) -> None:
    past.record({"a.py": OVER})
    past.record({"b.py": OVER}, 1)
    past.record({"c.py": OVER}, 2)
    answer = past.ask("--commits", "2")
    assert [one["since"] for one in answer["standing"]] == [None, None, answer["commits"][1]["commit"]]
    assert "before 2017-07-15, where the examined history starts" in past.run("--commits", "2")


def test_what_got_worse_while_over_its_limit_is_told(past: Past) -> None:
    worse = {f"w{number}.py": function(20) for number in range(5)}
    past.record({"a.py": OVER, "b.py": function(9, "g"), "c.py": function(3, "h")})
    past.record({"a.py": "x = 1\n", "d.py": f"y = 2\n{OVER}"}, 1)
    past.record({"c.py": function(6, "h")}, 2)
    assert "got worse" not in past.run()
    past.record({"d.py": f"y = 2\n{function(7)}", "b.py": function(8, "g")}, 3)
    said = past.run()
    grown = "cyclomatic_complexity 5 \N{RIGHTWARDS ARROW} 7 (+2)"
    assert "\n1 value got worse while over its limit\n" in said
    assert f"  d.py::f\n      {grown}, must be <= 3\n" in said
    found = {one["path"]: (one["first_value"], one["value"]) for one in past.ask()["standing"]}
    assert found == {"b.py": (9, 8), "c.py": (6, 6), "d.py": (5, 7)}
    past.record({"c.py": function(7, "h"), **worse}, 4)
    said = past.run()
    assert f"\n2 values got worse while over their limits, most of all:\n  d.py::f\n      {grown}\n" in said


def test_what_got_worse_beside_a_limit_of_0_is_told(past: Past) -> None:
    past.record({"a.py": function(2)})
    past.record({"a.py": function(4)}, 1)
    assert "\n1 value got worse while over its limit\n" in past.run("--limit", "cyclomatic=0")


def test_what_is_equally_far_over_is_in_the_order_of_paths_and_lines(past: Past) -> None:
    past.record({"b.py": function(6, "z") + function(6, "y")})
    past.record({"a.py": function(6, "x")})
    said, answer = past.run(), past.ask()
    places = ["a.py::x", "b.py::z", "b.py::y"]
    assert [f"{one['path']}::{one['qualified_name']}" for one in answer["standing"]] == places
    assert re.findall(r"(?m)^  (\S+::\S+)$", said) == places


def test_the_last_month_is_reported(past: Past) -> None:
    past.record({"a.py": OVER, "b.py": OVER, "c.py": OVER}, 0)
    past.record({"d.py": OVER}, 50)
    past.record({"a.py": WITHIN}, 60)
    past.record({"e.py": function(6, "e"), "b.py": None}, 70)
    past.record({"e.py": function(6, "e") + function(6, "g"), "h.py": OVER}, 89)
    past.record({"h.py": WITHIN}, 90)  # thirty days behind the third, to the second
    answer = past.ask()
    at = answer["commits"][2]["commit"]
    assert answer["month"] == {"since": at, "added": 2, "paid_back": 1}
    assert [one["violations"] for one in answer["commits"]] == [3, 4, 3, 3, 5, 4]
    assert "at the end of the last 30 days: 2 values newly over their limits, 1 back within" in past.run()
    past.record({"h.py": OVER}, 120)
    assert "at the end of the last 30 days: 1 value newly over its limit, 0 back within" in past.run()


@pytest.mark.parametrize(
    ("history", "added", "paid_back"),
    [
        pytest.param([{"a.py": WITHIN}, {"a.py": OVER}], 0, 0, id="it was within for a while"),
        pytest.param([{"a.py": None}, {"a.py": OVER}], 0, 0, id="it was gone for a while"),
        pytest.param([{"b.py": OVER}, {"b.py": WITHIN}], 0, 0, id="another was over for a while"),
        pytest.param([{"a.py": None, "b.py": OVER}], 0, 0, id="it was moved"),
        pytest.param([{"a.py": None, "b.py": OVER}, {"a.py": OVER}], 1, 0, id="moved, and another there"),
        pytest.param([{"a.py": WITHIN}, {"b.py": OVER}], 1, 1, id="one went and another came"),
        pytest.param([{"a.py": BROKEN}], 0, 0, id="it is broken"),
    ],
)
def test_the_last_month_is_what_its_ends_differ_in(
    past: Past, history: list[dict[str, str | None]], added: int, paid_back: int
) -> None:
    past.record({"a.py": OVER})
    for day, files in enumerate(history):
        past.record(files, 40 + day)
    month = past.ask()["month"]
    assert (month["added"], month["paid_back"]) == (added, paid_back)


def test_what_was_broken_a_month_ago_did_not_come_over_since(past: Past) -> None:
    past.record({"a.py": OVER})
    past.record({"a.py": BROKEN}, 40)
    past.record({"a.py": OVER}, 90)
    month = past.ask()["month"]
    assert (month["added"], month["paid_back"]) == (0, 0)


def test_folders_are_compared(past: Past) -> None:
    past.record({"a.py": OVER, "old/b.py": OVER})
    past.record({"old/b.py": None, "lib/c.py": OVER + function(4, "g") + function(3, "h")}, 1)
    rows = [tuple(one.values()) for one in past.ask()["folders"]]
    assert rows == [(".", 1, 1, 1, 1), ("lib", 1, 3, 2, 0), ("old", 0, 0, 0, 1)]
