"""The length of lines that black or ruff is set to, which rewritten code keeps to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.toml_file import parse_toml

# The first of them in a folder is ruff's; in a file of its own, ruff's settings are in no table.
_OF_RUFF = ((".ruff.toml", ()), ("ruff.toml", ()), ("pyproject.toml", ("tool", "ruff")))
_OF_BLACK = ("pyproject.toml", ("tool", "black"))
_KEY = "line-length"
_DEFAULT, _MOST = 88, 320


def find_line_length(folder: Path, root: Path) -> int | None:
    """Return the length of the nearest settings of ruff or black; ``None`` without any.

    Files that they extend are not read.

    Args:
        folder: folder of the source.
        root: folder in which the search ends; it is around the other one, or the only one searched.
    """
    folders = (folder, *folder.parents) if folder.is_relative_to(root) else (root,)
    for each in folders:
        for name, place in (*_OF_RUFF, _OF_BLACK):
            table = _read_table(each / name, place)
            if table is not None:
                return _find_length(table)
        if each == root:
            break
    return None


def _find_length(table: Mapping[str, Any]) -> int | None:
    """Return the length in settings, or the default; ``None`` if they extend others, or name no length."""
    length = table.get(_KEY, None if "extend" in table else _DEFAULT)
    return length if type(length) is int and 0 < length <= _MOST else None


def _read_table(path: Path, place: Sequence[str]) -> dict[str, Any] | None:
    """Return a table of a file; ``None`` without one, and if the file can't be read."""
    with suppress(OSError, UnicodeDecodeError, UsageError):  # errors in it are for other tools to report
        found: Any = parse_toml(path, read_regular(path).decode())
        for name in place:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None
    return None
