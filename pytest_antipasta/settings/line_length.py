"""The length of lines that black or ruff is set to, which rewritten code keeps to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.toml_file import parse_toml

# The first of them decides, as for ruff; in a file of its own, ruff's settings are in no table.
_PLACES = (
    (".ruff.toml", ()),
    ("ruff.toml", ()),
    ("pyproject.toml", ("tool", "ruff")),
    ("pyproject.toml", ("tool", "black")),
)
_KEY = "line-length"


def find_line_length(folder: Path, root: Path) -> int | None:
    """Return the length that the nearest settings of ruff or black name; ``None`` without any.

    Files that they extend are not read.

    Args:
        folder: folder of the source.
        root: folder in which the search ends; it is around the other one, or the only one searched.
    """
    folders = (folder, *folder.parents) if folder.is_relative_to(root) else (root,)
    for each in folders:
        lengths = (_find_length(each / name, table) for name, table in _PLACES)
        if length := next(filter(None, lengths), None):
            return length
        if each == root:
            break
    return None


def _find_length(path: Path, table: Sequence[str]) -> int | None:
    """Return the length in a table of a file; ``None`` without one, and if the file can't be read."""
    with suppress(OSError, UnicodeDecodeError, UsageError):  # errors in it are for other tools to report
        data = read_regular(path)
        found: Any = parse_toml(path, data.decode()) if _KEY.encode() in data else {}
        for name in (*table, _KEY):
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, int) and found > 0 else None
    return None
