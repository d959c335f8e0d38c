"""Lines folded to the width of a terminal."""

from __future__ import annotations

import pytest

from pytest_antipasta.report.terminal import fold_line


@pytest.mark.parametrize(
    ("line", "width", "expected"),
    [
        pytest.param("one two", None, ["one two"], id="any width"),
        pytest.param("  one two", 9, ["  one two"], id="that fits"),
        pytest.param("  one two six", 9, ["  one two", "    six"], id="indented"),
        pytest.param("run `a b c` now", 9, ["run", "  `a b c`", "  now"], id="a command in one piece"),
        pytest.param("a         longest", 6, ["a", "  longest"], id="a word that is longer"),
        pytest.param(
            "  1:1  f     volume 2/1      index 3",
            24,
            ["  1:1  f     volume 2/1", "    index 3"],
            id="columns",
        ),
    ],
)
def test_a_line_is_folded_at_words(line: str, width: int | None, expected: list[str]) -> None:
    assert list(fold_line(line, width)) == expected
