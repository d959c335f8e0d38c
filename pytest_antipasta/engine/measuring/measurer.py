"""Getting the measurement of a source: looked up where it is known, else by measuring.

Nobody here asks where bytes come from, and nothing is written: what was measured is handed back as a record,
and the caller decides which process keeps records.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.engine.measuring.lookup import Lookup, open_lookup
from pytest_antipasta.engine.measuring.partial import is_given_up
from pytest_antipasta.engine.measuring.roster import Roster
from pytest_antipasta.engine.results import Measured
from pytest_antipasta.engine.sources import HeldSource, Source, digest_content, find_language
from pytest_antipasta.extension import find_distributions
from pytest_antipasta.files import UnreadableError
from pytest_antipasta.model import NOTEBOOK, FileError, FileMetrics, ForeignSource, Measurement, Signature
from pytest_antipasta.processes import Limits
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import encode_record

if TYPE_CHECKING:
    from pytest_antipasta.engine.measuring.extender import Extender
    from pytest_antipasta.engine.measuring.guard import Guard


class Measurer:
    """Measures sources, each content once.

    Attributes:
        lookup: what is known of contents.
        languages: of extensions, as settings name them.
        max_size: the largest content to read, in bytes.
        roster: the processes that measuring has begun.
    """

    def __init__(
        self,
        lookup: Lookup,
        limits: Limits | None = None,
        *,
        is_watched: bool = False,
        max_size: float = float("inf"),
        compress: bool = True,
        languages: tuple[str, ...] = (),
    ) -> None:
        """Measure what a lookup does not find.

        Args:
            lookup: what is known of contents.
            limits: for each content, and for what each extension does over one; ``None`` for the usual.
            is_watched: whether another process sees to it that no content takes too much.
            max_size: the largest content to read, in bytes.
            compress: whether records are packed where that pays.
            languages: of extensions, as settings name them.
        """
        self.lookup = lookup
        self.languages = languages
        self.roster = Roster()
        self._limits = limits or Limits()
        self._is_watched = is_watched
        self.max_size = max_size
        self._compress = compress
        self._extender: Extender | None = None
        self._guard: Guard | None = None

    def measure(self, source: Source, deadline: float = float("inf")) -> Measured:
        """Return the measurement of a source, new if need be. Errors are not worth keeping.

        Args:
            source: what to measure.
            deadline: on the clock of ``time.monotonic``; a content that may take long is given up then.
        """
        if source.digest is not None and (known := self.lookup.find(source.digest)) is not None:
            return known
        try:
            content = source.read(self.max_size)
        except UnreadableError as failure:
            return Measured(self.give_up(source, failure.error, deadline), None)
        digest = digest_content(content.data, self.languages, source.path)
        if digest != source.digest and (known := self.lookup.find(digest, content)) is not None:
            return known
        measurement = self._measure(content.data, source.path, deadline)
        record = encode_record(measurement, compress=self._compress) if self._is_whole(measurement) else None
        if record is not None:
            self.lookup.hold(digest, record)
        is_unreadable = digest in self.lookup.unreadable
        return Measured(measurement, digest, False, record, False, content, is_unreadable=is_unreadable)

    def identify_new(self, source: Source) -> tuple[bytes, Signature | None] | None:
        """Return digest and status of a content that has to be measured; ``None`` of any other."""
        if source.digest is not None and self.lookup.find(source.digest) is not None:
            return None
        try:
            content = source.read(self.max_size)
        except UnreadableError:
            return None
        digest = digest_content(content.data, self.languages, source.path)
        return None if self.lookup.find(digest) is not None else (digest, content.signature)

    def is_known(self, source: Source) -> bool:
        """Whether a source needs only to be looked up, or can't be measured in any case."""
        digest = source.digest
        if digest is None:
            try:
                data = source.read(self.max_size).data
            except UnreadableError:
                return True
            digest = digest_content(data, self.languages, source.path)
        return self.lookup.find(digest) is not None

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
            from pytest_antipasta.engine.measuring.measurement import measure

        return measure(data)

    def _find_guard(self) -> Guard | None:
        """Return what keeps to the limits, if it is not another process."""
        if self._guard is None and not self._is_watched:
            with trusted_first():  # likewise
                from pytest_antipasta.engine.measuring.guard import Guard

            self._guard = Guard(self._limits, self.lookup.warn, self.roster)
        return self._guard

    def _find_extender(self) -> Extender:
        """Return what asks extensions."""
        if self._extender is None:
            # Here, because hardly anybody has an extension.
            from pytest_antipasta.engine.measuring.extender import Extender

            self._extender = Extender(self._limits, self.lookup.warn, self.roster)
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
        self.lookup.close()


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
    return Measurer(
        open_lookup(cache_dir, settings.cache_journal, is_made=makes_store),
        limits_of(settings),
        is_watched=is_watched,
        max_size=settings.max_file_bytes,
        compress=settings.cache_compression,
        languages=settings.languages,
    )


def measure_once(data: bytes, path: str = "") -> Measurement:
    """Return the numbers of a single content, of a notebook by its path, within the default limits."""
    with closing(Measurer(Lookup())) as measurer:
        return measurer.measure(HeldSource(path, data)).measurement


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings set."""
    return Limits(settings.file_timeout, settings.memory_limit_mb)
