"""The line of each key of a TOML text: the first mention, or none, but never a wrong one."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_antipasta.settings.toml_lines import find_lines

TEXTS = [
    pytest.param("a = 1\n\nb = 2", {("a",): 1, ("b",): 3}, id="plain keys"),
    pytest.param(
        "[a.b]\nc = 1\n[a]\nd = 2", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 2, ("a", "d"): 4}, id="tables"
    ),
    pytest.param("a.b = 1\na.c = 2", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2}, id="dotted keys"),
    pytest.param(
        "[ a . 'b.c' ]\n\"d\\u0065\" = 1", {("a",): 1, ("a", "b.c"): 1, ("a", "b.c", "de"): 2}, id="quotes"
    ),
    pytest.param(
        "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3",
        {
            ("a",): 1,
            ("a", 0): 1,
            ("a", 0, "b"): 2,
            ("a", 1): 3,
            ("a", 1, "b"): 4,
            ("a", 1, "c"): 5,
            ("a", 1, "c", "d"): 6,
        },
        id="arrays of tables",
    ),
    pytest.param(
        "[[a.b]]\nc = 1",
        {("a",): 1, ("a", "b"): 1, ("a", "b", 0): 1, ("a", "b", 0, "c"): 2},
        id="an array of tables in a table",
    ),
    pytest.param(
        "a = {b = 1, c.d = [2,\n{e = 3}]}\nf = 4",
        {
            ("a",): 1,
            ("a", "b"): 1,
            ("a", "c"): 1,
            ("a", "c", "d"): 1,
            ("a", "c", "d", 0): 1,
            ("a", "c", "d", 1): 2,
            ("a", "c", "d", 1, "e"): 2,
            ("f",): 3,
        },
        id="inline tables and arrays in one another",
    ),
    pytest.param(
        "a = [ # [b]\n  1.5, # c = 1\n\n  1979-05-27 07:32:00,\n]\nd = 1",
        {("a",): 1, ("a", 0): 2, ("a", 1): 4, ("d",): 6},
        id="comments, fractions and dates",
    ),
    pytest.param(
        'a = """\nb = 1\n\\"""\n[c]""""\nd = \'\'\'\ne = "\'\'\'\'\nf = "#"\ng = \'\\\'',
        {("a",): 1, ("d",): 5, ("f",): 7, ("g",): 8},
        id="texts that look like keys",
    ),
    pytest.param(
        "a = 1\r\n[b]\r\nc = 2\r\n", {("a",): 1, ("b",): 2, ("b", "c"): 3}, id="line ends of Windows"
    ),
    pytest.param("", {}, id="nothing"),
    pytest.param("a = 1\n[b", {("a",): 1}, id="a text that breaks off keeps what was found"),
    pytest.param(
        "a = [1, }]\nb = 1", {("a",): 1, ("a", 0): 1, ("a", 1): 1, ("b",): 2}, id="no TOML comes to an end"
    ),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_each_key_has_the_line_of_its_first_mention(
    text: str, expected: dict[tuple[str | int, ...], int]
) -> None:
    """And what is no key has none."""
    assert find_lines(dedent(text)) == expected
