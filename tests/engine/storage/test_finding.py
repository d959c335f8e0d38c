"""Finding contents: what the store has, what was measured just now, and a store that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.storage.stat_index import Index, encode_index, index_key
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.store.protocol import Bounds, StoreError
from pytest_antipasta.store.records import encode_record
from tests.engine.conftest import DEFAULTS, WatchedStore, held, remember

ROOT = Path("/root")
UNREADABLE = "a stored measurement is corrupt"
GOOD = b"def f():\n    return 1\n"


def open_around(
    store: WatchedStore, fingerprint: bytes = b"print", diagnostics: Diagnostics | None = None
) -> Storage:
    """Return the storage of some root with a store."""
    return Storage(ROOT, store, Bounds(fingerprint=fingerprint), diagnostics=diagnostics)


@pytest.fixture
def diagnostics() -> Diagnostics:
    """What receives warnings."""
    return Diagnostics()


def take_lines(diagnostics: Diagnostics) -> list[str]:
    return [warning.text for warning in diagnostics.take()]


def test_what_is_loaded_is_not_asked_for_again(store: WatchedStore) -> None:
    storage = open_around(store)
    digest = remember(Measurer(storage, DEFAULTS), store, GOOD)
    storage.load([digest, b"another"])
    store.asked = 0
    assert storage.find(digest) is not None
    assert storage.find(b"another") is None
    assert store.asked == 0


def test_what_is_loaded_and_unreadable_is_asked_for_again_and_reported(
    store: WatchedStore, diagnostics: Diagnostics
) -> None:
    digest = remember(Measurer(open_around(store), DEFAULTS), store, GOOD)
    storage = open_around(store, diagnostics=diagnostics)
    store.connection.execute("UPDATE Cache SET value = CAST('damaged' AS BLOB)")
    storage.load([digest])
    assert storage.find(digest) is None
    assert take_lines(diagnostics) == [f"{UNREADABLE} (checksum differs); measured again"]


def test_a_damaged_stat_index_is_empty_and_reported(store: WatchedStore, diagnostics: Diagnostics) -> None:
    storage = open_around(store, diagnostics=diagnostics)
    storage.put_values(
        {index_key(str(ROOT)): encode_index(Index(entries={"a.py": ((1, 1, 1, 1), b"d", None)}))}
    )
    store.connection.execute("UPDATE Cache SET value = CAST('damaged' AS BLOB)")
    assert storage.index.read().entries == {}
    assert take_lines(diagnostics) == [
        "the stored index of files is corrupt (checksum differs); files are read again"
    ]


def test_a_store_that_fails_to_load_is_off(store: WatchedStore, diagnostics: Diagnostics) -> None:
    store.broken = StoreError("no space left")
    storage = open_around(store, diagnostics=diagnostics)
    storage.load([b"digest"])
    assert storage.store is None
    assert len(diagnostics.take()) == 1


def test_another_fingerprint_finds_nothing(store: WatchedStore) -> None:
    digest = remember(Measurer(open_around(store), DEFAULTS), store, GOOD)
    assert open_around(store, b"other").find(digest) is None


def test_what_is_held_last_is_found_however_much_was_held_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_antipasta.engine.storage.storage._FRESH", 2)
    storage = Storage(Path("/root"))
    for digest in (b"a", b"b", b"c"):
        storage.hold(digest, encode_record(measure(GOOD)))
    assert [storage.find(digest) is not None for digest in (b"a", b"c")] == [False, True]


def test_a_store_that_fails_is_reported_once_and_not_asked_again(
    store: WatchedStore, diagnostics: Diagnostics
) -> None:
    storage = open_around(store, diagnostics=diagnostics)
    store.broken = StoreError("no space left")
    for _ in range(3):
        assert Measurer(storage, DEFAULTS).measure(held(GOOD)).measurement == measure(GOOD)
    assert (store.asked, store.closed) == (1, True)
    assert take_lines(diagnostics) == ["store disabled for this run: no space left"]
    assert diagnostics.take() == ()


BUG = AttributeError("'NoneType' object has no attribute 'key'")
REPORTED = f"store disabled for this run: internal error (AttributeError: {BUG}); please report it"


def test_an_internal_error_in_the_store_costs_no_measurement(store: WatchedStore) -> None:
    store.broken = BUG
    told = [Diagnostics() for _ in range(4)]
    looking, loading, ending, closing = (open_around(store, diagnostics=each) for each in told)
    assert Measurer(looking, DEFAULTS).measure(held(GOOD)).measurement == measure(GOOD)
    loading.load([b"digest"])
    ending.keep(b"digest", b"record")
    ending.write()
    closing.close()
    assert [take_lines(each) for each in told] == 4 * [[REPORTED]]


@pytest.mark.parametrize("record", [b"", b"x" * 50, encode_record(measure(GOOD))[:-1]])
def test_an_unreadable_record_is_reported_and_measured_again(
    store: WatchedStore, record: bytes, diagnostics: Diagnostics
) -> None:
    storage = open_around(store, diagnostics=diagnostics)
    measurer = Measurer(storage, DEFAULTS)
    store.put_many({storage.key(remember(measurer, store, GOOD)): record})
    measured = measurer.measure(held(GOOD))
    assert measured.measurement == measure(GOOD)
    assert measured.origin != "store"
    assert measured.record is not None
    assert "a stored measurement is corrupt" in take_lines(diagnostics)[0]
