"""Reading a settings file, and the errors of one that can't be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from pytest_antipasta.errors import UsageError
from pytest_antipasta.fileio import read_regular
from pytest_antipasta.messages import format_path
from pytest_antipasta.settings.entries import Entry, Key, Remark, format_key


class Document(Struct, frozen=True):
    """One settings file.

    Attributes:
        path: absolute.
        key: where in the file the settings stand.
        data: the settings as the TOML or YAML parser gives them.
        find_line: gives the line of a key, or ``None`` where that is not certain.
        parse: turns the settings into fields of ``Settings``, see ``parse_table``.
    """

    path: Path
    key: Key
    data: object
    find_line: Callable[[Key], int | None]
    parse: Callable[[Entry], dict[str, Any]]

    def format_remarks(self, remarks: list[Remark]) -> tuple[str, ...]:
        """Write remarks with their places, in the order of the file."""
        placed = [(self.find_line(remark.key), remark) for remark in remarks]
        placed.sort(key=lambda pair: (pair[0] is None, pair[0] or 0))
        return tuple(self._format(line, remark) for line, remark in placed)

    def _format(self, line: int | None, remark: Remark) -> str:
        place = format_path(self.path) + (f":{line}" if line else "")
        return ": ".join(part for part in (place, format_key(remark.key), remark.text) if part)


def read_text(path: Path, *, is_named: bool = False) -> str:
    """Read a settings file as UTF-8.

    Args:
        path: of the file.
        is_named: whether the user named it for this run; then it may be a pipe.

    Raises:
        UsageError: the file can't be read or is in another encoding.
    """
    return decode(path, read_bytes(path, is_named=is_named))


def read_bytes(path: Path, *, is_named: bool = False) -> bytes:
    """Read a settings file.

    Args:
        path: of the file.
        is_named: as above.

    Raises:
        UsageError: the file can't be read.
    """
    try:
        return path.read_bytes() if is_named else read_regular(path)
    except OSError as error:
        raise UsageError(f"{format_path(path)}: can't be read: {error.strerror or error}") from None


def decode(path: Path, data: bytes) -> str:
    """Decode a settings file; a byte order mark is passed over.

    Raises:
        UsageError: it is in another encoding than UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = f"not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        raise UsageError(f"{format_path(path)}:{line}: {text}") from None
