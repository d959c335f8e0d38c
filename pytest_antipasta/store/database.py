"""Opening the database: diskcache's tables on SQLite."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import threading
from contextlib import suppress
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.store.protocol import EntryError, StoreError

_PRIVATE_NAME = "pytest_antipasta.store.protocol._diskcache_core"


@cache
def load_core() -> ModuleType:
    """Return the module ``diskcache.core`` under a name of our own.

    Raises:
        ImportError: diskcache is not installed.
    """
    with trusted_first():
        package = find_spec("diskcache")  # finds a top-level package without importing it
    if package is None or package.origin is None:
        raise ImportError("diskcache is not installed")
    spec = spec_from_file_location(_PRIVATE_NAME, Path(package.origin).with_name("core.py"))
    if spec is None or spec.loader is None:
        raise ImportError("diskcache has no core")
    module = sys.modules[_PRIVATE_NAME] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_core = load_core()


class ForeignRowError(EntryError):
    """A row that this store would never write."""


class BytesDisk(_core.Disk):  # type: ignore[misc,name-defined]
    """Keeps bytes under bytes, in the database itself.

    diskcache's own ``Disk`` unpickles whatever a row tells it to, so that who can write to the folder
    can run code in the reader (CVE-2025-69872). This one refuses to read or write anything else.
    """

    def put(self, key: object) -> tuple[Any, bool]:
        """Return the key as diskcache stores it."""
        return super().put(only_bytes(key))  # type: ignore[no-any-return]

    def get(self, key: object, raw: object) -> bytes:
        """Return the key of a row."""
        if not raw:
            raise ForeignRowError("a pickled key")
        return only_bytes(key)

    def store(self, value: object, read: object, key: object = _core.UNKNOWN) -> tuple[Any, ...]:
        """Return the columns of a row; never a file of its own."""
        return 0, _core.MODE_RAW, None, only_bytes(value)

    def fetch(self, mode: int, filename: object, value: object, read: object) -> bytes:
        """Return the value of a row."""
        if mode != _core.MODE_RAW:
            raise ForeignRowError("a value that is pickled or stands outside the database")
        return only_bytes(value)

    def remove(self, file_path: object) -> None:
        """Leave the file alone that a replaced row names: this store has none, so the row was foreign."""


def only_bytes(value: object) -> bytes:
    """Return bytes as they are.

    Raises:
        ForeignRowError: it is anything else.
    """
    if type(value) is not bytes:
        raise ForeignRowError(f"{type(value).__name__} where only bytes belong")
    return value


NAME = "cache.db"
PARTS = ("", "-wal", "-shm", "-journal")
"""What SQLite puts behind the name of a database for the files that belong to it."""
SQLITE_VERSION = sqlite3.sqlite_version
LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process."""
# In the database's header once all tables are there: a process that is killed while it makes them leaves
# a database that the next one completes.
_COMPLETE = 1
_SETTINGS = {
    # Upkeep is not a writer's business: nothing is culled while a commit waits.
    "cull_limit": 0,
    "eviction_policy": "none",
    # Whoever cuts off a file that is mapped kills the process that reads it.
    "sqlite_mmap_size": 0,
}
_core = load_core()


class Database(_core.Cache):  # type: ignore[misc,name-defined]
    """A cache whose opening writes nothing, waits for a bounded time, and believes no setting it finds."""

    def attach(self, directory: Path) -> int:
        """Open what is there, and return which version of the tables it has."""
        self._prepare(directory)
        for name, value in (_core.DEFAULT_SETTINGS | _SETTINGS).items():
            setattr(self, name, value)
        self._disk = BytesDisk(str(directory))
        ((version,),) = self._sql("PRAGMA user_version").fetchall()
        return int(version)

    def create(self, directory: Path, journal_mode: str) -> None:
        """Make all tables that are not there yet; the caller sees to it that nobody else does."""
        self._prepare(directory)
        # diskcache tries for a minute what another process keeps it from; this fails in time.
        self._sql("BEGIN EXCLUSIVE")
        self._sql("ROLLBACK")
        self.close()  # diskcache begins with a connection of its own
        settings = _SETTINGS | {"sqlite_journal_mode": journal_mode}
        # Not the folder, in whose name it would put variables and home folders: it would make the one
        # that comes out, and has no other use for either, since nothing is kept outside of the database.
        try:
            super().__init__(os.sep, timeout=LOCK_TIMEOUT, disk=BytesDisk, **settings)
        except ValueError as error:  # from unpacking rows that it expects to be single
            raise sqlite3.DatabaseError("tables that diskcache did not make") from error
        self._directory = str(directory)
        self._sql(f"PRAGMA user_version = {_COMPLETE}")

    def _prepare(self, directory: Path) -> None:
        self._path = str(directory / NAME)
        self._local = threading.local()
        self._txn_id = None

    @property
    def _con(self) -> sqlite3.Connection:
        """The connection of this thread; diskcache's own runs what the database has as its settings."""
        connection: sqlite3.Connection | None = getattr(self._local, "con", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=LOCK_TIMEOUT, isolation_level=None)
            self._local.con = connection
            # Whoever could plant a database can't have functions of SQLite called by its triggers.
            for pragma in ("synchronous = NORMAL", "cache_size = -16000", "trusted_schema = OFF"):
                connection.execute(f"PRAGMA {pragma}")
        return connection

    @property
    def _sql_retry(self) -> Any:
        return self._sql  # SQLite itself waits


def open_complete(directory: Path) -> Database | None:
    """Return the database if it is there and complete.

    Raises:
        StoreError: a newer version made it.
    """
    if not _is_there(directory):
        return None
    database: Database = object.__new__(Database)
    try:
        version = database.attach(directory)
        if version > _COMPLETE:
            raise StoreError(f"a newer version of pytest-antipasta made it ({directory})")
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
    """Return a new database, or one that was begun and is complete now."""
    database: Database = object.__new__(Database)
    try:
        database.create(directory, journal_mode)
    except Exception:
        database.close()  # diskcache leaves the connection of a database open that it can't use
        raise
    return database
