"""What is known of contents: what the store has, what was measured just now, and a store that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring import Lookup, Measurer
from pytest_antipasta.engine.measuring.lookup import open_lookup
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.memory import Memory
from pytest_antipasta.store import StoreError, encode_record
from tests.engine.conftest import WatchedStore, held, remember

UNREADABLE = "what the store has is unreadable"
GOOD = b"def f():\n    return 1\n"


def test_what_is_loaded_is_not_asked_for_again(store: WatchedStore) -> None:
    lookup = Lookup(store, b"print")
    digest = remember(Measurer(lookup), store, GOOD)
    lookup.load([digest, b"another"])
    store.asked = 0
    assert lookup.find(digest) is not None
    assert lookup.find(b"another") is None
    assert store.asked == 0


def test_what_is_loaded_and_unreadable_is_asked_for_again_and_told(store: WatchedStore) -> None:
    digest = remember(Measurer(Lookup(store, b"print")), store, GOOD)
    lookup = Lookup(store, b"print")
    store.connection.execute("UPDATE Cache SET value = CAST('damaged' AS BLOB)")
    lookup.load([digest])
    assert lookup.find(digest) is None
    assert lookup.pop_warnings() == (f"{UNREADABLE} (checksum differs) and was measured again",)


def test_a_store_that_fails_to_load_is_off(store: WatchedStore) -> None:
    store.broken = StoreError("no space left")
    lookup = Lookup(store, b"print")
    lookup.load([b"digest"])
    assert lookup.store is None
    assert len(lookup.pop_warnings()) == 1


def test_another_fingerprint_knows_nothing_of_it(store: WatchedStore) -> None:
    digest = remember(Measurer(Lookup(store, b"print")), store, GOOD)
    assert Lookup(store, b"other").find(digest) is None


def test_a_store_that_fails_is_told_once_and_not_asked_again(store: WatchedStore) -> None:
    lookup = Lookup(store, b"print")
    store.broken = StoreError("no space left")
    for _ in range(3):
        assert Measurer(lookup).measure(held(GOOD)).measurement == measure(GOOD)
    assert (store.asked, store.closed) == (1, True)
    assert lookup.pop_warnings() == ("the store is off for this run: no space left",)
    assert lookup.pop_warnings() == ()


BUG = AttributeError("'NoneType' object has no attribute 'key'")
TOLD = f"the store is off for this run: internal error (AttributeError: {BUG}); please report it"


def test_a_mistake_of_ours_in_the_store_costs_no_measurement(store: WatchedStore, tmp_path: Path) -> None:
    store.broken = BUG
    looking, loading, ending, closing = (Lookup(store, b"print") for _ in range(4))
    assert Measurer(looking).measure(held(GOOD)).measurement == measure(GOOD)
    loading.load([b"digest"])
    memory = Memory(tmp_path, Measurer(ending))
    memory.keep(b"digest", b"record")
    memory.write()
    closing.close()
    assert [lookup.pop_warnings() for lookup in (looking, loading, ending, closing)] == [(TOLD,)] * 4


@pytest.mark.parametrize("record", [b"", b"x" * 50, encode_record(measure(GOOD))[:-1]])
def test_an_unreadable_record_is_told_and_measured_again(store: WatchedStore, record: bytes) -> None:
    lookup = Lookup(store, b"print")
    measurer = Measurer(lookup)
    store.put_many({lookup.key(remember(measurer, store, GOOD)): record})
    measured = measurer.measure(held(GOOD))
    assert (measured.measurement, measured.from_store) == (measure(GOOD), False)
    assert measured.record is not None
    assert "unreadable" in lookup.pop_warnings()[0]


def test_a_folder_that_is_no_store_is_told(cache_dir: Path) -> None:
    cache_dir.write_bytes(b"")
    lookup = open_lookup(cache_dir, "auto")
    assert lookup.store is None
    (line,) = lookup.pop_warnings()
    assert line.startswith("the store is off for this run: ")
    assert str(cache_dir) in line
