"""Measurements as bytes: what is written is read again, and anything else is refused."""

from __future__ import annotations

import zlib
from base64 import b85encode
from hashlib import sha512

import msgspec
import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.measured import (
    RECORD_SCHEMA,
    Block,
    Comment,
    FileMetrics,
    LanguageSource,
    Measurement,
)
from pytest_antipasta.store.protocol import EntryError
from pytest_antipasta.store.records import (
    decode_bodies,
    decode_record,
    encode_bodies,
    encode_record,
    is_packed,
)

SOURCE = b'class A:\n    """Doc."""\n    def f(self, x):\n        if x:\n            return lambda: x + 1.5\n'


LONG = b"".join(b"def function_%d(a): return a if a else %d\n" % (number, number) for number in range(200))


@pytest.mark.parametrize(
    "measurement",
    [
        pytest.param(measure(SOURCE), id="a file with blocks"),
        pytest.param(measure(LONG), id="a long file"),
        pytest.param(measure(b""), id="an empty file"),
        pytest.param(Measurement(FileMetrics()), id="a file without numbers"),
    ],
)
def test_a_record_gives_back_what_was_measured(measurement: Measurement) -> None:
    again = decode_record(encode_record(measurement))
    assert again == measurement
    assert repr(again) == repr(measurement)  # 1 and 1.0 are equal and not the same


@pytest.mark.parametrize("length", [0, 1, 20, -1])
@pytest.mark.parametrize("source", [SOURCE, LONG], ids=["plain", "packed"])
def test_a_record_that_is_cut_off_is_noticed(source: bytes, length: int) -> None:
    with pytest.raises(EntryError):
        decode_record(encode_record(measure(source))[:length])


def test_bodies_are_given_back() -> None:
    bodies = {"": "0a", "C.f": "1b", "g#2": "\N{GREEK SMALL LETTER ALPHA}"}
    assert decode_bodies(encode_bodies(bodies)) == bodies


@pytest.mark.parametrize(
    "value", [b"", b"\x81", b"\x90", b"\x81\xa1f\x01", b"\x81\xa1f\xa1\xff", b"\x80\x80"]
)
def test_bodies_that_were_never_encoded_are_refused(value: bytes) -> None:
    with pytest.raises(EntryError):
        decode_bodies(value)


def test_a_record_is_packed_where_that_halves_it() -> None:
    plain, packed = (encode_record(measure(LONG), compress=compress) for compress in (False, True))
    assert (is_packed(plain), is_packed(packed)) == (False, True)
    assert 2 * len(packed) <= len(plain)
    assert decode_record(packed) == decode_record(plain) == measure(LONG)


def test_a_record_that_is_small_is_not_packed() -> None:
    assert not is_packed(encode_record(measure(SOURCE)))


def test_a_record_that_is_not_halved_is_not_packed() -> None:
    digests = [sha512(b"%d" % number).digest() for number in range(80)]
    names = [b85encode(digest).decode() for digest in digests]
    block = measure(SOURCE).blocks[0]
    blocks = tuple(replace(block, name="f", qualified_name=name) for name in names)
    record = encode_record(Measurement(FileMetrics(), blocks))
    assert len(record) > 4096
    assert not is_packed(record)


def test_what_unpacks_to_more_than_any_record_is_refused() -> None:
    blocks = replace(measure(SOURCE), blocks=measure(SOURCE).blocks * 200_000)
    bomb = zlib.compress(msgspec.msgpack.encode(blocks), 9)
    assert len(bomb) < 150_000
    with pytest.raises(EntryError, match="too large when decompressed"):
        decode_record(bomb)


def test_a_record_that_would_be_taken_for_a_bomb_is_not_packed() -> None:
    comment = Comment(1, 0, "# noqa " + "-" * 100_000, "elsewhere")
    measurement = replace(measure(SOURCE), comments=(comment,))
    record = encode_record(measurement)
    assert not is_packed(record)
    assert decode_record(record) == measurement


BLOCK = Block(
    name="f",
    qualified_name="A.f",
    kind="method",
    line=1,
    end_line=2,
    cyclomatic_complexity=3,
    cognitive_complexity=4,
    halstead_volume=5.0,
    halstead_difficulty=6.0,
    halstead_effort=7.0,
)
CELL = replace(BLOCK, name="code-cell", qualified_name="code-cell#12", kind="cell")


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param((replace(BLOCK, **{name: odd}),), id=f"{name} {odd!r}"[:40])
        for name, values in {
            "qualified_name": ("A.f\x1b[31m", "f\n::error ::x", "\u202ef", "f\x00", "f\u2028", ""),
            "line": (0, -1, 2**31, 2**63, 2**64 - 1, True, 1.5),
            "end_line": (0, 2**64 - 1, None),
            "kind": ("cell", "package", 1),
            "halstead_volume": (float("nan"), float("inf"), -float("inf"), "1"),
            "cyclomatic_complexity": (1.5, "1"),
            "extra": ({"a:b": float("nan")}, {"a:b": "1"}),
        }.items()
        for odd in values
    ]
    + [
        pytest.param((replace(CELL, qualified_name=name), BLOCK), id=name[:20])
        for name in ("f", "code-cell", "code-cell#", "code-cell#x", "code-cell#0", "code-cell#" + "9" * 5000)
    ]
    + [pytest.param((CELL, replace(CELL, qualified_name="code-cell#x")), id="a second cell")],
)
def test_a_record_of_what_no_file_has_is_refused(blocks: tuple[Block, ...]) -> None:
    decode_record(encode_record(Measurement(FileMetrics(), (CELL, BLOCK))))
    for compress in (False, True):
        record = encode_record(Measurement(FileMetrics(), blocks), compress=compress)
        with pytest.raises(EntryError):
            decode_record(record)


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
        decode_record(body)


def test_the_schema_is_numbered_anew_when_the_fields_change() -> None:
    """Records are read by position: whoever changes a field raises the number, and changes this table."""
    kinds = (Measurement, FileMetrics, Block, Comment, LanguageSource)
    fields = [" ".join(kind.__struct_fields__) for kind in kinds]
    assert (RECORD_SCHEMA, fields) == (
        13,
        [
            "metrics blocks error comments missing foreign bodies generated",
            "maintainability_index halstead_volume halstead_difficulty halstead_effort halstead_time "
            "halstead_bugs lines_of_code logical_lines_of_code source_lines_of_code comment_lines "
            "single_comment_lines multi_line_string_lines blank_lines average_cyclomatic_complexity "
            "total_cognitive_complexity extra",
            "name qualified_name kind line end_line cyclomatic_complexity cognitive_complexity "
            "halstead_volume halstead_difficulty halstead_effort parameters positional_parameters branches "
            "returns statements mccabe_complexity boolean_expressions nesting_depth length extra "
            "decorators",
            "line column text place block",
            "language bodies comment",
        ],
    )
