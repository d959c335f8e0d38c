"""Judging sources one after the other: measure, compare with limits, apply the baseline."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.results import Measured, Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sources import HeldSource, Source, reread
from pytest_antipasta.engine.verdict import LimitJudge
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Verdict

if TYPE_CHECKING:
    from pytest_antipasta.baseline import Tolerance


class FileJudge:
    """Judges a source in one way, whatever it is: measure it, compare with its limits, tolerate."""

    def __init__(
        self,
        rules: Rules,
        measurer: Measurer,
        *,
        follows: bool = True,
        draft: HeldSource | None = None,
    ) -> None:
        """Judge by the rules of a root.

        Args:
            rules: of the root.
            measurer: measures, or looks up.
            follows: whether recorded numbers are looked for where they have moved from, in other files.
            draft: content in place of what is on disk, where what has moved is looked for.
        """
        self._rules = rules
        self._measurer = measurer
        self._follows = follows
        self._draft = draft
        self._limits = LimitJudge(rules)
        self._process = os.getpid()

    def run(self, source: Source) -> Result:
        """Return the result of one source; nothing that is wrong with it raises."""
        return self._finish(source.path, partial(self._run, source))

    def run_for_another(self, source: Source) -> Result:
        """Return the same for a process that looks at other files: what they may decide fails there."""
        result = self.run(source)
        if self.may_have_moved(result.verdict):
            return replace(result, verdict=replace(result.verdict, failed=False))
        return result

    def give_up(self, path: str, error: FileError) -> Result:
        """Return the result of what can't be measured."""
        return Result(self._limits.judge(path, Measurement(FileMetrics(), (), error)))

    def warn(self, warning: str) -> None:
        """Add a line to what the user should know."""
        self._measurer.lookup.warn(warning)

    def complete(self, result: Result, source: Source) -> Result:
        """Return the result of a source that a worker has given up, with what can still be had of it."""
        if (error := result.verdict.error) is None:
            return result

        def run() -> Result:
            measurement = self._measurer.give_up(source, error)
            return replace(result, verdict=self._limits.judge(source.path, measurement))

        return self._finish(source.path, run)

    def _describe_failure(self, path: str, failure: Exception) -> Result:
        # Here, because it is never needed.
        from pytest_antipasta.runtime import describe_failure, format_failure

        result = self.give_up(path, FileError("internal", describe_failure(failure)))
        return replace(result, traceback=format_failure(failure))

    def _finish(self, path: str, run: Callable[[], Result]) -> Result:
        began, start = time.time(), time.perf_counter()
        try:
            result = run()
        except Exception as failure:  # a mistake of ours over one file must not cost all others
            result = self._describe_failure(path, failure)
        return replace(
            result,
            warnings=(*result.warnings, *self._measurer.lookup.pop_warnings()),
            reads=(*result.reads, *self._measurer.lookup.pop_reads()),
            process=result.process or self._process,
            seconds=result.seconds + time.perf_counter() - start,
            began=result.began or began,
        )

    def _run(self, source: Source) -> Result:
        known = self._measurer.measure(source)
        verdict = self._limits.judge_known(source.path, known)
        verdict = self._tolerate(verdict, partial(_get_data, known, source))
        signature = known.content.signature if known.content else None
        return Result(
            verdict,
            known.digest,
            signature,
            known.record,
            is_aging=known.is_aging,
            is_unreadable=known.is_unreadable,
        )

    def _tolerate(self, verdict: Verdict, read: Callable[[], bytes | None]) -> Verdict:
        if verdict.violations and self._rules.recorded:
            # Here, because most roots have no baseline.
            from pytest_antipasta.baseline import FileSource

            return self.tolerance.apply_to_file(verdict, FileSource(read, verdict.measurement.foreign))
        return verdict

    def may_have_moved(self, verdict: Verdict) -> bool:
        """Whether a look at other files may say more about the baseline in a verdict."""
        if not verdict.violations or not self._rules.recorded:
            return False
        return self.tolerance.may_have_moved(verdict)

    def resolve_moves(self, result: Result, source: Source) -> Result:
        """Return what another process has found, with what only a look at other files can say.

        Args:
            result: of a source.
            source: to be read again.
        """
        if not self.may_have_moved(result.verdict):
            return result
        verdict = result.verdict

        def run() -> Result:
            told = self._limits.judge_known(verdict.path, verdict)
            return replace(result, verdict=self._tolerate(told, partial(reread, source)))

        return self._finish(verdict.path, run)

    @cached_property
    def tolerance(self) -> Tolerance:
        """The baseline, applied to verdicts."""
        # Here, because most roots have no baseline.
        from pytest_antipasta.baseline import Tolerance
        from pytest_antipasta.engine.file_tree import FileTree

        settings, recorded = self._rules.settings, self._rules.recorded or ()
        if not self._follows:
            return Tolerance(settings, recorded, None)
        drafts = {self._draft.path: self._draft.data} if self._draft else None
        tree = FileTree(self._rules, self._measurer.measure, drafts=drafts)
        return Tolerance(settings, recorded, tree)


def _get_data(measured: Measured, source: Source) -> bytes | None:
    """Return the content of a source that was measured or looked up, read now if that was not needed."""
    return measured.content.data if measured.content else reread(source)
