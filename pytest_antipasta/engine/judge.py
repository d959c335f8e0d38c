"""Judge single sources: get the values, compare them with limits, apply the baseline."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.source import Source
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileError, Measured, Measurement

if TYPE_CHECKING:
    from pytest_antipasta.baseline.tolerance import Tolerance


class FileJudge:
    """Judges any source the same way: get its values, compare them with its limits, apply the baseline.

    Threads can't share a judge: its store, limits and warnings belong to one of them.

    Attributes:
        rules: rules of the root.
        measurer: measures sources or looks them up.
        storage: the measurer's storage.
        limit_judge: compares values with their limits.
    """

    def __init__(
        self,
        rules: Rules,
        measurer: Measurer,
        *,
        follows: bool = True,
        draft: Source | None = None,
    ) -> None:
        """Judge by the rules of a root.

        ``follows`` is whether baseline entries are searched for in other files, for moved code; ``draft``
        replaces the content on disk in this search.
        """
        self.rules = rules
        self.measurer = measurer
        self.storage = measurer.storage
        self._follows = follows
        self._draft = draft
        self.limit_judge = LimitJudge(rules)
        self._process = os.getpid()

    def run(self, source: Source) -> Outcome:
        """Return the outcome of one source; errors are part of the outcome and never raised."""
        return self._guard(source, partial(self._run, source))

    def run_for_another(self, source: Source) -> Outcome:
        """Return the outcome for the process that has asked, with warnings and the use of the store here.

        The other process searches for moved baseline entries. Until then, a file whose violations may have
        some does not count as failed, so that ``-x`` does not stop the run.
        """
        outcome, storage = self.run(source), self.storage
        return replace(
            outcome,
            warnings=self.measurer.diagnostics.take(),
            reads=storage.take_reads(),
            is_aging=storage.is_aging(outcome.digest),
            is_unreadable=outcome.digest in storage.unreadable,
            awaits_moves=self._may_have_moved(outcome.verdict),
        )

    def give_up(self, source: Source, error: FileError) -> Outcome:
        """Return the outcome of a source that exceeds limits, or that ended the process measuring it."""
        measurement = self.measurer.give_up(source.path, error, source.size)
        return Outcome(self.limit_judge.judge(source.path, Measured(measurement, source.digest)))

    def resolve_moves(self, outcome: Outcome, source: Source) -> Outcome:
        """Complete the outcome of another process with a search of other files for moved baseline entries.

        For the search, the source is read again.
        """
        if not outcome.awaits_moves:
            return outcome

        def run() -> Outcome:
            verdict = self.limit_judge.judge(source.path, outcome.measured)
            return replace(outcome, verdict=self._tolerate(verdict, source, None), awaits_moves=False)

        return self._guard(source, run)

    @cached_property
    def tolerance(self) -> Tolerance:
        """The baseline, applied to verdicts."""
        from pytest_antipasta.baseline.tolerance import Tolerance  # most roots have no baseline
        from pytest_antipasta.engine.file_tree import FileTree

        settings, recorded = self.rules.settings, self.rules.recorded or ()
        if not self._follows:
            return Tolerance(settings, recorded, None)
        return Tolerance(settings, recorded, FileTree(self.rules, self.measurer, self._draft))

    def _run(self, source: Source) -> Outcome:
        measured, data = self.measurer.find_or_measure(source)
        verdict = self.limit_judge.judge(source.path, measured)
        if verdict.violations and self.rules.recorded:
            verdict = self._tolerate(verdict, source, data)
        return Outcome(verdict, measured.digest, measured.signature, measured.record)

    def _may_have_moved(self, verdict: Verdict) -> bool:
        """Return whether other files may contain code that matches a verdict's baseline entries."""
        if not verdict.violations or not self.rules.recorded:
            return False
        return self.tolerance.may_have_moved(verdict)

    def _tolerate(self, verdict: Verdict, source: Source, data: bytes | None) -> Verdict:
        file = source.make_version(Measured(verdict.measurement), data)
        return self.tolerance.apply_to_file(verdict, file)

    def _guard(self, source: Source, run: Callable[[], Outcome]) -> Outcome:
        """Return the outcome of a function, with its duration and any internal error."""
        began, start = time.time(), time.perf_counter()
        try:
            outcome = run()
        except Exception as failure:  # an internal error in one file must not stop the others
            from pytest_antipasta.runtime.failures import describe_failure, format_failure  # rarely needed

            error = Measurement.of(FileError("internal", describe_failure(failure)))
            verdict = self.limit_judge.judge(source.path, Measured(error, source.digest))
            outcome = Outcome(verdict, traceback=format_failure(failure))
        return replace(
            outcome,
            process=outcome.process or self._process,
            seconds=outcome.seconds + time.perf_counter() - start,
            began=outcome.began or began,
        )
