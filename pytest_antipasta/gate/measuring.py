"""Measuring the contents of a change: in this process, or in workers where that is asked for or pays."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing

from msgspec.structs import replace

from pytest_antipasta.engine import HeldSource, Outcome, Rules, Step, Task, digest_content, tell_nobody
from pytest_antipasta.engine.executor import LiveSchedule, count_processors
from pytest_antipasta.engine.measuring import Measurer
from pytest_antipasta.files import UnreadableError
from pytest_antipasta.logs import SLOW, Phases, note_slow_file
from pytest_antipasta.model import Verdict, Workers


class OutOfTimeError(Exception):
    """The time budget is used up, whichever side of a file it was that was to be measured."""


class ContentMeasurer:
    """Measures contents within a time budget, and has the storage keep what is new.

    Attributes:
        measurer: measures in this process.
        workers: how the contents were spread that were most; ``None`` where nobody has asked for workers.
    """

    def __init__(
        self, rules: Rules, measurer: Measurer, jobs: int | None = 0, deadline: float = float("inf")
    ) -> None:
        """Measure in some number of worker processes; ``None`` for as many as the contents are worth.

        Args:
            rules: of the root.
            measurer: measures in this process.
            jobs: processes; 0 for this one.
            deadline: on the clock of ``time.monotonic``.
        """
        self.measurer = measurer
        self.workers: Workers | None = None
        if jobs != 0:
            self.workers = Workers(0, "little to measure" if jobs is None else f"{jobs} asked for")
        self._jobs = jobs
        self._deadline = deadline
        self._schedule = LiveSchedule(rules.without_limits(), measurer, Phases())

    def check_time(self) -> None:
        """Raise :class:`OutOfTimeError` if the budget is used up."""
        if time.monotonic() >= self._deadline:
            raise OutOfTimeError

    def identify(self, source: HeldSource) -> HeldSource:
        """Return a source with its code and the digest of that, where these can be had."""
        try:
            code = source.read(self.measurer.max_size).data
        except UnreadableError:
            return source
        digest = digest_content(code, self.measurer.storage.languages, source.path)
        return source._replace(digest=digest, code=code)

    def measure_one(self, source: HeldSource) -> Verdict:
        """Return the numbers of one source, not judged.

        Raises:
            OutOfTimeError: the budget is used up.
        """
        self.check_time()
        began = time.perf_counter()
        outcome = self.measurer.measure(source, self._deadline)
        return self._keep(replace(outcome, seconds=time.perf_counter() - began, process=os.getpid()))

    def measure(
        self, sources: Sequence[HeldSource], tell: Step = tell_nobody
    ) -> Generator[Verdict, None, None]:
        """Yield the numbers of identified sources in order, not judged; ``tell`` hears of each before.

        Raises:
            OutOfTimeError: the budget is used up; what is measured by then is kept.
        """
        missing, ready = self._find_missing(sources), dict[bytes | None, Verdict]()
        with closing(self._iter_answers(missing)) as answers:
            try:
                for number, source in enumerate(sources):
                    tell(number, len(sources))
                    while source.digest in missing and source.digest not in ready:
                        if (answer := next(answers, None)) is None:
                            self.check_time()
                            break
                        ready[answer.digest] = answer
                    found = ready.get(source.digest)
                    yield replace(found, path=source.path) if found else self.measure_one(source)
            except OutOfTimeError:
                list(answers)  # what is there is kept for the next time
                raise
            list(answers)  # which raises if all of them came because the user has interrupted it

    def _find_missing(self, sources: Sequence[HeldSource]) -> dict[bytes | None, Task]:
        """Return the contents that workers may measure, each once, by digest."""
        if len(sources) < 2:
            return {}
        storage = self.measurer.storage
        storage.load(source.digest for source in sources if source.digest is not None)
        return {
            digest: Task(path, "", digest, len(data), data)
            for path, data, digest, _ in sources
            if digest is not None and storage.lacks(digest)
        }

    def _iter_answers(self, missing: Mapping[bytes | None, Task]) -> Generator[Verdict, None, None]:
        """Yield what workers measure of contents, in any order; nothing where they are not worth any."""
        tasks = list(missing.values())
        if not tasks or (number := self._choose_workers(tasks)) < 2:
            return
        with closing(self._schedule.run(tasks, number, self._deadline)) as outcomes:
            yield from map(self._keep, outcomes)

    def _choose_workers(self, tasks: Sequence[Task]) -> int:
        if self._jobs is not None:
            workers = Workers(min(self._jobs, len(tasks)), f"{self._jobs} asked for")
        else:
            workers = self._schedule.choose_workers(tasks, count_processors())
        if self.workers is not None and workers.number >= self.workers.number:
            self.workers = workers
        return workers.number

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
