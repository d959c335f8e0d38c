"""Changing what a store has at random, sealed as if the store had written it.

It knows of the store what stands in a database that was left: SQL, msgpack, zlib and CRC-32.
"""

from __future__ import annotations

import json
import random
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

NUMBERS = (
    0, -1, 1, 2, 10, 2**31, 2**53, 2**63, 2**64 - 1, -(2**63), 0.0, -0.5, 1e308,
    float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
TEXTS = (
    "", " ", ".", "#", "a.b.c", "f#2", "f#x", "a::b", "code-cell", "code-cell#0", "code-cell#x",
    "code-cell#1", "code-cell#" + "9" * 400, "\x1b[31mred\x1b[0m", "x\n::error ::x",
    "x\r::stop-commands::x", "\u202ecba",
    "\u200b", "\x00", "\x9b2J", "\ufeff", "]]>", "</script><script>", "-->", "=1+1", "|", "`", "n" * 5000,
    "cell", "class", "method", "function", "closure", "syntax", "above", "halstead_volume", "<=", "x:y",
)  # fmt: skip
# Deeper than a recursive reader of a few hundred levels goes.
_DEEP = 400


class Row(NamedTuple):
    """What a store has under a key, without its seal."""

    key: bytes
    value: bytes


def read_rows(database: Path) -> list[Row]:
    """Return all that a store has, in the order of the keys."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT key, value FROM Cache ORDER BY key").fetchall()
    return [Row(bytes(key), bytes(value)[4:]) for key, value in rows]


def write_rows(database: Path, rows: list[Row]) -> None:
    """Replace what a store has under some keys, and have all of it in the one file."""
    with closing(sqlite3.connect(database)) as connection:
        with connection:
            sealed = [(_seal(row), row.key) for row in rows]
            connection.executemany("UPDATE Cache SET value = ? WHERE key = ?", sealed)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _seal(row: Row) -> bytes:
    return zlib.crc32(row.value, zlib.crc32(row.key)).to_bytes(4, "big") + row.value


def mutate(value: bytes, chance: random.Random) -> bytes:
    """Return a value with one to three places changed, packed or not."""
    is_packed = value[:1] == b"\x78"
    if chance.random() < 0.02:
        return zlib.compress(b"\x90" * chance.choice([10**5, 10**7]), 9)
    try:
        tree = msgspec.msgpack.decode(zlib.decompress(value) if is_packed else value)
    except msgspec.MsgspecError:
        return chance.randbytes(len(value))
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        tree = _change(tree, chance)
    changed = msgspec.msgpack.encode(tree)
    return zlib.compress(changed, 1) if is_packed or chance.random() < 0.1 else changed


def mutate_json(text: bytes, chance: random.Random) -> bytes:
    """Return JSON with one to three places changed."""
    tree = json.loads(text)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        tree = _change(tree, chance)
    return json.dumps(tree, default=str).encode()


def _change(tree: Any, chance: random.Random) -> Any:
    """Return a tree with another value at one of its places."""
    places = list(_iter_places(tree))
    if not places:
        return _make_value(tree, chance)
    # Texts and numbers are most of what is printed, and few of what there is.
    holder, place, old = chance.choice(places)
    if isinstance(holder, list) and chance.random() < 0.08:
        holder[place : place + 1] = chance.choice([[], [old, old]])
    elif isinstance(holder, dict) and chance.random() < 0.5:
        holder[chance.choice(TEXTS)] = holder.pop(place)
    else:
        holder[place] = _make_value(old, chance)
    return tree


def _iter_places(tree: Any) -> Iterator[tuple[Any, Any, Any]]:
    if isinstance(tree, (list, dict)):
        for place, value in list(enumerate(tree) if isinstance(tree, list) else tree.items()):
            yield tree, place, value
            yield from _iter_places(value)


def _make_value(old: Any, chance: random.Random) -> Any:
    """Return another value, most often of the same type."""
    kind = chance.random()
    if kind < 0.06:
        return chance.choice([None, True, [], {}, b"", b"\x00\xff", [[]], {"a": 1}, _nest()])
    if isinstance(old, str):
        return chance.choice(TEXTS) if kind < 0.8 else old + chance.choice(TEXTS)
    if isinstance(old, (int, float)) or old is None:
        return chance.choice(NUMBERS)
    if isinstance(old, bytes):
        return chance.choice([b"", old[:-1], chance.randbytes(len(old)), old * 2])
    if isinstance(old, list) and old:
        return chance.choice([old[::-1], old * 2, old[:-1], [*old, old[0]], [old]])
    return chance.choice(TEXTS)


def _nest() -> Any:
    nested: Any = 1
    for _ in range(_DEEP):
        nested = [nested]
    return nested
