"""Read files, without blocking and without following links that appear during a run."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from functools import partial
from typing import IO, NamedTuple

from pytest_antipasta.model.measured import ErrorKind, FileError, Signature
from pytest_antipasta.runtime.fileio import FilePlace, open_found, open_without_waiting

# The coarsest clock of a common file system is FAT's, with 2 seconds.
_RACY_NANOSECONDS = 2_000_000_000
_IS_WINDOWS = sys.platform == "win32"
# The error number for a link; FreeBSD has its own.
_IS_LINK = (errno.ELOOP, errno.EMLINK)


class UnreadableError(Exception):
    """A file's content can't be read; ``error`` says why."""

    def __init__(self, error: FileError) -> None:
        super().__init__(error.message)
        self.error = error


class Content(NamedTuple):
    """The content of a file, and its status; ``None`` if it may change without a change of status."""

    data: bytes
    signature: Signature | None


def open_file(location: str, place: FilePlace | None) -> IO[bytes]:
    """Open a file without a buffer and without blocking, and without following a link if a walk has found it.

    Raises:
        OSError: the file can't be opened.
    """
    opener = open_without_waiting if place is None else partial(open_found, place=place)
    return open(location, "rb", buffering=0, opener=opener)


def read_file(location: str, max_size: float, place: FilePlace | None = None) -> Content:
    """Return the content of a regular file up to a maximum size, opened as by :func:`open_file`.

    Raises:
        UnreadableError: of kind ``missing``, ``not_a_file``, ``too_large`` or ``unreadable``.
    """
    now = time.time_ns()
    try:
        with open_file(location, place) as file:
            before = os.fstat(file.fileno())
            _check_status(before, max_size)
            data = file.read()
            after = os.fstat(file.fileno())
    except IsADirectoryError as error:
        raise _not_a_file() from error
    except FileNotFoundError as error:
        raise UnreadableError(FileError("missing", "file not found (deleted?)")) from error
    except (OSError, ValueError) as error:
        if place is not None and getattr(error, "errno", None) in _IS_LINK:
            replaced = (
                "the file or a parent folder was replaced by a symlink during the run; symlinks "
                "are not followed"
            )
            raise UnreadableError(FileError("not_a_file", replaced)) from error
        if getattr(error, "errno", None) == errno.ENXIO:  # a socket, or a device that does not exist
            raise _not_a_file() from error
        # A symlink that leads to itself is a broken one, which no permission makes readable.
        kind: ErrorKind = "missing" if getattr(error, "errno", None) == errno.ELOOP else "unreadable"
        raise UnreadableError(FileError(kind, describe_unreadable(location, error))) from error
    signature = sign(before)
    settled = signature == sign(after) and not is_racy(signature, now)
    return Content(data, signature if settled else None)


def describe_unreadable(location: str, error: OSError | ValueError) -> str:
    """Return why a file, or a folder that a walk could not enter, can't be read."""
    what = "folder" if os.path.isdir(location) else "file"
    return f"the {what} can't be read: {getattr(error, 'strerror', None) or error}"


def reread(location: str, depth: int) -> bytes | None:
    """Return the content of a file known to git, or ``None`` if it is gone.

    Neither the file nor the given number of its folders may be links.
    """
    try:
        return read_file(location, float("inf"), (0, 0, depth)).data
    except UnreadableError:
        return None


def describe_too_large(size: int, max_size: float) -> FileError:
    """Return the error for a file that is too large."""
    limit = f"max_file_size_mb = {max_size / 1e6:.4g}"
    message = f"{size / 1e6:.4g} MB is over {limit}; raise max_file_size_mb or exclude the file"
    return FileError("too_large", message, size=size)


def sign(status: os.stat_result) -> Signature:
    """Return the status that is unchanged while the content is unchanged.

    On Windows, the third time is that of creation. Folder listings have no inodes there, so the status has
    none, and since Python 3.12 `st_ctime` is another time in a listing than in `os.fstat` (gh-157671).
    """
    if _IS_WINDOWS:
        created: int = getattr(status, "st_birthtime_ns", status.st_ctime_ns)
        return status.st_size, status.st_mtime_ns, created, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def is_racy(signature: Signature, now: int) -> bool:
    """Return whether the file may change after ``now`` (ns since the epoch) and keep its times.

    A file written twice within the resolution of the file system's clock keeps its times, and may keep its
    size. The status of such a recent file is not trusted, as in git's index.
    """
    _, modified, changed, _ = signature
    return max(modified, changed) > now - _RACY_NANOSECONDS


def _check_status(status: os.stat_result, max_size: float) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _not_a_file()
    if status.st_size > max_size:
        raise UnreadableError(describe_too_large(status.st_size, max_size))


def _not_a_file() -> UnreadableError:
    return UnreadableError(FileError("not_a_file", "not a regular file"))
