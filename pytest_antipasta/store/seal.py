"""A checksum over each value and its key.

SQLite keeps none. A flipped byte could be another number, and a flipped byte in a page of the index
could lead to the value of another key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zlib import crc32

from pytest_antipasta.store import EntryError

_SIZE = 4


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
    value = sealed[_SIZE:]
    if _checksum(key, value) != sealed[:_SIZE]:
        raise SealError("checksum differs")
    return value


def iter_unsealed(rows: Iterable[tuple[object, object, object]]) -> Iterator[tuple[bytes, bytes, object]]:
    """Yield key, value and whatever else for each row that is good.

    It is gone through for every file of a run, and a call for each would take as long as the checksum.
    """
    for key, sealed, other in rows:
        if type(key) is bytes and type(sealed) is bytes:
            value = sealed[_SIZE:]
            if crc32(value, crc32(key)).to_bytes(_SIZE, "big") == sealed[:_SIZE]:
                yield key, value, other


def _checksum(key: bytes, value: bytes) -> bytes:
    return crc32(value, crc32(key)).to_bytes(_SIZE, "big")
