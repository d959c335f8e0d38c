"""Numbers that a run has let go of, read again for whoever asks: from the store, as many at once as pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import cached_property

from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.memory.memory import Memory
from pytest_antipasta.engine.results import Measured
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sources import Task
from pytest_antipasta.engine.verdict import LimitJudge
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Verdict
from pytest_antipasta.store import EntryError, decode_record

# Records that are read at once, some megabytes.
_AHEAD = 2000


def divide_known(
    tasks: Sequence[Task], rules: Rules, memory: Memory, recall: Callable[[Verdict], Measurement]
) -> tuple[dict[str, Verdict], list[Task]]:
    """Return the verdicts on files whose worst numbers say that they pass, by path, and the other files."""
    passes = LimitJudge(rules).passes
    passing, others = {}, []
    for task, worst in zip(tasks, memory.list_worst(tasks), strict=True):
        if worst and passes(task.path, worst):
            passing[task.path] = Verdict(task.path, None, from_store=True, digest=task.digest, recall=recall)
        else:
            others.append(task)
    return passing, others


def take_numbers(measured: Measured, digest: bytes | None) -> Measurement:
    """Return what was measured now, if the content is still the one that was judged."""
    if measured.digest == digest:
        return measured.measurement
    return Measurement(FileMetrics(), (), FileError("missing", "it changed or went during the run"))


class Recall:
    """Gives the measurements of verdicts that have left theirs to the store.

    Whoever asks goes through verdicts in the order of their paths, so that those of the next are read along.
    """

    def __init__(
        self,
        list_verdicts: Callable[[], Sequence[Verdict]],
        find_task: Callable[[str], Task],
        open_measurer: Callable[[], Measurer],
    ) -> None:
        """Recall what a run has looked up or kept.

        Args:
            list_verdicts: returns those of the run in the order of their paths; it has ended by the time that
                somebody asks.
            find_task: returns the file that has a path.
            open_measurer: opens the store, which is closed by then.
        """
        self._list_verdicts = list_verdicts
        self._find_task = find_task
        self._open_measurer = open_measurer
        self._place = 0
        self._records: dict[bytes, bytes | None] = {}
        self._last: tuple[bytes, Measurement] | None = None

    def __call__(self, verdict: Verdict) -> Measurement:
        """Return the measurement of the content that a verdict is on.

        A content that the store has lost meanwhile is measured again, if the file still has it.
        """
        digest = verdict.digest or b""
        if self._last is None or self._last[0] != digest:
            self._last = digest, self._find(digest)
        return self._last[1]

    def _find(self, digest: bytes) -> Measurement:
        if digest not in self._records:
            self._read_on(digest)
        if record := self._records[digest]:
            with suppress(EntryError):
                return decode_record(record)
        return self._measure(digest)

    def _read_on(self, digest: bytes) -> None:
        self._place = self._find_place(digest)
        some = list(filter(None, self._digests[self._place : self._place + _AHEAD]))
        with closing(self._open_measurer()) as measurer:
            lookup = measurer.lookup
            lookup.load(some)
            self._records = {digest: lookup.loaded[lookup.key(digest)] for digest in some}

    def _measure(self, digest: bytes) -> Measurement:
        path = self._verdicts[self._find_place(digest)].path
        with closing(self._open_measurer()) as measurer:
            measured = measurer.measure(self._find_task(path))
        return take_numbers(measured, digest)

    def _find_place(self, digest: bytes) -> int:
        """Return the place of a file with the content, the next one if there is one."""
        with suppress(ValueError):
            return self._digests.index(digest, self._place)
        return self._digests.index(digest)

    @cached_property
    def _digests(self) -> list[bytes | None]:
        return [verdict.digest for verdict in self._verdicts]

    @cached_property
    def _verdicts(self) -> Sequence[Verdict]:
        return self._list_verdicts()
