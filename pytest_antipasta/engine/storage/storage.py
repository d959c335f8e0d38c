"""Everything that is known of the contents and files of one root, from earlier runs and from this one.

A content is known by its digest: its record is in the local store, or was measured a moment ago. A file is
known by its status, see :mod:`stat_index`. One process writes; workers only look up. A store that fails is
switched off for the rest of the run, which goes on without it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_antipasta.engine.decisions import note_outcome
from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.sources import Task, find_language
from pytest_antipasta.engine.storage.stat_index import Entry, StatIndex
from pytest_antipasta.extension import find_metric_versions
from pytest_antipasta.files import FoundFile
from pytest_antipasta.git import require_own_folder
from pytest_antipasta.logs import DEBUG, is_noted, note_counts
from pytest_antipasta.model import Measurement, Signature, Verdict
from pytest_antipasta.processes import defer_signals
from pytest_antipasta.runtime import is_ci
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    DAY,
    Bounds,
    EntryError,
    PastRun,
    RunKind,
    StoreError,
    decode_bodies,
    decode_record,
    encode_bodies,
    find_bodies_key,
    find_history_dir,
    has_room,
    make_fingerprint,
    note_run,
)

if TYPE_CHECKING:
    from pytest_antipasta.store import LocalStore

_Answer = TypeVar("_Answer")
# Records written at a time: what a killed run has measured until then is not lost.
_BATCH = 500
# Records of new contents that are held for others like them, of a kilobyte or two each.
_FRESH = 5000


class Storage:
    """Finds and keeps what is known.

    Attributes:
        store: the local store; ``None`` for a run without one, and once it is switched off.
        cache_dir: the store's folder, or ``None`` for a run without one.
        diagnostics: gets the warnings.
        languages: of extensions, as settings name them.
        loaded: what was read of the store at once, by key; ``None`` for what it has not.
        has_lost_store: whether there should be a store, and it had to be switched off.
        unreadable: the digests of contents whose records could not be read.
        measured: the keys of what was measured and is to be kept.
        learns_files: whether the status of files is noted, which takes reading what is known of all.
        kind: what the journal says of the run outside of CI; ``None`` for one that it does not mention.
    """

    def __init__(
        self,
        root: Path,
        store: LocalStore | None = None,
        fingerprint: bytes = b"",
        diagnostics: Diagnostics | None = None,
        *,
        cache_dir: Path | None = None,
        bounds: Bounds | None = None,
        languages: tuple[str, ...] = (),
    ) -> None:
        """Begin to use a store.

        Args:
            root: that files are relative to.
            store: where measurements are looked up and kept; ``None`` for a run without one.
            fingerprint: of what measures.
            diagnostics: gets the warnings.
            cache_dir: the store's folder.
            bounds: how much the store may have.
            languages: of extensions, as settings name them.
        """
        self.store = store
        self.cache_dir = cache_dir
        self.diagnostics = diagnostics or Diagnostics()
        self.languages = languages
        self.loaded: dict[bytes, bytes | None] = {}
        self.has_lost_store = False
        self.unreadable: set[bytes] = set()
        self.measured: list[bytes] = []
        self.kind: RunKind | None = "other"
        self.learns_files = True
        self._fingerprint = fingerprint
        self._root = os.fsencode(root)
        self._bounds = bounds or Bounds()
        self._files = StatIndex(str(root), fingerprint, self._get_value)
        self._fresh: dict[bytes, bytes] = {}
        self._records: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._began = time.perf_counter()
        self._hits = self._coalesced = self._judged = 0
        self._has_news = False
        for line in store.notes if store is not None else ():
            self.diagnostics.warn(line)

    # What is known of contents.

    def key(self, digest: bytes) -> bytes:
        """Return the store's key of a content."""
        return digest + self._fingerprint

    def load(self, digests: Iterable[bytes], known: Mapping[bytes, bytes | None] = {}) -> None:
        """Read what the store has for many contents at once; finding them costs next to nothing then.

        What was loaded before is forgotten, but for what is known of it.
        """
        keys = [self.key(digest) for digest in digests]
        found = self.ask(lambda store: store.get_many(keys)) or {}
        self.loaded = {**known, **dict.fromkeys(keys), **found}

    def pass_over(self, digest: bytes) -> None:
        """Have a content measured, whatever the store has of it."""
        self.loaded[self.key(digest)] = None

    def lacks(self, digest: bytes) -> bool:
        """Whether nothing was loaded for a content."""
        return self.loaded.get(self.key(digest)) is None

    def find(self, path: str, digest: bytes) -> Outcome | None:
        """Return what the store has for a content, or what was measured of it just now, not judged yet.

        Args:
            path: that the content is reported under.
            digest: of the content.
        """
        key = self.key(digest)
        try:
            record = self.loaded.get(key, b"")
            if record == b"":  # asked for alone, it says what is wrong with it
                record = self.ask(lambda store: store.get(key))
            if record is not None and self.store is not None:
                verdict = Verdict(path, decode_record(record), from_store=True, digest=digest)
                return Outcome(verdict, digest, is_aging=key in self.store.aging)
        except EntryError as error:
            text = f"a stored measurement is corrupt ({error}); measured again"
            self.diagnostics.warn(text, "unreadable record")
            self.unreadable.add(digest)
        record = self._fresh.get(digest)
        if record is None:
            return None
        # The record goes along, as what has looked at other files before the run came to them kept none.
        return Outcome(
            Verdict(path, decode_record(record), digest=digest, is_coalesced=True), digest, record=record
        )

    def hold(self, digest: bytes, record: bytes) -> None:
        """Hold the record of a content that was measured just now, for others like it."""
        if len(self._fresh) < _FRESH:
            self._fresh[digest] = record

    def list_known_digests(self) -> set[bytes]:
        """Return the digests of contents that files of the root had before the run, as far as it looked."""
        return self._files.list_digests()

    # What is known of files.

    def preload_index(self) -> None:
        """Read what is known of the root's files now, while something else is waited for anyway."""
        self._files.read()

    def make_tasks(self, files: Sequence[FoundFile], max_size: float = float("inf")) -> list[Task]:
        """Return a task for each file, with its digest where the index can be trusted.

        Args:
            files: as they were found.
            max_size: of a file whose digest may be taken from the index, in bytes.
        """
        digests = self._files.find_digests(files, max_size)
        if self.languages:  # of whose versions an index does not know
            found = zip(files, digests, strict=True)
            digests = [None if find_language(self.languages, file.path) else digest for file, digest in found]
        return [
            Task(path, location, digest, signature[0] if signature else 0, None, place)
            for (path, location, signature, place), digest in zip(files, digests, strict=True)
        ]

    def list_worst(self, tasks: Sequence[Task]) -> list[bytes | None]:
        """Return the worst numbers of files, where they are known, see :meth:`StatIndex.list_worst`."""
        return self._files.list_worst(tasks)

    def load_files(self, tasks: Iterable[Task], *, is_all: bool) -> None:
        """Read what the store has for many files at once; ``is_all`` where the root has no others."""
        self.load(task.digest for task in tasks if task.digest)
        if is_all:
            self._files.note_all()

    def learn(
        self, path: str, signature: Signature | None, digest: bytes, numbers: Measurement | None = None
    ) -> None:
        """Note what a file has, see :meth:`StatIndex.learn`."""
        # An index does not know of the versions of a language.
        if self.learns_files and (not self.languages or find_language(self.languages, path) is None):
            self._files.learn(path, signature, digest, numbers)

    # What is known of trees.

    def make_key(self, kind: bytes, rules: bytes) -> bytes:
        """Return the store's key of what some rules make of the root: it ends with a digest of both."""
        return kind + hashlib.sha256(b"\0".join((self._root, self._fingerprint, rules))).digest()

    def find_memo(self, key: bytes) -> bytes | None:
        """Return the memo of a tree, if there is one."""
        return self._get_value(key)

    def drop_memo(self, key: bytes) -> None:
        """Delete the memo of a tree."""
        with defer_signals():
            self.ask(lambda store: store.delete_many([key]))

    def sample_files(self, number: int) -> list[tuple[str, Entry]]:
        """Return some files at random, with what the index knows of them."""
        return self._files.sample(number)

    def put_memo(self, key: bytes, memo: bytes) -> None:
        """Keep the memo of a tree."""
        self._put({key: memo})

    # What a run adds.

    def put(self, outcome: Outcome) -> None:
        """Note what to remember of an outcome."""
        note_outcome(outcome)
        verdict, digest = outcome.verdict, outcome.digest
        self._judged += 1
        self._hits += verdict.from_store
        self._coalesced += verdict.is_coalesced
        if digest is None:
            return
        if outcome.is_unreadable:
            self.unreadable.add(digest)
        if outcome.is_aging:
            self.note_use(digest)
        self.keep(digest, outcome.record)
        self.learn(verdict.path, outcome.signature, digest, verdict.measurement)

    def put_passing(self, verdicts: Collection[Verdict], unlisted: int = 0) -> None:
        """Note verdicts whose contents are known, and of which nothing was asked for.

        Args:
            verdicts: some of them.
            unlisted: how many more there are, which pass.
        """
        self._judged += len(verdicts) + unlisted
        self._hits += len(verdicts) + unlisted
        if is_noted(DEBUG):
            for verdict in verdicts:
                note_outcome(Outcome(verdict))

    def note_use(self, digest: bytes) -> None:
        """Note that what the store has of a content is in use."""
        self._used.add(self.key(digest))

    def keep(self, digest: bytes, record: bytes | None) -> None:
        """Keep the record of a content, if there is a new one."""
        if record is None:
            return
        key = self.key(digest)
        self._records[key] = record
        self.measured.append(key)
        if len(self._records) >= _BATCH:
            items = self._take_records()
            try:
                self._put(items)
            except KeyboardInterrupt:
                self._records |= items  # for the end of the run
                raise

    def find_bodies(self, digest: bytes) -> dict[str, str]:
        """Return what a change has kept of the bodies of a content; what is damaged is nothing."""
        value = self._get_value(find_bodies_key(self.key(digest)))
        with suppress(EntryError):
            return decode_bodies(value) if value is not None else {}
        return {}

    def keep_bodies(self, digest: bytes, bodies: Mapping[str, str]) -> None:
        """Keep what stands for the bodies of a content, beside its record: a run over files reads none."""
        self._records[find_bodies_key(self.key(digest))] = encode_bodies(bodies)

    def adopt(self, records: Mapping[bytes, bytes]) -> None:
        """Take what another store has, by key; workers find it, too, where this one has room."""
        self.loaded |= records
        self._records |= records
        self._put(self._take_records())

    def write(self, still_there: Iterable[str] | None = None) -> None:
        """Write what was noted in one go, and keep the store within its bounds.

        Args:
            still_there: the paths of all files of the root, where all are known; others are forgotten.
        """
        used = self._used | self.store.aging if self.store else self._used
        self._put(self._take_records() | self._files.encode(still_there), used)
        if self._has_news or used:
            with defer_signals():
                self.ask(self._tidy)
        note_counts({"antipasta.files": self._judged, "antipasta.hits": self._hits})
        if self._judged and self.kind is not None:
            past = PastRun(
                time.time(),
                "ci" if is_ci() else self.kind,
                self._hits,
                self._judged - self._hits - self._coalesced,
                self._coalesced,
                round(time.perf_counter() - self._began, 3),
            )
            with defer_signals():
                self.ask(lambda store: note_run(store.directory, past))

    def finish(self) -> None:
        """Write what was noted, see :meth:`write`, and let go of the store."""
        with defer_signals():
            self.write()
            self.close()

    def close(self) -> None:
        """Let go of the store."""
        self.ask(lambda store: store.close())

    # The store itself.

    def ask(self, question: Callable[[LocalStore], _Answer]) -> _Answer | None:
        """Return what the store answers; one that fails is switched off, and not asked again.

        Raises:
            EntryError: what it has was not written by it.
        """
        if self.store is None:
            return None
        try:
            return question(self.store)
        except EntryError:
            raise
        except Exception as error:  # an internal error in the store costs no verdict
            self.switch_off(error)
            return None

    def switch_off(self, error: Exception) -> None:
        """Go on without a store that failed."""
        if not isinstance(error, StoreError):
            error = StoreError(f"internal error ({type(error).__name__}: {error}); please report it")
        self.diagnostics.warn(f"store disabled for this run: {error}", "store off")
        self.has_lost_store = True
        store, self.store = self.store, None
        if store is not None:
            with suppress(Exception):
                store.close()

    def take_reads(self) -> tuple[float, ...]:
        """Return the seconds that each question to the store took, and that were not taken yet."""
        if self.store is None or not self.store.reads:
            return ()
        reads, self.store.reads = tuple(self.store.reads), []
        return reads

    def _get_value(self, key: bytes) -> bytes | None:
        try:
            with defer_signals():
                return self.ask(lambda store: store.get(key))
        except EntryError:
            return None

    def _take_records(self) -> dict[bytes, bytes]:
        """Return the records that were noted, if the store has room for them."""
        records, self._records = self._records, {}
        if not records:
            return {}
        self._has_news = True
        with defer_signals():
            return records if self.ask(lambda store: has_room(store, self._bounds)) else {}

    def _put(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        if items or used:
            with defer_signals():
                self.ask(lambda store: store.put_many(items, used))

    def _tidy(self, store: LocalStore) -> None:
        from pytest_antipasta.store import keep_up  # brings SQLite with it

        if told := keep_up(store, self._bounds):
            self.diagnostics.warn(told)


def open_storage(settings: Settings, cache_dir: Path | None, *, is_made: bool = True) -> Storage:
    """Return the storage of the root of some settings, with the store in a folder or without one.

    Args:
        settings: say how the store is made and filled.
        cache_dir: the folder.
        is_made: whether a store that is missing or damaged is made anew.
    """
    return _open(settings, cache_dir, choose_bounds(settings), is_made=is_made)


def open_history(settings: Settings, cache_dir: Path | None) -> Storage:
    """Return the storage of contents of old commits, in a store of their own: they push out no others."""
    folder = None if cache_dir is None else find_history_dir(cache_dir)
    return _open(settings, folder, choose_history_bounds(settings))


def _open(settings: Settings, cache_dir: Path | None, bounds: Bounds, *, is_made: bool = True) -> Storage:
    store, failure, fingerprint = None, None, b""
    if cache_dir is not None:
        fingerprint = current_fingerprint()
        try:
            store = open_store(cache_dir, settings.cache_journal, is_made=is_made)
        except Exception as error:  # an internal error in it costs no verdict
            failure = error
    storage = Storage(
        settings.root, store, fingerprint, cache_dir=cache_dir, bounds=bounds, languages=settings.languages
    )
    if failure is not None:
        storage.switch_off(failure)
    return storage


def open_store(cache_dir: Path, journal_mode: str, *, is_made: bool = True) -> LocalStore:
    """Return the store of a folder, unless a repository has put it there: it would be believed.

    Args:
        cache_dir: the folder.
        journal_mode: of a store that is not there yet, see :class:`LocalStore`.
        is_made: whether a store that is missing or damaged is made anew.

    Raises:
        StoreError: the store can't be used.
    """
    from pytest_antipasta.store import LAYOUT, LocalStore  # brings SQLite with it

    try:
        require_own_folder(cache_dir / LAYOUT)
    except OSError as error:
        raise StoreError(error.strerror) from error
    return LocalStore(cache_dir, journal_mode, is_made=is_made)


def current_fingerprint() -> bytes:
    """Return the fingerprint of all that measures here."""
    return make_fingerprint(find_metric_versions())


def choose_bounds(settings: Settings) -> Bounds:
    """Return how much the store may have by the settings."""
    return Bounds(
        max_bytes=settings.cache_max_size_mb * 1e6,
        max_age=settings.cache_max_age_days * DAY,
        max_entries=settings.cache_max_entries,
        eviction=settings.cache_eviction,
    )


def choose_history_bounds(settings: Settings) -> Bounds:
    """Return how much it may have of contents of old commits, beside that."""
    return Bounds(
        max_bytes=settings.history_max_size_mb * 1e6,
        max_age=settings.cache_max_age_days * DAY,
        eviction=settings.cache_eviction,
        size_setting="history_max_size_mb",
    )
