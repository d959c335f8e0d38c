"""Our table goes to the end, and all else stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.setup.target import append_table

PATH = Path("pyproject.toml")
TABLE = ["[tool.pytest-antipasta]", "paths = ['new']", "", "[tool.pytest-antipasta.thresholds]"]
LINES = b"[tool.pytest-antipasta]\npaths = ['new']\n\n[tool.pytest-antipasta.thresholds]\n"

ADDED = [
    pytest.param(b"", LINES, id="an empty file"),
    pytest.param(b"\n \n", LINES, id="nothing but blanks"),
    pytest.param(b"[project]\nname = 'a'\n", b"\n" + LINES, id="at the end"),
    pytest.param(b"a = 1", b"\n\n" + LINES, id="behind a last line without an end"),
    pytest.param(b"tool.a.b = 1\n", b"\n" + LINES, id="beside dotted keys"),
    pytest.param(
        b"\xef\xbb\xbfa = 1  # \xc3\xa9\r\n",
        b"\r\n" + LINES.replace(b"\n", b"\r\n"),
        id="line ends of Windows and a byte order mark",
    ),
    pytest.param(
        b'a = """\n[tool.pytest-antipasta]\n"""\n', b"\n" + LINES, id="what looks like our header in a text"
    ),
]


@pytest.mark.parametrize(("before", "added"), ADDED)
def test_the_table_goes_to_the_end_and_the_rest_stays(before: bytes, added: bytes) -> None:
    assert append_table(PATH, before, TABLE) == before + added


THERE = "already exists; not modified"
NO_ROOM = "a table can't be added after this line"
REFUSED = [
    pytest.param("a = 1\n[tool.pytest-antipasta]", 2, "tool.pytest-antipasta", THERE, id="our table"),
    pytest.param(
        "[tool.'pytest-antipasta'.thresholds]", 1, "tool.pytest-antipasta", THERE, id="a table within ours"
    ),
    pytest.param(
        "\ntool.pytest-antipasta = {paths = ['a']}", 2, "tool.pytest-antipasta", THERE, id="on one line"
    ),
    pytest.param("[tool]\npytest-antipasta.paths = ['a']", 2, "tool.pytest-antipasta", THERE, id="with dots"),
    pytest.param("\ntool = {a = 1}", 2, "tool", NO_ROOM, id="a table of tools that nothing can be added to"),
    pytest.param("tool = 1", 1, "tool", NO_ROOM, id="no table of tools at all"),
]


@pytest.mark.parametrize(("text", "line", "key", "problem"), REFUSED)
def test_what_can_t_be_added_to_is_left_to_the_user(text: str, line: int, key: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        append_table(PATH, text.encode(), TABLE)
    assert str(caught.value) == f"pyproject.toml:{line}: {key}: {problem}; merge the proposed lines by hand"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"a = ]", "pyproject.toml:1:5: not valid TOML: ", id="no TOML"),
        pytest.param(b"a = 1\nb = '\xe9'", "pyproject.toml:2: not UTF-8 ", id="another encoding"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(content: bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        append_table(PATH, content, TABLE)
    assert str(caught.value).startswith(message)
