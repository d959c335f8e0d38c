"""One file with measurements of a store, for the store of another machine.

It has a line that says what it is, the entries, each behind its key and its length, and a digest of all that.
There is nothing else in it: no path, no index of file status, no time.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pytest_antipasta.runtime import open_without_waiting, require_regular
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.protocol import DAY, EntryError
from pytest_antipasta.store.records import KEY_SIZE, decode_record, iter_unsealed

_BEGIN = b"pytest-antipasta measurements 1\n"
_HEAD = struct.Struct(f">{KEY_SIZE}sI")
_DIGEST_SIZE = 32
_SELECT = (
    "SELECT key, value, rowid FROM Cache WHERE length(key) = 40 AND raw = 1 AND mode = 1 AND access_time >= ?"
)
_CHANGED = "was modified or truncated after it was written"


def iter_export(store: LocalStore, since: float = 0.0) -> Iterator[bytes]:
    """Yield the parts of a file with the measurements that were stored or used since a time.

    Between its beginning and its end there is one for each of them. Use is noted once a day, so that there
    may be some more that were used in the day before.
    """
    digest = hashlib.sha256(_BEGIN)
    yield _BEGIN
    with store.reporting():
        for key, value, _ in iter_unsealed(store.connection.execute(_SELECT, (since - DAY,))):
            part = _HEAD.pack(key, len(value)) + value
            digest.update(part)
            yield part
    yield digest.digest()


def import_entries(store: LocalStore, path: Path, fingerprint: bytes) -> int:
    """Keep all measurements of such a file, or none where any of it is wrong; return how many.

    Those that this version can use, by their fingerprint, are decoded, too.

    Raises:
        EntryError: the file is none of these, or not as it was written.
        OSError: it can't be read.
    """
    with open(path, "rb", opener=open_without_waiting) as file:
        require_regular(file.fileno())
        entries = list(_iter_entries(file))  # before the store is locked
    for key, value in entries:
        if key.endswith(fingerprint):
            decode_record(value)
    store.put_each(entries)
    return len(entries)


def _iter_entries(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values; whoever has all of them knows that the file is whole."""
    if file.read(len(_BEGIN)) != _BEGIN:
        raise EntryError("is not a file written by `pytest-antipasta cache export` of this version")
    digest = hashlib.sha256(_BEGIN)
    rest = os.fstat(file.fileno()).st_size - len(_BEGIN) - _DIGEST_SIZE
    while rest > 0:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise EntryError(_CHANGED)
        key, size = _HEAD.unpack(head)
        rest -= len(head) + size
        if rest < 0:
            raise EntryError(_CHANGED)
        value = file.read(size)
        digest.update(head + value)
        yield key, value
    if file.read() != digest.digest():
        raise EntryError(_CHANGED)
