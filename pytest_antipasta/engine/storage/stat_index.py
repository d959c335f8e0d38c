"""The stat index maps the path and status of a file to its digest, so that unchanged files are not read.

Each root has one index in the store. A large index has several parts, so that one changed file does not
rewrite all of it. Each entry also has the worst values of the content, so that files within all limits need
no lookup.
"""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import randrange, sample
from typing import Annotated, TypeAlias

import msgspec

from pytest_antipasta.files.source import Source
from pytest_antipasta.model.measured import Measurement, Signature
from pytest_antipasta.policy.worst import WORST_SCHEMA, pack_worst
from pytest_antipasta.store.protocol import DAY, UNDECODABLE

IndexEntry: TypeAlias = tuple[Signature, bytes, bytes | None]
"""Status of a file when it was read, digest of its content, and its worst values (see :func:`pack_worst`),
which are ``None`` if not computed."""
IndexEntries: TypeAlias = dict[str, IndexEntry]
"""Entries of the index by path."""


# Enough for millions of files; each part costs one lookup.
_MOST_PARTS = 4096


class Index(msgspec.Struct, array_like=True):
    """The index of a root, or its first part.

    Attributes:
        fingerprint: fingerprint of the versions that computed the worst values.
        used: when all contents were last marked as used, in seconds since the epoch.
        parts: number of parts.
        entries: entries of the files.
    """

    fingerprint: bytes = b""
    used: float = 0.0
    parts: Annotated[int, msgspec.Meta(ge=1, le=_MOST_PARTS)] = 1
    entries: IndexEntries = {}


_UNKNOWN = (None, None, None)
# Most files in one part: half a megabyte or so.
_FILES_A_PART = 4096
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Index)


class StatIndex:
    """The stat index of a root, read on first use, and the entries added since."""

    def __init__(self, root: str, fingerprint: bytes, get: Callable[[bytes], bytes | None]) -> None:
        """Start with the stored index.

        Args:
            root: an absolute path.
            fingerprint: fingerprint of the versions that measure.
            get: returns the value of a key in the store.
        """
        self._key = index_key(root)
        self._fingerprint = fingerprint + WORST_SCHEMA
        self._get = get
        self._index: Index | None = None
        self._learned: IndexEntries = {}
        self._found: dict[str, Signature | None] = {}
        self._now = time.time()

    def read(self) -> Index:
        """Return the index, read on first use."""
        if self._index is None:
            self._index = index = self._read_part(0)
            for part in range(1, index.parts):
                index.entries |= self._read_part(part).entries
        return self._index

    def _read_part(self, part: int) -> Index:
        return decode_index(self._get(part_key(self._key, part)), self._fingerprint)

    def find_digests(self, files: Sequence[Source], max_size: float) -> list[bytes | None]:
        """Return the digest of each file whose status has not changed since it was read.

        A file above the size limit has no digest, so that reading it reports the error.
        """
        known = self.read().entries.get
        self._found = {file.path: file.signature for file in files}
        return [
            entry[1]
            if (entry := known(file.path, _UNKNOWN))[0] == (signature := file.signature)
            and signature
            and signature[0] <= max_size
            else None
            for file in files
        ]

    def list_worst(self, sources: Sequence[Source]) -> list[bytes | None]:
        """Return the worst values of unchanged files, see :func:`pack_worst`.

        There are none unless a run over all files has looked up all records within the last day: this marks
        the records as used and keeps them. A run over named files or folders does not count as such a run.
        """
        if not self._is_recent():
            return [None] * len(sources)
        entries = self.read().entries
        return [None if source.digest is None else entries[source.path][2] for source in sources]

    def learn(
        self, path: str, signature: Signature | None, digest: bytes, numbers: Measurement | None = None
    ) -> None:
        """Record which content a file has while its status is unchanged, and its worst values.

        Without a status, only missing worst values are added to the known entry, if it has this content.
        """
        if signature is None:
            signature, known, worst = self._find_entry(path)
            if signature is None or known != digest or worst is not None:
                return
        elif signature == (found := self._found.get(path)):
            signature = found  # one value for both, which saves memory in a large tree
        self._learned[path] = (signature, digest, None if numbers is None else pack_worst(numbers))

    @property
    def earlier(self) -> IndexEntries:
        """The entries of files before the run, as far as the index was read."""
        return (self._index or Index()).entries  # the store may be closed

    def sample(self, number: int) -> list[tuple[str, IndexEntry]]:
        """Return some entries at random, from one part."""
        index = self._read_part(0)
        if (part := randrange(index.parts)) > 0:  # noqa: S311 - any file will do
            index = self._read_part(part)
        return sample(list(index.entries.items()), min(number, len(index.entries)))

    def encode(self, still_there: Iterable[str] | None, *, uses_all: bool = False) -> dict[bytes, bytes]:
        """Return the parts of the index that must be written, by key.

        ``still_there`` has the paths of all files of the root, if known; other entries are removed.
        ``uses_all`` is whether the run has looked up all contents, which is recorded once a day.
        """
        if not self._learned and still_there is None:
            return {}
        index = self.read()
        entries = update_entries(index.entries, self._learned, still_there)
        used = self._now if uses_all and entries and not self._is_recent() else index.used
        if (entries, used) == (index.entries, index.used):
            return {}
        changed = encode_changes(index, used, entries)
        return {part_key(self._key, part): value for part, value in changed.items()}

    def _is_recent(self) -> bool:
        return 0 <= self._now - self.read().used < DAY

    def _find_entry(self, path: str) -> IndexEntry | tuple[None, None, None]:
        learned = self._learned.get(path)
        return self.read().entries.get(path, _UNKNOWN) if learned is None else learned


def index_key(root: str) -> bytes:
    """Return the store's key for the index of a root (an absolute path), and for its first part."""
    return b"index" + hashlib.sha256(os.fsencode(root)).digest()


def part_key(key: bytes, part: int) -> bytes:
    """Return the store's key for a part of the index with a key."""
    return b"part" + key[5:] + part.to_bytes(2, "big") if part else key


def decode_index(value: bytes | None, fingerprint: bytes) -> Index:
    """Return an index or a part, without values measured by other versions than the fingerprint.

    A missing or unreadable index is empty, so that every file is read once.
    """
    if value is None:
        return Index(fingerprint)
    try:
        index = _decoder.decode(value)
    except UNDECODABLE:
        return Index(fingerprint)
    if index.fingerprint == fingerprint:
        return index
    entries: IndexEntries = {
        path: (signature, digest, None) for path, (signature, digest, _) in index.entries.items()
    }
    return Index(fingerprint, index.used, index.parts, entries)


def encode_changes(old: Index, used: float, entries: IndexEntries) -> dict[int, bytes]:
    """Return the changed parts of an index, by number."""
    parts = count_parts(len(entries))
    changed = set(range(parts))
    if parts == old.parts:
        changed = {_find_part(path, parts) for path in _iter_differing(old.entries, entries)}
        changed |= {0} if used != old.used else set()
    divided: dict[int, IndexEntries] = {part: {} for part in changed}
    for path, entry in entries.items():
        if (part := _find_part(path, parts)) in divided:
            divided[part][path] = entry
    return {
        part: encode_index(Index(old.fingerprint, used, parts, entries)) for part, entries in divided.items()
    }


def encode_index(index: Index) -> bytes:
    """Return an index, or a part of it, as bytes."""
    return _encoder.encode(index)


def count_parts(files: int) -> int:
    """Return the number of parts for an index of so many files.

    The number is a power of two, so that it seldom changes.
    """
    return 1 << (max(0, files - 1) // _FILES_A_PART).bit_length()


def _iter_differing(old: IndexEntries, new: IndexEntries) -> Iterator[str]:
    yield from (path for path in old if path not in new)
    yield from (path for path, entry in new.items() if old.get(path) != entry)


def _find_part(path: str, parts: int) -> int:
    return zlib.crc32(os.fsencode(path)) % parts if parts > 1 else 0


def update_entries(
    entries: IndexEntries, learned: IndexEntries, still_there: Iterable[str] | None
) -> IndexEntries:
    """Return the entries with the new ones, and without paths that no longer exist, if these are known."""
    updated = entries | learned if learned else entries
    there = None if still_there is None else set(still_there)
    if there is None or updated.keys() <= there:
        return updated
    return {path: entry for path, entry in updated.items() if path in there}
