"""Read and write regular files: never wait for a pipe, never leave an incomplete file."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

FilePlace: TypeAlias = tuple[int, int, int]
"""Device and inode of a file found by a walk, and the number of folders between it and the start."""

# Windows can't rename a file that is open elsewhere: ERROR_ACCESS_DENIED or ERROR_SHARING_VIOLATION. Virus
# scanners and indexers open new files for some hundredths of a second.
_IN_USE = (5, 32)
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
# Python has a name for this tag on Windows alone, IO_REPARSE_TAG_MOUNT_POINT, and no function for it in 3.11.
_JUNCTION = 0xA0000003


def is_junction(status: object) -> bool:
    """Return whether a status is that of a junction: a folder of Windows that leads to another one."""
    return getattr(status, "st_reparse_tag", 0) == _JUNCTION


def is_link(path: str) -> bool:
    """Return whether there is a symbolic link or a junction."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(status.st_mode) or is_junction(status)


def open_without_waiting(path: str, flags: int) -> int:
    """Open a file, as an ``opener``; a pipe without a writer is opened without blocking.

    Raises:
        OSError: the file can't be opened; on Windows, ``IsADirectoryError`` for a folder that can be read.
    """
    try:
        return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
    except PermissionError as error:
        if os.path.isdir(path):  # Windows opens no folder, whatever its permissions
            os.scandir(path).close()
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path) from error
        raise


def open_regular(path: str, flags: int) -> int:
    """Open a regular file, as an ``opener``, which leaves a folder to its caller.

    Raises:
        OSError: the file can't be opened, or is not regular.
    """
    descriptor = open_without_waiting(path, flags)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # of a folder, Python says that it is one
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def open_found(path: str, flags: int, place: FilePlace) -> int:
    """Open a file that a walk has found, as an ``opener``, unless a link leads to it now.

    Raises:
        OSError: the path contains a link (``ELOOP`` or another code of the system), or the file can't be
            opened.
    """
    device, inode, depth = place
    if not _NO_LINK:
        return _open_stepwise(path, flags, depth)
    descriptor = open_without_waiting(path, flags | _NO_LINK)
    status = os.fstat(descriptor)
    if (status.st_dev, status.st_ino) == (device, inode):
        return descriptor
    # One of its folders may be a link. Or an editor has replaced the file, or the file system invents inodes.
    os.close(descriptor)
    return _open_stepwise(path, flags, depth)


def _open_stepwise(path: str, flags: int, depth: int) -> int:
    """Open a file through so many of its folders, none of which may be a link."""
    parts = path.split(os.sep)
    start, names = os.sep.join(parts[: -depth - 1]) + os.sep, parts[-depth - 1 :]
    if not _NO_LINK:  # Windows, where a link could be created in between
        steps = [start + os.sep.join(names[:number]) for number in range(1, len(names) + 1)]
        if any(map(is_link, steps)):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        return open_without_waiting(path, flags)
    folder = os.open(start, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in names[:-1]:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(names[-1], flags | os.O_NONBLOCK | _NO_LINK, dir_fd=folder)
    except NotADirectoryError:  # Linux's error for a link in place of a folder
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path) from None
    finally:
        os.close(folder)


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: the file can't be read, or is not regular.
    """
    with open(path, "rb", opener=open_regular) as file:
        return file.read()


def read_ends(path: Path) -> tuple[bytes, bytes]:
    """Return the first line of a regular file, and its last byte; empty for an empty file.

    Raises:
        OSError: the file can't be read, or is not regular.
    """
    with open(path, "rb", opener=open_regular) as file:
        if first := file.readline():
            file.seek(-1, os.SEEK_END)
        return first, file.read(1)


def append_regular(path: Path, data: bytes) -> int:
    """Append to a regular file in one write unless the disk is full; return the file's size.

    Raises:
        OSError: the file can't be written, was written only in part, or is not regular.
    """
    # Opening a pipe without a reader for writing would block.
    with open(path, "ab", buffering=0, opener=open_regular) as file:
        rest = memoryview(data)
        while rest:  # a full disk accepts a part, and reports the error for the rest
            rest = rest[file.write(rest) :]
        return file.tell()


def begin_file(path: Path, data: bytes) -> None:
    """Create a file with initial content, unless it exists.

    On a file system without links, it is created empty.

    Raises:
        OSError: the file can't be written.
    """
    with _write_beside(path, [data]) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            return  # another process has created it
        except OSError:
            path.touch()


def replace_file(path: Path, parts: Iterable[bytes], mode: int | None = None) -> None:
    """Write a temporary file and rename it, so that an incomplete file is never read.

    Args:
        path: path of the file.
        parts: parts of the content; if they raise an error, the old file stays.
        mode: permissions; ``None`` for those of the existing file, or of any new one.

    Raises:
        OSError: the file can't be written; the old one stays.
    """
    with _write_beside(path, parts) as temporary:
        if mode is None and path.exists():
            mode = stat.S_IMODE(path.stat().st_mode)
        if mode is not None:
            temporary.chmod(mode)
        move_file(temporary, path)


@contextmanager
def _write_beside(path: Path, parts: Iterable[bytes]) -> Iterator[Path]:
    """Create a temporary file in the same folder, and yield its path; it is deleted unless renamed."""
    # A random name, so that no link can be created in its place; file systems limit names to 255 bytes.
    temporary = path.with_name(f".{path.name[:50]}.{os.urandom(8).hex()}")
    try:
        with open(temporary, "xb") as file:
            file.writelines(parts)
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            if sys.platform == "win32":  # which deletes no file that is read-only
                temporary.chmod(0o600)
            temporary.unlink()


def move_file(source: Path, target: Path) -> None:
    """Rename a file over another one; on Windows, wait up to a second if one of them is open.

    Raises:
        OSError: the file can't be renamed.
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
