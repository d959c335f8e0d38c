"""The outcome of one source: the verdict on its values, and what to store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.engine.diagnostics import RunWarning
from pytest_antipasta.files.source import Source
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileMetrics, Measured, Measurement, Signature


class Outcome(Struct, frozen=True, omit_defaults=True):
    """The result of one source, as plain data that can be sent between processes.

    Attributes:
        verdict: the verdict, with the values and where they come from.
        digest: digest of the content; ``None`` if the content could not be read, or nothing is to be stored.
        signature: status of the file, if digest and status belong together.
        record: record for the store; ``None`` if it is stored already, or must not be stored.
        warnings: warnings for the user, of another process.
        is_aging: whether the store should update the time of last use of the content's record, which another
            process has found.
        seconds: duration, on the wall clock.
        began: start time, in seconds since the epoch.
        traceback: traceback of an internal error; empty without one.
        is_deferred: whether nothing was judged, and the requesting process must judge the source itself.
        awaits_moves: whether the search of other files for moved baseline entries, which may tolerate its
            violations, is left to the requesting process.
        process: id of the process that judged the source.
        worker: name of that process; empty for the process that the user started.
        reads: duration of each read from the store, in seconds, of another process.
        is_unreadable: whether another process could not read the stored record of the content.
    """

    verdict: Verdict
    digest: bytes | None = None
    signature: Signature | None = None
    record: bytes | None = None
    warnings: tuple[RunWarning, ...] = ()
    is_aging: bool = False
    seconds: float = 0.0
    began: float = 0.0
    traceback: str = ""
    is_deferred: bool = False
    awaits_moves: bool = False
    process: int = 0
    worker: str = ""
    reads: tuple[float, ...] = ()
    is_unreadable: bool = False

    @property
    def measured(self) -> Measured:
        """The values alone, to be compared with limits again."""
        verdict = self.verdict
        return Measured(
            verdict.measurement,
            verdict.digest,
            self.signature,
            self.record,
            verdict.origin,
        )

    @property
    def failed(self) -> bool:
        """Whether the file fails, as far as this process can know."""
        return self.verdict.failed and not self.awaits_moves


Judge: TypeAlias = Callable[[Source], Outcome]
"""Returns the outcome of one source. Errors of the source are part of the outcome and do not raise."""


def defer(source: Source, *reasons: str) -> Outcome:
    """Return the outcome of a source that the requesting process must judge, with an optional warning."""
    warnings = tuple(map(RunWarning, reasons))
    return Outcome(Verdict(source.path, Measurement(FileMetrics())), warnings=warnings, is_deferred=True)
