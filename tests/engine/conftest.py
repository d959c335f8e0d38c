"""A store that tests can look into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.files.source import Source
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.local import LocalStore

DEFAULTS = Settings(Path(), None)


class WatchedStore(LocalStore):
    """A store that notes what it is asked for, and can be made to fail."""

    broken: Exception | None = None
    closed = False

    def __init__(self, cache_dir: Path) -> None:
        super().__init__(cache_dir)
        self.asked = 0
        self.used: list[bytes] = []
        self.puts = 0

    @property
    def items(self) -> dict[bytes, bytes]:
        """All entries but the store's own."""
        rows = self.connection.execute("SELECT key FROM Cache WHERE key != CAST('upkeep' AS BLOB)").fetchall()
        return self.get_many([key for (key,) in rows])

    def get(self, key: bytes) -> bytes | None:
        self.asked += 1
        self._fail()
        return super().get(key)

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        self._fail()
        return super().get_many(keys)

    def put_many(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        self._fail()
        self.used += used
        self.puts += 1
        super().put_many(items, used)

    def close(self) -> None:
        self.closed = True
        super().close()
        self._fail()

    def _fail(self) -> None:
        if self.broken:
            raise self.broken


@pytest.fixture
def store(cache_dir: Path) -> Iterator[WatchedStore]:
    """An empty store."""
    store = WatchedStore(cache_dir)
    yield store
    store.broken = None
    store.close()


def held(data: bytes) -> Source:
    return Source("a.py", data=data)


def remember(measurer: Measurer, store: WatchedStore, data: bytes) -> bytes:
    """Put the record of a content into the store; return its digest."""
    measured = measurer.measure(held(data))
    assert measured.record is not None
    assert measured.digest is not None
    store.put_many({measurer.storage.key(measured.digest): measured.record})
    return measured.digest
