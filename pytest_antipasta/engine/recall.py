"""Read the values of brief verdicts, which stayed in the store during the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import overload

from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.sources import Task
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Verdict

# Number of records read at once, some megabytes.
_AHEAD = 2000


class WholeVerdicts(Sequence[Verdict]):
    """Verdicts with all of their values, for reports: iterating reads the store.

    Some thousand verdicts are read at a time, as those of a large tree don't fit into memory. Records missing
    from the store are measured again if the file still has the judged content.
    """

    def __init__(
        self,
        verdicts: Sequence[Verdict],
        open_measurer: Callable[[], Measurer],
        find_task: Callable[[str], Task],
    ) -> None:
        """Read nothing yet.

        Args:
            verdicts: the verdicts, brief or complete.
            open_measurer: opens a measurer, which is closed after each iteration.
            find_task: returns the task of a path.
        """
        self._verdicts = verdicts
        self._open_measurer = open_measurer
        self._find_task = find_task
        self._last: tuple[int, Sequence[Verdict]] = (-1, ())

    def __len__(self) -> int:
        """Return the number of verdicts."""
        return len(self._verdicts)

    @overload
    def __getitem__(self, place: int) -> Verdict: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, place: int | slice) -> Verdict | Sequence[Verdict]:
        """Return a slice of the verdicts."""
        if isinstance(place, slice):
            return self._complete(self._verdicts[place])
        return self._complete([self._verdicts[place]])[0]

    def __iter__(self) -> Iterator[Verdict]:
        """Yield the verdicts in order."""
        for start in range(0, len(self), _AHEAD):
            if self._last[0] != start:
                self._last = start, self._complete(self._verdicts[start : start + _AHEAD])
            yield from self._last[1]

    def _complete(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        if not any(verdict.is_brief for verdict in verdicts):
            return verdicts
        with closing(self._open_measurer()) as measurer:
            measurer.storage.load(
                verdict.digest for verdict in verdicts if verdict.is_brief and verdict.digest is not None
            )
            return [
                read_whole(verdict, measurer, self._find_task(verdict.path)) if verdict.is_brief else verdict
                for verdict in verdicts
            ]


def read_whole(verdict: Verdict, measurer: Measurer, task: Task) -> Verdict:
    """Return a brief verdict with all of its values, or with an error if the file's content has changed.

    A verdict of a memo that only says that the file passes has no digest: the file is read.
    """
    outcome = measurer.measure(task._replace(digest=verdict.digest))
    measurement = outcome.verdict.measurement
    if verdict.digest is not None and outcome.digest != verdict.digest:
        error = FileError("missing", "the file changed or was deleted during the run")
        measurement = Measurement(FileMetrics(), (), error)
    return replace(verdict, measurement=measurement, is_brief=False)
