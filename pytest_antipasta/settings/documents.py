"""A settings file: its values with their places, and remarks about invalid ones.

An unreadable or invalid file is a ``UsageError`` that names file and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct, field

from pytest_antipasta.messages import format_path, format_value
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular

KeyPath: TypeAlias = tuple[str | int, ...]
"""Path from the top of a file to a value: names of tables, 0-based positions in arrays."""


class Remark(Struct, frozen=True):
    """A message about one place in the file."""

    key: KeyPath
    text: str


class Remarks(Struct, frozen=True):
    """Errors in the settings of a file, and notes that need no fix."""

    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


class Entry(Struct, frozen=True):
    """One value of the file as returned by its parser, its place, and where to report remarks."""

    key: KeyPath
    value: object
    remarks: Remarks

    @property
    def name(self) -> str:
        """The last part of the key."""
        return str(self.key[-1])

    def child(self, part: str | int, value: object) -> Entry:
        """Return the entry of a value inside this one."""
        return Entry((*self.key, part), value, self.remarks)

    def complain(self, text: str) -> None:
        """Report an error of this value."""
        self.remarks.problems.append(Remark(self.key, text))

    def note(self, text: str) -> None:
        """Report a note about this value."""
        self.remarks.notes.append(Remark(self.key, text))


def format_key(key: KeyPath) -> str:
    """Return a key path in TOML notation: dots between names, quotes where necessary."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_format_name(part)}" for part in key)
    return text.removeprefix(".")


def _format_name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else format_value(name)


class Document(Struct, frozen=True):
    """One settings file.

    Attributes:
        path: absolute path of the file.
        key: the table in the file that contains the settings.
        data: the settings as returned by the TOML or YAML parser.
        find_line: returns the line of a key, or ``None`` if unknown.
        parse: turns the settings into fields of ``Settings``, see ``parse_table``.
    """

    path: Path
    key: KeyPath
    data: object
    find_line: Callable[[KeyPath], int | None]
    parse: Callable[[Entry], dict[str, Any]]

    def format_remarks(self, remarks: list[Remark]) -> tuple[str, ...]:
        """Return remarks with their places, in the order of the file."""
        placed = [(self.find_line(remark.key), remark) for remark in remarks]
        placed.sort(key=lambda pair: (pair[0] is None, pair[0] or 0))
        return tuple(self._format(line, remark) for line, remark in placed)

    def _format(self, line: int | None, remark: Remark) -> str:
        place = format_path(self.path) + (f":{line}" if line else "")
        return ": ".join(part for part in (place, format_key(remark.key), remark.text) if part)


def read_text(path: Path, *, is_named: bool = False) -> str:
    """Read a settings file as UTF-8; one that the user named for this run may be a pipe."""
    return decode(path, read_bytes(path, is_named=is_named))


def read_bytes(path: Path, *, is_named: bool = False) -> bytes:
    """Read a settings file; one that the user named for this run may be a pipe."""
    try:
        return path.read_bytes() if is_named else read_regular(path)
    except OSError as error:
        raise UsageError(f"{format_path(path)}: can't be read: {error.strerror or error}") from None


def decode(path: Path, data: bytes) -> str:
    """Decode a settings file; a byte order mark is skipped."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = f"not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        raise UsageError(f"{format_path(path)}:{line}: {text}") from None
