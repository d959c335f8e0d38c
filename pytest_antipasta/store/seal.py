"""A checksum over each value and its key.

SQLite keeps none. A flipped byte could be another number, and a flipped byte in a page of the index
could lead to the value of another key.
"""

from __future__ import annotations

import zlib

from pytest_antipasta.store import EntryError

SEAL_SIZE = 4


class SealError(EntryError):
    """The value is not what was kept under this key."""


def seal(key: bytes, value: bytes) -> bytes:
    """Return the value with a checksum before it."""
    return _checksum(key, value) + value


def unseal(key: bytes, sealed: bytes) -> bytes:
    """Return the value.

    Raises:
        SealError: it is damaged, or belongs to another key.
    """
    if not is_sealed(key, sealed):
        raise SealError("checksum differs")
    return sealed[SEAL_SIZE:]


def is_sealed(key: bytes, sealed: bytes) -> bool:
    """Whether the checksum is that of the key and the value behind it."""
    return _checksum(key, sealed[SEAL_SIZE:]) == sealed[:SEAL_SIZE]


def _checksum(key: bytes, value: bytes) -> bytes:
    return zlib.crc32(value, zlib.crc32(key)).to_bytes(SEAL_SIZE, "big")
