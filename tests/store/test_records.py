"""Measurements as bytes: what is written is read again, and anything else is refused."""

from __future__ import annotations

import zlib

import msgspec
import pytest

from pytest_antipasta.metrics import measure
from pytest_antipasta.model import FileMetrics, Measurement
from pytest_antipasta.store import EntryError
from pytest_antipasta.store.records import decode_record, encode_record

SOURCE = b'class A:\n    """Doc."""\n    def f(self, x):\n        if x:\n            return lambda: x + 1.5\n'


@pytest.mark.parametrize(
    "measurement",
    [
        pytest.param(measure(SOURCE), id="a file with blocks"),
        pytest.param(measure(b""), id="an empty file"),
        pytest.param(Measurement(FileMetrics()), id="a file without numbers"),
    ],
)
def test_a_record_gives_back_what_was_measured(measurement: Measurement) -> None:
    again = decode_record(encode_record(measurement))
    assert again == measurement
    assert repr(again) == repr(measurement)  # 1 and 1.0 are equal and not the same


@pytest.mark.parametrize("position", [0, 3, 4, 40, -1])
def test_a_single_changed_byte_is_noticed(position: int) -> None:
    record = bytearray(encode_record(measure(SOURCE)))
    record[position] ^= 1
    with pytest.raises(EntryError, match="checksum"):
        decode_record(bytes(record))


@pytest.mark.parametrize("length", [0, 3, 4, 20])
def test_a_record_that_is_cut_off_is_noticed(length: int) -> None:
    with pytest.raises(EntryError):
        decode_record(encode_record(measure(SOURCE))[:length])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(msgspec.msgpack.encode({"metrics": {}}), id="another shape"),
        pytest.param(msgspec.msgpack.encode([["a", "b"], [], None]), id="other types"),
        pytest.param(b"\xc1", id="no msgpack"),
    ],
)
def test_a_record_of_another_schema_is_refused(body: bytes) -> None:
    with pytest.raises(EntryError):
        decode_record(zlib.crc32(body).to_bytes(4, "big") + body)
