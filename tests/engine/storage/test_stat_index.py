"""Which content a path had."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.msgpack import decode

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.storage.stat_index import (
    Index,
    IndexEntries,
    StatIndex,
    count_parts,
    decode_index,
    encode_changes,
    encode_index,
    index_key,
    part_key,
    update_entries,
)
from pytest_antipasta.policy.worst import pack_worst

INDEX = Index(
    b"print",
    1.5,
    1,
    {"a/b.py": ((1, 2**62, 3, 2**63), b"d" * 32, b"worst"), "caf\\xe9.py": ((0, 0, 0, 0), b"", None)},
)


def test_an_index_gives_back_what_was_noted() -> None:
    assert decode_index(encode_index(INDEX), b"print") == INDEX


def test_an_index_of_before_has_a_part_more() -> None:
    old = msgspec.msgpack.encode([b"print", 1.5, 1, INDEX.entries, {"bin/tool": ((1, 2, 3, 4), True)}])
    assert decode_index(old, b"print") == INDEX


MANY: IndexEntries = {f"{number}.py": ((1, 2, 3, 4), b"d" * 32, None) for number in range(9000)}


def test_a_large_index_is_written_in_parts() -> None:
    changes = encode_changes(Index(b"p"), 1.5, MANY)
    assert sorted(changes) == [0, 1, 2, 3]
    together: IndexEntries = {}
    for value in changes.values():
        index = decode_index(value, b"p")
        assert index.parts == 4
        assert len(index.entries) < 2500
        together |= index.entries
    assert together == MANY


def test_a_part_in_which_nothing_changes_is_not_written() -> None:
    old = Index(b"p", 1.5, 4, MANY)
    assert encode_changes(old, 1.5, MANY) == {}
    assert list(encode_changes(old, 2.5, MANY)) == [0]
    gone = {path: entry for path, entry in MANY.items() if path != "7.py"}
    for entries in (MANY | {"7.py": NEW}, gone):
        (value,) = encode_changes(old, 1.5, entries).values()
        assert decode_index(value, b"p").entries.get("7.py") == entries.get("7.py")


def test_each_part_has_a_key() -> None:
    key = index_key("/project")
    assert part_key(key, 0) == key
    assert len({part_key(key, part) for part in range(300)} | {part_key(index_key("/other"), 1)}) == 301


@pytest.mark.parametrize(("files", "parts"), [(0, 1), (1, 1), (4096, 1), (4097, 2), (8193, 4), (100_875, 32)])
def test_how_many_parts_there_are(files: int, parts: int) -> None:
    assert count_parts(files) == parts


def test_numbers_of_other_versions_are_not_known() -> None:
    index = decode_index(encode_index(INDEX), b"other")
    assert (index.fingerprint, index.used) == (b"other", 1.5)
    assert index.entries == {
        path: (signature, digest, None) for path, (signature, digest, _) in INDEX.entries.items()
    }


def test_worst_values_that_were_packed_otherwise_are_replaced() -> None:
    """A version before had no number of functions among them, and its name was the fingerprint alone."""
    measured = measure(b"def f(): pass\n")
    before = Index(b"print", entries={"a.py": ((1, 2, 3, 4), b"d" * 32, b"worst")})
    index = StatIndex("/project", b"print", {index_key("/project"): encode_index(before)}.get)
    index.learn("a.py", None, b"d" * 32, measured)
    (now,) = map(decode, index.encode(None).values())
    assert now[-1] == {"a.py": [[1, 2, 3, 4], b"d" * 32, pack_worst(measured)]}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xc1\xc1", id="no msgpack"),
        pytest.param(encode_index(INDEX)[:-1], id="cut off"),
        pytest.param(
            msgspec.msgpack.encode([b"print", 1.5, 1, {"a": ((1, 2, 3), b"d", None)}]), id="another shape"
        ),
        pytest.param(msgspec.msgpack.encode({"a": ((1, 2, 3, 4), b"d")}), id="no head"),
        pytest.param(
            msgspec.msgpack.encode([b"print", 1.5, 2**63, {}]), id="more parts than can be asked for"
        ),
        pytest.param(msgspec.msgpack.encode([b"print", 1.5, 0, {}]), id="no part"),
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
def test_what_an_index_learns(
    learned: IndexEntries, still_there: list[str] | None, expected: IndexEntries
) -> None:
    entries: IndexEntries = {"a": OLD, "b": OLD}
    assert update_entries(entries, learned, still_there) == expected
    assert entries == {"a": OLD, "b": OLD}
