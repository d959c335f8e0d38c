"""The store's record of its last upkeep."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from pytest_antipasta.store.protocol import DAY, UNDECODABLE, Bounds, EntryError

if TYPE_CHECKING:
    from pytest_antipasta.store.local import LocalStore

_UPKEEP_KEY = b"upkeep"


class LastUpkeep(Struct, frozen=True):
    """When upkeep last ran, and when it found that entries in use exceed the bounds.

    It also has the bounds of size and entries at that time, and the bounds that would have sufficed.
    """

    time: float = 0.0
    full: float = 0.0
    needed_bytes: int = 0
    needed_entries: int = 0
    bounds: tuple[float, int | None] = (0.0, None)


def read_upkeep(store: LocalStore) -> LastUpkeep:
    """Return the record of the last upkeep."""
    with suppress(EntryError, *UNDECODABLE):
        value = store.get(_UPKEEP_KEY)
        if value is not None:
            return msgspec.msgpack.decode(value, type=LastUpkeep)
    return LastUpkeep()


def write_upkeep(store: LocalStore, note: LastUpkeep) -> None:
    """Store the record of an upkeep."""
    store.put_many({_UPKEEP_KEY: msgspec.msgpack.encode(note)})


def has_room(store: LocalStore, bounds: Bounds) -> bool:
    """Return whether more can be stored without removing entries in use."""
    last = read_upkeep(store)
    is_known = 0 <= time.time() - last.full < DAY and last.bounds == (bounds.max_bytes, bounds.max_entries)
    return not is_known
