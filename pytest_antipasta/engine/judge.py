"""Going over files of a worktree and judging each."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.engine.measurer import Measurer
from pytest_antipasta.files import UnreadableError, read_file, reread
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Signature, Threshold, Verdict
from pytest_antipasta.policy import is_critical, judge
from pytest_antipasta.settings import Settings, ThresholdFinder

if TYPE_CHECKING:
    from pytest_antipasta.baseline import Tolerance
from pytest_antipasta.engine.tasks import Result, Task


class FileJudge:
    """Judges files one by one."""

    def __init__(self, settings: Settings, engine: Measurer, *, follows: bool = True) -> None:
        """Take what applies, and what measures.

        Args:
            settings: of the root.
            engine: measures.
            follows: whether recorded numbers are looked for where they have moved from, in other files.
        """
        self._settings = settings
        self._engine = engine
        self._follows = follows
        self._thresholds = ThresholdFinder(settings)
        self._max_size = settings.max_file_bytes

    def run(self, task: Task) -> Result:
        """Return what came of one file; nothing that is wrong with it raises."""
        return self._finish(task.path, partial(self._run, task))

    def run_content(self, path: str, data: bytes) -> Result:
        """Return what came of content that was read already.

        Args:
            path: to report it under.
            data: the content.
        """
        return self._finish(path, partial(self._run_content, path, data, None))

    def _finish(self, path: str, run: Callable[[], Result]) -> Result:
        start = time.perf_counter()
        try:
            result = run()
        except Exception as failure:  # a mistake of ours over one file must not cost all others
            error = FileError("internal", _describe_failure(failure))
            result = Result(self.judge(path, Measurement(FileMetrics(), (), error)))
        warnings = (*result.warnings, *self._engine.pop_warnings())
        return replace(result, warnings=warnings, seconds=time.perf_counter() - start)

    def _run(self, task: Task) -> Result:
        known = self._engine.look_up(task.digest) if task.digest else None
        if known is None:
            try:
                content = read_file(task.location, self._max_size)
            except UnreadableError as failure:
                return Result(self.judge(task.path, Measurement(FileMetrics(), (), failure.error)))
            return self._run_content(task.path, content.data, content.signature)
        verdict = self._judge_and_tolerate(
            task.path, known.measurement, known.from_store, partial(reread, task.location)
        )
        return Result(verdict, known.digest, is_aging=known.is_aging)

    def _run_content(self, path: str, data: bytes, signature: Signature | None) -> Result:
        known = self._engine.measure(data)
        verdict = self._judge_and_tolerate(path, known.measurement, known.from_store, lambda: data)
        return Result(verdict, known.digest, signature, known.record, is_aging=known.is_aging)

    def is_known(self, task: Task) -> bool:
        """Whether the measurement of a file needs only to be looked up."""
        if task.digest is not None:
            return self._engine.look_up(task.digest) is not None
        try:
            data = read_file(task.location, self._max_size).data
        except UnreadableError:
            return True
        return self._engine.look_up(hashlib.sha256(data).digest()) is not None

    def judge(self, path: str, measurement: Measurement, from_store: bool = False) -> Verdict:
        """Return the verdict on numbers by their limits, wherever they come from."""
        thresholds = self._thresholds.find(path)
        judgement = judge(measurement, thresholds, nested_blocks=self._settings.nested_blocks)
        unmeasured = measurement.error is not None and self._settings.on_error == "fail"
        verdict = Verdict(
            path,
            measurement,
            judgement.violations,
            unjudged=judgement.unjudged,
            failed=bool(judgement.violations) or unmeasured,
            from_store=from_store,
        )
        if measurement.comments and self._settings.honour_suppressions:
            verdict = self._suppress(verdict, thresholds)
        return verdict

    def _suppress(self, verdict: Verdict, thresholds: Sequence[Threshold]) -> Verdict:
        # Here, because most files have no such comment.
        from pytest_antipasta.policy.suppressions import SuppressionRules, suppress

        settings = self._settings
        rules = SuppressionRules(
            settings.foreign_suppressions,
            settings.require_reasons,
            settings.unused_suppressions == "fail",
            partial(is_critical, settings.critical_functions, verdict.path),
        )
        violations, tolerated, suppressions = suppress(
            verdict.violations, verdict.measurement, thresholds, rules
        )
        failed = bool(violations) or any(suppression.fails for suppression in suppressions)
        return replace(
            verdict, violations=violations, tolerated=tolerated, suppressions=suppressions, failed=failed
        )

    def _judge_and_tolerate(
        self, path: str, measurement: Measurement, from_store: bool, read: Callable[[], bytes | None]
    ) -> Verdict:
        verdict = self.judge(path, measurement, from_store)
        if verdict.violations and self._settings.recorded:
            critical = partial(is_critical, self._settings.critical_functions)
            return self.tolerance.apply_to_file(verdict, read, critical)
        return verdict

    def may_have_moved(self, verdict: Verdict) -> bool:
        """Whether a look at other files may tell more of the baseline in a verdict than it says."""
        if not verdict.violations or not self._settings.recorded:
            return False
        return self.tolerance.may_have_moved(verdict)

    def follow(self, result: Result, location: str) -> Result:
        """Return what another process has found, with what only a look at other files tells.

        Args:
            result: of a file.
            location: to open it by.
        """
        if not self.may_have_moved(result.verdict):
            return result
        path, measurement, from_store = (
            result.verdict.path,
            result.verdict.measurement,
            result.verdict.from_store,
        )

        def run() -> Result:
            verdict = self._judge_and_tolerate(path, measurement, from_store, partial(reread, location))
            return replace(result, verdict=verdict)

        return self._finish(path, run)

    @cached_property
    def tolerance(self) -> Tolerance:
        """The baseline, applied to verdicts."""
        # Here, because most roots have no baseline.
        from pytest_antipasta.baseline import Tolerance
        from pytest_antipasta.engine.worktree_places import WorktreePlaces

        places = WorktreePlaces(self._settings, self.judge, self._measure) if self._follows else None
        return Tolerance(self._settings, places)

    def _measure(self, data: bytes) -> Measurement:
        return self._engine.measure(data).measurement


class WorkerJudge:
    """Judges files for another process, which looks at other files where that may tell more."""

    def __init__(self, sweep: FileJudge) -> None:
        """Take what judges, and follows nothing."""
        self._sweep = sweep

    def run(self, task: Task) -> Result:
        """Return what came of one file; what is for the other process to decide does not fail here."""
        result = self._sweep.run(task)
        if self._sweep.may_have_moved(result.verdict):
            return replace(result, verdict=replace(result.verdict, failed=False))
        return result

    def is_known(self, task: Task) -> bool:
        """Whether the measurement of a file needs only to be looked up."""
        return self._sweep.is_known(task)


def _describe_failure(failure: Exception) -> str:
    import traceback  # here, because it is never needed

    place = traceback.extract_tb(failure.__traceback__)[-1]
    return (
        f"{type(failure).__name__}: {failure} ({Path(place.filename).name}:{place.lineno}); "
        "this is a mistake in pytest-antipasta, please report it"
    )
