"""What is remembered between runs: records by content, and which content each file has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from pytest_antipasta.engine import Engine
from pytest_antipasta.interrupts import unbroken
from pytest_antipasta.store import EntryError, StoreError
from pytest_antipasta.store.stat_index import Index, decode_index, encode_index, index_key
from pytest_antipasta.sweep import Result, Task
from pytest_antipasta.worktree import FoundFile

# Records written at a time: what a killed run has measured until then is not lost.
_BATCH = 500


class Memory:
    """Reads and writes what one root needs."""

    def __init__(self, root: Path, engine: Engine) -> None:
        """Take the root, and what has the store."""
        self._engine = engine
        self._index_key = index_key(str(root))
        self._records: dict[bytes, bytes] = {}
        self._learned: Index = {}

    def make_tasks(self, files: Iterable[FoundFile]) -> list[Task]:
        """Return a task for each file, with its digest where the index can be trusted."""
        return [
            Task(
                file.path, file.location, self._find_digest(file), file.signature[0] if file.signature else 0
            )
            for file in files
        ]

    def note(self, result: Result) -> None:
        """Take what a result has to be remembered."""
        if result.digest is None:
            return
        self.keep(result.digest, result.record)
        if result.signature is not None:
            self._learned[result.verdict.path] = (result.signature, result.digest)

    def keep(self, digest: bytes, record: bytes | None) -> None:
        """Take the record of a content, if there is a new one."""
        if record is None:
            return
        self._records[self._engine.key(digest)] = record
        if len(self._records) >= _BATCH:
            self._put(self._records)
            self._records = {}

    def write(self, still_there: Iterable[str] | None = None) -> None:
        """Write what was noted.

        Args:
            still_there: the paths of all files of the root, where all are known; others are forgotten.
        """
        if self._learned or still_there is not None:
            index = self._index | self._learned
            if still_there is not None:
                index = {path: index[path] for path in still_there if path in index}
            if index != self._index:
                self._records[self._index_key] = encode_index(index)
        self._put(self._records)

    def _put(self, items: Mapping[bytes, bytes]) -> None:
        store = self._engine.store
        if store is None or not items:
            return
        try:
            with unbroken():
                store.put_many(items)
        except StoreError as error:
            self._engine.switch_off(error)

    def _find_digest(self, file: FoundFile) -> bytes | None:
        signature, digest = self._index.get(file.path, (None, None))
        return digest if signature is not None and signature == file.signature else None

    @cached_property
    def _index(self) -> Index:
        store = self._engine.store
        if store is None:
            return {}
        try:
            value = store.get(self._index_key)
        except EntryError:
            return {}
        except StoreError as error:
            self._engine.switch_off(error)
            return {}
        return decode_index(value) if value is not None else {}
