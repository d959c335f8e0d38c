"""Which content a path had."""

from __future__ import annotations

import msgspec
import pytest

from pytest_antipasta.engine.stat_index import (
    Entries,
    Index,
    decode_index,
    encode_index,
    index_key,
    update_entries,
)

INDEX = Index(
    b"print",
    1.5,
    {"a/b.py": ((1, 2**62, 3, 2**63), b"d" * 32, b"worst"), "caf\\xe9.py": ((0, 0, 0, 0), b"", None)},
)


def test_an_index_gives_back_what_was_noted() -> None:
    assert decode_index(encode_index(INDEX), b"print") == INDEX


def test_numbers_of_other_versions_are_not_known() -> None:
    index = decode_index(encode_index(INDEX), b"other")
    assert (index.fingerprint, index.noted) == (b"other", 1.5)
    assert index.entries == {
        path: (signature, digest, None) for path, (signature, digest, _) in INDEX.entries.items()
    }


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xc1\xc1", id="no msgpack"),
        pytest.param(encode_index(INDEX)[:-1], id="cut off"),
        pytest.param(
            msgspec.msgpack.encode([b"print", 1.5, {"a": ((1, 2, 3), b"d", None)}]), id="another shape"
        ),
        pytest.param(msgspec.msgpack.encode({"a": ((1, 2, 3, 4), b"d")}), id="no head"),
    ],
)
def test_an_unreadable_index_is_empty(value: bytes) -> None:
    assert decode_index(value, b"print") == Index(b"print")


def test_each_root_has_an_index_that_does_not_name_it() -> None:
    assert index_key("/project") != index_key("/project2")
    assert b"project" not in index_key("/project")


def test_a_root_that_is_not_utf8_has_one_too() -> None:
    assert index_key("/caf\udce9") != index_key("/cafe")


OLD, NEW = ((1, 2, 3, 4), b"old", b""), ((5, 6, 7, 8), b"new", None)


@pytest.mark.parametrize(
    ("learned", "still_there", "expected"),
    [
        pytest.param({}, None, {"a": OLD, "b": OLD}, id="nothing new"),
        pytest.param({"b": NEW}, None, {"a": OLD, "b": NEW}, id="what is learned takes the place"),
        pytest.param({"c": NEW}, None, {"a": OLD, "b": OLD, "c": NEW}, id="or stands beside the others"),
        pytest.param({}, ["b"], {"b": OLD}, id="what is gone is forgotten"),
        pytest.param({"c": NEW}, ["a"], {"a": OLD}, id="even where it was learned just now"),
        pytest.param({}, ["a", "d"], {"a": OLD}, id="what was never read is not known"),
        pytest.param({"b": NEW}, [], {}, id="nothing is left"),
    ],
)
def test_what_an_index_learns(learned: Entries, still_there: list[str] | None, expected: Entries) -> None:
    entries: Entries = {"a": OLD, "b": OLD}
    assert update_entries(entries, learned, still_there) == expected
    assert entries == {"a": OLD, "b": OLD}
