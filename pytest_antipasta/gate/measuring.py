"""Measure the contents of a change: in this process, or in workers if requested or faster."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, suppress

from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import ReportProgress, ignore_progress
from pytest_antipasta.engine.executor.judging import judge_many
from pytest_antipasta.engine.executor.worker_count import count_processors, plan_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.files.source import Source
from pytest_antipasta.git.time_budget import OutOfTimeError
from pytest_antipasta.logs.spans import SLOW, record_slow_file
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.measured import Measured
from pytest_antipasta.model.run import Workers


class HeldFile(FileVersion):
    """A file before or after a change, measured on first use of its values."""

    def __init__(self, path: str, data: bytes, measurer: ContentMeasurer) -> None:
        super().__init__(
            path, lambda: self._source.reread() or b"", lambda: measurer.measure_one(self.identify())
        )
        self._source = Source(path, size=len(data), data=data)
        self._measurer = measurer

    def identify(self) -> Source:
        """Return the content with its code and the digest of the code, if they can be read."""
        with suppress(UnreadableError):
            if self._source.digest is None:
                content, digest = self._measurer.measurer.read(self._source)
                self._source = self._source._replace(digest=digest, code=content.data)
        return self._source

    def check_time(self) -> None:
        """Raise :class:`OutOfTimeError` if no time is left to parse the content."""
        self._measurer.check_time()

    def find_bodies(self) -> Mapping[str, str]:
        """Return the stored bodies of blocks."""
        digest = self.known.digest
        return {} if digest is None else self._measurer.storage.find_bodies(digest)

    def keep_bodies(self) -> None:
        """Store the bodies that a comparison computed, so that later runs can use them."""
        if (bodies := self.find_news()) and self.known.digest is not None:
            self._measurer.storage.keep_bodies(self.known.digest, bodies)


class ContentMeasurer:
    """Measures contents within a time budget, and stores new measurements.

    Attributes:
        measurer: measures in this process.
        storage: the stored measurements.
        workers: the largest number of workers used so far, with the reason; ``None`` if ``jobs`` is 0.
    """

    def __init__(
        self, rules: Rules, measurer: Measurer, jobs: int | None = 0, deadline: float = float("inf")
    ) -> None:
        """Measure in a number of worker processes.

        Args:
            rules: the rules of the root.
            measurer: measures in this process.
            jobs: number of processes; 0 for this process, ``None`` to choose by the amount of work. Further
                batches use fewer if that is faster, as workers take their time to start.
            deadline: end of the time budget, by ``time.monotonic``.
        """
        self.measurer = measurer
        self.storage = measurer.storage
        self.workers: Workers | None = None
        if jobs is None:
            self.workers = Workers(0, "little to measure", count_processors())
        elif jobs:
            self.workers = Workers(0, f"{jobs} requested")
        self._jobs = jobs
        self._has_begun = False
        self._deadline = deadline
        self._rules = rules

    def check_time(self) -> None:
        """Raise :class:`OutOfTimeError` if the budget is used up."""
        if time.monotonic() >= self._deadline:
            raise OutOfTimeError

    def measure_one(self, source: Source) -> Measured:
        """Return the values of one source.

        Raises:
            OutOfTimeError: the budget is used up.
        """
        self.check_time()
        began = time.perf_counter()
        measured = self.measurer.measure(source, self._deadline)
        return self._keep(source.path, measured, time.perf_counter() - began, os.getpid())

    def measure(self, files: Sequence[HeldFile], report_progress: ReportProgress = ignore_progress) -> None:
        """Measure files in order; ``report_progress`` is called before each.

        Raises:
            OutOfTimeError: the budget is used up. Files measured so far are stored.
        """
        sources = [file.identify() for file in files]
        missing, ready = self._find_missing(sources), dict[bytes | None, Measured]()
        with closing(self._iter_answers(missing)) as answers:
            try:
                for number, (file, source) in enumerate(zip(files, sources, strict=True)):
                    report_progress(number, len(files))
                    while source.digest in missing and source.digest not in ready:
                        if (answer := next(answers, None)) is None:
                            self.check_time()
                            break
                        ready[answer.digest] = answer
                    found = ready.get(source.digest) if source.digest in missing else None
                    file.know(found or self.measure_one(source))
            except OutOfTimeError:
                list(answers)  # stores the finished measurements for the next run
                raise
            list(answers)  # raises if the user interrupted the workers

    def _find_missing(self, sources: Sequence[Source]) -> dict[bytes | None, Source]:
        """Return the contents that workers may measure, by digest."""
        if len(sources) < 2:
            return {}
        self.storage.load(source.digest for source in sources if source.digest is not None)
        return {
            source.digest: source._replace(code=None)  # workers take it from the content
            for source in sources
            if source.digest is not None and self.storage.lacks(source.digest)
        }

    def _iter_answers(self, missing: Mapping[bytes | None, Source]) -> Generator[Measured, None, None]:
        """Yield values from workers, in any order; nothing if the contents need no workers."""
        sources = list(missing.values())
        if not sources or (number := self._choose_workers(sources)) < 2:
            return
        judge = FileJudge(self._rules.without_limits(), self.measurer)
        with closing(judge_many(sources, judge, number, self._deadline)) as outcomes:
            for outcome in outcomes:
                if outcome.traceback:
                    continue  # measured again in this process, whose caller decides on internal errors
                for warning in outcome.warnings:
                    self.measurer.diagnostics.warn(*warning)
                measured = outcome.measured
                if measured.digest is not None and measured.record is not None:
                    self.storage.hold(measured.digest, measured.record)
                yield self._keep(outcome.verdict.path, measured, outcome.seconds, outcome.process)

    def _choose_workers(self, sources: Sequence[Source]) -> int:
        if self._jobs is None:
            workers = plan_workers(sources, count_processors(), self.measurer.is_stored)
        elif self._has_begun:
            worth_it = plan_workers(sources, self._jobs, self.measurer.is_stored)
            workers = Workers(worth_it.number, f"{self._jobs} requested")
        else:
            workers = Workers(min(self._jobs, len(sources)), f"{self._jobs} requested")
        self._has_begun = True
        if self.workers is not None and workers.number >= self.workers.number:
            self.workers = workers
        return workers.number

    def _keep(self, path: str, measured: Measured, seconds: float, process: int) -> Measured:
        """Store new values, and return them without their record, which a change does not need.

        ``seconds`` is how long it took to find or measure them in a process.
        """
        if seconds > SLOW:
            error = measured.measurement.error
            record_slow_file(path, seconds, {"process.pid": process}, error=error.kind if error else "")
        if measured.digest is None or measured.record is None:
            return measured
        self.storage.keep(measured.digest, measured.record)
        return replace(measured, record=None)
