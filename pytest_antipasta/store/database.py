"""The database: diskcache's tables on SQLite, read over our own connection, and the meaning of its errors."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

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


def open_complete(directory: Path) -> Database | None:
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


def create(directory: Path, journal_mode: str) -> Database:
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
