"""Adding our table at the end of a TOML file, which stays as it is up to there, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import format_path
from pytest_antipasta.settings import Key, decode, find_lines, format_key, parse_toml


def append_table(path: Path, content: bytes, table: Sequence[str]) -> bytes:
    """Return the content of a TOML file with our table's lines behind it, in the line endings of the file.

    Raises:
        UsageError: it is not valid TOML in UTF-8, has our table already, or has a `tool` that no table can
            be added to.
    """
    text = decode(path, content)
    tool = parse_toml(path, text).get("tool", {})
    if isinstance(tool, dict) and "pytest-antipasta" in tool:
        raise _refuse(path, text, ("tool", "pytest-antipasta"), "is there already, and is never edited")
    ending = "\r\n" if "\r\n" in text else "\n"
    gap = ending * (2 - text.endswith("\n")) if text.strip() else ""
    added = gap + "".join(f"{line}{ending}" for line in table)
    try:
        parse_toml(path, text + added)
    except UsageError:
        raise _refuse(path, text, ("tool",), "no table can follow what is written here") from None
    return content + added.encode()


def _refuse(path: Path, text: str, key: Key, problem: str) -> UsageError:
    place = f"{format_path(path)}:{find_lines(text).get(key, 1)}: {format_key(key)}"
    return UsageError(f"{place}: {problem}; merge the proposed lines by hand")
