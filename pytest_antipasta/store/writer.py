"""Write records through diskcache: the parts that we rely on are used here, and in SQL with its tables.

Reading does not use diskcache. Its ``Cache`` writes when it is opened, applies settings found in the
database, and retries a locked database for a minute. A reader must not do that.
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

from pytest_antipasta.runtime.imports import trusted_first
from pytest_antipasta.store.location import ELSEWHERE
from pytest_antipasta.store.protocol import EntryError, StoreError

_PRIVATE_NAME = "pytest_antipasta.store._diskcache_core"


def _load_core() -> ModuleType:
    """Return the module ``diskcache.core`` under another name.

    ``import diskcache`` imports Django if it is installed. In a checkout of Django, or with a project on
    ``sys.path``, that is the user's code, which must never be imported. Elsewhere it takes longer than the
    rest of the store. The core needs only the standard library.

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
# All settings of diskcache, so that other defaults in a new release change nothing. They replace those in the
# database; its pragmas are applied first.
_REPLACING = {
    # Upkeep is separate: nothing is culled while a commit waits.
    "cull_limit": 0,
    "eviction_policy": "none",
    "size_limit": 2**30,
    "statistics": 0,
    "tag_index": 0,
    # Values of any size are stored in the database, and nothing is pickled.
    "disk_min_file_size": 2**62,
    "disk_pickle_protocol": 0,
}
_PRAGMAS = {
    "sqlite_auto_vacuum": 1,
    "sqlite_cache_size": 2**13,
    # Truncating a memory-mapped file would kill the process that reads it.
    "sqlite_mmap_size": 0,
    "sqlite_synchronous": 1,
    # Triggers of a planted database can't call functions of SQLite.
    "sqlite_trusted_schema": 0,
}


class BytesDisk(_core.Disk):  # type: ignore[misc,name-defined]
    """Reads nothing, and has no files; sealed keys and values are bytes, which it stores as they are.

    diskcache's own ``Disk`` unpickles rows marked as pickles, so that anyone who can write to the folder can
    run code in the reader (CVE-2025-69872).
    """

    def _refuse(self, *columns: object) -> bytes:
        raise EntryError("reading through diskcache is not supported")

    get = fetch = _refuse

    def remove(self, file_path: object) -> None:
        """Keep the file that a replaced row names: this store has no files, so the row is not ours."""


class Writer(_core.Cache):  # type: ignore[misc,name-defined]
    """diskcache's cache over a database that has only our settings."""

    def __init__(
        self, directory: Path, connection: sqlite3.Connection, timeout: float, journal_mode: str = "wal"
    ) -> None:
        """Create missing tables.

        Wait ``timeout`` seconds for another process; ``journal_mode`` is for a database without settings.

        Raises:
            StoreError: diskcache would put the database elsewhere.
            sqlite3.DatabaseError: the database is locked, or was not created by us.
        """
        if os.path.expandvars(directory) != str(directory):
            reason = f"part of the folder name would be read as a variable ({directory})"
            raise StoreError(f"{reason}; {ELSEWHERE}")
        # diskcache retries for a minute while another process holds a lock; this fails earlier.
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
        settings = _choose_settings(connection, journal_mode)
        try:
            with _as_sqlite():
                super().__init__(str(directory), timeout=timeout, disk=BytesDisk, **settings)
        except Exception:
            self.close()  # diskcache does not close the connection of an unusable database
            raise

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Commit all changes of the block to the cache, or none.

        Raises:
            TimeoutError: another process holds the lock.
            sqlite3.DatabaseError: writing fails.
        """
        with _as_sqlite(), self.transact():
            yield self


def _choose_settings(connection: sqlite3.Connection, journal_mode: str) -> dict[str, object]:
    """Return our settings, with the journal mode of the database if it has settings.

    Raises:
        sqlite3.DatabaseError: it has other settings, which diskcache would apply.
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
    """Convert diskcache's errors back to SQLite's own."""
    try:
        yield
    except _core.Timeout as error:
        raise TimeoutError("database is locked") from error
    except sqlite3.OperationalError as error:
        # SQLite ends a transaction itself after some errors, and diskcache ends it again.
        if str(error).startswith("cannot rollback") and isinstance(error.__context__, sqlite3.Error):
            raise error.__context__ from None
        raise
    except EntryError:
        raise
    except ValueError as error:  # from unpacking rows that diskcache expects to be single
        raise sqlite3.DatabaseError("unexpected tables in the database") from error
