"""Looking contents up by their digests: in the store, and among what this run has measured.

Whoever writes asks the store here, too: one that fails is switched off for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_antipasta.engine.results import Measured
from pytest_antipasta.extension import find_metric_versions
from pytest_antipasta.files import Content
from pytest_antipasta.git import require_own_folder
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.store import EntryError, StoreError, decode_record, make_fingerprint

if TYPE_CHECKING:
    from pytest_antipasta.store import LocalStore

_Answer = TypeVar("_Answer")
OFF = "the store is off for this run"
"""How each warning begins that says so."""
UNREADABLE = "what the store has is unreadable"
"""Likewise."""

# Records of new contents that are held for others like them, of a kilobyte or two each.
_FRESH = 5000


class Lookup:
    """What is known of contents: what the store has, and what this run has measured.

    Attributes:
        store: where measurements are looked up; ``None`` for a run without one, and once it is switched off.
        loaded: what was read of it at once, by key; ``None`` for what it has not.
        has_lost_store: whether there should be one, and it had to be switched off.
        unreadable: the digests of contents whose records could not be read.
    """

    def __init__(self, store: LocalStore | None = None, fingerprint: bytes = b"") -> None:
        """Begin to use a store.

        Args:
            store: where to look measurements up; ``None`` for a run without one.
            fingerprint: of what measures.
        """
        self.store = store
        self.loaded: dict[bytes, bytes | None] = {}
        self.has_lost_store = False
        self.unreadable: set[bytes] = set()
        self._fingerprint = fingerprint
        self._fresh: dict[bytes, bytes] = {}
        self._warnings = list(store.notes) if store is not None else []

    def pop_warnings(self) -> tuple[str, ...]:
        """Return what the user should know, most of it of the store, and was not taken yet, a line each."""
        warnings = tuple(self._warnings)
        self._warnings.clear()
        return warnings

    def pop_reads(self) -> tuple[float, ...]:
        """Return the seconds that each question to the store took, and that were not taken yet."""
        if self.store is None or not self.store.reads:
            return ()
        reads, self.store.reads = tuple(self.store.reads), []
        return reads

    def key(self, digest: bytes) -> bytes:
        """Return the store's key of a content."""
        return digest + self._fingerprint

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
        except Exception as error:  # a mistake of ours in the store costs no verdict
            self.switch_off(error)
            return None

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

    def find(self, digest: bytes, content: Content | None = None) -> Measured | None:
        """Return what the store has for a content, or what was measured of it just now.

        Args:
            digest: of the content.
            content: itself, where it was read, to go along.
        """
        key = self.key(digest)
        try:
            record = self.loaded.get(key, b"")
            if record == b"":  # asked for alone, it says what is wrong with it
                record = self.ask(lambda store: store.get(key))
            if record is None or self.store is None:
                return self._find_fresh(digest, content)
            return Measured(decode_record(record), digest, True, None, key in self.store.aging, content)
        except EntryError as error:
            self._warnings.append(f"{UNREADABLE} ({error}) and was measured again")
            self.unreadable.add(digest)
            return self._find_fresh(digest, content)

    def hold(self, digest: bytes, record: bytes) -> None:
        """Hold the record of a content that was measured just now, for others like it."""
        if len(self._fresh) < _FRESH:
            self._fresh[digest] = record

    def _find_fresh(self, digest: bytes, content: Content | None) -> Measured | None:
        record = self._fresh.get(digest)
        if record is None:
            return None
        # The record goes along, as what has looked at other files before the run came to them kept none.
        return Measured(decode_record(record), digest, False, record, False, content, is_coalesced=True)

    def warn(self, warning: str) -> None:
        """Add a line to what the user should know."""
        self._warnings.append(warning)

    def switch_off(self, error: Exception) -> None:
        """Go on without a store that failed."""
        if not isinstance(error, StoreError):
            error = StoreError(f"internal error ({type(error).__name__}: {error}); please report it")
        self._warnings.append(f"{OFF}: {error}")
        self.has_lost_store = True
        store, self.store = self.store, None
        if store is not None:
            with suppress(Exception):
                store.close()

    def close(self) -> None:
        """Let go of the store."""
        self.ask(lambda store: store.close())


def open_lookup(cache_dir: Path | None, journal_mode: str, *, is_made: bool = True) -> Lookup:
    """Return what looks into the store of a folder, or into none where there is no folder or no store.

    Args:
        cache_dir: the folder.
        journal_mode: of a store that is not there yet, see :class:`LocalStore`.
        is_made: whether a store that is missing or damaged is made anew.
    """
    if cache_dir is None:
        return Lookup()
    fingerprint = current_fingerprint()
    try:
        store = open_store(cache_dir, journal_mode, is_made=is_made)
    except Exception as error:  # a mistake of ours in it costs no verdict
        lookup = Lookup(None, fingerprint)
        lookup.switch_off(error)
        return lookup
    return Lookup(store, fingerprint)


def open_store(cache_dir: Path, journal_mode: str, *, is_made: bool = True) -> LocalStore:
    """Return the store of a folder, unless a repository has put it there: it would be believed.

    Args:
        cache_dir: the folder.
        journal_mode: of a store that is not there yet, see :class:`LocalStore`.
        is_made: whether a store that is missing or damaged is made anew.

    Raises:
        StoreError: the store can't be used.
    """
    # Here, because it brings SQLite with it.
    with trusted_first():
        from pytest_antipasta.store import LAYOUT, LocalStore

    try:
        require_own_folder(cache_dir / LAYOUT)
    except OSError as error:
        raise StoreError(error.strerror) from error
    return LocalStore(cache_dir, journal_mode, is_made=is_made)


def current_fingerprint() -> bytes:
    """Return the fingerprint of all that measures here."""
    return make_fingerprint(find_metric_versions())
