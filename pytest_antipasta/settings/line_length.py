"""The length of lines that black or ruff is set to, which rewritten code keeps to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.toml_file import find_table, parse_toml

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
        tables = (table for table in _iter_tables(each) if table is not None)
        if (table := next(tables, None)) is not None:
            return _find_length(table)
        if each == root:
            break
    return None


def _find_length(table: Mapping[str, Any]) -> int | None:
    """Return the length in settings, or the default; ``None`` if they extend others, or name no length."""
    length = table.get(_KEY, None if "extend" in table else _DEFAULT)
    return length if type(length) is int and 0 < length <= _MOST else None


def _iter_tables(folder: Path) -> Iterator[dict[str, Any] | None]:
    """Yield the settings in a folder, of which the first decide: those of ruff, then those of black."""
    yield _read(folder / ".ruff.toml")
    yield _read(folder / "ruff.toml")
    project = _read(folder / "pyproject.toml")
    yield from (find_table(project, "tool", name) for name in ("ruff", "black"))


def _read(path: Path) -> dict[str, Any] | None:
    """Return the content of a file; ``None`` if it can't be read."""
    # Errors in it are for other tools to report; Python may have no encoding for the folder's name.
    with suppress(OSError, ValueError, UsageError):
        return parse_toml(path, read_regular(path).decode())
    return None
