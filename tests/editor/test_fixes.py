"""The fixes of a function: each edit makes what was tried, and the values are those of its title."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from pytest_antipasta.advice.edits import apply_edits
from pytest_antipasta.editor.actions import Action
from pytest_antipasta.editor.buffers import JudgedBuffer
from pytest_antipasta.editor.fixes import _compare, find_fixes
from tests.editor.samples import SETTINGS, SHIP, apply, judge

FIND = """\
def find(user):
    if user:
        if user.name:
            if user.is_active:
                return user.name.title()
    return None
"""
EASY = "def pass_on(a):\n    return a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return tmp_path


def iter_fixed(judged: JudgedBuffer) -> Iterator[tuple[Action, str]]:
    for action in find_fixes(judged, 1, len(judged.lines)):
        yield action, apply(judged.text, action.edit)


def read_values(judged: JudgedBuffer, name: str) -> str:
    """Return the values of a function in the words of a title."""
    block = judged.verdict.by_name[name]
    return f"cognitive {block.cognitive_complexity}"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        pytest.param(EASY + SHIP + FIND, "\n", id="several functions"),
        pytest.param(EASY + SHIP, "\r\n", id="line ends of Windows"),
        pytest.param(f"# \f ü\n{SHIP}{FIND.rstrip()}", "\r", id="without a line end at the end"),
    ],
)
def test_each_edit_makes_what_was_tried_and_keeps_the_promise(folder: Path, text: str, end: str) -> None:
    judged = judge(folder, text.replace("\n", end))
    fixed = [*iter_fixed(judged)]
    assert fixed
    for action, after in fixed:
        values = re.findall(r"cognitive \d+ → (\d+)", action.title)
        assert read_values(judge(folder, after), action.block) == f"cognitive {values[0]}", action.title
        assert ", proven equivalent" in action.title
        plan = judged.plans[action.block]
        assert plan is not None
        is_all = action.title.startswith("All ")
        edits = [edit for step in plan.steps[: None if is_all else 1] for edit in step.edits]
        assert after == apply_edits(judged.text, edits)


def test_the_first_step_and_all_steps_are_offered(folder: Path) -> None:
    titles = [action.title for action, _ in iter_fixed(judge(folder, SHIP))]
    assert titles == [
        "Move to a new function, lines 5-8: cognitive 16 → 9, cyclomatic 8 → 6, proven equivalent: "
        "def _ship_part(log, sent, order)",
        "All 2 steps: cognitive 16 → 4, cyclomatic 8 → 4, proven equivalent",
    ]


def test_they_are_those_of_the_functions_in_the_lines(folder: Path) -> None:
    judged, first = judge(folder, SHIP + EASY + FIND), SHIP.count("\n") + 1
    names = {name: [action.block for action in find_fixes(judged, *lines)] for name, lines in {
        "ship": (1, 3), "pass_on": (first, first + 1), "find": (first + 2, first + 2), "all": (1, 99)
    }.items()}  # fmt: skip
    assert {name: {*found} for name, found in names.items()} == {
        "ship": {"ship"}, "pass_on": set(), "find": {"find"}, "all": {"ship", "find"}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        pytest.param(SETTINGS, EASY, id="within the limits"),
        pytest.param(
            SETTINGS, SHIP.replace("log):", "log):  # antipasta: ignore"), id="allowed by a comment"
        ),
        pytest.param(f"[tool.pytest-antipasta]\nhints = false\n{SETTINGS}", SHIP, id="no hints wanted"),
        pytest.param(SETTINGS.replace("4", "false\nlength = 4"), SHIP, id="over another limit"),
    ],
)
def test_there_is_none(folder: Path, settings: str, text: str) -> None:
    (folder / "pyproject.toml").write_text(settings)
    assert [*iter_fixed(judge(folder, text))] == []


@pytest.mark.parametrize(
    ("settings", "used", "is_offered"),
    [
        pytest.param("", "_ship_part", False, id="the name of a method there"),
        pytest.param("", "_ship_parts", True, id="another name"),
        pytest.param(
            '[tool.pytest-antipasta]\npaths = [".", "no"]\n', "f", False, id="files that can't be found"
        ),
    ],
)
def test_a_method_of_another_file_is_not_overridden(
    folder: Path, settings: str, used: str, is_offered: bool
) -> None:
    """A base has the same method with a part of the same name, if it was made simpler before."""
    (folder / "pyproject.toml").write_text(f"{settings}{SETTINGS}")
    (folder / "base.py").write_text(f"class Base:\n    def {used}(self): ...\n")
    method = SHIP.replace("ship(orders", "ship(self").replace("in orders", "in self.orders")
    judged = judge(folder, f"class Shop(Base):\n{indent(method, '    ')}")
    assert bool([*iter_fixed(judged)]) == is_offered


def test_a_plan_is_searched_once_for_a_text(folder: Path) -> None:
    judged = judge(folder, SHIP)
    first = [action for action, _ in iter_fixed(judged)]
    judged.plans["ship"] = None
    assert first
    assert [*iter_fixed(judged)] == []


def test_an_internal_error_takes_no_offer_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_antipasta.advice import search

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(search, "find_plan", fail)
    assert [*iter_fixed(judge(folder, SHIP))] == []


@pytest.mark.parametrize("seed", range(3))
def test_any_two_texts_are_compared_by_whole_lines(seed: int) -> None:
    chance = random.Random(seed)

    def make() -> str:
        lines = (
            chance.choice("ab") + chance.choice(["\n", "\r\n", "\r", ""]) for _ in range(chance.randint(0, 6))
        )
        return "".join(lines)

    for _ in range(200):
        before, after = make(), make()
        assert before == after or apply(before, _compare(before, after)) == after
