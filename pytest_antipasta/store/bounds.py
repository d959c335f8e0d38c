"""How much a store may keep, and for how long."""

from __future__ import annotations

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
