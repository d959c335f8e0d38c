"""Upkeep: keep a store within its bounds.

Measurements of other versions are removed first, then those that were not used for longest.

Of this version's entries, those used within a day are not removed to make room. If they exceed the bounds,
the newest are dropped, so that the others are found in every run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from math import inf

from pytest_antipasta.store.inventory import count_entries, fits, measure_size
from pytest_antipasta.store.local import NAME, PARTS, UPKEEP_KEY, LastUpkeep, LocalStore
from pytest_antipasta.store.protocol import DAY, Bounds, StoreError

# Seconds that upkeep may add to a run; the next run continues.
_TIME_LIMIT = 0.5
_BATCH = 500
# Free space below the bounds after upkeep, so that not every run has work to do.
_ROOM = 0.9
# Bytes that SQLite needs for a row besides its value: other columns and the index.
_ROW = 160
# Number of SQLite's instructions between two checks of the clock.
_INSTRUCTIONS = 20_000


def tidy(store: LocalStore, bounds: Bounds, seconds: float) -> int:
    """Remove entries beyond the maximum age or size within so many seconds; return their number."""
    last, removed = store.read_upkeep(), 0
    with _time_bound(store, seconds):
        if not 0 <= time.time() - last.time < DAY:
            removed = forget_unused(store, bounds.max_age)
            store.write_upkeep(LastUpkeep(time=time.time()))
        if not fits(store, bounds):
            removed += _make_room(store, bounds)
    return removed


def forget_unused(store: LocalStore, seconds: float) -> int:
    """Remove entries not used for so long, and old damaged databases; return the number of entries.

    The record of the last upkeep stays.
    """
    statement = "SELECT rowid FROM Cache WHERE access_time < ? AND key != ?"
    oldest = time.time() - seconds
    for path in (store.directory / f"damaged-{NAME}{suffix}" for suffix in PARTS):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
    with store.reporting():
        rows = store.connection.execute(statement, (oldest, UPKEEP_KEY)).fetchall()
    return _remove(store, (rowid for (rowid,) in rows))


def forget_contents(store: LocalStore, digests: Iterable[bytes], seconds: float) -> int:
    """Remove all entries of some contents not used for so long; return their number.

    Entries of other versions are removed too.
    """
    statement = (
        "SELECT rowid FROM Cache WHERE key > ? AND key < ? AND length(key) IN (40, 41) AND access_time <= ?"
    )
    oldest = time.time() - seconds if seconds else float("inf")
    with store.reporting():
        # A fingerprint has 8 bytes after the digest, and bodies one more.
        bounds = ((digest, digest + b"\xff" * 9, oldest) for digest in set(digests))
        rows = [row for keys in bounds for (row,) in store.connection.execute(statement, keys).fetchall()]
    return _remove(store, rows)


def forget_other_versions(store: LocalStore, fingerprint: bytes) -> int:
    """Remove the measurements that other versions made; return their number."""
    with store.reporting():
        return _remove(store, [rowid for rowid, _ in _iter_other_versions(store, fingerprint, inf)])


def clear(store: LocalStore) -> int:
    """Remove everything, including damaged databases; return the number of entries."""
    with store.transaction():
        number = count_entries(store)
        store.connection.execute("DELETE FROM Cache")
    for path in store.directory.glob(f"damaged-{NAME}*"):
        path.unlink(missing_ok=True)
    return number


def keep_up(store: LocalStore, bounds: Bounds) -> str | None:
    """Remove entries beyond the bounds within a short time; return wider bounds if needed."""
    tidy(store, bounds, _TIME_LIMIT)
    if store.has_room(bounds):
        return None
    last = store.read_upkeep()
    settings = []
    if last.needed_bytes > bounds.max_bytes:
        settings.append(f"{bounds.size_setting} = {-(-last.needed_bytes * 12 // 10_000_000)}")
    if bounds.max_entries is not None and last.needed_entries > bounds.max_entries:
        settings.append(f"cache_max_entries = {last.needed_entries * 12 // 10}")
    return (
        "the store is too small for the files in use and keeps only part of them; set "
        f"{' and '.join(settings)}"
    )


def _make_room(store: LocalStore, bounds: Bounds) -> int:
    """Remove entries of other versions, and those not used for a day in the policy's order.

    If that is not enough, remove entries of other versions that are in use; if necessary, the newest ones.
    Return how many were removed.
    """
    find_others = partial(_iter_other_versions, store, bounds.fingerprint)
    removed = 0
    for find in (
        partial(find_others, time.time() - DAY),
        partial(_iter_by_policy, store, bounds),
        partial(find_others, inf),
    ):
        # Repeated, as pages stay in use until all of their rows are gone.
        while some := _remove(store, _choose(store, bounds, find())):
            removed += some
            if fits(store, bounds):
                return removed
    with store.reporting():
        full = LastUpkeep(
            time=time.time(),
            full=time.time(),
            needed_bytes=measure_size(store),
            needed_entries=count_entries(store),
            bounds=(bounds.max_bytes, bounds.max_entries),
        )
    store.write_upkeep(full)
    return removed + _remove(store, _choose(store, bounds, _iter_newest(store)))


def _iter_other_versions(store: LocalStore, fingerprint: bytes, before: float) -> Iterator[tuple[int, int]]:
    """Yield row and length of other versions' measurements last used before a time, oldest use first."""
    statement = (
        "SELECT rowid, ifnull(length(value), 0) FROM Cache WHERE length(key) IN (40, 41)"
        " AND substr(key, 33, 8) != ? AND access_time < ? ORDER BY access_time"
    )
    if fingerprint:
        yield from store.connection.execute(statement, (fingerprint, before)).fetchall()


def _iter_by_policy(store: LocalStore, bounds: Bounds) -> Iterator[tuple[int, int]]:
    """Yield row and length of entries not used for a day, in the order of removal."""
    from pytest_antipasta.store.writer import EVICTION_POLICY  # few runs have to make room

    statement = EVICTION_POLICY[bounds.eviction]["cull"]
    if statement is None:
        return
    day_ago = time.time() - DAY
    statement = statement.format(fields="rowid, ifnull(length(value), 0), access_time")
    for rowid, length, used in store.connection.execute(statement, (-1,)).fetchall():
        if not isinstance(used, float) or used < day_ago:  # this store writes no other kind
            yield rowid, length


def _iter_newest(store: LocalStore) -> Iterator[tuple[int, int]]:
    """Yield row and length of contents' entries, newest first."""
    statement = (
        "SELECT rowid, ifnull(length(value), 0) FROM Cache WHERE length(key) IN (40, 41) ORDER BY rowid DESC"
    )
    yield from store.connection.execute(statement).fetchall()


def _choose(store: LocalStore, bounds: Bounds, rows: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield rows until the others fit with some free space."""
    with store.reporting():
        size, number = measure_size(store), count_entries(store)
        ((total,),) = store.connection.execute("SELECT sum(length(value)) FROM Cache").fetchall()
        # The share of a page for a row depends on how many rows fit there.
        share = size / ((total or 0) + number * _ROW)
        size_over = size - bounds.max_bytes * _ROOM
        number_over = number - (bounds.max_entries or float("inf")) * _ROOM
        for rowid, length in rows:
            if size_over <= 0 and number_over <= 0:
                return
            size_over -= (length + _ROW) * share
            number_over -= 1
            yield rowid


def _remove(store: LocalStore, rowids: Iterable[int]) -> int:
    """Remove rows, some hundred in a transaction, so that other processes can write in between."""
    removed = 0
    remaining = iter(list(rowids))
    while batch := [(rowid,) for rowid in islice(remaining, _BATCH)]:
        with store.transaction():
            store.connection.executemany("DELETE FROM Cache WHERE rowid = ?", batch)
        removed += len(batch)
    return removed


@contextmanager
def _time_bound(store: LocalStore, seconds: float) -> Iterator[None]:
    """Leave the block when its time is up; the current statement is rolled back."""
    deadline = time.monotonic() + seconds
    is_over = False

    def interrupt() -> bool:
        nonlocal is_over
        is_over = time.monotonic() > deadline
        return is_over

    store.connection.set_progress_handler(interrupt, _INSTRUCTIONS)
    try:
        yield
    except StoreError:
        if not is_over:
            raise
    finally:
        store.connection.set_progress_handler(None, 0)
