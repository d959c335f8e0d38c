"""Stored facts about the contents and files of one root, from earlier runs and from this one.

A content is identified by its digest: its record is in the local store, or was measured in this run. A file
is identified by its status, see :mod:`stat_index`. One process writes; workers read, and write nothing but
the damage marker. A store that fails is disabled for the rest of the run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.digests import find_language
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.storage.stat_index import IndexEntries, StatIndex
from pytest_antipasta.extension.metrics import find_metric_versions
from pytest_antipasta.files.source import Source
from pytest_antipasta.git.links import RefusedPathError, require_own_folder
from pytest_antipasta.model.measured import Measured, Measurement, Origin, Signature
from pytest_antipasta.processes.interrupts import defer_signals
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.fingerprint import make_fingerprint
from pytest_antipasta.store.location import locate_cache_dir, locate_history_dir
from pytest_antipasta.store.protocol import DAY, Bounds, EntryError, StoreError
from pytest_antipasta.store.records import decode_bodies, decode_record, encode_bodies, make_bodies_key

if TYPE_CHECKING:
    from pytest_antipasta.git.time_budget import TimeBudget
    from pytest_antipasta.store.local import LocalStore

_Answer = TypeVar("_Answer")
# Records written at a time: a killed run loses no more than these.
_BATCH = 500
# Records of new contents held for equal contents, a kilobyte or two each.
_FRESH = 5000


class StoreUse(NamedTuple):
    """The use of a store in a run, for its report.

    Attributes:
        cache_dir: folder of the store, or ``None`` for a run without a store.
        is_open: whether the store was usable until the end.
        unreadable: digests of contents whose records could not be read.
        earlier: the entries of files in the stat index before the run, as far as it was read.
        reads: duration of each read in seconds, in all processes.
        writes: duration of each write, in seconds.
    """

    cache_dir: Path | None
    is_open: bool
    unreadable: set[bytes]
    earlier: IndexEntries
    reads: Sequence[float]
    writes: Sequence[float]

    def list_earlier(self) -> set[bytes]:
        """Return the digests of contents that files had before the run."""
        return {digest for _, digest, _ in self.earlier.values()}


class Storage:
    """Finds and stores records and file statuses.

    Attributes:
        store: the local store; ``None`` without a store, or after it was disabled.
        cache_dir: folder of the store, or ``None`` for a run without a store.
        diagnostics: receives the warnings.
        fingerprint: fingerprint of the versions that measure.
        index: the stat index of the root.
        languages: languages of extensions, as settings name them.
        loaded: records read in one batch, by key; ``None`` for missing ones.
        unreadable: digests of contents whose records could not be read.
        new_keys: keys of records that are new in this run, in the order in which they came.
    """

    def __init__(
        self,
        root: Path,
        store: LocalStore | None = None,
        bounds: Bounds | None = None,
        *,
        cache_dir: Path | None = None,
        languages: tuple[str, ...] = (),
        diagnostics: Diagnostics | None = None,
    ) -> None:
        """Use a store.

        Args:
            root: folder that paths of files are relative to.
            store: store of measurements; ``None`` for a run without a store.
            bounds: maximum size and age of the store, with the fingerprint of the versions that measure.
            cache_dir: folder of the store.
            languages: languages of extensions, as settings name them.
            diagnostics: receives the warnings; ``None`` for its own.
        """
        self.store = store
        self.cache_dir = cache_dir
        self.diagnostics = diagnostics or Diagnostics()
        self.languages = languages
        self.loaded: dict[bytes, bytes | None] = {}
        self.unreadable: set[bytes] = set()
        self.new_keys: dict[bytes, None] = {}
        self._root = os.fsencode(root)
        self._bounds = bounds or Bounds()
        self.fingerprint = self._bounds.fingerprint
        self.index = StatIndex(str(root), self.fingerprint, self._find_index)
        self._fresh: dict[bytes, bytes] = {}
        self._records: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._has_news = False
        for line in store.notes if store is not None else ():
            self.diagnostics.warn(line)

    # Records of contents.

    def key(self, digest: bytes) -> bytes:
        """Return the store's key of a content."""
        return digest + self.fingerprint

    def load(self, digests: Iterable[bytes]) -> None:
        """Read the records of many contents in place of the last batch; finding them is cheap afterwards."""
        self.loaded = {}
        self.load_more(digests)

    def load_more(self, digests: Iterable[bytes]) -> None:
        """Read the records of more contents, in addition to the batch."""
        keys = [self.key(digest) for digest in digests]
        self.loaded |= dict.fromkeys(keys)
        self.loaded |= self.ask(lambda store: store.get_many(keys)) or {}

    def lacks(self, digest: bytes) -> bool:
        """Return whether the batch has no record of a content."""
        return self.loaded.get(self.key(digest)) is None

    def find(self, digest: bytes) -> Measured | None:
        """Return the values of a content from the store or from this run."""
        key = self.key(digest)
        try:
            record = self.loaded.get(key, b"")
            if record == b"":  # asked for alone, so that the store's error message is reported
                record = self.ask(lambda store: store.get(key))
            if record is not None and self.store is not None:
                return Measured(decode_record(record), digest, origin="store")
        except EntryError as error:
            text = f"a stored measurement is corrupt ({error}); measured again"
            self.diagnostics.warn(text, "unreadable record")
            self.unreadable.add(digest)
        record = self._fresh.get(digest)
        if record is None:
            return None
        # Return the record too, as a search of other files stored none.
        return Measured(decode_record(record), digest, record=record, origin="copy")

    def hold(self, digest: bytes, record: bytes) -> None:
        """Hold the record of a new content, for equal contents."""
        if len(self._fresh) >= _FRESH:
            self._fresh.clear()
        self._fresh[digest] = record

    def add_languages(self, names: Iterable[str]) -> None:
        """Measure further languages of extensions."""
        self.languages = tuple(dict.fromkeys((*self.languages, *names)))

    # Statuses of files.

    def with_digests(self, files: Sequence[Source], max_size: float = float("inf")) -> list[Source]:
        """Return files of a walk with their digests, as far as the index can be trusted.

        ``max_size`` is the size in bytes of the largest file whose digest may come from the index.
        """
        digests = self.index.find_digests(files, max_size)
        if self.languages:  # the index does not record the versions of languages
            found = zip(files, digests, strict=True)
            digests = [None if find_language(self.languages, file.path) else digest for file, digest in found]
        return [
            # For a file of a walk `_replace` takes several times as long.
            file
            if digest is None
            else Source(file.path, file.location, digest, file.size, None, file.place, file.signature)
            for file, digest in zip(files, digests, strict=True)
        ]

    def learn(
        self, path: str, signature: Signature | None, digest: bytes, numbers: Measurement | None = None
    ) -> None:
        """Record the content of a file, see :meth:`StatIndex.learn`."""
        # The index does not record the versions of a language.
        if not self.languages or find_language(self.languages, path) is None:
            self.index.learn(path, signature, digest, numbers)

    # Other values.

    def make_key(self, kind: bytes, rules: bytes) -> bytes:
        """Return the store's key for a value about the root by some rules: it ends with a digest of both."""
        return kind + hashlib.sha256(b"\0".join((self._root, self.fingerprint, rules))).digest()

    def find_value(self, key: bytes) -> bytes | None:
        """Return the value of a key; ``None`` if it is missing or was not written by this package."""
        with suppress(EntryError):
            return self.read_value(key)
        return None

    def _find_index(self, key: bytes) -> bytes | None:
        """Return a part of the stat index; ``None`` if it is missing, or damaged, which is reported."""
        try:
            return self.read_value(key)
        except EntryError as error:
            self.diagnostics.warn(f"the stored index of files is corrupt ({error}); files are read again")
            return None

    def read_value(self, key: bytes) -> bytes | None:
        """Return the value of a key; ``None`` if it is missing.

        Raises:
            EntryError: it was not written by this package, or was damaged since.
        """
        with defer_signals():
            return self.ask(lambda store: store.get(key))

    def drop_value(self, key: bytes) -> None:
        """Delete the value of a key."""
        with defer_signals():
            self.ask(lambda store: store.delete_many([key]))

    def put_values(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        """Store values by key, and update the time of last use of other keys."""
        if items or used:
            with defer_signals():
                self.ask(lambda store: store.put_many(items, used))

    # What a run adds.

    def put(self, outcome: Outcome, *, learns_file: bool = True) -> None:
        """Queue what is stored of an outcome, and the status of the file, which needs the whole index."""
        digest = outcome.digest
        if digest is None:
            return
        if outcome.is_unreadable:
            self.unreadable.add(digest)
        if outcome.is_aging:
            self.mark_used(digest)
        self.keep(digest, outcome.record)
        if learns_file:
            self.learn(outcome.verdict.path, outcome.signature, digest, outcome.verdict.measurement)

    def mark_copy(self, outcome: Outcome) -> Outcome:
        """Return an outcome with the origin that its values have in this run.

        They may be in the store only since this run, or held since a search of other files.
        """
        verdict, digest = outcome.verdict, outcome.digest
        if digest is None or verdict.is_miss:
            return outcome
        is_new = bool(self.new_keys) and self.key(digest) in self.new_keys
        origin: Origin = "copy" if is_new else "store" if verdict.from_store else "measured"
        if origin == verdict.origin:
            return outcome
        return replace(outcome, verdict=replace(verdict, origin=origin))

    def is_aging(self, digest: bytes | None) -> bool:
        """Return whether the record of a content was found in the store, and its use is to be noted."""
        return digest is not None and self.store is not None and self.key(digest) in self.store.aging

    def mark_used(self, digest: bytes) -> None:
        """Mark the record of a content as used."""
        self._used.add(self.key(digest))

    def keep(self, digest: bytes, record: bytes | None) -> None:
        """Queue the record of a content, if there is a new one; hundreds are written at once."""
        if record is None:
            return
        key = self.key(digest)
        self._records[key] = record
        self.new_keys[key] = None
        if len(self._records) >= _BATCH:
            items = self._take_records()
            try:
                self.put_values(items)
            except KeyboardInterrupt:
                self._records |= items  # for the end of the run
                raise

    def find_bodies(self, digest: bytes) -> dict[str, str]:
        """Return the stored digests of the bodies of a content; empty if missing or damaged."""
        value = self.find_value(make_bodies_key(self.key(digest)))
        with suppress(EntryError):
            return decode_bodies(value) if value is not None else {}
        return {}

    def keep_bodies(self, digest: bytes, bodies: Mapping[str, str]) -> None:
        """Queue the digests of the bodies of a content, for an entry that runs over files do not read."""
        self._records[make_bodies_key(self.key(digest))] = encode_bodies(bodies)

    def adopt(self, records: Mapping[bytes, bytes]) -> None:
        """Write records of another store at once, so that workers find them too; by key."""
        self.loaded |= records
        self._records |= records
        self.put_values(self._take_records())

    def write(self, still_there: Iterable[str] | None = None, *, uses_all: bool = False) -> None:
        """Write all that is queued, and keep the store within its bounds.

        The caller defers signals. The arguments are those of :meth:`StatIndex.encode`.
        """
        used = self._used | self.store.aging if self.store else self._used
        self.put_values(self._take_records() | self.index.encode(still_there, uses_all=uses_all), used)
        if self._has_news or used:
            self.ask(self._tidy)

    def finish(self) -> None:
        """Write all recorded changes, see :meth:`write`, and close the store."""
        with defer_signals():
            self.write()
            self.close()

    def close(self) -> None:
        """Close the store."""
        self.ask(lambda store: store.close())

    # The store itself.

    def ask(self, question: Callable[[LocalStore], _Answer]) -> _Answer | None:
        """Return the answer of the store; after a failure it is disabled and not called again.

        Raises:
            EntryError: the stored entry was not written by this package.
        """
        if self.store is None:
            return None
        try:
            return question(self.store)
        except EntryError:
            raise
        except Exception as error:  # an internal error in the store must not change a verdict
            self.switch_off(error)
            return None

    def switch_off(self, error: Exception) -> None:
        """Continue without a store that failed."""
        if not isinstance(error, StoreError):
            error = StoreError(f"internal error ({type(error).__name__}: {error}); please report it")
        self.diagnostics.warn(f"store disabled for this run: {error}", "store off")
        store, self.store = self.store, None
        if store is not None:
            with suppress(Exception):
                store.close()

    def describe_use(self, reads: Iterable[float]) -> StoreUse:
        """Return how the store was used; ``reads`` are the durations of reads of other processes."""
        store = self.store
        return StoreUse(
            cache_dir=self.cache_dir,
            is_open=store is not None,
            unreadable=self.unreadable,
            earlier=self.index.earlier,
            reads=[*reads, *(() if store is None else store.reads)],
            writes=() if store is None else store.writes,
        )

    def take_reads(self) -> tuple[float, ...]:
        """Return the duration of each read from the store in seconds, since the last call."""
        return () if self.store is None else self.store.take_reads()

    def _take_records(self) -> dict[bytes, bytes]:
        """Return the recorded changes, if the store has room for them."""
        records, self._records = self._records, {}
        if not records:
            return {}
        self._has_news = True
        with defer_signals():
            return records if self.ask(lambda store: store.has_room(self._bounds)) else {}

    def _tidy(self, store: LocalStore) -> None:
        from pytest_antipasta.store.upkeep import keep_up  # imports sqlite3

        if advice := keep_up(store, self._bounds):
            self.diagnostics.warn(advice)


def find_store(settings: Settings, option: str | Path | None = None, folder: Path = Path()) -> Path | None:
    """Return the folder of the store; ``None`` if the settings disable it. See :func:`locate_cache_dir`."""
    return locate_cache_dir(option, settings.cache_dir, folder) if settings.cache else None


def open_storage(
    settings: Settings,
    cache_dir: Path | None,
    *,
    is_history: bool = False,
    is_made: bool = True,
    budget: TimeBudget | None = None,
    diagnostics: Diagnostics | None = None,
) -> Storage:
    """Return the storage of the root of some settings, with the store in a folder or without a store.

    Args:
        settings: settings of the store.
        cache_dir: folder of the store.
        is_history: whether to open the separate store for contents of old commits, which replace no others.
        is_made: whether a missing or damaged store is created.
        budget: the time of a commit that waits for it.
        diagnostics: receives the warnings; ``None`` for those of the storage.
    """
    bounds = store = failure = None
    if cache_dir is not None:
        cache_dir = locate_history_dir(cache_dir) if is_history else cache_dir
        bounds = choose_bounds(settings, is_history=is_history)
        try:
            store = open_store(cache_dir, settings, is_made=is_made, budget=budget)
        except Exception as error:  # an internal error in it must not change a verdict
            failure = error
    storage = Storage(
        settings.root,
        store,
        bounds,
        cache_dir=cache_dir,
        languages=settings.languages,
        diagnostics=diagnostics,
    )
    if failure is not None:
        storage.switch_off(failure)
    return storage


def open_store(
    cache_dir: Path, settings: Settings, *, is_made: bool = True, budget: TimeBudget | None = None
) -> LocalStore:
    """Return the store of a folder, unless a repository contains it: its records would be trusted.

    The arguments are those of :func:`open_storage`.

    Raises:
        StoreError: the store can't be used.
    """
    from pytest_antipasta.store.local import LAYOUT, LocalStore, describe_store_failure  # imports sqlite3

    try:
        if cache_dir.is_absolute():  # without a home folder it is not, and the store says so
            require_own_folder(cache_dir / LAYOUT, budget)
    except RefusedPathError as error:
        raise StoreError(error.strerror) from error
    except OSError as error:
        raise StoreError(describe_store_failure(error, cache_dir)) from error
    return LocalStore(cache_dir, settings.cache_journal, is_made=is_made, counts_uses=settings.counts_uses)


def current_fingerprint() -> bytes:
    """Return the fingerprint of the versions that measure here."""
    return make_fingerprint(find_metric_versions())


def choose_bounds(settings: Settings, *, is_history: bool = False) -> Bounds:
    """Return the maximum size and age of the store, or of the separate store for old commits."""
    setting = "history_max_size_mb" if is_history else "cache_max_size_mb"
    return Bounds(
        max_bytes=getattr(settings, setting) * 1e6,
        max_age=settings.cache_max_age_days * DAY,
        max_entries=None if is_history else settings.cache_max_entries,
        eviction=settings.cache_eviction,
        size_setting=setting,
        fingerprint=current_fingerprint(),
    )
