"""Export measurements of a store to one file, and import them on another machine.

The file has a line with its format, the entries, each after its key and length, and a digest of all. It
contains no paths, no index of file status and no times.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pytest_antipasta.runtime.fileio import open_regular
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


def iter_export(store: LocalStore, since: float) -> Iterator[bytes]:
    """Yield the parts of a file with the measurements stored or used since a time.

    The file has one part for each measurement between its header and its end. Use is recorded once a day, so
    measurements used on the day before may be included.
    """
    digest = hashlib.sha256(_BEGIN)
    yield _BEGIN
    with store.reporting():
        for key, value, _ in iter_unsealed(store.connection.execute(_SELECT, (since - DAY,))):
            part = _HEAD.pack(key, len(value)) + value
            digest.update(part)
            yield part
    yield digest.digest()


def import_entries(store: LocalStore, path: Path, fingerprint: bytes) -> tuple[int, int]:
    """Store all measurements of an exported file, or none if it is damaged.

    Return their number, and how many of them have this version's fingerprint. These are decoded as a check.

    Raises:
        EntryError: the file is not an export, or is damaged.
        OSError: the file can't be read.
    """
    with open(path, "rb", opener=open_regular) as file:
        entries = list(_iter_entries(file))  # before the store is locked
    usable = [value for key, value in entries if key.endswith(fingerprint)]
    for value in usable:
        decode_record(value)
    store.put_many(dict(entries))
    return len(entries), len(usable)


def _iter_entries(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values; after the last one, the file is known to be intact."""
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
