"""The store in the user's cache folder, on diskcache."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pytest_antipasta.imports import trusted_first
from pytest_antipasta.store import StoreError
from pytest_antipasta.store.core import load_core

# Layout of the database itself. Another layout gets another folder, so that versions of this
# package can take turns.
_LAYOUT = "v1"
_DATABASE = "cache.db"
# Left by whoever meets damage inside a database that others may have open, for who opens it next.
_DAMAGE_MARK = "damage"
_LOCK_TIMEOUT = 10.0
# SQLite takes 999 variables a statement before 3.32.
_KEYS_A_STATEMENT = 500
# Raw keys, and values that stand in the row itself: see BytesDisk.
_SELECT_MANY = "SELECT key, value FROM Cache WHERE raw = 1 AND mode = 1 AND key IN ({})"
_SETTINGS = {
    # Upkeep is not a writer's business: nothing is culled while a commit waits.
    "cull_limit": 0,
    "eviction_policy": "none",
}


class LocalStore:
    """One database in one folder, for all roots and all processes of a user."""

    def __init__(self, cache_dir: Path) -> None:
        """Open the store, or create it.

        Raises:
            StoreError: the folder can't be used.
        """
        self.directory = cache_dir / _LAYOUT
        self._notify: list[str] = []
        self._cache = self._open()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of: a database that was damaged and begun anew."""
        return tuple(self._notify)

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or ``None`` where there is none."""
        with _as_store_errors(self.directory):
            value: bytes | None = self._cache.get(key)
            return value

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that have one that this store has written.

        diskcache has no such call, and its ``get`` takes six times as long a key as these statements.
        """
        found: list[tuple[object, object]] = []
        with _as_store_errors(self.directory):
            for start in range(0, len(keys), _KEYS_A_STATEMENT):
                some = keys[start : start + _KEYS_A_STATEMENT]
                found += self._cache._sql(_SELECT_MANY.format(", ".join("?" * len(some))), some)
        # What is not bytes, nobody here has written: asked for alone it is told.
        return {key: value for key, value in found if type(key) is bytes and type(value) is bytes}

    def put_many(self, items: Mapping[bytes, bytes]) -> None:
        """Keep all items in one transaction."""
        with _as_store_errors(self.directory), self._cache.transact():
            for key, value in items.items():
                self._cache.set(key, value)

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Forget the keys in one transaction."""
        with _as_store_errors(self.directory), self._cache.transact():
            for key in keys:
                self._cache.delete(key)

    def close(self) -> None:
        """Close the database."""
        with _as_store_errors(self.directory):
            self._cache.close()

    def _open(self) -> Any:
        with _as_store_errors(self.directory):
            if (self.directory / _DAMAGE_MARK).exists():
                self._set_aside("found by an earlier run")
            elif (self.directory / _DATABASE).exists():
                try:
                    return _open_cache(self.directory)
                except sqlite3.DatabaseError as error:
                    if not _is_damage(error):
                        raise
                    self._set_aside(str(error))
            return self._create()

    def _create(self) -> Any:
        with trusted_first():
            from filelock import FileLock

        self.directory.parent.mkdir(parents=True, exist_ok=True)
        self.directory.mkdir(mode=0o700, exist_ok=True)
        # diskcache builds its tables statement by statement, so a second process must wait.
        with FileLock(self.directory / "create.lock", timeout=_LOCK_TIMEOUT):
            return _open_cache(self.directory)

    def _set_aside(self, reason: str) -> None:
        """Move a damaged database out of the way, with all that belongs to it."""
        for suffix in ("", "-wal", "-shm"):
            path = self.directory / f"{_DATABASE}{suffix}"
            if path.exists():
                path.replace(path.with_name(f"damaged-{path.name}"))
        (self.directory / _DAMAGE_MARK).unlink(missing_ok=True)
        aside = self.directory / f"damaged-{_DATABASE}"
        note = f"the store was damaged ({reason}) and is begun anew; the old one is kept as {aside}"
        self._notify.append(note)


def _open_cache(directory: Path) -> Any:
    from pytest_antipasta.store.disk import BytesDisk

    cache = object.__new__(load_core().Cache)
    try:
        cache.__init__(str(directory), timeout=_LOCK_TIMEOUT, disk=BytesDisk, **_SETTINGS)
    except sqlite3.Error:
        cache.close()  # diskcache leaves the connection of a database open that it can't use
        raise
    return cache


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the database itself is broken: its subclasses mean locked, read-only, full and the like."""
    return type(error) is sqlite3.DatabaseError


@contextmanager
def _as_store_errors(directory: Path) -> Iterator[None]:
    """Turn whatever the file system, SQLite or diskcache raise into one kind of error."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:  # filelock's Timeout is an OSError
        if isinstance(error, sqlite3.Error) and _is_damage(error):
            with suppress(OSError):
                (directory / _DAMAGE_MARK).touch()
        raise StoreError(f"{error} ({directory})") from error
    except load_core().Timeout as error:
        raise StoreError(f"locked by another process ({directory})") from error
