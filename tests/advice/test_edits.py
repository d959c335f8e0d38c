"""Edits replace whole lines and keep the bytes of all others."""

from __future__ import annotations

import pytest

from pytest_antipasta.advice.edits import LineEdit, apply_edits, diff_edits


@pytest.mark.parametrize(
    ("text", "edits", "expected"),
    [
        pytest.param("a\nb\nc\n", [LineEdit(2, 2, ("x", "y"))], "a\nx\ny\nc\n", id="a line is replaced"),
        pytest.param("a\nb\n", [LineEdit(2, 1, ("x",))], "a\nx\nb\n", id="a line is inserted before another"),
        pytest.param("a\nb\n", [LineEdit(3, 2, ("x",))], "a\nb\nx\n", id="a line is added at the end"),
        pytest.param(
            "a\nb\nc", [LineEdit(2, 3, ())], "a", id="lines are removed at an end without a line feed"
        ),
        pytest.param("a\nb", [LineEdit(3, 2, ("x",))], "a\nb\nx", id="the end stays without a line feed"),
        pytest.param("a\r\nb\r\n", [LineEdit(1, 1, ("x", "y"))], "x\r\ny\r\nb\r\n", id="CRLF stays CRLF"),
        pytest.param("a\r\nb", [LineEdit(2, 2, ("x", "y"))], "a\r\nx\r\ny", id="CRLF without an end"),
        pytest.param("a\rb\r", [LineEdit(1, 1, ("x",))], "x\rb\r", id="a carriage return alone ends a line"),
        pytest.param("a\nb\r\nc\n", [LineEdit(2, 2, ("x", "y"))], "a\nx\r\ny\r\nc\n", id="mixed line ends"),
        pytest.param(
            "a\fb\n\x0bc\n\x85d\n", [LineEdit(3, 3, ("x",))], "a\fb\n\x0bc\nx\n", id="other separators"
        ),
        pytest.param("", [LineEdit(1, 0, ("x",))], "x\n", id="an empty source"),
        pytest.param(
            "a\nb\n",
            [LineEdit(1, 1, ("x", "y")), LineEdit(2, 2, ("z",))],
            "x\nz\nb\n",
            id="edits follow each other",
        ),
    ],
)
def test_an_edit(text: str, edits: list[LineEdit], expected: str) -> None:
    assert apply_edits(text, edits) == expected


@pytest.mark.parametrize(
    ("text", "edits", "expected"),
    [
        pytest.param("a\nb\n", [LineEdit(1, 1, ("x",))], ["@@ -1,2 +1,2 @@", "-a", "+x", " b"], id="a line"),
        pytest.param(
            "a\nb\na\nb\n",
            [LineEdit(3, 2, ("a", "b", "c")), LineEdit(1, 1, ("d",))],
            ["@@ -1,4 +1,7 @@", "-a", "+d", " b", "+a", "+b", "+c", " a", " b"],
            id="equal lines elsewhere are not compared",
        ),
        pytest.param(
            "a\r\n\r\nb\r\n",
            [LineEdit(1, 3, ("x", "", "b", "c")), LineEdit(4, 4, ("d",))],
            ["@@ -1,3 +1,4 @@", "-a\r", "+x\r", " \r", " b\r", "+d\r"],
            id="lines of an edit that stay, and an edit of an edit",
        ),
        pytest.param("a\nb", [LineEdit(1, 2, ("a", "b"))], [], id="nothing changes"),
        pytest.param(
            "a\nb\nc\nd\n",
            [LineEdit(5, 4, ("x", "b", "c", "d", "y")), LineEdit(2, 4, ("z",))],
            ["@@ -1,4 +1,7 @@", " a", "+z", "+x", " b", " c", " d", "+y"],
            id="the end becomes a function of its own",
        ),
        pytest.param(
            "a\nb\nc\nd\ne\n",
            [LineEdit(6, 5, ("b", "c", "d")), LineEdit(2, 4, ("z",))],
            ["@@ -1,5 +1,6 @@", " a", "-b", "-c", "-d", "+z", " e", "+b", "+c", "+d"],
            id="what is moved past other lines is removed and added",
        ),
    ],
)
def test_a_diff_of_edits(text: str, edits: list[LineEdit], expected: list[str]) -> None:
    assert [*diff_edits(text, edits, "a.py")][2:] == expected
