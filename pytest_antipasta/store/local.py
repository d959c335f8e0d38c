"""The store in the user's cache folder, on diskcache."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pytest_antipasta.store.database import NAME, only_bytes
from pytest_antipasta.store.failures import describe, is_damage, is_expected
from pytest_antipasta.store.opening import leave_mark, open_database
from pytest_antipasta.store.protocol import DAY, Bounds, StoreError
from pytest_antipasta.store.records import iter_unsealed, seal, unseal

# Layout of the database itself. Another layout gets another folder, so that versions of this
# package can take turns.
LAYOUT = "v1"
_SELECT = "SELECT mode, value, access_time FROM Cache WHERE key = ? AND raw = 1"
# SQLite takes 999 variables a statement before 3.32.
_KEYS_A_STATEMENT = 500
# Raw keys, and values that stand in the row itself: see BytesDisk.
_SELECT_MANY = "SELECT key, value, access_time FROM Cache WHERE raw = 1 AND mode = 1 AND key IN ({})"
_NOTE_USE = "UPDATE Cache SET access_time = ?, access_count = access_count + 1 WHERE key = ? AND raw = 1"


class LocalStore:
    """One database in one folder, for all roots and all processes of a user.

    Attributes:
        directory: where it is.
        notes: what a user should know of: a database that was damaged and begun anew.
        aging: keys that were found and whose use was not noted for a day, or is noted in the future.
        inode: of the database that was opened.
    """

    def __init__(self, cache_dir: Path, journal_mode: str = "auto") -> None:
        """Open the store, or create it.

        Args:
            cache_dir: the folder that has all layouts.
            journal_mode: ``wal``, ``delete``, or ``auto`` for what the file system can do; a database that
                is there keeps the one that it was made with.

        Raises:
            StoreError: the folder can't be used.
        """
        self.directory = cache_dir / LAYOUT
        self.aging: set[bytes] = set()
        now = time.time()
        # A clock that went back must not keep entries for ever.
        self._recent = (now - DAY, now + DAY)
        with self.reporting():
            self._database, self.notes = open_database(self.directory, journal_mode)
            self.inode = os.stat(self.directory / NAME).st_ino

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or ``None`` where there is none."""
        # A context manager would cost more than SQLite does.
        try:
            row = self.execute(_SELECT, (key,)).fetchone()
        except Exception as error:
            self._report(error)
            raise
        if row is None:
            return None
        mode, value, used = row
        if not (isinstance(used, float) and self._recent[0] < used < self._recent[1]):
            self.aging.add(key)
        return unseal(key, self._database.disk.fetch(mode, None, value, False))

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that have one that this store has written.

        diskcache has no such call, and a statement a key takes several times as long.
        """
        found: list[tuple[object, object, object]] = []
        with self.reporting():
            for start in range(0, len(keys), _KEYS_A_STATEMENT):
                some = keys[start : start + _KEYS_A_STATEMENT]
                found += self.execute(_SELECT_MANY.format(", ".join("?" * len(some))), some)
        values = {}
        after, before = self._recent
        for key, value, used in iter_unsealed(found):  # what is bad is told when it is asked for alone
            values[key] = value
            if not (isinstance(used, float) and after < used < before):
                self.aging.add(key)
        return values

    def put_many(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        """Keep all items and note that others were used, in one transaction."""
        with self.transaction():
            for key, value in items.items():
                self._database.set(key, seal(only_bytes(key), only_bytes(value)))
            now = time.time()
            self.execute_many(_NOTE_USE, [(now, key) for key in used])

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Forget the keys in one transaction."""
        with self.transaction():
            for key in keys:
                self._database.delete(key)

    def has_room(self, bounds: Bounds) -> bool:
        """Whether more can be kept without losing what is in use."""
        from pytest_antipasta.store.upkeep import has_room

        return has_room(self, bounds)

    def tidy(self, bounds: Bounds) -> str | None:
        """Forget what exceeds the bounds, within a short time; return what to set if they are too narrow."""
        # Here, because a run that learned nothing has nothing to tidy.
        from pytest_antipasta.store.upkeep import TIME_LIMIT, tell_needed, tidy

        tidy(self, bounds, TIME_LIMIT)
        return tell_needed(self, bounds)

    def note_run(self, hits: int, misses: int) -> None:
        """Note what a run over files has found and not found."""
        from pytest_antipasta.store.notes import write_last_run

        write_last_run(self.directory, hits, misses)

    def close(self) -> None:
        """Close the database."""
        with self.reporting():
            self._database.close()

    def execute(self, statement: str, values: Iterable[object] = ()) -> Any:
        """Run a statement of SQL and return its cursor."""
        return self._database._con.execute(statement, tuple(values))

    def execute_many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement of SQL for each row of values."""
        self._database._con.executemany(statement, rows)

    def interrupt_when(self, is_over: Callable[[], bool] | None, instructions: int) -> None:
        """Let statements fail once something is so, which is asked after so many instructions of SQLite."""
        self._database._con.set_progress_handler(is_over, instructions)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all that the block does to the store, or nothing of it."""
        with self.reporting(), self._database.transact():
            yield

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn whatever goes wrong with the file system or the database into one kind of error."""
        try:
            yield
        except Exception as error:
            self._report(error)
            raise

    def _report(self, error: Exception) -> None:
        """Raise a StoreError for what came from outside; leave an error of ours to the caller."""
        if is_expected(error):
            raise self._explain(error) from error

    def _explain(self, error: Exception) -> StoreError:
        if isinstance(error, StoreError):
            return error
        if str(error).startswith("cannot rollback") and isinstance(error.__context__, Exception):
            # SQLite ends a transaction itself over some errors, and diskcache ends it once more.
            error = error.__context__
        if is_damage(error):
            with suppress(AttributeError):  # that is missing until the database is open
                leave_mark(self.directory, self.inode)
        return StoreError(describe(error, self.directory))
