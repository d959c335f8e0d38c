"""Getting the numbers of a source: found in the storage, or measured within limits of time and memory.

Nobody here asks where bytes come from, and nothing is written: what was measured is handed back as a record,
and the caller decides which process keeps records.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.engine.measuring.roster import Roster
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.sources import HeldSource, Source, digest_content, find_language
from pytest_antipasta.engine.storage.storage import Storage, open_storage
from pytest_antipasta.extension import find_distributions
from pytest_antipasta.files import UnreadableError
from pytest_antipasta.model import (
    NOTEBOOK,
    ErrorKind,
    FileError,
    FileMetrics,
    ForeignSource,
    Measurement,
    Signature,
    Verdict,
)
from pytest_antipasta.processes import ResourceLimits
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import encode_record

if TYPE_CHECKING:
    from pytest_antipasta.engine.measuring.extender import Extender
    from pytest_antipasta.engine.measuring.guard import Guard

_TOO_MUCH = frozenset[ErrorKind]({"timeout", "memory", "out_of_memory"})


class Measurer:
    """Measures sources, each content once.

    Attributes:
        storage: what is known of contents.
        max_size: the largest content to read, in bytes.
        roster: the processes that measuring has begun.
    """

    def __init__(
        self,
        storage: Storage,
        limits: ResourceLimits | None = None,
        *,
        is_watched: bool = False,
        max_size: float = float("inf"),
        compress: bool = True,
    ) -> None:
        """Measure what the storage does not have.

        Args:
            storage: what is known of contents.
            limits: for each content, and for what each extension does over one; ``None`` for the usual.
            is_watched: whether another process sees to it that no content takes too much.
            max_size: the largest content to read, in bytes.
            compress: whether records are packed where that pays.
        """
        self.storage = storage
        self.max_size = max_size
        self.roster = Roster()
        self._limits = limits or ResourceLimits()
        self._is_watched = is_watched
        self._compress = compress
        self._extender: Extender | None = None
        self._guard: Guard | None = None

    def measure(self, source: Source, deadline: float = float("inf")) -> Outcome:
        """Return the numbers of a source, new if need be, not judged yet; see :meth:`find_or_measure`."""
        return self.find_or_measure(source, deadline)[0]

    def find_numbers(self, source: Source) -> Verdict:
        """Return the same without what there is to keep of it."""
        return self.find_or_measure(source)[0].verdict

    def find_or_measure(self, source: Source, deadline: float = float("inf")) -> tuple[Outcome, bytes | None]:
        """Return the numbers of a source, not judged yet, and its content, if it had to be read.

        Errors have no record: they are not worth keeping.

        Args:
            source: what to measure.
            deadline: on the clock of ``time.monotonic``; a content that may take long is given up then.
        """
        path, storage = source.path, self.storage
        if source.digest is not None and (known := storage.find(path, source.digest)) is not None:
            return known, None
        try:
            data, signature = source.read(self.max_size)
        except UnreadableError as failure:
            return Outcome(Verdict(path, self.give_up(path, failure.error))), None
        # A content that was read before does not change, as a file may.
        known_digest = source.digest if isinstance(source, HeldSource) else None
        digest = known_digest or digest_content(data, storage.languages, path)
        known = storage.find(path, digest) if digest != source.digest else None
        if known is not None:
            return Outcome(known.verdict, digest, signature, known.record, is_aging=known.is_aging), data
        measurement = self._measure(data, path, deadline)
        record = encode_record(measurement, compress=self._compress) if self._is_whole(measurement) else None
        if record is not None:
            storage.hold(digest, record)
        verdict, is_unreadable = Verdict(path, measurement, digest=digest), digest in storage.unreadable
        return Outcome(verdict, digest, signature, record, is_unreadable=is_unreadable), data

    def identify_new(self, source: Source) -> tuple[bytes, Signature | None] | None:
        """Return digest and status of a content that has to be measured; ``None`` of any other."""
        if source.digest is not None and self.storage.find(source.path, source.digest) is not None:
            return None
        try:
            data, signature = source.read(self.max_size)
        except UnreadableError:
            return None
        digest = digest_content(data, self.storage.languages, source.path)
        return None if self.storage.find(source.path, digest) is not None else (digest, signature)

    def is_known(self, source: Source) -> bool:
        """Whether a source needs only to be looked up, or can't be measured in any case."""
        if source.digest is not None:
            return self.storage.find(source.path, source.digest) is not None
        return self.identify_new(source) is None

    def give_up(self, path: str, error: FileError, size: int | None = None) -> Measurement:
        """Return the measurement of what can't be read, or takes too much: nothing but the error.

        Args:
            path: that it is reported under.
            error: why.
            size: in bytes; a notebook's is not that of its code.
        """
        language = find_language(self.storage.languages, path)
        if error.kind in _TOO_MUCH and language is None and not path.endswith(NOTEBOOK):
            error = replace(error, size=size)
        foreign = ForeignSource(language.name) if language else None
        return Measurement(FileMetrics(), (), error, foreign=foreign)

    def _measure(self, data: bytes, path: str, deadline: float) -> Measurement:
        if language := find_language(self.storage.languages, path):
            return self._find_extender().measure(language, data, deadline)
        measurement = self._measure_python(data, deadline)
        if measurement.error is not None and measurement.error.kind in _TOO_MUCH:
            return self.give_up(path, measurement.error, len(data))
        if measurement.error is not None or not find_distributions():
            return measurement
        return self._find_extender().extend(data, measurement, deadline)

    def _measure_python(self, data: bytes, deadline: float) -> Measurement:
        # A run that finds everything in the store needs neither.
        if self._is_watched:
            with trusted_first():
                from pytest_antipasta.engine.measuring.measurement import measure
            return measure(data)
        if self._guard is None:
            with trusted_first():
                from pytest_antipasta.engine.measuring.guard import Guard
            self._guard = Guard(self._limits, self.storage.diagnostics, self.roster)
        return self._guard.measure(data, deadline)

    def _find_extender(self) -> Extender:
        """Return what asks extensions."""
        if self._extender is None:
            from pytest_antipasta.engine.measuring.extender import Extender

            self._extender = Extender(self._limits, self.storage.diagnostics, self.roster)
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
        self.storage.close()


def open_measurer(
    settings: Settings, cache_dir: Path | None, *, is_watched: bool = False, makes_store: bool = True
) -> Measurer:
    """Return a measurer with the store in a folder, or without one where there is no folder or no store.

    Args:
        settings: say how the store is made and filled, and what a file may take.
        cache_dir: the folder.
        is_watched: whether another process sees to it that no file takes too much.
        makes_store: whether a store that is missing or damaged is made anew.
    """
    return make_measurer(
        settings, open_storage(settings, cache_dir, is_made=makes_store), is_watched=is_watched
    )


def make_measurer(settings: Settings, storage: Storage, *, is_watched: bool = False) -> Measurer:
    """Return a measurer of what a storage does not have; see :func:`open_measurer`."""
    return Measurer(
        storage,
        limits_of(settings),
        is_watched=is_watched,
        max_size=settings.max_file_bytes,
        compress=settings.cache_compression,
    )


def measure_once(data: bytes, path: str = "") -> Measurement:
    """Return the numbers of a single content, of a notebook by its path, within the default limits."""
    with closing(Measurer(Storage(Path()))) as measurer:
        return measurer.measure(HeldSource(path, data)).verdict.measurement


def limits_of(settings: Settings) -> ResourceLimits:
    """Return the limits that the settings set."""
    return ResourceLimits(settings.file_timeout, settings.memory_limit_mb)
