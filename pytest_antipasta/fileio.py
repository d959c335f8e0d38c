"""Reading and writing where a regular file belongs, and where a pipe would keep us waiting for ever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def open_without_waiting(path: str, flags: int) -> int:
    """Open a file, as an ``opener``; a pipe that nobody writes to is opened at once."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it can't be read, or is anything else.
    """
    with open(path, "rb", opener=open_without_waiting) as file:
        _require_regular(file.fileno())
        return file.read()


def write_regular(path: Path, data: bytes) -> None:
    """Write a regular file, in place of what was in it.

    Raises:
        OSError: it can't be written, or something else is there.
    """
    # A pipe that nobody reads from can't be opened for writing without waiting.
    with open(path, "wb", opener=open_without_waiting) as file:
        _require_regular(file.fileno())
        file.write(data)


def _require_regular(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
