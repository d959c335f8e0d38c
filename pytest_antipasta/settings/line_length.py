"""The length of lines that black or ruff is set to, which rewritten code keeps to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.toml_file import parse_toml

# The first of them decides, as for ruff; in a file of its own, ruff's settings are in no table.
_FILES = {".ruff.toml": ((),), "ruff.toml": ((),), "pyproject.toml": (("tool", "ruff"), ("tool", "black"))}
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
        for length in _iter_lengths(each):
            return length
        if each == root:
            break
    return None


def _iter_lengths(folder: Path) -> Iterator[int]:
    """Yield the lengths in the files of a folder, the first of which decides."""
    for name, places in _FILES.items():
        document = _read(folder / name)
        for place in places:
            table = document
            for part in place:
                table = table.get(part, {}) if isinstance(table, dict) else {}
            length = table.get(_KEY) if isinstance(table, dict) else None
            if isinstance(length, int) and length > 0:
                yield length


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a file that names a length; empty if it can't be read."""
    with suppress(OSError, UnicodeDecodeError, UsageError):  # errors in it are for other tools to report
        data = read_regular(path)
        if _KEY.encode() in data:
            return parse_toml(path, data.decode())
    return {}
