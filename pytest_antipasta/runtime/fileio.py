"""Reading and writing regular files: never waiting for a pipe, never leaving half of a file."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

Place: TypeAlias = tuple[int, int, int]
"""Device and inode of a file that a walk has found, and how many folders it went through below its start."""

# Windows refuses to rename what somebody has open, with ERROR_ACCESS_DENIED or ERROR_SHARING_VIOLATION. Virus
# scanners and indexers look at a new file for some hundredths of a second.
_IN_USE = (5, 32)
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)


def open_without_waiting(path: str, flags: int) -> int:
    """Open a file, as an ``opener``; a pipe without a writer is opened at once."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def open_found(path: str, flags: int, place: Place) -> int:
    """Open a file that a walk has found, as an ``opener`` does, unless a link leads to it by now.

    Raises:
        OSError: a link does, with ``ELOOP`` or what else the system has for it; or it can't be opened.
    """
    device, inode, depth = place
    if not _NO_LINK:
        return _open_stepwise(path, flags, depth)
    descriptor = open_without_waiting(path, flags | _NO_LINK)
    status = os.fstat(descriptor)
    if (status.st_dev, status.st_ino) == (device, inode):
        return descriptor
    # A folder above it may be a link. Or an editor has replaced the file, or its inodes are made up.
    os.close(descriptor)
    return _open_stepwise(path, flags, depth)


def _open_stepwise(path: str, flags: int, depth: int) -> int:
    """Open a file by way of so many folders above it, of which none may be a link."""
    parts = path.split(os.sep)
    start, names = os.sep.join(parts[: -depth - 1]) + os.sep, parts[-depth - 1 :]
    if not _NO_LINK:  # Windows, where there is time for a link to be put in between
        steps = [start + os.sep.join(names[:number]) for number in range(1, len(names) + 1)]
        if any(map(os.path.islink, steps)):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        return open_without_waiting(path, flags)
    folder = os.open(start, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in names[:-1]:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(names[-1], flags | os.O_NONBLOCK | _NO_LINK, dir_fd=folder)
    except NotADirectoryError:  # what Linux says of a link where a folder is asked for
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path) from None
    finally:
        os.close(folder)


SOURCE_ENDINGS = (".py", ".pyi", ".pyw")
"""Of files that nothing else is ever written to: such a path was meant as one to check."""


def is_source(path: Path) -> bool:
    """Whether there is a source of Python at a path, or where it leads to."""
    target = Path(os.path.realpath(path))
    return target.suffix.lower() in SOURCE_ENDINGS and target.is_file()


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it can't be read, or is anything else.
    """
    with open(path, "rb", opener=open_without_waiting) as file:
        require_regular(file.fileno())
        return file.read()


def read_ends(path: Path) -> tuple[bytes, bytes]:
    """Return the first line of a regular file, and its last byte; nothing of an empty one.

    Raises:
        OSError: it can't be read, or is anything else.
    """
    with open(path, "rb", opener=open_without_waiting) as file:
        require_regular(file.fileno())
        if first := file.readline():
            file.seek(-1, os.SEEK_END)
        return first, file.read(1)


def write_regular(path: Path, data: bytes) -> None:
    """Write a regular file, in place of what was in it.

    Raises:
        OSError: it can't be written, or something else is there.
    """
    # A pipe without a reader can't be opened for writing without waiting.
    with open(path, "wb", opener=open_without_waiting) as file:
        require_regular(file.fileno())
        file.write(data)


def append_regular(path: Path, data: bytes) -> int:
    """Write behind what a regular file has, in one piece unless the disk is full; return the file's size.

    Raises:
        OSError: it can't be written, or only in part; or something else is there.
    """
    with open(path, "ab", buffering=0, opener=open_without_waiting) as file:
        require_regular(file.fileno())
        rest = memoryview(data)
        while rest:  # a full disk takes a part of it, and says what is wrong when asked to take the rest
            rest = rest[file.write(rest) :]
        return file.tell()


def begin_file(path: Path, data: bytes) -> None:
    """Create a file that has its beginning from its first moment, unless there is one.

    On a file system without links it is empty.

    Raises:
        OSError: it can't be written.
    """
    with _write_beside(path, [data]) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return  # another process was first
        except OSError:
            path.touch()


def replace_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file beside another one and move it into its place, so that half of it is never read.

    ``mode`` are its rights; ``None`` for those of the file that is there, or of any new one.

    Raises:
        OSError: it can't be written; what was there stays.
    """
    replace_in_parts(path, [data], mode)


def replace_in_parts(path: Path, parts: Iterable[bytes], mode: int | None = None) -> None:
    """Do the same with a file that is written as its parts come; what they raise leaves all as it was."""
    with _write_beside(path, parts) as temporary:
        if mode is None and path.exists():
            mode = stat.S_IMODE(path.stat().st_mode)
        if mode is not None:
            temporary.chmod(mode)
        move_file(temporary, path)


@contextmanager
def _write_beside(path: Path, parts: Iterable[bytes]) -> Iterator[Path]:
    """Write a file beside another one, and yield its path; it goes unless it is moved."""
    # A name that can't be guessed, so that no link can be put in its place beforehand.
    temporary = path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}")
    try:
        with open(temporary, "xb") as file:
            file.writelines(parts)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def move_file(source: Path, target: Path) -> None:
    """Move a file into the place of another one; on Windows, wait a second for who has one of them open.

    Raises:
        OSError: it can't be moved.
    """
    for pause in _PAUSES:
        try:
            source.replace(target)
        except OSError as error:
            if getattr(error, "winerror", None) not in _IN_USE:
                raise
            time.sleep(pause)
        else:
            return
    source.replace(target)


def require_regular(descriptor: int) -> None:
    """Make sure that an open file is a regular one.

    Raises:
        OSError: it is anything else.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
