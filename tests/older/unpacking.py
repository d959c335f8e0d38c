"""Put what an earlier version has written where this one reads it, as if nothing had moved since."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tarfile
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from pytest_antipasta.engine.memo_keeping import make_key
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.storage.stat_index import index_key
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.store.protocol import Bounds
from pytest_antipasta.store.records import seal, unseal

ARCHIVES = Path(__file__).parent
TREE, STORE, FACTS = "tree", "store", "facts.json"
_INDEX, _MEMO = b"index", b"memo"
_Row = tuple[int, bytes, bytes]


class Older:
    """What a version has written.

    Attributes:
        tree: a repository, with a baseline.
        store: the folder of the store.
        versions: the versions that its fingerprint was made of, by name.
        fingerprint: the end of its records' keys.
    """

    def __init__(self, archive: Path, folder: Path) -> None:
        """Unpack an archive into a folder."""
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        self.tree, self.store = folder / TREE, folder / STORE
        lines = json.loads((folder / FACTS).read_text())["versions"]
        self.versions: dict[str, str] = dict(line.split(" ", 1) for line in lines)
        self.fingerprint = hashlib.sha256("\n".join(lines).encode()).digest()[:8]

    def settle(self, rules: Rules) -> None:
        """Let index and memo be about the tree where it is now, and all be used at this moment.

        Their keys have the path of the root, and the index has the status of each file.
        """
        with closing(sqlite3.connect(self.store / "v1" / "cache.db")) as database:
            rows: list[_Row] = database.execute("SELECT rowid, key, value FROM Cache").fetchall()
            for rowid, key, value in rows:
                if (moved := self._move(key, value, rules)) is not None:
                    statement = "UPDATE Cache SET key = ?, value = ? WHERE rowid = ?"
                    database.execute(statement, (moved[0], seal(*moved), rowid))
            database.execute("UPDATE Cache SET store_time = ?, access_time = ?", 2 * (time.time(),))
            database.commit()

    def _move(self, key: bytes, value: bytes, rules: Rules) -> tuple[bytes, bytes] | None:
        """Return key and value of an index or a memo for the root of some rules; ``None`` for other rows."""
        if key.startswith(_INDEX):
            index: list[Any] = msgspec.msgpack.decode(unseal(key, value))
            entries: dict[str, list[Any]] = index[-1]
            for path, entry in entries.items():
                entry[0] = self._find_status(path)
            index[1] = time.time()
            return index_key(str(self.tree)), msgspec.msgpack.encode(index)
        if key.startswith(_MEMO):
            memo: list[Any] = msgspec.msgpack.decode(unseal(key, value))
            memo[1] = time.time()
            storage = Storage(self.tree, bounds=Bounds(fingerprint=self.fingerprint))
            return make_key(storage, rules), msgspec.msgpack.encode(memo)
        return None

    def _find_status(self, path: str) -> list[int]:
        status = os.stat(self.tree / path)
        return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]

    def count_rows(self, fingerprint: bytes) -> int:
        """Return how many records the store has of a version."""
        return sum(key[32:40] == fingerprint for key in self.list_keys() if len(key) in (40, 41))

    def list_keys(self) -> Iterable[bytes]:
        """Return the keys of the store."""
        with closing(sqlite3.connect(self.store / "v1" / "cache.db")) as database:
            return [key for (key,) in database.execute("SELECT key FROM Cache").fetchall()]
