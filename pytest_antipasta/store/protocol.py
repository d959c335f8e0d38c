"""What all stores have in common: bounds, and two errors."""

from __future__ import annotations

import msgspec

DAY = 86_400.0
# A text that is no UTF-8 is none of msgspec's own errors, and neither is what is nested too deeply.
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises over bytes that are not what they should be."""


SHARED_VARIABLE = "PYTEST_ANTIPASTA_SHARED_STORE"
"""Says in the environment where the store is that machines share."""


class StoreError(Exception):
    """The store can't be used; the message says why. A run goes on without it."""


class EntryError(ValueError):
    """One entry of the store can't be used; the message says why. It counts as missing."""


class Bounds(msgspec.Struct, frozen=True):
    """How much a store may keep, how long since its last use, and the policy of diskcache for the rest.

    With the name of the setting that says how much.
    """

    max_bytes: float = 100e6
    max_age: float = 30 * DAY
    max_entries: int | None = None
    eviction: str = "least-recently-used"
    size_setting: str = "cache_max_size_mb"
