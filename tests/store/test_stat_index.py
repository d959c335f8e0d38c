"""Which content a path had."""

from __future__ import annotations

import pytest

from pytest_antipasta.store import Index, decode_index, encode_index, index_key


def test_an_index_gives_back_what_was_noted() -> None:
    index: Index = {"a/b.py": ((1, 2**62, 3, 2**63), b"d" * 32), "caf\\xe9.py": ((0, 0, 0, 0), b"")}
    assert decode_index(encode_index(index)) == index


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xc1\xc1", id="no msgpack"),
        pytest.param(encode_index({"a": ((1, 2, 3, 4), b"d")})[:-1], id="cut off"),
        pytest.param(encode_index({"a": ((1, 2, 3), b"d")}), id="another shape"),  # type: ignore[dict-item]
    ],
)
def test_an_unreadable_index_is_empty(value: bytes) -> None:
    assert decode_index(value) == {}


def test_each_root_has_an_index_that_does_not_name_it() -> None:
    assert index_key("/project") != index_key("/project2")
    assert b"project" not in index_key("/project")


def test_a_root_that_is_not_utf8_has_one_too() -> None:
    assert index_key("/caf\udce9") != index_key("/cafe")
