"""Common parts of all stores: bounds, errors, and the variable that names a shared one."""

from __future__ import annotations

import zlib

import msgspec

DAY = 86_400.0
# Text that is not UTF-8, or data nested too deeply, does not raise msgspec's own errors.
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, zlib.error)
"""Exceptions of decoding damaged bytes."""


SHARED_VARIABLE = "PYTEST_ANTIPASTA_SHARED_STORE"
"""Environment variable with the address of the shared store."""


class StoreError(Exception):
    """The store can't be used; the message says why. The run continues without it."""


class EntryError(ValueError):
    """An entry of the store can't be used; the message says why. It counts as missing."""


class Bounds(msgspec.Struct, frozen=True):
    """The maximum size and age of a store's entries, and which are removed first when it is full.

    The setting of the size is in ``size_setting``. Measurements with another fingerprint are removed first;
    an empty one means that none are.
    """

    max_bytes: float = 100e6
    max_age: float = 30 * DAY
    max_entries: int | None = None
    eviction: str = "least-recently-used"
    size_setting: str = "cache_max_size_mb"
    fingerprint: bytes = b""
