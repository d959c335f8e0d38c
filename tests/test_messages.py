"""Text and paths that a terminal shows and does not obey."""

from __future__ import annotations

import os
import sys
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_antipasta.messages import (
    format_argument,
    format_path,
    list_names,
    make_printable,
    make_printable_path,
    name_path,
    printable_lines,
)
from tests.busy import PATIENT
from tests.windows import NOT_ON_WINDOWS, QUOTE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a b\u00a0c ü 日本 \ufffd \U0001f9d1", None, id="what is shown as it is"),
        pytest.param("a\\x1b", None, id="a backslash"),
        pytest.param("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m", id="a colour"),
        pytest.param("\x1b]0;title\x07", "\\x1b]0;title\\x07", id="a window's title"),
        pytest.param("\x9b31m", "\\u009b31m", id="a colour in C1"),
        pytest.param("a\rb\nc\td\x7f\0", "a\\x0db\\x0ac\\x09d\\x7f\\x00", id="C0"),
        pytest.param("\u202egnp.exe", "\\u202egnp.exe", id="text from right to left"),
        pytest.param("\u2066a\u2069\u2028", "\\u2066a\\u2069\\u2028", id="an isolate, and a line's end"),
        pytest.param("\u200e\u200f\u061c", "\\u200e\\u200f\\u061c", id="marks of direction"),
        pytest.param("a\u200b\u200d\u2060\ufeff", "a\\u200b\\u200d\\u2060\\ufeff", id="what has no width"),
        pytest.param("\U000e0061", "\\U000e0061", id="a tag, which has no width either"),
        pytest.param("\ufffe\uffff", "\\ufffe\\uffff", id="what XML forbids"),
        pytest.param("\udcff\ud800", "\\xff\\ud800", id="a byte, and half of a character"),
        pytest.param("\u034f\u2800\u3164\ufe0f", "\\u034f\\u2800\\u3164\\ufe0f", id="what has no ink"),
        pytest.param("\U000e0100", "\\U000e0100", id="what chooses a variant"),
        pytest.param("::error ::x::y", "\\x3a:error ::x::y", id="a command of GitHub's"),
        pytest.param("\u3000 ::x", "\u3000 \\x3a:x", id="one behind white space"),
        pytest.param("a ::x::", None, id="what GitHub reads as text"),
        pytest.param("a ##[b] ###[c]", "a #\\x23[b] ##\\x23[c]", id="an old command of GitHub's"),
        pytest.param("##vso[a] ##TeamCity[b]", "#\\x23vso[a] #\\x23TeamCity[b]", id="those of others"),
        pytest.param("## [a] #[b] ##a[c]", None, id="what none of them obeys"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, expected: str | None) -> None:
    assert make_printable(text) == (text if expected is None else expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(b"a/b c.py", "a/b c.py", id="nothing odd"),
        pytest.param(b"we\\ird.py", "we\\ird.py", id="a backslash"),
        pytest.param(b"\xff.py", "\\xff.py", id="a byte", marks=NOT_ON_WINDOWS),
        pytest.param(b"\\xff.py", "\\\\xff.py", id="what a byte looks like"),
        pytest.param(b"\\\\xff.py", "\\\\\\\\xff.py", id="what that looks like"),
        pytest.param(b"\\\xff.py", "\\\\\\xff.py", id="a backslash before a byte", marks=NOT_ON_WINDOWS),
        pytest.param(b"\\u202e.py", "\\\\u202e.py", id="what a control character looks like"),
        pytest.param("\u202e.py".encode(), "\\u202e.py", id="a control character"),
        pytest.param(b"\\U000e0061.py", "\\\\U000e0061.py", id="what a tag looks like"),
        pytest.param("\x85.py".encode(), "\\u0085.py", id="a character with the number of a byte"),
        pytest.param(b"\x85.py", "\\x85.py", id="that byte", marks=NOT_ON_WINDOWS),
    ],
)
def test_paths_are_escaped(path: bytes, expected: str) -> None:
    assert make_printable_path(os.fsdecode(path)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(b"new\nline\x1b.py", "new\nline\x1b.py", id="control characters"),
        pytest.param("\u202e\x85.py".encode(), "\u202e\x85.py", id="others that terminals obey"),
        pytest.param(b"\\x0a\\u202e.py", "\\x0a\\u202e.py", id="what their escapes look like"),
        pytest.param(b"\xff\n.py", "\\xff\n.py", id="a byte", marks=NOT_ON_WINDOWS),
        pytest.param(b"\\xff.py", "\\\\xff.py", id="what a byte looks like, as no two files have one name"),
        pytest.param(b"\\\xff.py", "\\\\\\xff.py", id="a backslash before a byte", marks=NOT_ON_WINDOWS),
    ],
)
def test_a_path_in_a_report_is_the_file_name_but_for_bytes(path: bytes, expected: str) -> None:
    assert name_path(os.fsdecode(path)) == expected


pieces = st.sampled_from(
    [
        b"\\", b"x", b"u", b"ff", b"00", b"1b", b"\xff", b"\x1b", b"\xc2\x85", b"\x85",
        b"U000e0061", b"\xf3\xa0\x81\xa1", b":", b"#", b"[", b"3a", b"23", b" ",
    ]
)  # fmt: skip


@NOT_ON_WINDOWS
@PATIENT
@given(st.lists(st.lists(pieces, max_size=6).map(b"".join), min_size=2, max_size=8, unique=True))
def test_no_two_paths_look_alike(paths: list[bytes]) -> None:
    for one, other in combinations(map(os.fsdecode, paths), 2):
        assert make_printable_path(one) != make_printable_path(other)
        assert name_path(one) != name_path(other)


@PATIENT
@given(st.text())
def test_what_is_left_is_one_line_that_can_be_written(text: str) -> None:
    printable = make_printable(text)
    assert len(printable.splitlines()) <= 1
    assert "\x1b" not in printable
    printable.encode()


def test_lines_are_made_printable_one_by_one() -> None:
    assert list(printable_lines(lambda *lines: iter(lines))("a\n", "\x1b")) == ["a\\x0a", "\\x1b"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("src/a.py", "src/a.py", id="a usual one"),
        pytest.param("-rf.py", "./-rf.py", id="one that looks like an option"),
        pytest.param("$(id).py", "'$(id).py'", id="one that a shell would run"),
        pytest.param("-a b.py", f"{QUOTE}./-a b.py{QUOTE}", id="both"),
    ],
)
def test_a_path_is_proposed_so_that_it_can_be_typed(path: str, expected: str) -> None:
    assert format_argument(path) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="paths of another form")
def test_a_path_below_the_root_of_the_file_system_keeps_its_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert format_path(Path("/shop/pyproject.toml")) == "/shop/pyproject.toml"


def test_the_number_of_names_that_are_left_out_has_separated_thousands() -> None:
    names = [f"a{number}" for number in range(1_002)]
    assert [list_names(names, 2), list_names(names, 1, "file")] == [
        "a0, a1 and 1,000 more",
        "a0 and 1,001 more files",
    ]
