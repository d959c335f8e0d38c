"""Writing records through diskcache: what we rely on of it stands here, and in SQL that names its tables.

Reading goes past it. Its ``Cache`` writes when it is opened, runs what the database holds as its settings,
and tries for a minute to get at one that is locked. None of that is wanted of a store that is only asked.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.store.protocol import EntryError, StoreError
from pytest_antipasta.store.records import only_bytes

_PRIVATE_NAME = "pytest_antipasta.store._diskcache_core"


def _load_core() -> ModuleType:
    """Return the module ``diskcache.core`` under a name of our own.

    ``import diskcache`` imports Django wherever it finds it. In a checkout of Django, and in any project
    that stands on ``sys.path``, that is code of the user's, which is never to be imported; elsewhere it
    costs more than all the rest of the store. The core stands on the standard library alone.

    Raises:
        ImportError: diskcache is not installed.
    """
    with trusted_first():
        package = find_spec("diskcache")  # finds a top-level package without importing it
        if package is None or package.origin is None:
            raise ImportError("diskcache is not installed")
        spec = spec_from_file_location(_PRIVATE_NAME, Path(package.origin).with_name("core.py"))
        if spec is None or spec.loader is None:
            raise ImportError("diskcache.core not found")
        module = sys.modules[_PRIVATE_NAME] = module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


_core = _load_core()
EVICTION_POLICY: dict[str, dict[str, str | None]] = _core.EVICTION_POLICY
_SELECT_SETTINGS = "SELECT key, value FROM Settings WHERE key NOT IN ('count', 'size', 'hits', 'misses')"
# All settings that diskcache has, so that a release with other defaults changes nothing. These replace what a
# database has; the pragmas of one are in force before ours are.
_REPLACING = {
    # Upkeep is not a writer's business: nothing is culled while a commit waits.
    "cull_limit": 0,
    "eviction_policy": "none",
    "size_limit": 2**30,
    "statistics": 0,
    "tag_index": 0,
    # Values of every size stand in the database itself, and nothing is pickled.
    "disk_min_file_size": 2**62,
    "disk_pickle_protocol": 0,
}
_PRAGMAS = {
    "sqlite_auto_vacuum": 1,
    "sqlite_cache_size": 2**13,
    # Whoever cuts off a file that is mapped kills the process that reads it.
    "sqlite_mmap_size": 0,
    "sqlite_synchronous": 1,
    # Whoever could plant a database can't have functions of SQLite called by its triggers.
    "sqlite_trusted_schema": 0,
}


class BytesDisk(_core.Disk):  # type: ignore[misc,name-defined]
    """Keeps bytes under bytes, and reads nothing.

    diskcache's own ``Disk`` unpickles whatever a row tells it to, so that anyone who can write to the folder
    can run code in the reader (CVE-2025-69872).
    """

    def put(self, key: bytes) -> tuple[Any, bool]:
        """Return the key as diskcache stores it."""
        return super().put(only_bytes(key))  # type: ignore[no-any-return]

    def store(self, value: bytes, read: bool, key: bytes = b"") -> tuple[Any, ...]:
        """Return the columns of a row."""
        return super().store(only_bytes(value), read, key=key)  # type: ignore[no-any-return]

    def _refuse(self, *columns: object) -> bytes:
        raise EntryError("reading through diskcache is not supported")

    get = fetch = _refuse

    def remove(self, file_path: object) -> None:
        """Leave the file alone that a replaced row names: this store has none, so the row was foreign."""


class Writer(_core.Cache):  # type: ignore[misc,name-defined]
    """diskcache's cache over a database that has no settings but ours."""

    def __init__(
        self, directory: Path, connection: sqlite3.Connection, timeout: float, journal_mode: str = "wal"
    ) -> None:
        """Make what is not there yet of the tables.

        Another process is waited for ``timeout`` seconds; ``journal_mode`` is for a database without
        settings.

        Raises:
            StoreError: diskcache would put the database elsewhere.
            sqlite3.DatabaseError: the database is locked, or not of our making.
        """
        if os.path.expandvars(directory) != str(directory):
            reason = f"part of the folder name would be read as a variable ({directory})"
            raise StoreError(f"{reason}; set cache_dir to another folder")
        # diskcache tries for a minute what another process keeps it from; this fails in time.
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
        settings = _choose_settings(connection, journal_mode)
        try:
            with _as_sqlite():
                super().__init__(str(directory), timeout=timeout, disk=BytesDisk, **settings)
        except Exception:
            self.close()  # it leaves the connection of a database open that it can't use
            raise

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Do all that the block does to the cache, or nothing of it.

        Raises:
            sqlite3.DatabaseError: that can't be done.
        """
        with _as_sqlite(), self.transact():
            yield self


def _choose_settings(connection: sqlite3.Connection, journal_mode: str) -> dict[str, object]:
    """Return our settings, with the journal mode that the database has, if it has settings.

    Raises:
        sqlite3.DatabaseError: it has others, which diskcache would believe.
    """
    found: dict[object, object] = {}
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name LIKE 'Settings'").fetchone():
        found = dict(connection.execute(_SELECT_SETTINGS).fetchall())
    journal_mode = str(found.pop("sqlite_journal_mode", journal_mode))
    believed = {name: value for name, value in found.items() if name not in _REPLACING}
    if journal_mode not in ("wal", "delete") or not believed.items() <= _PRAGMAS.items():
        raise sqlite3.DatabaseError("unexpected settings in the database")
    return {**_REPLACING, **_PRAGMAS, "sqlite_journal_mode": journal_mode}


@contextmanager
def _as_sqlite() -> Iterator[None]:
    """Raise for what diskcache makes of SQLite's errors what SQLite itself had to say."""
    try:
        yield
    except _core.Timeout as error:
        raise sqlite3.OperationalError("database is locked") from error
    except sqlite3.OperationalError as error:
        # SQLite ends a transaction itself over some errors, and diskcache ends it once more.
        if str(error).startswith("cannot rollback") and isinstance(error.__context__, sqlite3.Error):
            raise error.__context__ from None
        raise
    except EntryError:
        raise
    except ValueError as error:  # from unpacking rows that it expects to be single
        raise sqlite3.DatabaseError("unexpected tables in the database") from error
