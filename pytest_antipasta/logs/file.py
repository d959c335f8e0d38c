"""A file that grows by whole lines, and is renamed when it is large.

Only the main process of a run writes here: results of workers include their log records. Other runs, such as
hooks, may write to the same file. Each line is one write at the end of the file, which stays whole except on
Windows and network drives: there, simultaneous runs need separate files.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_antipasta.logs.notes import LOGGER
from pytest_antipasta.messages import format_path
from pytest_antipasta.runtime.fileio import open_regular, open_without_waiting

LARGEST = 10_000_000
"""Maximum size of a log file in bytes."""
_KEPT = 3
"""Number of old log files that are kept; ``.1`` is the newest."""
# A link would let a repository choose where we write.
_FLAGS = os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class LogFile(logging.Handler):
    """Writes log records to a file until an error occurs.

    Attributes:
        trouble: why log lines are missing, or why the file is large; empty without an error.
    """

    def __init__(self, path: Path, check: Callable[[Path], None] = lambda _: None) -> None:
        """Open a file, or create one with its folders.

        ``check`` raises ``OSError`` or ``UsageError`` for a path that must not be written to.
        """
        super().__init__()
        self.trouble = ""
        self._path = path
        self._file: int | None = None
        try:
            check(path)
            if not path.parent.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._open()
        except OSError as error:
            self._give_up(error)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one log record."""
        if self._file is None:
            return
        try:
            self._file = self._write(self._file, f"{self.format(record)}\n".encode())
        except OSError as error:
            self._give_up(error)
        except Exception:  # as in every handler: a log record of an extension may contain anything
            self.handleError(record)

    def close(self) -> None:
        """Stop logging, and close the file."""
        logging.getLogger(LOGGER).removeHandler(self)
        self._release()
        super().close()

    def _give_up(self, error: OSError) -> None:
        why = "symlinks are not followed" if os.path.islink(self._path) else error.strerror
        self.trouble = f"can't write the log {format_path(self._path)}: {why}"
        self._release()  # a handler that is removed while it writes makes its logger skip the next one

    def _release(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _write(self, file: int, data: bytes) -> int:
        """Write to a file, or to its replacement when it is large; return which."""
        if os.fstat(file).st_size > LARGEST:
            os.close(file)
            self._file = None  # if there is no other one
            file = self._open()
        begun = 0
        try:
            while begun < len(data):  # all at once, unless the disk is full
                begun += os.write(file, data[begun:])
        except OSError:
            _take_back(file, begun)
            raise
        return file

    def _open(self) -> int:
        try:
            _move_aside(self._path)
        except OSError as error:
            self.trouble = f"can't rotate the log {format_path(self._path)}: {error.strerror}"
        if self._path.is_symlink():  # Windows has no such flag
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        return open_regular(os.fspath(self._path), os.O_RDWR | os.O_CREAT | _FLAGS)


def _take_back(file: int, size: int) -> None:
    """Remove an incomplete line that was written last, if it is still at the end of a file.

    A later process could not distinguish it from a line that another process is writing.
    """
    end = os.lseek(file, 0, os.SEEK_CUR)
    if size and os.fstat(file).st_size == end:
        os.ftruncate(file, end - size)


def _move_aside(path: Path) -> None:
    """Rename a large file, and older ones, unless another process does."""
    with suppress(FileNotFoundError):
        if path.lstat().st_size <= LARGEST:
            return
        with _locked(path) as is_ours:
            if not is_ours or path.lstat().st_size <= LARGEST:
                return
            for number in range(_KEPT - 1, 0, -1):
                with suppress(FileNotFoundError):
                    os.replace(f"{path}.{number}", f"{path}.{number + 1}")
            os.replace(path, f"{path}.1")


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Yield whether this process holds the lock for renaming."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # Windows can't rename a file that another process has open
        yield True
        return
    file = open_without_waiting(os.fspath(path), os.O_RDONLY | _FLAGS)
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(file)
