"""Getting the measurement of a source: from the store where it is known, else by measuring.

Nobody here asks where bytes come from, and nothing is written: what was measured is handed back as a record,
and the caller decides which process keeps records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_antipasta.engine.partial import is_given_up
from pytest_antipasta.engine.results import Measured
from pytest_antipasta.engine.roster import Roster
from pytest_antipasta.engine.sources import HeldSource, Source, digest_content, find_language
from pytest_antipasta.extension import find_distributions, find_metric_versions
from pytest_antipasta.files import Content, UnreadableError
from pytest_antipasta.model import NOTEBOOK, FileError, FileMetrics, ForeignSource, Measurement, Signature
from pytest_antipasta.processes import Limits
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    EntryError,
    StoreError,
    decode_record,
    encode_record,
    make_fingerprint,
)

if TYPE_CHECKING:
    from pytest_antipasta.engine.extender import Extender
    from pytest_antipasta.engine.guard import Guard
    from pytest_antipasta.store import LocalStore


_Answer = TypeVar("_Answer")
OFF = "the store is off for this run"
"""How each warning begins that says so."""
UNREADABLE = "what the store has is unreadable"
"""Likewise."""


# Records of new contents that are held for others like them, of a kilobyte or two each.
_FRESH = 5000


class Measurer:
    """Measures sources, each content once.

    Attributes:
        store: where measurements are looked up; ``None`` for a run without one.
        loaded: what was read of it at once, by key; ``None`` for what it has not.
        has_lost_store: whether there should be one, and it had to be switched off.
        languages: of extensions, as settings name them.
        roster: the processes that measuring has begun.
    """

    def __init__(
        self,
        store: LocalStore | None,
        fingerprint: bytes,
        limits: Limits | None = None,
        *,
        is_watched: bool = False,
        max_size: float = float("inf"),
        compress: bool = True,
        languages: tuple[str, ...] = (),
    ) -> None:
        """Begin to use a store.

        Args:
            store: where to look measurements up; ``None`` for a run without one.
            fingerprint: of what measures.
            limits: for each content, and for what each extension does over one; ``None`` for the usual.
            is_watched: whether another process sees to it that no content takes too much.
            max_size: the largest content to read, in bytes.
            compress: whether records are packed where that pays.
            languages: of extensions, as settings name them.
        """
        self.store = store
        self.has_lost_store = False
        self.languages = languages
        self._warnings = list(store.notes) if store is not None else []
        self._compress = compress
        self._fingerprint = fingerprint
        self.loaded: dict[bytes, bytes | None] = {}
        self._fresh: dict[bytes, bytes] = {}
        self._unreadable: set[bytes] = set()
        self._limits = limits or Limits()
        self._is_watched = is_watched
        self._max_size = max_size
        self._extender: Extender | None = None
        self._guard: Guard | None = None
        self.roster = Roster()

    def pop_warnings(self) -> tuple[str, ...]:
        """Return what the user should know of the store and was not taken yet, a line each."""
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
        """Read what the store has for many contents at once; looking them up costs next to nothing then.

        What was loaded before is forgotten, but for what is known of it.
        """
        keys = [self.key(digest) for digest in digests]
        found = self.ask(lambda store: store.get_many(keys)) or {}
        self.loaded = {**known, **dict.fromkeys(keys), **found}

    def lacks(self, digest: bytes) -> bool:
        """Whether nothing was loaded for a content."""
        return self.loaded.get(self.key(digest)) is None

    def look_up(self, digest: bytes, content: Content | None = None) -> Measured | None:
        """Return what the store has for a content, or what was measured of it just now."""
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
            self._unreadable.add(digest)
            return self._find_fresh(digest, content)

    def _find_fresh(self, digest: bytes, content: Content | None) -> Measured | None:
        record = self._fresh.get(digest)
        if record is None:
            return None
        # The record goes along, as what has looked at other files before the run came to them kept none.
        return Measured(decode_record(record), digest, False, record, False, content, is_coalesced=True)

    def warn(self, warning: str) -> None:
        """Add a line to what the user should know of the store."""
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

    def measure(self, source: Source, deadline: float = float("inf")) -> Measured:
        """Return the measurement of a source, new if need be. Errors are not worth keeping.

        Args:
            source: what to measure.
            deadline: on the clock of ``time.monotonic``; a content that may take long is given up then.
        """
        if source.digest is not None and (known := self.look_up(source.digest)) is not None:
            return known
        try:
            content = source.read(self._max_size)
        except UnreadableError as failure:
            return Measured(self.give_up(source, failure.error, deadline), None)
        digest = digest_content(content.data, self.languages, source.path)
        if digest != source.digest and (known := self.look_up(digest, content)) is not None:
            return known
        measurement = self._measure(content.data, source.path, deadline)
        record = encode_record(measurement, compress=self._compress) if self._is_whole(measurement) else None
        if record is not None and len(self._fresh) < _FRESH:
            self._fresh[digest] = record
        is_unreadable = digest in self._unreadable
        return Measured(measurement, digest, False, record, False, content, is_unreadable=is_unreadable)

    def identify_new(self, source: Source) -> tuple[bytes, Signature | None] | None:
        """Return digest and status of a content that has to be measured; ``None`` of any other."""
        if source.digest is not None and self.look_up(source.digest) is not None:
            return None
        try:
            content = source.read(self._max_size)
        except UnreadableError:
            return None
        digest = digest_content(content.data, self.languages, source.path)
        return None if self.look_up(digest) is not None else (digest, content.signature)

    def is_known(self, source: Source) -> bool:
        """Whether a source needs only to be looked up, or can't be measured in any case."""
        digest = source.digest
        if digest is None:
            try:
                data = source.read(self._max_size).data
            except UnreadableError:
                return True
            digest = digest_content(data, self.languages, source.path)
        return self.look_up(digest) is not None

    def give_up(self, source: Source, error: FileError, deadline: float = float("inf")) -> Measurement:
        """Return an error, with what can still be had of a source that takes too much.

        Not in a process that is watched, which may take no more than the source did.
        """
        if language := find_language(self.languages, source.path):
            return Measurement(FileMetrics(), (), error, foreign=ForeignSource(language.name))
        if source.path.endswith(NOTEBOOK):  # its lines and its size are not those of its code
            return Measurement(FileMetrics(), (), error)
        guard = self._find_guard() if is_given_up(error) else None
        return guard.give_up(source, error, deadline) if guard else Measurement(FileMetrics(), (), error)

    def _measure(self, data: bytes, path: str, deadline: float) -> Measurement:
        if language := find_language(self.languages, path):
            return self._find_extender().measure(language, data, deadline)
        measurement = self._measure_python(data, deadline)
        if measurement.error is not None or not find_distributions():
            return measurement
        return self._find_extender().extend(data, measurement, deadline)

    def _measure_python(self, data: bytes, deadline: float) -> Measurement:
        if (guard := self._find_guard()) is not None:
            return guard.measure(data, deadline)
        # Here, because a run that finds everything in the store needs none of it.
        with trusted_first():
            from pytest_antipasta.engine.measurement import measure

        return measure(data)

    def _find_guard(self) -> Guard | None:
        """Return what keeps to the limits, if it is not another process."""
        if self._guard is None and not self._is_watched:
            with trusted_first():  # likewise
                from pytest_antipasta.engine.guard import Guard

            self._guard = Guard(self._limits, self._warnings.append, self.roster)
        return self._guard

    def _find_extender(self) -> Extender:
        """Return what asks extensions."""
        if self._extender is None:
            # Here, because hardly anybody has an extension.
            from pytest_antipasta.engine.extender import Extender

            self._extender = Extender(self._limits, self._warnings.append, self.roster)
        return self._extender

    def _is_whole(self, measurement: Measurement) -> bool:
        """Whether a measurement has all numbers that it could have: errors are not worth keeping."""
        is_complete = self._extender is None or self._extender.is_complete
        return measurement.error is None and not measurement.missing and is_complete

    def close(self) -> None:
        """Let go of the store, and of the processes for what may take long."""
        if self._extender is not None:
            self._extender.close()
        if self._guard is not None:
            self._guard.close()
        self.ask(lambda store: store.close())


def open_measurer(settings: Settings, cache_dir: Path | None, *, is_watched: bool = False) -> Measurer:
    """Return a measurer with the store in a folder, or without one where there is no folder or no store.

    Args:
        settings: say how the store is made and filled, and what a file may take.
        cache_dir: the folder.
        is_watched: whether another process sees to it that no file takes too much.
    """
    make = partial(
        Measurer,
        limits=limits_of(settings),
        is_watched=is_watched,
        max_size=settings.max_file_bytes,
        compress=settings.cache_compression,
        languages=settings.languages,
    )
    if cache_dir is None:
        return make(None, b"")
    # Here, because it brings SQLite with it.
    with trusted_first():
        from pytest_antipasta.store import LocalStore

    fingerprint = current_fingerprint()
    try:
        store = LocalStore(cache_dir, settings.cache_journal)
    except Exception as error:  # likewise
        measurer = make(None, fingerprint)
        measurer.switch_off(error)
        return measurer
    return make(store, fingerprint)


def measure_once(data: bytes, path: str = "") -> Measurement:
    """Return the numbers of a single content, of a notebook by its path, within the default limits."""
    with closing(Measurer(None, b"")) as measurer:
        return measurer.measure(HeldSource(path, data)).measurement


def current_fingerprint() -> bytes:
    """Return the fingerprint of all that measures here."""
    return make_fingerprint(find_metric_versions())


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings set."""
    return Limits(settings.file_timeout, settings.memory_limit_mb)
