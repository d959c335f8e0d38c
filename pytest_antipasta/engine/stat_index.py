"""The stat index: which content a path had when it was last read, so that reading it can be skipped.

One index a root, kept as one value in the store.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from pytest_antipasta.model import Signature
from pytest_antipasta.store import UNDECODABLE

Index: TypeAlias = dict[str, tuple[Signature, bytes]]
"""For each path the status of the file when it was read, and the digest of what was in it."""

_decoder = msgspec.msgpack.Decoder(Index)


def index_key(root: str) -> bytes:
    """Return the store's key for the index of a root, an absolute path."""
    return b"index" + hashlib.sha256(os.fsencode(root)).digest()


def encode_index(index: Index) -> bytes:
    """Return the index as bytes."""
    return msgspec.msgpack.encode(index)


def decode_index(value: bytes) -> Index:
    """Return the index; an unreadable one is empty, which costs one reading of every file."""
    try:
        return _decoder.decode(value)
    except UNDECODABLE:
        return {}


def update_index(index: Index, learned: Index, still_there: Iterable[str] | None) -> Index:
    """Return the index with what was learned, and no other paths than are still there, if that is known."""
    updated = index | learned
    if still_there is None:
        return updated
    return {path: updated[path] for path in still_there if path in updated}
