"""Numbers that a run has left to the store, read again for whoever asks: as many at once as pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import cached_property

from pytest_antipasta.engine.check import LimitJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sources import Task
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Verdict
from pytest_antipasta.store import EntryError, decode_record

# Records that are read at once, some megabytes.
_AHEAD = 2000


def divide_known(
    tasks: Sequence[Task], rules: Rules, storage: Storage, recall: Callable[[Verdict], Measurement]
) -> tuple[dict[str, Verdict], list[Task]]:
    """Return the verdicts on files whose worst numbers say that they pass, by path, and the other files."""
    passes = LimitJudge(rules).passes
    passing, others = {}, []
    for task, worst in zip(tasks, storage.list_worst(tasks), strict=True):
        if worst and passes(task.path, worst):
            passing[task.path] = Verdict(task.path, None, from_store=True, digest=task.digest, recall=recall)
        else:
            others.append(task)
    return passing, others


class Recall:
    """Gives the measurements of verdicts that have left theirs to the store.

    Attributes:
        has_ended: whether the run has. Before, they are asked for singly. Afterwards whoever asks goes
            through verdicts in the order of their paths, as reports do, so that those of the next are read
            along.
    """

    def __init__(
        self,
        measurer: Measurer,
        open_again: Callable[[], Measurer],
        list_verdicts: Callable[[], Sequence[Verdict]],
        find_task: Callable[[str], Task],
    ) -> None:
        """Recall what a run has looked up or kept.

        Args:
            measurer: of the run, until that has ended.
            open_again: returns another one, for as long as it takes.
            list_verdicts: returns those of the run in the order of their paths.
            find_task: returns the file that has a path.
        """
        self.has_ended = False
        self._measurer = measurer
        self._open_again = open_again
        self._list_verdicts = list_verdicts
        self._find_task = find_task
        self._place = 0
        self._records: dict[bytes, bytes | None] = {}
        self._last: tuple[bytes, Measurement] | None = None

    def __call__(self, verdict: Verdict) -> Measurement:
        """Return the measurement of the content that a verdict is on.

        A content that the store has lost meanwhile is measured again, if the file still has it.
        """
        digest = verdict.digest or b""
        if self._last is None or self._last[0] != digest:
            self._last = digest, self._find(digest) if self.has_ended else self._look_up(verdict.path, digest)
        return self._last[1]

    def _look_up(self, path: str, digest: bytes) -> Measurement:
        outcome = self._measurer.measure(self._find_task(path))
        if outcome.digest is not None:
            self._measurer.storage.keep(outcome.digest, outcome.record)
        return _take_numbers(outcome, digest)

    def _find(self, digest: bytes) -> Measurement:
        if digest not in self._records:
            self._read_on(digest)
        if record := self._records[digest]:
            with suppress(EntryError):
                return decode_record(record)
        path = self._verdicts[self._find_place(digest)].path
        with closing(self._open_again()) as measurer:
            return _take_numbers(measurer.measure(self._find_task(path)), digest)

    def _read_on(self, digest: bytes) -> None:
        self._place = self._find_place(digest)
        some = list(filter(None, self._digests[self._place : self._place + _AHEAD]))
        with closing(self._open_again()) as measurer:
            storage = measurer.storage
            storage.load(some)
            self._records = {digest: storage.loaded[storage.key(digest)] for digest in some}

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


def _take_numbers(outcome: Outcome, digest: bytes) -> Measurement:
    """Return what was measured now, if the content is still the one that was judged."""
    if outcome.digest == digest:
        return outcome.verdict.measurement
    return Measurement(FileMetrics(), (), FileError("missing", "it changed or went during the run"))
