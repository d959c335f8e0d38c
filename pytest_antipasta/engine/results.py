"""The result of judging a source, and judges that return one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from pytest_antipasta.engine.sources import Source
from pytest_antipasta.model import FileMetrics, Measurement, Signature, Verdict


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
        traceback: of a mistake of ours over it; empty where there was none.
        is_deferred: whether nothing was judged, and the process that asked is to do so itself.
    """

    verdict: Verdict
    digest: bytes | None = None
    signature: Signature | None = None
    record: bytes | None = None
    warnings: tuple[str, ...] = ()
    is_aging: bool = False
    seconds: float = 0.0
    traceback: str = ""
    is_deferred: bool = False


class Judge(Protocol):
    """Gives results, whether it has them already or not."""

    def run(self, source: Source) -> Result:
        """Return the result of one source; nothing that is wrong with it raises."""

    def is_known(self, source: Source) -> bool:
        """Whether there is nothing to measure for it."""


class KnownResults:
    """Hands out results that are there already."""

    def __init__(self, results: Iterable[Result]) -> None:
        """Index the results by path."""
        self._results = {result.verdict.path: result for result in results}

    def run(self, source: Source) -> Result:
        """Return the source's result."""
        return self._results[source.path]

    def is_known(self, source: Source) -> bool:
        """Whether there is one."""
        return source.path in self._results


class DeferredResults:
    """Judges nothing, and leaves every source to the process that asks."""

    def __init__(self, reason: str) -> None:
        """Say why, as a warning of each result."""
        self._reason = reason

    def run(self, source: Source) -> Result:
        """Return a result that says no more than that there is none."""
        verdict = Verdict(source.path, Measurement(FileMetrics()))
        return Result(verdict, warnings=(self._reason,), is_deferred=True)

    def is_known(self, source: Source) -> bool:
        """Whether there is nothing to measure for it here, which is so for all."""
        return True
