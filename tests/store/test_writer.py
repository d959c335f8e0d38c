"""What we take diskcache to do. A release that does otherwise fails here, and not on a user's machine."""

from __future__ import annotations

import inspect
import pickle
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.protocol import EntryError
from pytest_antipasta.store.writer import _PRAGMAS, _REPLACING, EVICTION_POLICY, Writer, _core

KEY = b"k" * 40
SETTINGS = {**_REPLACING, **_PRAGMAS}


@pytest.fixture
def store(cache_dir: Path) -> Iterator[LocalStore]:
    """A store with one entry."""
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({KEY: b"value"})
        yield store


@pytest.fixture
def writer(store: LocalStore) -> Iterator[Writer]:
    """diskcache's cache over it."""
    with closing(Writer(store.directory, store.connection, 1.0)) as writer:
        yield writer


def test_its_settings_are_those_that_we_set() -> None:
    others = {"sqlite_journal_mode", "sqlite_trusted_schema"}
    assert SETTINGS.keys() - others == _core.DEFAULT_SETTINGS.keys() - others
    assert sorted(_core.METADATA) == ["count", "hits", "misses", "size"]


def test_it_holds_to_them(writer: Writer, store: LocalStore) -> None:
    found = dict(store.connection.execute("SELECT key, value FROM Settings").fetchall())
    assert {key: found[key] for key in SETTINGS} == SETTINGS
    assert found["sqlite_journal_mode"] == "wal"
    assert (writer.directory, writer.timeout, writer.disk.min_file_size) == (str(store.directory), 1.0, 2**62)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (_core.Cache.__init__, "self directory timeout disk settings"),
        (_core.Cache.set, "self key value expire read tag retry"),
        (_core.Cache.delete, "self key retry"),
        (_core.Cache.transact, "self retry"),
        (_core.Cache.close, "self"),
        (_core.Disk.__init__, "self directory min_file_size pickle_protocol"),
        (_core.Disk.put, "self key"),
        (_core.Disk.get, "self key raw"),
        (_core.Disk.store, "self value read key"),
        (_core.Disk.fetch, "self mode filename value read"),
        (_core.Disk.remove, "self file_path"),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_what_we_call_and_replace_takes_what_it_took(function: object, expected: str) -> None:
    assert callable(function)
    assert " ".join(inspect.signature(function).parameters) == expected


def test_its_tables_have_the_columns_that_our_statements_name(store: LocalStore) -> None:
    columns = [row[1] for row in store.connection.execute("PRAGMA table_info(Cache)").fetchall()]
    assert (
        " ".join(columns)
        == "rowid key raw store_time expire_time access_time access_count tag size mode filename value"
    )
    indexed = [row[2] for row in store.connection.execute("PRAGMA index_info(Cache_key_raw)").fetchall()]
    assert indexed == ["key", "raw"]


def test_it_keeps_bytes_in_the_row_itself(store: LocalStore) -> None:
    columns = "key, raw, mode, filename, access_count, expire_time, length(value)"
    row = store.connection.execute(f"SELECT {columns} FROM Cache").fetchone()
    assert row == (KEY, 1, 1, None, 0, None, 9)
    ((stored, used),) = store.connection.execute("SELECT store_time, access_time FROM Cache").fetchall()
    assert stored == used == pytest.approx(time.time(), abs=60)


def test_its_policies_are_those_of_the_settings_and_name_rows_in_their_order(store: LocalStore) -> None:
    assert set(EVICTION_POLICY) == set(get_args(get_type_hints(Settings)["cache_eviction"]))
    for policy in EVICTION_POLICY.values():
        if (cull := policy["cull"]) is not None:
            assert store.connection.execute(cull.format(fields="rowid"), (-1,)).fetchall() == [(1,)]


def test_nothing_is_read_through_it(writer: Writer, store: LocalStore) -> None:
    store.connection.execute("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps("value"),))
    for read in (writer.get, lambda _: list(writer), writer.pop):
        with pytest.raises(EntryError, match="reading through diskcache is not supported"):
            read(KEY)


def test_a_transaction_that_sqlite_ends_itself_says_why(writer: Writer) -> None:
    writer.reset("sqlite_max_page_count", 1, update=False)  # as small as it is
    with pytest.raises(sqlite3.OperationalError, match="full"), writer.writing():
        writer.set(KEY, b"x" * 10_000_000)


def test_a_database_that_is_locked_is_a_timeout(writer: Writer, store: LocalStore) -> None:
    with closing(sqlite3.connect(store.directory / "cache.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError, match="database is locked"), writer.writing():
            writer.set(KEY, b"late")
