"""Auditing a store: finding bad records and removing them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.protocol import EntryError
from pytest_antipasta.store.records import KEY_SIZE, decode_record, unseal


class BadRow(NamedTuple):
    """An entry that can't be used.

    Attributes:
        rowid: of its row.
        key: as it stands in the row.
        reason: what is wrong with it.
    """

    rowid: int
    key: object
    reason: str


def check_database(store: LocalStore) -> str | None:
    """Return what SQLite finds wrong with the database as a whole, if anything."""
    with store.reporting():
        (answer,) = store.connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if answer == "ok" else str(answer)


def iter_bad_rows(store: LocalStore, fingerprint: bytes) -> Iterator[BadRow]:
    """Yield each entry that can't be used; of other versions' measurements, only the checksum is read."""
    with store.reporting():
        for rowid, *row in store.connection.execute("SELECT rowid, key, raw, mode, value FROM Cache"):
            if reason := _find_fault(row, fingerprint):
                yield BadRow(rowid, row[0], reason)


def remove_rows(store: LocalStore, rows: Iterable[BadRow]) -> None:
    """Forget bad entries."""
    with store.transaction():
        store.connection.executemany("DELETE FROM Cache WHERE rowid = ?", [(row.rowid,) for row in rows])


def _find_fault(row: list[object], fingerprint: bytes) -> str | None:
    key, raw, mode, value = row
    if not isinstance(key, bytes) or not isinstance(value, bytes) or (raw, mode) != (1, 1):
        return "this store did not write it"
    try:
        value = unseal(key, value)
        if len(key) == KEY_SIZE and key.endswith(fingerprint):
            decode_record(value)
    except EntryError as error:
        return str(error)
    return None
