"""Lines folded to the width of a terminal."""

from __future__ import annotations

import pytest

from pytest_antipasta.report.terminal import clip_line, fold_line, pad_text


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


@pytest.mark.parametrize(
    ("text", "width"),
    [
        pytest.param("total", 5, id="ASCII"),
        pytest.param("größe", 5, id="one column each"),
        pytest.param("gro\u0308ße", 5, id="a mark on the letter before it"),
        pytest.param("合計", 4, id="wide"),
        pytest.param("\U0001f600", 2, id="emoji"),
        pytest.param("\x1b[1m合計\x1b[0m", 4, id="in bold"),
    ],
)
def test_a_text_is_padded_to_columns_that_it_takes(text: str, width: int) -> None:
    assert pad_text(text, 7) == text + " " * (7 - width)


@pytest.mark.parametrize(("width", "expected"), [(5, "abc合"), (4, "abc…"), (3, "ab…")])
def test_a_line_is_cut_at_columns(width: int, expected: str) -> None:
    assert clip_line("abc合", width) == expected
