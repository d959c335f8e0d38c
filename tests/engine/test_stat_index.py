"""Which content a path had."""

from __future__ import annotations

import pytest

from pytest_antipasta.engine.stat_index import Index, decode_index, encode_index, index_key, update_index


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


OLD, NEW = ((1, 2, 3, 4), b"old"), ((5, 6, 7, 8), b"new")


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
def test_what_an_index_learns(learned: Index, still_there: list[str] | None, expected: Index) -> None:
    index: Index = {"a": OLD, "b": OLD}
    assert update_index(index, learned, still_there) == expected
    assert index == {"a": OLD, "b": OLD}
