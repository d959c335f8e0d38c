"""Measurements as bytes."""

from __future__ import annotations

import zlib

import msgspec

from pytest_antipasta.model import Measurement
from pytest_antipasta.store import EntryError

_CHECKSUM_SIZE = 4
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Measurement)


class RecordError(EntryError):
    """The bytes are no record."""


def encode_record(measurement: Measurement) -> bytes:
    """Return the record of a measurement without an error."""
    body = _encoder.encode(measurement)
    return zlib.crc32(body).to_bytes(_CHECKSUM_SIZE, "big") + body


def decode_record(record: bytes) -> Measurement:
    """Return the measurement.

    Raises:
        RecordError: the record is damaged, or from another schema.
    """
    body = record[_CHECKSUM_SIZE:]
    if zlib.crc32(body).to_bytes(_CHECKSUM_SIZE, "big") != record[:_CHECKSUM_SIZE]:
        raise RecordError("checksum differs")
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise RecordError(str(error)) from error
