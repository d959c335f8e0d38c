"""The stat index: which content a path had when it was last read, so that reading it can be skipped.

One index a root, kept as one value in the store. Beside each content stand its worst numbers, so that what is
within all limits need not be looked up.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from pytest_antipasta.model import Signature
from pytest_antipasta.store import UNDECODABLE

Entry: TypeAlias = tuple[Signature, bytes, bytes | None]
"""The status of a file when it was read, the digest of what was in it, and the worst numbers of that, see
``policy.find_worst``; ``None`` where nobody has worked them out."""
Entries: TypeAlias = dict[str, Entry]
"""For each path what is known of it."""


class Index(msgspec.Struct, array_like=True):
    """What is known of the files of a root.

    Attributes:
        fingerprint: of what has measured their numbers.
        noted: when all contents were last noted as in use, in seconds since the epoch.
        entries: the files.
    """

    fingerprint: bytes = b""
    noted: float = 0.0
    entries: Entries = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Index)


def index_key(root: str) -> bytes:
    """Return the store's key for the index of a root, an absolute path."""
    return b"index" + hashlib.sha256(os.fsencode(root)).digest()


def encode_index(index: Index) -> bytes:
    """Return the index as bytes."""
    return _encoder.encode(index)


def decode_index(value: bytes, fingerprint: bytes) -> Index:
    """Return the index, without numbers that were measured by anything else than has this fingerprint.

    An unreadable one is empty, which costs one reading of every file.
    """
    try:
        index = _decoder.decode(value)
    except UNDECODABLE:
        return Index(fingerprint)
    if index.fingerprint == fingerprint:
        return index
    entries: Entries = {
        path: (signature, digest, None) for path, (signature, digest, _) in index.entries.items()
    }
    return Index(fingerprint, index.noted, entries)


def update_entries(entries: Entries, learned: Entries, still_there: Iterable[str] | None) -> Entries:
    """Return the entries with what was learned, and no other paths than are still there, if that is known."""
    updated = entries | learned
    if still_there is None:
        return updated
    return {path: updated[path] for path in still_there if path in updated}
