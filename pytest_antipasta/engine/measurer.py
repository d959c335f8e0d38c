"""For each content: look its measurement up, else measure it.

The engine never asks where bytes come from, and writes nothing: what it measured it hands back as a
record, and whoever runs it decides which process keeps records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from pytest_antipasta.model import Measurement
from pytest_antipasta.processes import Limits
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    DAY,
    Bounds,
    EntryError,
    Store,
    StoreError,
    decode_record,
    encode_record,
    make_fingerprint,
)

if TYPE_CHECKING:
    from pytest_antipasta.engine.guard import Guard


from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_antipasta.settings import Settings

_OFF = "the store is off for this run"
_UNREADABLE = "what the store has is unreadable"


class Measured(Struct, frozen=True):
    """A measurement and where it came from.

    Attributes:
        measurement: the numbers.
        digest: sha256 of the content.
        from_store: whether it was looked up.
        record: what to keep of it; ``None`` when it is kept already, or not worth keeping.
        is_aging: whether it was looked up and the store should note that it is in use.
    """

    measurement: Measurement
    digest: bytes
    from_store: bool = False
    record: bytes | None = None
    is_aging: bool = False


class Measurer:
    """Measures content, each once.

    Attributes:
        store: where measurements are looked up; ``None`` for a run without one.
        has_lost_store: whether there should be one, and it had to be switched off.
    """

    def __init__(
        self,
        store: Store | None,
        fingerprint: bytes,
        warnings: Iterable[str] = (),
        limits: Limits | None = None,
        *,
        compress: bool = True,
    ) -> None:
        """Take the store to look things up in, and what measurements depend on besides the content.

        Args:
            store: ``None`` for a run without one.
            fingerprint: of what measures.
            warnings: what the user should know already.
            limits: for each content; ``None`` in a process that is watched by another one.
            compress: whether records are packed where that pays.
        """
        self.store = store
        self.has_lost_store = False
        self._troubles = list(warnings)
        self._compress = compress
        self._fingerprint = fingerprint
        self._loaded: dict[bytes, bytes] = {}
        self._limits = limits
        self._guard: Guard | None = None

    def pop_warnings(self) -> tuple[str, ...]:
        """Return what the user should know of the store and was not taken yet, a line each."""
        warnings = tuple(self._troubles)
        self._troubles.clear()
        return warnings

    def key(self, digest: bytes) -> bytes:
        """Return the store's key of a content."""
        return digest + self._fingerprint

    def load(self, digests: Iterable[bytes]) -> None:
        """Read what the store has for many contents at once; looking them up costs next to nothing then."""
        if self.store is None:
            return
        try:
            self._loaded = self.store.get_many([self.key(digest) for digest in digests])
        except StoreError as error:
            self.switch_off(error)

    def look_up(self, digest: bytes) -> Measured | None:
        """Return what the store has for a content. A store that fails is not asked again."""
        if self.store is None:
            return None
        key = self.key(digest)
        try:
            record = self._loaded.get(key) or self.store.get(key)
            if record is None:
                return None
            return Measured(decode_record(record), digest, True, None, key in self.store.aging)
        except EntryError as error:
            self._troubles.append(f"{_UNREADABLE} ({error}) and was measured again")
        except StoreError as error:
            self.switch_off(error)
        return None

    def tell(self, trouble: str) -> None:
        """Add a line to what the user should know of the store."""
        self._troubles.append(trouble)

    def switch_off(self, error: StoreError) -> None:
        """Go on without a store that failed."""
        self._troubles.append(f"{_OFF}: {error}")
        self.has_lost_store = True
        store, self.store = self.store, None
        if store is not None:
            with suppress(StoreError):
                store.close()

    def measure(self, data: bytes, deadline: float = float("inf")) -> Measured:
        """Return the measurement of a content, new if need be. Errors are not worth keeping.

        Args:
            data: the content.
            deadline: on the clock of ``time.monotonic``; a content that may take long is given up then.
        """
        digest = hashlib.sha256(data).digest()
        known = self.look_up(digest)
        if known is not None:
            return known
        measurement = self._measure(data, deadline)
        record = encode_record(measurement, compress=self._compress) if measurement.error is None else None
        return Measured(measurement, digest, False, record)

    def _measure(self, data: bytes, deadline: float) -> Measurement:
        # Here, because a run that finds everything in the store needs none of it.
        with trusted_first():
            from pytest_antipasta.engine.guard import Guard
            from pytest_antipasta.engine.measurement import measure

        if self._limits is None:
            return measure(data)
        if self._guard is None:
            self._guard = Guard(self._limits, self._troubles.append)
        return self._guard.measure(data, deadline)

    def close(self) -> None:
        """Let go of the store, and of the process for what may take long."""
        if self._guard is not None:
            self._guard.close()
        if self.store is not None:
            try:
                self.store.close()
            except StoreError as error:
                self.switch_off(error)


def open_measurer(
    cache_dir: Path | None, limits: Limits | None = None, settings: Settings | None = None
) -> Measurer:
    """Return an engine with the store in a folder, or without one where there is no folder or no store.

    Args:
        cache_dir: the folder.
        limits: for each content; ``None`` in a process that is watched by another one.
        settings: say how the store is made and filled.
    """
    if cache_dir is None:
        return Measurer(None, b"", limits=limits)
    # Here, because it brings SQLite with it.
    with trusted_first():
        from pytest_antipasta.store import LocalStore

    fingerprint = make_fingerprint()
    try:
        store = LocalStore(cache_dir, settings.cache_journal if settings else "auto")
    except StoreError as error:
        engine = Measurer(None, fingerprint, limits=limits)
        engine.switch_off(error)
        return engine
    compress = settings is None or settings.cache_compression
    return Measurer(store, fingerprint, store.notes, limits, compress=compress)


def merge_warnings(warnings: Iterable[str]) -> list[str]:
    """Return what to tell, each once, and of a store that is broken in several ways only the worst."""
    lines = list(dict.fromkeys(warnings))
    unreadable = [line for line in lines if line.startswith(_UNREADABLE)]
    superfluous = unreadable if any(line.startswith(_OFF) for line in lines) else unreadable[1:]
    return [line for line in lines if line not in superfluous]


def choose_bounds(settings: Settings) -> Bounds:
    """Return how much the store may have by the settings."""
    return Bounds(
        max_bytes=settings.cache_max_size_mb * 1e6,
        max_age=settings.cache_max_age_days * DAY,
        max_entries=settings.cache_max_entries,
        eviction=settings.cache_eviction,
    )


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings set."""
    return Limits(settings.file_timeout, settings.memory_limit_mb)
