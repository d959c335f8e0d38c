"""Read the contents that a run needs from a shared store, and write new ones to it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import filterfalse
from typing import TYPE_CHECKING

from pytest_antipasta.engine.executor.worker_count import count_processors, estimate_seconds, weigh_workers
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.result import Exchange
from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.files.source import Source
from pytest_antipasta.messages import count

if TYPE_CHECKING:
    from pytest_antipasta.engine.ledger import Ledger
    from pytest_antipasta.store.shared import SharedStore
    from pytest_antipasta.store.shared_address import SharedAddress

# Minimum seconds of measuring before the shared store is used: importing its client takes a part of that.
_WORTH = 0.5
# Seconds to wait for an answer.
_PATIENCE = 0.25
# Files in the first request; the number doubles while reading and answering takes less than this many
# seconds.
_FIRST, _MOST = 250, 4000
_SOON = 0.1
# Records written at a time, and the maximum share of the run's time for writing.
_BATCH = 500
_SHARE = 0.1


class Sharing:
    """Exchanges records of one run with a shared store. After an error, it is disabled for the run."""

    def __init__(self, measurer: Measurer, address: SharedAddress) -> None:
        self._storage = measurer.storage
        self._measurer = measurer
        self._warn = measurer.diagnostics.warn
        self._name = f"the shared store {address.name}"
        self._address = address
        self._store: SharedStore | None = None
        self._began = time.perf_counter()
        self._asked = self._found = self._written = 0
        has_store = measurer.storage.store is not None
        self._why = "nothing is missing locally" if has_store else "it needs a local store"

    def read(self, sources: Sequence[Source]) -> Mapping[str, Source]:
        """Load records from the shared store; return the files read for that, with digests, by path.

        No request is sent if measuring takes no longer than requesting.
        """
        missing = list(filter(self._is_missing, sources))
        seconds = estimate_seconds(missing, self._measurer.is_stored)
        if missing:
            self._why = "there is little to measure"
        if not missing or not (self._address.is_for_all or seconds >= _WORTH) or not self._open():
            return {}
        workers = max(1, weigh_workers(seconds, count_processors()).number)
        return {source.path: source for source in self._iter_read(missing, workers)}

    def end(self, ledger: Ledger) -> None:
        """Write new measurements, in the format of the local store, unless the run was interrupted."""
        began = time.perf_counter()
        allowed = max(_PATIENCE, _SHARE * (began - self._began))
        keys = () if ledger.is_interrupted else tuple(self._storage.new_keys)
        for start in range(0, len(keys), _BATCH):
            if time.perf_counter() - began > allowed or not self._write(keys[start : start + _BATCH]):
                break
        self._close()
        numbers = {"asked": self._asked, "found": self._found, "written": self._written}
        ledger.note_exchange(Exchange(self._describe(), numbers))

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is None:
            return
        if store.bad:
            bad = count(store.bad, "value")
            self._warn(f"{self._name} had {bad} that could not be used; measured here instead")
        store.close()

    def _describe(self) -> str:
        if not self._asked:
            return f"{self._name}: not used: {self._why}"
        numbers = f"{self._found:,} found, {self._written:,} written"
        return f"{self._name}: looked up {count(self._asked, 'content')}, {numbers}"

    def _is_missing(self, source: Source) -> bool:
        """Return whether the local store may lack a file; false without a local store."""
        storage = self._storage
        if storage.store is None:
            return False
        return source.digest is None or storage.lacks(source.digest)

    def _open(self) -> bool:
        from pytest_antipasta.store.shared import SharedStore  # most runs have nothing to request

        try:
            self._store = SharedStore(self._address)
        except Exception as error:  # an internal error here must not change a verdict
            self._give_up(error)
        return self._store is not None

    def _iter_read(self, sources: Sequence[Source], workers: int) -> Iterator[Source]:
        """Yield files as they are read, and look up their records in the shared store."""
        start, size, gain = 0, _FIRST, 0.0
        while start < len(sources) and self._store is not None:
            # Stop after two requests. New records are written nevertheless, as the store may be empty.
            if start > _FIRST and gain < 0 and not self._address.is_for_all:
                return
            began = time.perf_counter()
            some = [self._identify(source) for source in sources[start : start + size]]
            yield from some
            self._fetch([source.digest for source in some if source.digest])
            spent = time.perf_counter() - began
            start += size
            gain += estimate_seconds(list(filterfalse(self._is_missing, some))) / workers - spent
            size = min(2 * size, _MOST) if spent < _SOON else size

    def _identify(self, source: Source) -> Source:
        """Return a file with the digest of its content, read now if necessary."""
        with suppress(UnreadableError):
            if source.digest is None:
                content, digest = self._measurer.read(source)
                self._storage.learn(source.path, content.signature, digest)
                return source._replace(digest=digest)
        return source

    def _fetch(self, digests: Sequence[bytes]) -> None:
        """Load the records of some contents from the shared store."""
        storage = self._storage
        storage.load_more(digests)
        keys = [storage.key(digest) for digest in dict.fromkeys(digests) if storage.lacks(digest)]
        if not keys or self._store is None:
            return
        try:
            found = self._store.get_many(keys, _PATIENCE)
        except Exception as error:
            self._give_up(error)
            return
        self._asked += len(keys)
        self._found += len(found)
        self._storage.adopt(found)

    def _write(self, keys: Sequence[bytes]) -> bool:
        """Write some new records; return whether that succeeded."""
        if self._store is None:
            return False
        try:
            stored = self._storage.ask(lambda store: store.get_many(keys)) or {}
            records = {key: record for key, record in stored.items() if record}
            self._store.put_many(records, _PATIENCE)
        except Exception as error:
            self._give_up(error)
            return False
        self._written += len(records)
        return True

    def _give_up(self, reason: object) -> None:
        self._why = str(reason)
        self._warn(f"{self._name} is disabled for this run: {reason}")
        self._close()
