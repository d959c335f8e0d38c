"""The database: diskcache's tables on SQLite, read over a connection of our own, and what its errors mean."""

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
"""What SQLite puts behind the name of a database for the files that belong to it."""
SQLITE_VERSION = sqlite3.sqlite_version
LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process."""
# In the database's header once all tables are there: a process that is killed while it makes them leaves
# a database that the next one completes.
_COMPLETE = 1


class Database:
    """An open database. Opening writes nothing, waits for a bounded time, and believes no setting it finds.

    Its connection is for reading, and for what diskcache has no call for.
    """

    def __init__(self, directory: Path, journal_mode: str = "wal") -> None:
        """Open the database in a folder, or an empty one; the journal mode is for one that is new."""
        self._directory, self._journal_mode = directory, journal_mode
        self.connection = sqlite3.connect(directory / NAME, timeout=LOCK_TIMEOUT, isolation_level=None)
        try:
            # Whoever could plant a database can't have functions of SQLite called by its triggers.
            for pragma in ("synchronous = NORMAL", "cache_size = -16000", "trusted_schema = OFF"):
                self.connection.execute(f"PRAGMA {pragma}")
        except Exception:
            self.connection.close()
            raise

    @cached_property
    def writer(self) -> Writer:
        """Diskcache's way in, once there is something to write; it makes what is not there of the tables."""
        from pytest_antipasta.store.writer import Writer

        return Writer(self._directory, self.connection, LOCK_TIMEOUT, self._journal_mode)

    def close(self) -> None:
        """Close all connections."""
        if "writer" in self.__dict__:
            self.writer.close()
        self.connection.close()


def open_complete(directory: Path) -> Database | None:
    """Return the database if it is there and complete.

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
    """Whether there is a database.

    Raises:
        sqlite3.DatabaseError: it, or what belongs to it, is a pipe or the like: SQLite would wait for ever.
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
    """Return a new database, or one that is complete now; no other process may make one meanwhile."""
    database = Database(directory, journal_mode)
    try:
        _ = database.writer
        database.connection.execute(f"PRAGMA user_version = {_COMPLETE}")
    except Exception:
        database.close()
        raise
    return database


# How SQLite's OperationalErrors begin that say nothing against the database. Error codes would be better
# and come with CPython 3.11.
_TROUBLE = (
    "database is locked", "database table is locked", "database schema is locked", "attempt to write",
    "unable to open", "disk I/O error", "database or disk is full", "interrupted", "locking protocol",
    "large file support", "out of memory",
)  # fmt: skip
# What a machine, its file systems (NotImplementedError: without locks) and its databases can do to a store.
# SQLite's messages quote a damaged schema, which may be no UTF-8; text of ours is decoded elsewhere.
_EXPECTED = (OSError, MemoryError, NotImplementedError, sqlite3.DatabaseError, UnicodeDecodeError)


def is_expected(error: Exception) -> bool:
    """Whether it came from outside; all else is a mistake of ours, or says already what it has to."""
    return isinstance(error, _EXPECTED) and not isinstance(error, sqlite3.ProgrammingError)


def is_damage(error: Exception) -> bool:
    """Whether the database is broken, so that only a new one helps."""
    if isinstance(error, sqlite3.OperationalError):
        return not str(error).startswith(_TROUBLE)
    return type(error) in (sqlite3.DatabaseError, sqlite3.IntegrityError, UnicodeDecodeError)


def describe(error: Exception, directory: Path) -> str:
    """Return what is wrong, where, and what to do if it is known."""
    if isinstance(error, TimeoutError) or "is locked" in str(error):
        return f"locked by another process ({directory})"
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        # Not "remove it": that may be a home folder which is none, such as /dev/null.
        return f"{_find_file(directory)} is not a folder; set {ENVIRONMENT_VARIABLE} to another folder"
    if isinstance(error, PermissionError):
        return f"permission denied ({directory}); change the permissions, or set cache_dir to another folder"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({directory})"
    return f"{error} ({directory})"


def _find_file(directory: Path) -> Path:
    """Return what stands in the way of a folder."""
    return next(
        (path for path in (directory, *directory.parents) if path.exists() and not path.is_dir()), directory
    )
