"""Inspect the contents of a store: sizes, counts, single records and bad ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.store.local import LAYOUT, NAME, PARTS, LocalStore
from pytest_antipasta.store.protocol import Bounds, EntryError, StoreError
from pytest_antipasta.store.records import KEY_SIZE, decode_bodies, decode_record, is_bodies_key, unseal


class BadRow(NamedTuple):
    """An unusable entry, and the reason."""

    rowid: int
    key: object
    reason: str


def is_there(cache_dir: Path) -> bool:
    """Return whether there is a store with this layout."""
    try:
        os.stat(cache_dir / LAYOUT / NAME)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StoreError(f"{error.strerror} ({cache_dir})") from error
    return True


def take_stock(store: LocalStore, fingerprint: bytes, now: float) -> dict[str, object]:
    """Return the facts for ``cache status``; measurements with the fingerprint are usable.

    Entries are all rows: measurements, bodies, indexes, memos and the record of upkeep.
    """
    statement = (
        "SELECT count(*), sum(length(key) = 40), sum(length(key) = 40 AND substr(key, 33) = ?),"
        " sum(substr(key, 1, 5) = CAST('index' AS BLOB)), sum(substr(key, 1, 4) = CAST('memo' AS BLOB)),"
        " min(store_time), min(access_time) FROM Cache"
    )
    with store.reporting():
        row = store.connection.execute(statement, (fingerprint,)).fetchone()
        entries, records, usable, roots, memos, stored, used = row
        (journal_mode,) = store.connection.execute("PRAGMA journal_mode").fetchone()
    return {
        "entries": entries,
        "measurements": records or 0,
        "usable_measurements": usable or 0,
        "roots": roots or 0,
        "memos": memos or 0,
        "size": find_size(store.directory.parent),
        "age": None if stored is None else now - stored,
        "longest_unused": None if used is None else now - used,
        "journal_mode": journal_mode,
    }


def find_size(cache_dir: Path) -> int:
    """Return the size of the database's files in bytes."""
    # Memory shared with other processes does not count.
    size = 0
    for part in PARTS:
        if part != "-shm":
            with suppress(FileNotFoundError):  # SQLite deletes some when another process is done
                size += (cache_dir / LAYOUT / f"{NAME}{part}").stat().st_size
    return size


def measure_size(store: LocalStore) -> int:
    """Return the bytes in use within the database."""
    pages, free, size = (
        store.connection.execute(f"PRAGMA {pragma}").fetchone()[0]
        for pragma in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def count_entries(store: LocalStore) -> int:
    """Return the number of entries of all kinds."""
    ((number,),) = store.connection.execute("SELECT count(*) FROM Cache").fetchall()
    return int(number)


def fits(store: LocalStore, bounds: Bounds) -> bool:
    """Return whether a store is within its bounds."""
    with store.reporting():
        if measure_size(store) > bounds.max_bytes:
            return False
        return bounds.max_entries is None or count_entries(store) <= bounds.max_entries


def find_row(store: LocalStore, key: bytes, now: float) -> dict[str, object] | None:
    """Return the facts about the record of a key, for ``cache inspect``."""
    statement = (
        "SELECT length(value), ? - store_time, ? - access_time, access_count FROM Cache"
        " WHERE key = ? AND raw = 1"
    )
    with store.reporting():
        row = store.connection.execute(statement, (now, now, key)).fetchone()
    return dict(zip(("size", "age", "unused", "uses"), row, strict=True)) if row else None


def find_other_versions(store: LocalStore, digests: Iterable[bytes], fingerprint: bytes) -> set[bytes]:
    """Return the contents that were measured by other versions."""
    statement = (
        "SELECT 1 FROM Cache WHERE key > ? AND key < ? AND length(key) = 40 AND substr(key, 33) != ? LIMIT 1"
    )
    with store.reporting():
        return {
            digest
            for digest in digests
            if store.connection.execute(statement, (digest, digest + b"\xff" * 9, fingerprint)).fetchone()
        }


def check_database(store: LocalStore) -> str | None:
    """Return what SQLite reports about the database as a whole; ``None`` if it is intact."""
    with store.reporting():
        (answer,) = store.connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if answer == "ok" else str(answer)


def iter_bad_rows(
    store: LocalStore, fingerprint: bytes, report_progress: Callable[[int], object]
) -> Iterator[BadRow]:
    """Yield each unusable entry; for measurements of other versions, only the checksum is verified.

    ``report_progress`` receives the number of entries read, before each.
    """
    with store.reporting():
        rows = store.connection.execute("SELECT rowid, key, raw, mode, value FROM Cache")
        for number, (rowid, *row) in enumerate(rows):
            report_progress(number)
            if reason := _find_fault(row, fingerprint):
                yield BadRow(rowid, row[0], reason)


def remove_rows(store: LocalStore, rows: Iterable[BadRow]) -> None:
    """Remove bad entries."""
    with store.transaction():
        store.connection.executemany("DELETE FROM Cache WHERE rowid = ?", [(row.rowid,) for row in rows])


def _find_fault(row: list[object], fingerprint: bytes) -> str | None:
    key, raw, mode, value = row
    if not isinstance(key, bytes) or not isinstance(value, bytes) or (raw, mode) != (1, 1):
        return "not written by this store"
    try:
        value = unseal(key, value)
        if len(key) == KEY_SIZE and key.endswith(fingerprint):
            decode_record(value)
        elif is_bodies_key(key) and key.startswith(fingerprint, KEY_SIZE - len(fingerprint)):
            decode_bodies(value)
    except EntryError as error:
        return str(error)
    return None
