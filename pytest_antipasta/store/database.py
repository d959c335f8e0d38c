"""The database: diskcache's tables on SQLite, read over our own connection; a damaged one is set aside.

A new one is created under a lock. The meaning of errors of the database is known here, too.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.runtime import read_regular, trusted_first, write_regular
from pytest_antipasta.store.location import ENVIRONMENT_VARIABLE
from pytest_antipasta.store.protocol import StoreError

if TYPE_CHECKING:
    from pytest_antipasta.store.writer import Writer

NAME = "cache.db"
PARTS = ("", "-wal", "-shm", "-journal")
"""Suffixes of the files that SQLite puts beside a database."""
SQLITE_VERSION = sqlite3.sqlite_version
LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process."""
# In the database's header once all tables exist: a process killed while creating them leaves a database that
# the next one completes.
_COMPLETE = 1

# Left by a process that finds damage inside a database that others may have open, for the next process that
# opens it. It contains the inode of the damaged file.
_DAMAGE_MARK = "damage"
_LOCK = "create.lock"
# Each of our folders has one of these, even if other files were removed.
_OURS = {NAME, _LOCK}


class Database:
    """An open database. Opening writes nothing, waits for a bounded time, and ignores settings in it.

    Its connection is for reading, and for operations that diskcache does not support.
    """

    def __init__(self, directory: Path, journal_mode: str = "wal") -> None:
        """Open the database in a folder, or an empty one; the journal mode is for a new database."""
        self._directory, self._journal_mode = directory, journal_mode
        self.connection = sqlite3.connect(directory / NAME, timeout=LOCK_TIMEOUT, isolation_level=None)
        try:
            # Triggers of a planted database can't call functions of SQLite.
            for pragma in ("synchronous = NORMAL", "cache_size = -16000", "trusted_schema = OFF"):
                self.connection.execute(f"PRAGMA {pragma}")
        except Exception:
            self.connection.close()
            raise

    @cached_property
    def writer(self) -> Writer:
        """Diskcache's interface for writing; creates missing tables on first use."""
        from pytest_antipasta.store.writer import Writer

        return Writer(self._directory, self.connection, LOCK_TIMEOUT, self._journal_mode)

    def close(self) -> None:
        """Close all connections."""
        if "writer" in self.__dict__:
            self.writer.close()
        self.connection.close()


def open_database(
    directory: Path, journal_mode: str, *, is_made: bool = True
) -> tuple[Database, tuple[str, ...]]:
    """Return the database in a folder, and warnings for the user.

    Args:
        directory: the folder.
        journal_mode: journal mode of a new database.
        is_made: whether a missing or damaged database is created.

    Raises:
        StoreError: the folder must not be used, or has no readable database.
    """
    if not directory.is_absolute():
        raise StoreError("home folder not found; set cache_dir")
    if _is_ours(directory) and not (directory / _DAMAGE_MARK).exists():
        try:
            database = _open_complete(directory)
            if database is not None:
                return database, ()
        except Exception as error:
            if not (is_damage(error) and is_made):
                raise
    if not is_made:
        raise StoreError(f"damaged or removed ({directory})")
    return _begin(directory, journal_mode)


def leave_mark(directory: Path, inode: int) -> None:
    """Request that the next process which opens the database sets it aside."""
    with suppress(OSError):
        write_regular(directory / _DAMAGE_MARK, str(inode).encode())


def _is_ours(directory: Path) -> bool:
    """Return whether the folder exists, belongs to this user, and is closed to others.

    Raises:
        StoreError: it belongs to another user, or contains other files.
    """
    try:
        status = os.stat(directory)
    except FileNotFoundError:
        return False
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise StoreError(f"owned by another user ({directory}); set cache_dir to another folder")
    if (found := os.listdir(directory)) and _OURS.isdisjoint(found):
        raise StoreError(
            f"the folder has files of other programs ({directory}); set cache_dir to another folder"
        )
    if status.st_mode & 0o077:
        directory.chmod(0o700)
    return True


def _begin(directory: Path, journal_mode: str) -> tuple[Database, tuple[str, ...]]:
    """Create a database, also in place of a damaged one."""
    with trusted_first():
        from filelock import FileLock
    from pytest_antipasta.store.filesystem import choose_journal_mode

    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    with FileLock(directory / _LOCK, timeout=LOCK_TIMEOUT):
        mode = choose_journal_mode(directory) if journal_mode == "auto" else journal_mode
        reason = _read_mark(directory)
        try:
            if not reason:
                # Another process may have created it while this one waited.
                return _open_complete(directory) or _create(directory, mode), ()
        except Exception as error:
            if not is_damage(error):
                raise
            # SQLite's message quotes the schema; if it can't be decoded, CPython 3.10 has no message.
            is_text = str(error) and not isinstance(error, UnicodeDecodeError)
            reason = str(error) if is_text else "its schema is not text"
        note = _set_aside(directory, reason)
        return _create(directory, mode), (note,)


def _read_mark(directory: Path) -> str:
    """Return why the database must be set aside, if an earlier run requested this."""
    mark = directory / _DAMAGE_MARK
    try:
        text = read_regular(mark)
    except FileNotFoundError:
        return ""
    except OSError:
        text = b""  # something else is at its place
        if mark.is_dir():  # which can't be removed as a file can
            mark.replace(mark.with_name(f"damaged-{_DAMAGE_MARK}"))
            return ""
    with suppress(FileNotFoundError):
        if text.isdigit() and int(text) == os.stat(directory / NAME).st_ino:
            return "found by another run"
        mark.unlink()  # for a database that was set aside already
    return ""


def _set_aside(directory: Path, reason: str) -> str:
    """Rename a damaged database and its files, and return the warning."""
    for suffix in PARTS:
        path = directory / f"{NAME}{suffix}"
        if path.exists():
            path.replace(path.with_name(f"damaged-{path.name}"))
    (directory / _DAMAGE_MARK).unlink(missing_ok=True)
    aside = directory / f"damaged-{NAME}"
    return f"the store was damaged ({reason}) and is recreated; the old one is kept as {aside}"


def _open_complete(directory: Path) -> Database | None:
    """Return the database if it exists and is complete.

    Raises:
        StoreError: a newer version made it.
    """
    if not _is_there(directory):
        return None
    database = Database(directory)
    try:
        ((version,),) = database.connection.execute("PRAGMA user_version").fetchall()
        if version > _COMPLETE:
            raise StoreError(f"created by a newer version of pytest-antipasta ({directory})")
    except Exception:
        database.close()
        raise
    if version == _COMPLETE:
        return database
    database.close()
    return None


def _is_there(directory: Path) -> bool:
    """Return whether there is a database.

    Raises:
        sqlite3.DatabaseError: the database or one of its files is a pipe or device: SQLite would wait
            forever.
    """
    for suffix in reversed(PARTS):
        is_there = False
        with suppress(FileNotFoundError):
            mode = os.stat(f"{directory / NAME}{suffix}").st_mode
            is_there = True
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise sqlite3.DatabaseError(f"{NAME}{suffix} is not a regular file")
    return is_there


def _create(directory: Path, journal_mode: str) -> Database:
    """Return a new or completed database; the caller excludes other processes."""
    database = Database(directory, journal_mode)
    try:
        _ = database.writer
        database.connection.execute(f"PRAGMA user_version = {_COMPLETE}")
    except Exception:
        database.close()
        raise
    return database


# First words of SQLite's OperationalErrors that do not mean a damaged database. Error codes would be better;
# CPython has them since 3.11.
_TROUBLE = (
    "database is locked", "database table is locked", "database schema is locked", "attempt to write",
    "unable to open", "disk I/O error", "database or disk is full", "interrupted", "locking protocol",
    "large file support", "out of memory",
)  # fmt: skip
# Errors that a machine, its file systems (NotImplementedError: without locks) and its databases can cause.
# SQLite's messages quote a damaged schema, which may not be UTF-8; our own text is decoded elsewhere.
_EXPECTED = (OSError, MemoryError, NotImplementedError, sqlite3.DatabaseError, UnicodeDecodeError)


def is_expected(error: Exception) -> bool:
    """Return whether an error has an external cause; all others are bugs, or have a message already."""
    return isinstance(error, _EXPECTED) and not isinstance(error, sqlite3.ProgrammingError)


def is_damage(error: Exception) -> bool:
    """Return whether the database is damaged, so that only a new one helps."""
    if isinstance(error, sqlite3.OperationalError):
        return not str(error).startswith(_TROUBLE)
    return type(error) in (sqlite3.DatabaseError, sqlite3.IntegrityError, UnicodeDecodeError)


def describe(error: Exception, directory: Path) -> str:
    """Return what is wrong, where, and what to do if known."""
    if isinstance(error, TimeoutError) or "is locked" in str(error):
        return f"locked by another process ({directory})"
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        # Not "remove it": that may be an invalid home folder, such as /dev/null.
        return f"{_find_file(directory)} is not a folder; set {ENVIRONMENT_VARIABLE} to another folder"
    if isinstance(error, PermissionError):
        return f"permission denied ({directory}); change the permissions, or set cache_dir to another folder"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({directory})"
    return f"{error} ({directory})"


def _find_file(directory: Path) -> Path:
    """Return the file that is at the place of a folder."""
    return next(
        (path for path in (directory, *directory.parents) if path.exists() and not path.is_dir()), directory
    )
