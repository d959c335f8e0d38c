"""How much a store has, and whether there is room for more."""

from __future__ import annotations

import time

from pytest_antipasta.store.bounds import DAY, Bounds
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.notes import read_upkeep


def has_room(store: LocalStore, bounds: Bounds) -> bool:
    """Whether more can be kept; where it can't, :func:`tell_needed` says what to do."""
    last = read_upkeep(store)
    is_known = 0 <= time.time() - last.full < DAY and last.bounds == (bounds.max_bytes, bounds.max_entries)
    return not is_known


def tell_needed(store: LocalStore, bounds: Bounds) -> str | None:
    """Return what to set where not all fits that is in use."""
    if has_room(store, bounds):
        return None
    last = read_upkeep(store)
    settings = []
    if last.needed_bytes > bounds.max_bytes:
        settings.append(f"cache_max_size_mb = {-(-last.needed_bytes * 12 // 10_000_000)}")
    if bounds.max_entries is not None and last.needed_entries > bounds.max_entries:
        settings.append(f"cache_max_entries = {last.needed_entries * 12 // 10}")
    return f"the store is too small for what is in use, and keeps a part of it; set {' and '.join(settings)}"


def measure_size(store: LocalStore) -> int:
    """Return the bytes that the database has in use."""
    pages, free, size = (
        store.execute(f"PRAGMA {pragma}").fetchone()[0]
        for pragma in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def count_entries(store: LocalStore) -> int:
    """Return how many entries there are; diskcache's triggers count them."""
    ((number,),) = store.execute("SELECT value FROM Settings WHERE key = 'count'").fetchall()
    return int(number)


def fits(store: LocalStore, bounds: Bounds) -> bool:
    """Whether a store keeps to its bounds.

    Raises:
        StoreError: it can't be read.
    """
    with store.reporting():
        if measure_size(store) > bounds.max_bytes:
            return False
        return bounds.max_entries is None or count_entries(store) <= bounds.max_entries
