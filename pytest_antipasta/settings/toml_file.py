"""Read our table from a TOML file, such as ``pyproject.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.documents import Document, KeyPath, decode
from pytest_antipasta.settings.table import parse_table

_TABLE = ("tool", "pytest-antipasta")
_MOST_OTHER_LETTERS = 3
_NEARLY = ("antipasta", "pytestantipasta")
_HEADER = re.compile(
    rb"""^[ \t]*\[\[?[ \t]*((?:tool[ \t]*\.[ \t]*)?["']?((?:pytest\.)?[\w-]+)["']?)[ \t]*[].]""",
    re.MULTILINE | re.IGNORECASE,
)
# A parser needs quadratic time and memory for the parts of a key: 110 MB for 5,000.
_MOST_PARTS = 100
_ENDLESS_KEY = re.compile(rf"""(?:(?:(?<![\w-])[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{_MOST_PARTS}}}""")


def read_toml(path: Path, notes: list[str], data: bytes) -> Document | None:
    """Read the table ``[tool.pytest-antipasta]`` in the content of a file; ``None`` without the table.

    A file that does not contain the name is not parsed, so that an error in another tool's file does not
    matter. A note is added for each table with a similar name.
    """
    if b"\0" in data:
        _refuse_wide(path, data)
    notes += _iter_misnamed(path, data)
    if _TABLE[1].encode() not in data:
        return None
    text = decode(path, data)
    tool = find_table(parse_toml(path, text), _TABLE[0])
    if tool is None or _TABLE[1] not in tool:
        return None
    return Document(path, _TABLE, tool[_TABLE[1]], partial(_find_line, text), parse_table)


def _iter_misnamed(path: Path, data: bytes) -> Iterator[str]:
    seen = {".".join(_TABLE)}
    for match in _HEADER.finditer(data):
        name = re.sub(r"[\s\"']", "", match[1].decode())
        if name not in seen and _means_ours(match[2].decode()):
            seen.add(name)
            line = data.count(b"\n", 0, match.start(1)) + 1
            yield f"{format_path(path)}:{line}: [{name}] is ignored; use the table [tool.pytest-antipasta]"


def _means_ours(name: str) -> bool:
    if re.sub("[-_.]", "", name.lower()) in _NEARLY:
        return True
    # A quick test first, as most names are very different.
    if len({*name.lower()} ^ {*_TABLE[1]}) > _MOST_OTHER_LETTERS:
        return False
    from pytest_antipasta.messages import is_near

    return is_near(name, _TABLE[1])


def _refuse_wide(path: Path, data: bytes) -> None:
    """Reject settings in a multi-byte encoding, in which our name would not be found."""
    zeros = data.count(b"\0")
    if b"antipasta" in data.replace(b"\0", b"").lower():
        encoding = "UTF-32" if zeros > len(data) / 2 else "UTF-16"
        raise UsageError(f"{format_path(path)}: is {encoding}, not UTF-8; save the file as UTF-8")


def _find_line(text: str, key: KeyPath) -> int | None:
    from pytest_antipasta.settings.toml_lines import find_lines

    return find_lines(text).get(key)


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """Parse the text of a file."""
    import tomllib

    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") >= _MOST_PARTS and _ENDLESS_KEY.search(line):
            raise UsageError(
                f"{format_path(path)}:{number}: keys with more than {_MOST_PARTS} parts are not supported"
            )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{format_path(path)}: not valid TOML: nested too deeply") from None
    # Not only the parser's subclass: int() rejects numbers of more than 4300 digits.
    except ValueError as error:
        raise UsageError(_format_syntax_error(path, str(error).partition("; use sys.")[0])) from None


def find_table(data: object, *key: str) -> dict[str, Any] | None:
    """Return a table by its key; ``None`` if there is none, or another value."""
    for name in key:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else None


def _format_syntax_error(path: Path, message: str) -> str:
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message, re.DOTALL)
    problem, *place = found.groups() if found else (message,)
    return f"{':'.join((format_path(path), *place))}: not valid TOML: {problem}"
