"""Get the values of a source: from the storage, or measured within limits of time and memory.

The origin of the bytes does not matter, and nothing is written. A measurement is returned with its record,
and the caller decides which process stores records.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.engine.digests import digest_content, find_language
from pytest_antipasta.engine.storage.storage import Storage, open_storage
from pytest_antipasta.extension.installed import find_distributions
from pytest_antipasta.files.reading import Content, UnreadableError
from pytest_antipasta.files.source import Source
from pytest_antipasta.model.measured import (
    NOTEBOOK,
    RESOURCE_ERRORS,
    FileError,
    LanguageSource,
    Measured,
    Measurement,
    Signature,
)
from pytest_antipasta.processes.limits import ResourceLimits
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.records import encode_record

if TYPE_CHECKING:
    from pytest_antipasta.engine.diagnostics import Diagnostics
    from pytest_antipasta.engine.measuring.extender import Extender
    from pytest_antipasta.engine.measuring.guard import Guard
    from pytest_antipasta.git.time_budget import TimeBudget


class Measurer:
    """Measures sources, each content once.

    Attributes:
        storage: stored measurements.
        diagnostics: receives warnings and ended processes.
    """

    def __init__(self, storage: Storage, settings: Settings, *, is_watched: bool = False) -> None:
        """Measure contents that are not in the storage.

        The settings have the limits of each content. ``is_watched`` is whether another process enforces them.
        """
        self.storage = storage
        self.diagnostics = storage.diagnostics
        self._max_size = settings.max_file_bytes
        self._limits = limits_of(settings)
        self._is_watched = is_watched
        self._compress = settings.cache_compression
        self._extender: Extender | None = None
        self._guard: Guard | None = None

    def measure(self, source: Source, deadline: float = float("inf")) -> Measured:
        """Return the values of a source, measured if necessary; see :meth:`find_or_measure`."""
        return self.find_or_measure(source, deadline)[0]

    def find_or_measure(
        self, source: Source, deadline: float = float("inf")
    ) -> tuple[Measured, bytes | None]:
        """Return the values of a source, and its content if it was read.

        Errors are not stored, so they have no record. At the deadline, on the clock of ``time.monotonic``, a
        content that may take long is given up.
        """
        path, storage = source.path, self.storage
        if source.digest is not None and (found := storage.find(source.digest)) is not None:
            return found, None
        try:
            (data, signature), digest = self.read(source)
        except UnreadableError as failure:
            return Measured(self.give_up(path, failure.error)), None
        found = storage.find(digest) if digest != source.digest else None
        if found is not None:
            return replace(found, signature=signature), data
        measurement = self._measure(data, path, deadline)
        record = encode_record(measurement, compress=self._compress) if self._is_whole(measurement) else None
        if record is not None:
            storage.hold(digest, record)
        return Measured(measurement, digest, signature, record), data

    def identify_new(self, source: Source) -> tuple[bytes, Signature | None] | None:
        """Return digest and file status of a content that must be measured; ``None`` for all others."""
        if source.digest is not None and self.storage.find(source.digest) is not None:
            return None
        try:
            content, digest = self.read(source)
        except UnreadableError:
            return None
        return None if self.storage.find(digest) is not None else (digest, content.signature)

    def read(self, source: Source) -> tuple[Content, bytes]:
        """Return the content of a source, and its digest.

        Raises:
            UnreadableError: the content can't be read, or is too large.
        """
        content = source.read(self._max_size)
        # A content that was read before does not change; a file may.
        held = source.digest if source.data is not None else None
        return content, held or digest_content(content.data, self.storage.languages, source.path)

    def is_stored(self, source: Source) -> bool:
        """Return whether a source is in the store, or can't be measured in any case."""
        if source.digest is not None:
            return self.storage.find(source.digest) is not None
        return self.identify_new(source) is None

    def remember(self, digest: bytes | None, measurement: Measurement) -> None:
        """Hold earlier values for equal contents, unless they have an error."""
        if digest is not None and self._is_whole(measurement):
            self.storage.hold(digest, encode_record(measurement, compress=False))

    def give_up(self, path: str, error: FileError, size: int | None = None) -> Measurement:
        """Return a measurement that has only an error, for a source that can't be read or exceeds limits.

        ``path`` is the one in reports. ``size`` is that of the file in bytes; the size of a notebook is not
        that of its code.
        """
        language = find_language(self.storage.languages, path)
        if error.kind in RESOURCE_ERRORS and language is None and not path.endswith(NOTEBOOK):
            error = replace(error, size=size)
        foreign = LanguageSource(language.name) if language else None
        return Measurement.of(error, foreign)

    def _measure(self, data: bytes, path: str, deadline: float) -> Measurement:
        if language := find_language(self.storage.languages, path):
            return self._find_extender().measure(language, data, deadline)
        measurement = self._measure_python(data, deadline)
        if measurement.error is not None and measurement.error.kind in RESOURCE_ERRORS:
            return self.give_up(path, measurement.error, len(data))
        if measurement.error is not None or not find_distributions():
            return measurement
        return self._find_extender().extend(data, measurement, deadline)

    def _measure_python(self, data: bytes, deadline: float) -> Measurement:
        # A run that finds everything in the store needs neither.
        if self._is_watched:
            from pytest_antipasta.engine.measuring.measurement import measure

            return measure(data)
        if self._guard is None:
            from pytest_antipasta.engine.measuring.guard import Guard

            self._guard = Guard(self._limits, self.diagnostics)
        return self._guard.measure(data, deadline)

    def _find_extender(self) -> Extender:
        """Return the extender; the first call makes it."""
        if self._extender is None:
            from pytest_antipasta.engine.measuring.extender import Extender

            self._extender = Extender(self._limits, self.diagnostics)
        return self._extender

    def _is_whole(self, measurement: Measurement) -> bool:
        """Return whether a measurement has all possible values, so that it can be stored."""
        is_complete = self._extender is None or self._extender.is_complete
        return measurement.error is None and not measurement.missing and is_complete

    def close(self) -> None:
        """Close the store, and end the processes started for measuring."""
        if self._extender is not None:
            self._extender.close()
        if self._guard is not None:
            self._guard.close()
        self.storage.close()


def open_measurer(
    settings: Settings,
    cache_dir: Path | None,
    *,
    is_watched: bool = False,
    is_made: bool = True,
    budget: TimeBudget | None = None,
    diagnostics: Diagnostics | None = None,
) -> Measurer:
    """Return a measurer with the store in a folder; without a folder or a usable store, one without a store.

    Its arguments are those of :func:`open_storage` and of :class:`Measurer`.
    """
    storage = open_storage(settings, cache_dir, is_made=is_made, budget=budget, diagnostics=diagnostics)
    return Measurer(storage, settings, is_watched=is_watched)


def measure_once(data: bytes, path: str = "") -> Measurement:
    """Return the values of a single content of any size within the default limits.

    The path says whether it is a notebook.
    """
    settings = Settings(Path(), None, max_file_size_mb=float("inf"))
    with closing(Measurer(Storage(Path()), settings)) as measurer:
        return measurer.measure(Source(path, data=data)).measurement


def limits_of(settings: Settings) -> ResourceLimits:
    """Return the measuring limits from the settings."""
    return ResourceLimits(settings.file_timeout, settings.memory_limit_mb)
