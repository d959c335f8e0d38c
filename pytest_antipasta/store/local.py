"""The local store in the user's cache folder, on diskcache."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_antipasta.logs import Attributes, record_step
from pytest_antipasta.store.database import NAME, describe, is_damage, is_expected
from pytest_antipasta.store.opening import leave_mark, open_database
from pytest_antipasta.store.protocol import DAY, EntryError, StoreError
from pytest_antipasta.store.records import iter_unsealed, seal, unseal

# Layout of the database itself, and diskcache's settings in it. Each layout has its own folder, so that
# versions of this package can alternate.
LAYOUT = "v1"
_SELECT = "SELECT mode, value, access_time FROM Cache WHERE key = ? AND raw = 1"
# Before 3.32, SQLite allows 999 variables in a statement.
_KEYS_A_STATEMENT = 500
_SELECT_MANY = (
    "SELECT key, CASE mode WHEN 1 THEN value END, access_time FROM Cache WHERE raw = 1 AND key IN ({})"
)
_MODE_RAW = 1
_NOTE_USE = "UPDATE Cache SET access_time = ?, access_count = access_count + 1 WHERE key = ? AND raw = 1"


class LocalStore:
    """One database in one folder, for all roots and all processes of a user.

    All methods raise :class:`StoreError` for errors of the folder or the database.

    Attributes:
        directory: folder of the database.
        notes: warnings for the user: a damaged database was replaced.
        connection: connection for SQL, inside :meth:`reporting` or :meth:`transaction`.
        aging: keys that were found and whose time of last use is more than a day ago, or in the future.
        inode: inode of the opened database.
        reads: duration of each read, in seconds.
        writes: duration of each write, in seconds.
    """

    def __init__(self, cache_dir: Path, journal_mode: str = "auto", *, is_made: bool = True) -> None:
        """Open the store.

        Args:
            cache_dir: the folder that contains all layouts.
            journal_mode: ``wal``, ``delete``, or ``auto`` for a mode that the file system supports; an
                existing database keeps its mode.
            is_made: whether a missing or damaged store is created. Workers leave this to the process that
                started them, which also warns the user.
        """
        self.directory = cache_dir / LAYOUT
        self.aging: set[bytes] = set()
        self.reads: list[float] = []
        self.writes: list[float] = []
        now = time.time()
        # A clock that was set back must not keep entries forever.
        self._recent = (now - DAY, now + DAY)
        with self.reporting():
            self._database, self.notes = open_database(self.directory, journal_mode, is_made=is_made)
            self.connection = self._database.connection
            self.inode = os.stat(self.directory / NAME).st_ino

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or ``None``.

        Raises:
            EntryError: the entry was not written by this store.
            StoreError: the store can't be read.
        """
        started = time.perf_counter()
        with self.reporting():
            row = self.connection.execute(_SELECT, (key,)).fetchone()
        self.reads.append(time.perf_counter() - started)
        if row is None:
            return None
        mode, value, used = row
        if not (isinstance(used, float) and self._recent[0] < used < self._recent[1]):
            self.aging.add(key)
        if mode != _MODE_RAW:
            raise EntryError("a value that is pickled or stored outside the database")
        return unseal(key, value)

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of the keys that have one; empty where :meth:`get` would raise an error.

        diskcache has no such call, and one statement for each key takes several times as long.
        """
        values: dict[bytes, bytes] = {}
        after, before = self._recent
        started = time.perf_counter()
        with self.reporting():
            for start in range(0, len(keys), _KEYS_A_STATEMENT):
                some = keys[start : start + _KEYS_A_STATEMENT]
                statement = _SELECT_MANY.format(", ".join("?" * len(some)))
                found = self.connection.execute(statement, some).fetchall()
                values |= dict.fromkeys((key for key, _, _ in found), b"")
                for key, value, used in iter_unsealed(found):
                    values[key] = value
                    if not (isinstance(used, float) and after < used < before):
                        self.aging.add(key)
        self._note("read", self.reads, started, len(keys))
        return values

    def put_many(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        """Store all items, or none on failure; then update the times of last use of other keys.

        Raises:
            EntryError: an item is not bytes.
            StoreError: the store can't be written.
        """
        started = time.perf_counter()
        if items:
            self.put_each(items.items())
        now = time.time()
        if rows := [(now, key) for key in used]:
            with self.transaction():
                self.connection.executemany(_NOTE_USE, rows)
        self._note("write", self.writes, started, len(items))

    def put_each(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Store all items as they arrive, or none if one fails; see :meth:`put_many`."""
        with self.reporting(), self._database.writer.writing() as writer:
            for key, value in items:
                writer.set(key, seal(key, value))

    def _note(self, name: str, spent: list[float], started: float, number: int) -> None:
        """Record the duration of one query."""
        spent.append(time.perf_counter() - started)
        known: Attributes = {"db.system.name": "sqlite", "db.operation.name": name}
        record_step(f"store {name}", spent[-1], {**known, "db.operation.batch.size": number})

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Remove the given keys, all or none."""
        with self.reporting(), self._database.writer.writing() as writer:
            for key in keys:
                writer.delete(key)

    def close(self) -> None:
        """Close the database."""
        with self.reporting():
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all changes of the block to the store, or none."""
        with self.reporting(), self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Convert errors of the file system or the database to StoreError, but not internal errors."""
        try:
            yield
        except Exception as error:
            if not is_expected(error):
                raise
            if is_damage(error):
                with suppress(AttributeError):  # unset until the database is open
                    leave_mark(self.directory, self.inode)
            raise StoreError(describe(error, self.directory)) from error
