"""Putting our table into a TOML text and leaving all else as it is, to the letter.

The text is cut by its headers and not written anew from a parsed document: which table a comment between
two tables belongs to, no document model knows. What comes out is parsed and compared before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from pytest_antipasta.errors import UsageError
from pytest_antipasta.settings.entries import Key
from pytest_antipasta.settings.toml_file import parse_toml
from pytest_antipasta.settings.toml_lines import find_headers
from pytest_antipasta.settings.wording import format_path

_TABLE = ("tool", "pytest-antipasta")


def put_table(path: Path, text: str, table: str) -> str:
    """Return a TOML text with our table in it: in place of the one that is there, or at the end.

    Args:
        path: the file that the text is of, for messages.
        text: the whole file.
        table: our table with its headers, lines that end with newlines.

    Raises:
        UsageError: the text is not valid TOML, or our table is written in it in a way that can't be cut out.
    """
    before = parse_toml(path, text)
    ending = "\r\n" if "\r\n" in text else "\n"
    edited = _edit(text, table.replace("\n", ending), ending)
    try:
        is_right = parse_toml(path, edited) == _expect(before, table)
    except UsageError:
        is_right = False
    if not is_right:
        raise UsageError(
            f"{format_path(path)}: the table can't be put there without touching what else stands there; "
            f"take the settings of pytest-antipasta out, or write them by hand:\n{table.rstrip()}"
        )
    return edited


def _expect(before: dict[str, Any], table: str) -> dict[str, Any]:
    """Return what the edited file must say."""
    tool = before.get("tool", {})
    ours = parse_toml(Path(), table)["tool"]["pytest-antipasta"]
    return {**before, "tool": {**(tool if isinstance(tool, dict) else {}), "pytest-antipasta": ours}}


def _edit(text: str, table: str, ending: str) -> str:
    if any(_is_ours(key) for _, key in find_headers(text)):
        return "".join(_iter_replaced(text, table))
    if not text.strip():
        return text + table
    return text + ("" if text.endswith("\n") else ending) + ending + table


def _iter_replaced(text: str, table: str) -> Iterator[str]:
    """Yield the text with our table in place of the first of our sections and nothing of the others.

    Comments and blank lines behind our last key stay: they may be about the table that comes next.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    headers = [(1, ()), *find_headers(text), (len(lines) + 1, ())]
    for (start, key), (end, next_key) in pairwise(headers):
        section = lines[start - 1 : end - 1]
        if not _is_ours(key):
            yield from section
            continue
        yield table
        table = ""
        if not _is_ours(next_key):
            yield from _find_tail(section)


def _find_tail(lines: list[str]) -> list[str]:
    """Return the comments and blank lines at the end of a section."""
    tail = len(lines)
    while lines[tail - 1].strip() == "" or lines[tail - 1].lstrip().startswith("#"):
        tail -= 1
    return lines[tail:]


def _is_ours(key: Key) -> bool:
    return key[: len(_TABLE)] == _TABLE
