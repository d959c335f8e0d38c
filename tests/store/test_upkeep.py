"""What goes from a store, when, and in which order."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.store.inventory import count_entries, measure_size
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.protocol import DAY, Bounds
from pytest_antipasta.store.upkeep import clear, forget_unused, keep_up, tidy

Clock = Callable[[float], None]


@pytest.fixture
def store(cache_dir: Path) -> Iterator[LocalStore]:
    """An empty store."""
    with closing(LocalStore(cache_dir)) as opened:
        yield opened


@pytest.fixture
def go_to(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the clock to a day."""
    start = time.time()

    def go(day: float) -> None:
        monkeypatch.setattr(time, "time", lambda: start + day * DAY)

    return go


def key(number: int) -> bytes:
    return b"%040d" % number


def put(store: LocalStore, numbers: Iterable[int], size: int = 10) -> None:
    store.put_many({key(number): os.urandom(size) for number in numbers})


def left(store: LocalStore) -> list[int]:
    rows = store.connection.execute("SELECT key FROM Cache WHERE length(key) = 40 ORDER BY key").fetchall()
    return [int(name) for (name,) in rows]


def test_what_was_not_used_for_long_is_forgotten(store: LocalStore, go_to: Clock) -> None:
    go_to(0)
    put(store, range(10))
    go_to(20)
    store.put_many({}, used=[key(3), key(4)])
    put(store, [10])
    go_to(31)
    assert keep_up(store, Bounds()) is None
    assert left(store) == [3, 4, 10]


def test_it_is_looked_for_once_a_day(store: LocalStore, go_to: Clock) -> None:
    go_to(40)
    tidy(store, Bounds(), 10)
    go_to(0)
    put(store, [1])
    go_to(40.5)
    tidy(store, Bounds(), 10)
    assert left(store) == [1]
    go_to(41.1)
    tidy(store, Bounds(), 10)
    assert left(store) == []


def test_a_clock_that_went_back_does_not_put_it_off(store: LocalStore, go_to: Clock) -> None:
    go_to(100)
    tidy(store, Bounds(), 10)
    go_to(0)
    put(store, [1])
    go_to(31)
    tidy(store, Bounds(), 10)
    assert left(store) == []


@pytest.mark.parametrize(
    ("eviction", "expected"),
    [
        pytest.param("least-recently-used", [0, 1, 2, 3, 4, 5], id="what was not used longest goes first"),
        pytest.param("least-frequently-used", [0, 1, 2, 6, 7, 8], id="or what was used the fewest times"),
        pytest.param("least-recently-stored", [3, 4, 5, 6, 7, 8], id="or what was kept the longest ago"),
    ],
)
def test_the_policy_says_what_goes_first(
    store: LocalStore, go_to: Clock, eviction: str, expected: list[int]
) -> None:
    go_to(0)
    put(store, range(3))
    go_to(1)
    put(store, range(3, 9))
    for day, first in ((2, 6), (2.5, 6), (3, 0), (3.5, 0), (4, 3), (5, 0)):
        go_to(day)
        store.put_many({}, used=map(key, range(first, first + 3)))
    go_to(10)
    tidy(store, Bounds(max_entries=8, eviction=eviction), 10)
    assert left(store) == expected


@pytest.mark.parametrize("eviction", ["least-recently-used", "none"])
def test_records_of_other_versions_go_first(store: LocalStore, go_to: Clock, eviction: str) -> None:
    """Of those that were used within a day only as many as necessary."""
    bounds = Bounds(max_entries=10, eviction=eviction, fingerprint=b"%08d" % 1)
    ours, others = ([number * 10**8 + version for number in range(9)] for version in (1, 2))
    go_to(0)
    put(store, ours[:5])
    go_to(1)
    put(store, others[:4])
    assert keep_up(store, bounds) is None
    go_to(3)
    put(store, ours[5:6])
    assert keep_up(store, bounds) is None
    assert left(store) == sorted(ours[:6] + others[2:4])
    store.put_many({}, used=map(key, ours[:6]))
    put(store, [*others[4:8], *ours[6:8]])
    assert keep_up(store, bounds) is None
    assert left(store) == [*ours[:8]]


def test_a_size_is_kept_to(store: LocalStore, go_to: Clock) -> None:
    go_to(0)
    put(store, range(300), 2000)
    go_to(2)
    put(store, range(300, 400), 2000)
    assert measure_size(store) > 800_000
    go_to(4)
    assert keep_up(store, Bounds(max_bytes=500_000)) is None
    assert 300_000 < measure_size(store) <= 500_000
    assert left(store)[-100:] == list(range(300, 400))


def test_what_is_in_use_stays_and_what_to_set_is_reported(store: LocalStore, go_to: Clock) -> None:
    go_to(0)
    put(store, range(400), 2000)
    bounds = Bounds(max_bytes=500_000, max_entries=350)
    told = keep_up(store, bounds)
    assert told is not None
    assert told.endswith("set cache_max_size_mb = 3 and cache_max_entries = 481")
    kept = left(store)
    assert measure_size(store) <= 500_000
    assert kept == list(range(len(kept)))  # what came last is what is not kept
    assert not store.has_room(bounds)
    assert store.has_room(Bounds(max_bytes=3e6, max_entries=481))
    go_to(1.1)
    assert store.has_room(bounds)


def test_rows_that_no_store_writes_are_in_nobodys_way(store: LocalStore, go_to: Clock) -> None:
    go_to(0)
    put(store, range(10))
    store.connection.execute("UPDATE Cache SET access_time = 'text', value = NULL")
    go_to(5)
    assert tidy(store, Bounds(max_entries=8), 10) >= 2
    assert count_entries(store) <= 8


def test_without_a_policy_nothing_old_goes_for_something_new(store: LocalStore, go_to: Clock) -> None:
    go_to(0)
    put(store, range(10))
    go_to(5)
    put(store, range(10, 20))
    told = keep_up(store, Bounds(max_entries=12, eviction="none"))
    assert told is not None
    assert left(store) == list(range(9))


def test_upkeep_ends_when_its_time_is_up(store: LocalStore, go_to: Clock) -> None:
    go_to(0)
    put(store, range(3000))
    go_to(50)
    tidy(store, Bounds(), 0)
    assert len(left(store)) == 3000
    tidy(store, Bounds(), 60)
    assert left(store) == []


def test_a_damaged_database_that_was_set_aside_goes_with_time(store: LocalStore, go_to: Clock) -> None:
    aside = store.directory / "damaged-cache.db"
    aside.write_bytes(b"")
    forget_unused(store, 30 * DAY)
    assert aside.exists()
    go_to(31)
    forget_unused(store, 30 * DAY)
    assert not aside.exists()


def test_clearing_leaves_nothing(store: LocalStore) -> None:
    put(store, range(10))
    aside = store.directory / "damaged-cache.db-wal"
    aside.write_bytes(b"")
    assert clear(store) == 10
    assert (left(store), count_entries(store), aside.exists()) == ([], 0, False)
