"""Records: measurements as bytes with a checksum."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pytest_antipasta.model.measured import CELL, Block, Measurement
from pytest_antipasta.store.protocol import UNDECODABLE, EntryError

KEY_SIZE = 40
"""Size of a digest and a fingerprint. Keys of other sizes belong to bodies, indexes and entries of the store
itself."""
_OF_BODIES = b"b"
# Of Django's records, 6 in 100 are this large, with half of all bytes. Compressing them saves 30 % of the
# size and adds 2 microseconds a file to a warm run; from 1 kB on it would save 52 % and add 4.
_WORTH_PACKING = 4096
_PACKED = zlib.compress(b"", 1)[:1]
"""First byte of zlib's output. An uncompressed record starts with an array."""
# No file of code compresses to less than a thirtieth; a decompression bomb does.
_MOST_TIMES = 32
_PRINTABLE = bytes(range(0x20, 0x7F))
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Measurement)
_bodies_decoder = msgspec.msgpack.Decoder(dict[str, str])
_SEAL_SIZE = 4


def encode_record(measurement: Measurement, *, compress: bool = True) -> bytes:
    """Return the record of a measurement, compressed if it is large and that halves it."""
    record = _encoder.encode(measurement)
    if compress and len(record) >= _WORTH_PACKING:
        packed = zlib.compress(record, 1)
        if 2 * len(packed) <= len(record) <= _MOST_TIMES * len(packed):
            return packed
    return record


def decode_record(record: bytes) -> Measurement:
    """Return the measurement of a record.

    Anyone who can write to a store can write a record, so a forged one must do no more than give wrong
    values.

    Raises:
        EntryError: the record is damaged, has another schema, or was never encoded by this package.
    """
    try:
        measurement = _decoder.decode(_unpack(record) if record[:1] == _PACKED else record)
    except UNDECODABLE as error:
        raise EntryError(str(error)) from error
    if measurement.blocks:
        _check_blocks(measurement.blocks)
    return measurement


def make_bodies_key(key: bytes) -> bytes:
    """Return the key of the stored bodies of a content, from the key of its record."""
    return key + _OF_BODIES


def is_bodies_key(key: bytes) -> bool:
    """Return whether a key is one of bodies."""
    return len(key) == KEY_SIZE + 1 and key.endswith(_OF_BODIES)


def encode_bodies(bodies: Mapping[str, str]) -> bytes:
    """Return the digests of the bodies of blocks, by qualified name, as bytes."""
    return _encoder.encode(bodies)


def decode_bodies(value: bytes) -> dict[str, str]:
    """Return the digests of the bodies of blocks from bytes.

    Raises:
        EntryError: the bytes are damaged, or were never encoded.
    """
    try:
        return _bodies_decoder.decode(value)
    except UNDECODABLE as error:
        raise EntryError(str(error)) from error


def _check_blocks(blocks: tuple[Block, ...]) -> None:
    """Reject names that can't be printed, and cells without a number.

    This runs for every file: all names are checked at once, and ASCII names without the category of each
    character.
    """
    names = [block.qualified_name for block in blocks]  # bare names appear only in JSON
    text = "".join(names)
    if text.encode().translate(None, _PRINTABLE) if text.isascii() else not text.isprintable():
        raise EntryError("has a name with unprintable characters")
    if "" in names:
        raise EntryError("has a block without a name")
    if blocks[0].kind == "cell":
        for block in blocks:
            if block.kind == "cell" and not _is_cell_name(block.qualified_name):
                raise EntryError("has a cell without a number")


def _is_cell_name(name: str) -> bool:
    start, _, number = name.partition("#")
    # Python can't parse integers of more than 4300 digits.
    return start == CELL and len(number) < 10 and number.isascii() and number.isdigit() and number[0] != "0"


def is_packed(record: bytes) -> bool:
    """Return whether a record is compressed."""
    return record[:1] == _PACKED


def _unpack(record: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(record, _MOST_TIMES * len(record))
    if not unpacking.eof:
        raise EntryError("is truncated, or too large when decompressed")
    return data


def seal(key: bytes, value: bytes) -> bytes:
    """Return the value after a checksum over its key and itself.

    SQLite has no checksums. A flipped byte could change a value, and one in a page of the index could lead to
    the value of another key.

    Raises:
        EntryError: key or value is not bytes.
    """
    return _checksum(only_bytes(key), only_bytes(value)) + value


def unseal(key: bytes, sealed: bytes) -> bytes:
    """Return the value without its checksum.

    Raises:
        EntryError: the value is damaged, belongs to another key, or is not bytes.
    """
    value = only_bytes(sealed)[_SEAL_SIZE:]
    if _checksum(key, value) != sealed[:_SEAL_SIZE]:
        raise EntryError("checksum differs")
    return value


def iter_unsealed(rows: Iterable[tuple[object, object, object]]) -> Iterator[tuple[bytes, bytes, object]]:
    """Yield key, value and further columns of each intact row.

    This runs for every file, and a function call for each would take as long as the checksum.
    """
    for key, sealed, other in rows:
        if type(key) is bytes and type(sealed) is bytes:
            value = sealed[_SEAL_SIZE:]
            if zlib.crc32(value, zlib.crc32(key)).to_bytes(_SEAL_SIZE, "big") == sealed[:_SEAL_SIZE]:
                yield key, value, other


def only_bytes(value: object) -> bytes:
    """Return bytes as they are.

    Raises:
        EntryError: the value is not bytes.
    """
    if type(value) is not bytes:
        raise EntryError(f"expected bytes, got {type(value).__name__}")
    return value


def _checksum(key: bytes, value: bytes) -> bytes:
    return zlib.crc32(value, zlib.crc32(key)).to_bytes(_SEAL_SIZE, "big")
