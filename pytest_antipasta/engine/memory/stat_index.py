"""The stat index: which content a path had when it was last read, so that reading it can be skipped.

One index a root, kept in the store; a large one in several parts, so that one file that changes does not
have all of it written again. Beside each content stand its worst numbers, so that what is within all limits
need not be looked up.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from typing import Annotated, TypeAlias

import msgspec

from pytest_antipasta.model import Signature
from pytest_antipasta.store import UNDECODABLE

Entry: TypeAlias = tuple[Signature, bytes, bytes | None]
"""The status of a file when it was read, the digest of what was in it, and the worst numbers of that, see
``policy.find_worst``; ``None`` where nobody has worked them out."""
Entries: TypeAlias = dict[str, Entry]
"""For each path what is known of it."""


# Of millions of files; each part is asked for.
_MOST_PARTS = 4096


class Index(msgspec.Struct, array_like=True):
    """What is known of the files of a root, or the first part of it.

    Attributes:
        fingerprint: of what has measured their numbers.
        noted: when all contents were last noted as in use, in seconds since the epoch.
        parts: how many there are.
        entries: the files.
    """

    fingerprint: bytes = b""
    noted: float = 0.0
    parts: Annotated[int, msgspec.Meta(ge=1, le=_MOST_PARTS)] = 1
    entries: Entries = {}


# Files in a part, when there are as many as it may have: half a megabyte or so.
_FILES_A_PART = 4096
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Index)


def index_key(root: str) -> bytes:
    """Return the store's key for the index of a root, an absolute path, and for its first part."""
    return b"index" + hashlib.sha256(os.fsencode(root)).digest()


def part_key(key: bytes, part: int) -> bytes:
    """Return the store's key for a part of an index that has a key."""
    return b"part" + key[5:] + part.to_bytes(2, "big") if part else key


def decode_index(value: bytes | None, fingerprint: bytes) -> Index:
    """Return an index or a part, without numbers that were measured by anything else than this fingerprint.

    Nothing, and what is unreadable, is empty, which costs one reading of every file.
    """
    if value is None:
        return Index(fingerprint)
    try:
        index = _decoder.decode(value)
    except UNDECODABLE:
        return Index(fingerprint)
    if index.fingerprint == fingerprint:
        return index
    entries: Entries = {
        path: (signature, digest, None) for path, (signature, digest, _) in index.entries.items()
    }
    return Index(fingerprint, index.noted, index.parts, entries)


def encode_changes(old: Index, noted: float, entries: Entries) -> dict[int, bytes]:
    """Return the parts of an index that something has changed in, by their numbers."""
    parts = count_parts(len(entries))
    changed = set(range(parts))
    if parts == old.parts:
        changed = {_find_part(path, parts) for path in _iter_differing(old.entries, entries)}
        changed |= {0} if noted != old.noted else set()
    divided: dict[int, Entries] = {part: {} for part in changed}
    for path, entry in entries.items():
        if (part := _find_part(path, parts)) in divided:
            divided[part][path] = entry
    return {part: encode_index(Index(old.fingerprint, noted, parts, divided[part])) for part in divided}


def encode_index(index: Index) -> bytes:
    """Return an index, or a part of one, as bytes."""
    return _encoder.encode(index)


def count_parts(files: int) -> int:
    """Return in how many parts an index of so many files is kept.

    It is a power of two, so that it seldom changes.
    """
    return 1 << (max(0, files - 1) // _FILES_A_PART).bit_length()


def _iter_differing(old: Entries, new: Entries) -> Iterator[str]:
    yield from (path for path in old if path not in new)
    yield from (path for path, entry in new.items() if old.get(path) != entry)


def _find_part(path: str, parts: int) -> int:
    return zlib.crc32(os.fsencode(path)) % parts if parts > 1 else 0


def update_entries(entries: Entries, learned: Entries, still_there: Iterable[str] | None) -> Entries:
    """Return the entries with what was learned, and no other paths than are still there, if that is known."""
    updated = entries | learned if learned else entries
    there = None if still_there is None else set(still_there)
    if there is None or updated.keys() <= there:
        return updated
    return {path: entry for path, entry in updated.items() if path in there}
