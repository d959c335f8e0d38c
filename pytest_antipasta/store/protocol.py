"""What a store is to those who use it: a key and bytes, bounds, and two errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Protocol

import msgspec
from msgspec import Struct

DAY = 86_400.0


class Bounds(Struct, frozen=True):
    """What upkeep keeps a store to.

    Attributes:
        max_bytes: size of the database.
        max_age: seconds since the last use of an entry.
        max_entries: ``None`` for any number.
        eviction: which of diskcache's policies says what goes first where there is no room.
    """

    max_bytes: float = 100e6
    max_age: float = 30 * DAY
    max_entries: int | None = None
    eviction: str = "least-recently-used"


# A text that is no UTF-8 is none of msgspec's own errors, and neither is what is nested too deeply.
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises over bytes that are not what they should be."""


class StoreError(Exception):
    """The store can't be used; the message says why. A run goes on without it."""


class EntryError(ValueError):
    """One entry of the store can't be used; the message says why. It counts as missing."""


class Store(Protocol):
    """What the engine asks of a store. Every method may raise :class:`StoreError`."""

    @property
    def aging(self) -> Set[bytes]:
        """The keys that :meth:`get` has found and whose use was not noted for a while."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or ``None`` where there is none.

        Raises:
            EntryError: what is there was not written by this store.
        """

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that have one that this store has written."""

    def put_many(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        """Keep all items and note that others were used, or nothing of it where that fails."""

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Forget the keys that are there."""

    def has_room(self, bounds: Bounds) -> bool:
        """Whether more can be kept without losing what is in use."""

    def tidy(self, bounds: Bounds) -> str | None:
        """Forget what exceeds the bounds, within a short time; return what to set if they are too narrow."""

    def note_run(self, hits: int, misses: int) -> None:
        """Note what a run over files has found and not found."""

    def close(self) -> None:
        """Let go of files; further calls are an error of the caller."""
