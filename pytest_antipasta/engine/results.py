"""The results of measuring and of judging a source, and judges that have no need to look at one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.engine.sources import Source
from pytest_antipasta.files import Content
from pytest_antipasta.model import FileMetrics, Measurement, Signature, Verdict


class Measured(Struct, frozen=True):
    """A measurement and where it came from.

    Attributes:
        measurement: the numbers, or why there are none.
        digest: of the content; ``None`` where it could not be read.
        from_store: whether it was looked up.
        record: what to keep of it; ``None`` when it is kept already, or not worth keeping.
        is_aging: whether it was looked up and the store should note that it is in use.
        content: what was read; ``None`` where a known digest made that unnecessary, or it could not be had.
        is_coalesced: whether it is of an equal content that was measured just now.
        is_unreadable: whether what the store had could not be read.
    """

    measurement: Measurement
    digest: bytes | None
    from_store: bool = False
    record: bytes | None = None
    is_aging: bool = False
    content: Content | None = None
    is_coalesced: bool = False
    is_unreadable: bool = False


class Result(Struct, frozen=True):
    """The verdict on one source, and what to remember of it.

    Attributes:
        verdict: the numbers and what is thought of them.
        digest: of the content; ``None`` when it could not be read.
        signature: the file's status, when digest and status belong together from now on.
        record: what the store should keep.
        warnings: what the user should know of the store.
        is_aging: whether the store should note that what it has of the content is in use.
        seconds: of the wall clock, that it took.
        began: when that was, in seconds since the epoch.
        traceback: of a mistake of ours over it; empty where there was none.
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
    warnings: tuple[str, ...] = ()
    is_aging: bool = False
    seconds: float = 0.0
    began: float = 0.0
    traceback: str = ""
    is_deferred: bool = False
    process: int = 0
    worker: str = ""
    reads: tuple[float, ...] = ()
    is_unreadable: bool = False


Judge: TypeAlias = Callable[[Source], Result]
"""Returns the result of one source; nothing that is wrong with it raises."""


def hand_out(results: Iterable[Result]) -> Judge:
    """Return the judge of sources whose results are there already."""
    by_path = {result.verdict.path: result for result in results}
    return lambda source: by_path[source.path]


def defer(source: Source, *reasons: str) -> Result:
    """Leave a source to the process that asks, and say why in warnings, if that is worth a line."""
    return Result(Verdict(source.path, Measurement(FileMetrics())), warnings=reasons, is_deferred=True)
