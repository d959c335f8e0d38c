"""What a store has, read by SQL: by content, and never through our own code."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.files.notebooks import find_source

DAY = 86_400.0
DIGEST_SIZE, KEY_SIZE = 32, 40
_BEGIN = b"pytest-antipasta measurements 1\n"


class Row(NamedTuple):
    """An entry of a store.

    Attributes:
        stored: when it was stored.
        used: when it was used last.
        value: what is stored.
    """

    stored: float
    used: float
    value: bytes

    @property
    def record(self) -> bytes:
        """What is stored, without its checksum."""
        return self.value[4:]


class Stock(NamedTuple):
    """All that a store has.

    Attributes:
        rows: its entries by key.
        history: those of the database for contents of old commits.
        files: the names of files in its folder, without those that SQLite makes and deletes.
        size: the bytes of the database that are in use.
    """

    rows: Mapping[bytes, Row]
    history: Mapping[bytes, Row]
    files: Sequence[str]
    size: int

    @classmethod
    def read(cls, folder: Path) -> Stock:
        """Return what the store of a folder has; nothing if there is none."""
        rows, size = _read_rows(folder / "v1" / "cache.db")
        history, _ = _read_rows(folder / "history" / "v1" / "cache.db")
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
        files = [name for name in names if not name.endswith(("-shm", "-wal", "-journal"))]
        return cls(rows, history, files, size)

    @property
    def is_there(self) -> bool:
        """Whether there is a store."""
        return "v1/cache.db" in self.files

    @property
    def entries(self) -> int:
        """The number of entries of both databases."""
        return len(self.rows) + len(self.history)

    @property
    def records(self) -> frozenset[bytes]:
        """The keys of measurements."""
        return frozenset(key for key in self.rows if len(key) == KEY_SIZE)

    def find_digests(self, fingerprint: bytes) -> set[bytes]:
        """Return the contents that a version has measured."""
        return {key[:DIGEST_SIZE] for key in self.records if key[DIGEST_SIZE:] == fingerprint}

    def find_unused(self, before: float) -> set[bytes]:
        """Return the keys that were not used since a time."""
        return {key for key, row in self.rows.items() if row.used < before}

    def list_changes(self, after: Stock) -> list[str]:
        """Return what another stock has that this one has not, and the other way round."""
        gone, new = self.rows.keys() - after.rows.keys(), after.rows.keys() - self.rows.keys()
        both = self.rows.keys() & after.rows.keys()
        lines = [f"gone: {key!r}" for key in gone] + [f"new: {key!r}" for key in new]
        lines += [f"changed: {key!r}" for key in both if self.rows[key] != after.rows[key]]
        lines += [f"history: {len(self.history)}, {len(after.history)}"] * (self.history != after.history)
        return lines + [f"files: {self.files}, {after.files}"] * (self.files != after.files)


def _read_rows(database: Path) -> tuple[dict[bytes, Row], int]:
    if not database.exists():
        return {}, 0
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        found = connection.execute("SELECT key, store_time, access_time, value FROM Cache").fetchall()
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return {key: Row(*row) for key, *row in found}, (pages - free) * size


def digest(path: str, data: bytes) -> bytes:
    """Return the digest of a file's content; of a notebook, that of the code of its cells.

    Raises:
        UnreadableError: it is no notebook.
    """
    return hashlib.sha256(find_source(path, data) if path.endswith(".ipynb") else data).digest()


def read_export(file: Path) -> dict[bytes, bytes]:
    """Return the records of an exported file by key.

    Raises:
        ValueError: it is none.
    """
    data = file.read_bytes()
    begin, rest, end = data[: len(_BEGIN)], data[len(_BEGIN) : -DIGEST_SIZE], data[-DIGEST_SIZE:]
    if begin != _BEGIN or hashlib.sha256(begin + rest).digest() != end:
        raise ValueError(data[:100])
    return dict(_iter_records(rest))


def _iter_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        size = int.from_bytes(data[KEY_SIZE : KEY_SIZE + 4], "big")
        end = KEY_SIZE + 4 + size
        yield data[:KEY_SIZE], data[KEY_SIZE + 4 : end]
        data = data[end:]
