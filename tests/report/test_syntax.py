"""The line of a syntax error, with a caret."""

from __future__ import annotations

import sys

import pytest

from pytest_antipasta.report.syntax import iter_error_place

# Since CPython 3.14, the error has the line.
UNDECODABLE = ["    1 | # \ufffd", "      |   ^"] if sys.version_info >= (3, 14) else []


@pytest.mark.parametrize(
    ("data", "line", "expected"),
    [
        pytest.param(b"def f(:\n", 1, ["    1 | def f(:", "      |       ^"], id="at the beginning"),
        pytest.param(
            b"def f():\n    return (1 +\n",
            2,
            ["    2 | return (1 +", "      |        ^"],
            id="with indentation",
        ),
        pytest.param(b"x = 1\nif x:\n\ty = = 2\n", 3, ["    3 | y = = 2", "      |     ^"], id="after a tab"),
        pytest.param(
            "'äöü' ] 2\n".encode(), 1, ["    1 | 'äöü' ] 2", "      |       ^"], id="after other letters"
        ),
        pytest.param(b"def f(:\n", 2, [], id="another line"),
        pytest.param(b"x = 1\n", 1, [], id="no error"),
        pytest.param(b"x = '\0'\n", 1, [], id="a NUL"),
        pytest.param(b"# \xff\n", 1, UNDECODABLE, id="not decodable"),
    ],
)
def test_the_place_of_a_syntax_error(data: bytes, line: int, expected: list[str]) -> None:
    assert list(iter_error_place(data, line)) == expected


def test_of_a_long_line_the_beginning_is_shown() -> None:
    first, caret = iter_error_place(b"x = = " + b"1 + " * 50 + b"1\n", 1)
    assert (len(first), first.endswith("...")) == (8 + 72 + 3, True)
    assert caret == "      |     ^"
    (only,) = iter_error_place(b"x = " + b"1 + " * 50 + b"= 1\n", 1)
    assert only.startswith("    1 | x = 1 + ")
