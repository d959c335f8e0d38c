"""Measuring the contents of a change: in this process, or in workers where that is asked for or pays."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.engine import HeldSource, Outcome, Rules, Task, digest_content
from pytest_antipasta.engine.executor import LiveSchedule, count_processors
from pytest_antipasta.engine.measuring import Measurer
from pytest_antipasta.files import UnreadableError
from pytest_antipasta.logs import SLOW, Phases, note_slow_file
from pytest_antipasta.model import Verdict, Workers

MeasureAll: TypeAlias = Callable[[Sequence[HeldSource], float], Iterator[Verdict]]
"""Yields the numbers of sources in order, not judged; the number is the deadline, by ``time.monotonic``."""


class ContentMeasurer:
    """Measures contents, and has the storage keep what is new.

    Attributes:
        measurer: measures in this process.
        workers: how the contents were spread that were most; ``None`` where nobody has asked for workers.
    """

    def __init__(self, rules: Rules, measurer: Measurer, jobs: int | None = 0) -> None:
        """Measure in some number of worker processes; ``None`` for as many as the contents are worth.

        Args:
            rules: of the root.
            measurer: measures in this process.
            jobs: processes; 0 for this one.
        """
        self.measurer = measurer
        self.workers: Workers | None = None
        if jobs != 0:
            self.workers = Workers(0, "little to measure" if jobs is None else f"{jobs} asked for")
        self._jobs = jobs
        self._schedule = LiveSchedule(rules.without_limits(), measurer, Phases())

    def __call__(self, sources: Sequence[HeldSource], deadline: float) -> Iterator[Verdict]:
        """Yield the numbers of sources in order; fewer where the deadline passes."""
        known = [self._identify(source) for source in sources] if len(sources) > 1 else sources
        if len(known) > 1:
            storage = self.measurer.storage
            storage.load(source.digest for source in known if source.digest is not None)
            if (workers := self._choose_workers(known)) > 1:
                yield from self._measure_in_workers(known, workers, deadline)
                return
        for source in known:
            began = time.perf_counter()
            outcome = self.measurer.measure(source, deadline)
            yield self._keep(replace(outcome, seconds=time.perf_counter() - began, process=os.getpid()))

    def _identify(self, source: HeldSource) -> HeldSource:
        """Return a source with the digest of its content, where that can be had."""
        try:
            data = source.read(self.measurer.max_size).data
        except UnreadableError:
            return source
        return source._replace(digest=digest_content(data, self.measurer.storage.languages, source.path))

    def _choose_workers(self, sources: Sequence[HeldSource]) -> int:
        lacks = self.measurer.storage.lacks
        missing = [source for source in sources if source.digest is not None and lacks(source.digest)]
        if self._jobs is not None:
            workers = Workers(min(self._jobs, len(missing)), f"{self._jobs} asked for")
        else:
            tasks = [Task(path, "", digest, len(data), data) for path, data, digest in missing]
            workers = self._schedule.choose_workers(tasks, count_processors())
        if self.workers is not None and workers.number >= self.workers.number:
            self.workers = workers
        return workers.number

    def _measure_in_workers(
        self, sources: Sequence[HeldSource], workers: int, deadline: float
    ) -> Iterator[Verdict]:
        # Both states of a file have one path, and a task has its own. The ending tells the language.
        tasks = [
            Task(f"{number}/{path}", "", digest, len(data), data)
            for number, (path, data, digest) in enumerate(sources)
        ]
        ready: dict[str, Verdict] = {}
        waiting = deque(task.path for task in tasks)
        with closing(self._schedule.run(tasks, workers, deadline)) as outcomes:
            try:
                for outcome in outcomes:
                    name = outcome.verdict.path
                    ready[name] = self._keep(_rename(outcome, sources[int(name.partition("/")[0])].path))
                    while waiting and waiting[0] in ready:
                        yield ready.pop(waiting.popleft())
            except GeneratorExit:
                # What is there by the deadline is kept, for the next time.
                for outcome in outcomes if time.monotonic() >= deadline else ():
                    self._keep(outcome)
                raise

    def _keep(self, outcome: Outcome) -> Verdict:
        verdict, storage = outcome.verdict, self.measurer.storage
        if outcome.seconds > SLOW:
            kind = verdict.error.kind if verdict.error else ""
            note_slow_file(verdict.path, outcome.seconds, {"process.pid": outcome.process}, error=kind)
        for warning in outcome.warnings:
            storage.diagnostics.warn(*warning)
        if outcome.digest is not None and outcome.record is not None:
            storage.keep(outcome.digest, outcome.record)
            storage.hold(outcome.digest, outcome.record)
        return verdict


def _rename(outcome: Outcome, path: str) -> Outcome:
    return replace(outcome, verdict=replace(outcome.verdict, path=path))
