"""Finding suppression comments in what is not Python."""

from __future__ import annotations

import pytest

from pytest_antipasta.model.measured import Block
from pytest_antipasta.policy.suppressions.other_languages import find_line_comments

BLOCK = Block(name="f", qualified_name="f", kind="function", line=3, end_line=4)
IGNORE = "antipasta: ignore[cyclomatic_complexity<=9] reason"

PLACES = {
    "on the first line": (["", "", f"procedure f -- {IGNORE}", "end"], (3, 12, "signature", "f")),
    "on the line above": (["", f"  -- {IGNORE}", "procedure f", "end"], (2, 2, "above", "f")),
    "behind code above": (["", f"x -- {IGNORE}", "procedure f", "end"], (2, 2, "elsewhere", None)),
    "two lines above": ([f"-- {IGNORE}", "", "procedure f", "end"], (1, 0, "own line", None)),
    "inside": (["", "", "procedure f", f"end -- {IGNORE}"], (4, 4, "elsewhere", None)),
    "behind what looks like a comment": (
        ["", "", f"procedure f '--' -- {IGNORE}", "end"],
        (3, 17, "signature", "f"),
    ),
}


@pytest.mark.parametrize(("lines", "expected"), PLACES.values(), ids=PLACES.keys())
def test_where_it_stands(lines: list[str], expected: tuple[object, ...]) -> None:
    (found,) = find_line_comments(lines, "--", [BLOCK])
    assert (found.line, found.column, found.place, found.block) == expected
    assert found.text == f"# {IGNORE}"


def test_a_known_comment_may_have_the_line_end_of_windows() -> None:
    (found,) = find_line_comments([f"-- {IGNORE}", "procedure f"], "--", [], {1: f"-- {IGNORE}\r"})
    assert found.text == f"# {IGNORE}"


@pytest.mark.parametrize("line", ["-- antipasta", "# antipasta: ignore", "-- see antipasta: ignore", "x"])
def test_other_comments_say_nothing(line: str) -> None:
    assert list(find_line_comments([line], "--", [])) == []


@pytest.mark.parametrize("start", ["..", "__"])
def test_a_start_is_not_a_pattern(start: str) -> None:
    assert list(find_line_comments([f"xx {IGNORE}", f"f( {IGNORE}"], start, [])) == []


@pytest.mark.parametrize(
    "slip", ["antipasta ignore", "anti-pasta: ignore", "Antipasti: ignore", "noqa: antipasta"]
)
def test_what_is_nearly_one_is_found(slip: str) -> None:
    (found,) = find_line_comments(["", f"-- {slip}", "procedure f", "end"], "--", [BLOCK])
    assert (found.text, found.block) == (f"# {slip}", "f")
