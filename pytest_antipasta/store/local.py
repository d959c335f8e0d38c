"""The local store in the user's cache folder, on diskcache."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_antipasta.logs import Attributes, note_step
from pytest_antipasta.store.database import NAME, describe, is_damage, is_expected
from pytest_antipasta.store.opening import leave_mark, open_database
from pytest_antipasta.store.protocol import DAY, EntryError, StoreError
from pytest_antipasta.store.records import iter_unsealed, seal, unseal

# Layout of the database itself, and diskcache's settings in it. Another layout gets another folder, so that
# versions of this package can take turns.
LAYOUT = "v1"
_SELECT = "SELECT mode, value, access_time FROM Cache WHERE key = ? AND raw = 1"
# SQLite takes 999 variables a statement before 3.32.
_KEYS_A_STATEMENT = 500
_SELECT_MANY = (
    "SELECT key, CASE mode WHEN 1 THEN value END, access_time FROM Cache WHERE raw = 1 AND key IN ({})"
)
_MODE_RAW = 1
_NOTE_USE = "UPDATE Cache SET access_time = ?, access_count = access_count + 1 WHERE key = ? AND raw = 1"


class LocalStore:
    """One database in one folder, for all roots and all processes of a user.

    What goes wrong with the folder or the database is a :class:`StoreError`, here and in all that uses it.

    Attributes:
        directory: where it is.
        notes: what a user should know of: a database that was damaged and begun anew.
        connection: for SQL, inside of :meth:`reporting` or :meth:`transaction`.
        aging: keys that were found and whose use was not noted for a day, or is noted in the future.
        inode: of the database that was opened.
        reads: the seconds that each question for values took.
        writes: the seconds that each writing of values took.
    """

    def __init__(self, cache_dir: Path, journal_mode: str = "auto", *, is_made: bool = True) -> None:
        """Open the store.

        Args:
            cache_dir: the folder that has all layouts.
            journal_mode: ``wal``, ``delete``, or ``auto`` for what the file system can do; a database that
                is there keeps the one that it was made with.
            is_made: whether a store that is missing or damaged is made anew. Workers leave that to the
                process that has begun them: it tells the user.
        """
        self.directory = cache_dir / LAYOUT
        self.aging: set[bytes] = set()
        self.reads: list[float] = []
        self.writes: list[float] = []
        now = time.time()
        # A clock that went back must not keep entries for ever.
        self._recent = (now - DAY, now + DAY)
        with self.reporting():
            self._database, self.notes = open_database(self.directory, journal_mode, is_made=is_made)
            self.connection = self._database.connection
            self.inode = os.stat(self.directory / NAME).st_ino

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or ``None`` where there is none.

        Raises:
            EntryError: what is there was not written by this store.
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
        """Return the values of those keys that have one, empty where :meth:`get` raises an error.

        diskcache has no such call, and a statement a key takes several times as long.
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
        """Keep all items, or none where that fails; then note that others were used.

        Raises:
            EntryError: an item is anything but bytes.
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
        """Keep all items as they come, or none where one can't be had or kept; see :meth:`put_many`."""
        with self.reporting(), self._database.writer.writing() as writer:
            for key, value in items:
                writer.set(key, seal(key, value))

    def _note(self, name: str, spent: list[float], started: float, number: int) -> None:
        """Note what a question about many keys took."""
        spent.append(time.perf_counter() - started)
        known: Attributes = {"db.system.name": "sqlite", "db.operation.name": name}
        note_step(f"store {name}", spent[-1], {**known, "db.operation.batch.size": number})

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Forget the keys that are there, all or none."""
        with self.reporting(), self._database.writer.writing() as writer:
            for key in keys:
                writer.delete(key)

    def close(self) -> None:
        """Close the database."""
        with self.reporting():
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that the block does to the store, or nothing of it."""
        with self.reporting(), self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn what goes wrong with the file system or the database into StoreError; errors of ours stay."""
        try:
            yield
        except Exception as error:
            if not is_expected(error):
                raise
            if is_damage(error):
                with suppress(AttributeError):  # that is missing until the database is open
                    leave_mark(self.directory, self.inode)
            raise StoreError(describe(error, self.directory)) from error
