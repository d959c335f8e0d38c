"""The outcome of one source: its numbers, the verdict on them, and what to remember of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.engine.diagnostics import RunWarning
from pytest_antipasta.engine.sources import Source
from pytest_antipasta.model import FileMetrics, Measurement, Signature, Verdict


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What has become of one source. It is plain data that can come from another process.

    Attributes:
        verdict: the numbers, where they come from, and, once it was judged, what is thought of them.
        digest: of the content, to remember it by; ``None`` where it could not be read, or where nothing is to
            be remembered.
        signature: the file's status, when digest and status belong together from now on.
        record: what the store should keep; ``None`` when it is there already, or not worth keeping.
        warnings: what the user should know.
        is_aging: whether the store should note that what it has of the content is in use.
        seconds: of the wall clock, that it took.
        began: when that was, in seconds since the epoch.
        traceback: of an internal error over it; empty where there was none.
        is_deferred: whether nothing was judged, and the process that asked is to do so itself.
        process: the number of the one that judged it.
        worker: its name; empty for the process that the user has started.
        reads: the seconds that each question to the store took.
        is_unreadable: whether what the store had of the content could not be read.
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
    process: int = 0
    worker: str = ""
    reads: tuple[float, ...] = ()
    is_unreadable: bool = False


Judge: TypeAlias = Callable[[Source], Outcome]
"""Returns the outcome of one source; nothing that is wrong with it raises."""


def hand_out(outcomes: Iterable[Outcome]) -> Judge:
    """Return the judge of sources whose outcomes are there already."""
    by_path = {outcome.verdict.path: outcome for outcome in outcomes}
    return lambda source: by_path[source.path]


def defer(source: Source, *reasons: str) -> Outcome:
    """Leave a source to the process that asks, and say why in warnings, if that is worth a line."""
    warnings = tuple(map(RunWarning, reasons))
    return Outcome(Verdict(source.path, Measurement(FileMetrics())), warnings=warnings, is_deferred=True)
