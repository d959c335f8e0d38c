"""Judging a change: its files from git, measured, and the verdict narrowed to what the change does."""

from __future__ import annotations

import os
import time
from collections.abc import Container, Mapping, Sequence
from functools import cache, cached_property, partial
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from pytest_antipasta.engine import HeldSource, LimitJudge, Outcome, Rules, Source, Step, reread, tell_nobody
from pytest_antipasta.engine.measuring import Measurer
from pytest_antipasta.files import SourcePaths
from pytest_antipasta.gate.baseline import may_lose_entries
from pytest_antipasta.gate.baseline_before import read_recorded
from pytest_antipasta.gate.change_sets import ChangeSet, find_unmerged
from pytest_antipasta.gate.narrowing import narrow_verdict
from pytest_antipasta.gate.parents import Parents
from pytest_antipasta.gate.ruling import NarrowingRules, OverLimits, find_over_limits, rule
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.logs import SLOW, note_slow_file
from pytest_antipasta.metrics import FileVersion
from pytest_antipasta.model import BaselineEntry, Changes, FileError, GateVerdict, Verdict, Violation
from pytest_antipasta.policy import is_critical
from pytest_antipasta.settings import compile_patterns

if TYPE_CHECKING:
    from pytest_antipasta.gate.baseline import ChangeTolerance
    from pytest_antipasta.metrics import BlockComparison


NO_CONTENT = FileError("unreadable", "neither git nor the worktree has its content")


class _OutOfTimeError(Exception):
    """The time budget is used up, whichever side of a file it was that was to be measured."""


class _Judged(NamedTuple):
    """A verdict on a file's part in the change.

    Attributes:
        verdict: on that part.
        is_compared: whether it was compared with what the file was.
        is_over: whether the file as a whole is over a limit.
        trouble: why what it was could not be measured, where the verdict would depend on that.
    """

    verdict: Verdict
    is_compared: bool
    is_over: bool
    trouble: FileError | None = None


class Gate:
    """Judges one change to the files of a root."""

    def __init__(
        self,
        rules: Rules,
        repository: Repository,
        measurer: Measurer,
        change_set: ChangeSet,
        only: Container[str] | None = None,
        *,
        in_haste: bool = True,
    ) -> None:
        """Read the source files that a change adds or modifies.

        Args:
            rules: of the root.
            repository: that has their versions.
            measurer: measures; what is new is kept in its storage.
            change_set: the change.
            only: paths relative to the repository's top to keep to; ``None`` for all.
            in_haste: whether a user is waiting: the time budget holds, and the first failure may end it.

        Raises:
            GitError: git refuses.
        """
        settings = self._settings = rules.settings
        self._rules = rules
        self._repository = repository
        self._measurer = measurer
        self._change_set = change_set
        self._in_haste = in_haste
        self._deadline = time.monotonic() + settings.time_budget if in_haste else float("inf")
        self._limits = LimitJudge(rules)
        self._narrowing = NarrowingRules(
            settings.strict_files,
            partial(is_critical, settings.critical_functions),
            cache(self._find_over_limits),
        )
        self._paths = SourcePaths(settings, repository.top)
        diffs = self._paths.find_changed(change_set.parents, only)
        contents = _read(change_set, diffs)
        self._unmerged = find_unmerged(diffs, contents)
        self._missing = diffs.keys() - contents.keys() - self._unmerged.keys()
        is_first = compile_patterns(settings.critical_paths)
        found = sorted(contents, key=lambda path: (not is_first(path), -len(contents[path]), path))
        self._versions = {path: self._make_version(path, contents[path]) for path in found}
        versions = list(self._versions.values())
        self._parents = Parents(change_set, versions, self._paths, repository, self._make_version)
        if rules.recorded is None and rules.has_baseline and any(self._recorded_before):
            self._rules = replace(rules, recorded=())  # the change takes the whole baseline away

    def judge(self, tell: Step = tell_nobody) -> GateVerdict:
        """Return the verdict; how many files are judged, and of how many, is told before each.

        Raises:
            GitError: git refuses.
        """
        judged, is_out_of_time = self._judge_versions(tell)
        if may_lose_entries(self._rules.recorded, self._recorded_before):
            is_out_of_time = is_out_of_time or self._judge_untouched(judged)
        unreadable = self._find_unreadable(judged)
        verdicts = {one.verdict.path: one.verdict for one in judged} | self._unmerged
        return GateVerdict(
            verdicts=tuple(verdicts[path] for path in sorted(set(verdicts) - unreadable)),
            left_out=tuple(sorted(set(self._versions) - set(verdicts))),
            is_out_of_time=is_out_of_time,
            unreadable=tuple(sorted(unreadable)),
            not_compared=tuple((one.verdict.path, one.trouble) for one in judged if one.trouble),
            unmoved=self._find_unmoved(judged),
        )

    def list_changes(self, judged: GateVerdict) -> Changes:
        """Return what the change does to each block, whatever its limits.

        Unlike judging, that takes the numbers of all its files on both sides.
        """
        # Here, because a commit has no need of it.
        from pytest_antipasta.gate.listing import BlockLimits, list_changes

        failed = ((verdict.path, verdict.error) for verdict in judged.verdicts)
        unread = {path: error for path, error in failed if error is not None}
        unread |= dict.fromkeys(self._missing, NO_CONTENT)
        return list_changes(self._parents, unread, BlockLimits(self._settings))

    def _find_unmoved(self, judged: Sequence[_Judged]) -> tuple[BaselineEntry, ...]:
        if not self._rules.recorded or not any(one.verdict.violations for one in judged):
            return ()
        return tuple(self._tolerance.find_unmoved())

    def _find_unreadable(self, judged: Sequence[_Judged]) -> set[str]:
        if not any(one.is_compared for one in judged):
            return self._missing
        return self._missing | ({one.verdict.path for one in judged if one.is_over} & self._parents.lost)

    def _judge_versions(self, tell: Step) -> tuple[list[_Judged], bool]:
        """Return the verdicts on files until one ends it all, and whether the time was up before."""
        judged: list[_Judged] = []
        for number, version in enumerate(self._versions.values()):
            tell(number, len(self._versions))
            try:
                judged.append(self._narrow(self._judge_version(version)))
            except _OutOfTimeError:
                return judged, True
            if self._in_haste and self._settings.fail_fast and judged[-1].verdict.failed:
                break
        return judged, False

    def _judge_untouched(self, judged: list[_Judged]) -> bool:
        """Add what the change does to other files by way of the baseline; return whether the time was up."""
        try:
            others = list(self._tolerance.find_untouched(self._versions))
        except _OutOfTimeError:
            return True
        judged += [_Judged(verdict, False, True) for verdict in others]
        return False

    def _judge_version(self, version: FileVersion) -> Verdict:
        """Return the verdict on one whole file; one that takes too much does not keep a commit waiting."""
        verdict = self._limits.judge_known(version.path, version.known)
        error = verdict.error
        if self._in_haste and error is not None and error.kind in ("timeout", "memory", "out_of_memory"):
            return replace(verdict, failed=self._settings.on_timeout == "block")
        return verdict

    def _narrow(self, whole: Verdict) -> _Judged:
        is_compared = self._settings.judge == "changed" and (
            whole.measurement.error is None and (whole.failed or bool(whole.tolerated))
        )
        verdict = narrow_verdict(whole, self._parents.parents, self._narrowing) if is_compared else whole
        trouble = self._parents.find_trouble(verdict.path) if is_compared and verdict.violations else None
        if trouble is not None:
            fails = any(suppression.fails for suppression in verdict.suppressions)
            verdict = replace(verdict, violations=(), failed=fails)
        # Last, so that what a change is not answerable for is not told as tolerated.
        return _Judged(self._tolerate(verdict, whole), is_compared, bool(whole.violations), trouble)

    def _find_over_limits(self, version: FileVersion) -> OverLimits:
        return find_over_limits(self._limits.judge(version.path, version.measurement))

    def _tolerate(self, verdict: Verdict, whole: Verdict) -> Verdict:
        if not whole.violations or self._rules.recorded is None:
            return verdict
        return self._tolerance.apply(verdict, whole, self._versions[verdict.path])

    @cached_property
    def _recorded_before(self) -> list[Sequence[BaselineEntry]]:
        return read_recorded(self._rules, self._repository, self._change_set)

    @cached_property
    def _tolerance(self) -> ChangeTolerance:
        # Here, because most roots have no baseline.
        from pytest_antipasta.engine import FileTree
        from pytest_antipasta.gate.baseline import ChangeTolerance

        return ChangeTolerance(
            self._rules,
            self._repository,
            self._change_set,
            self._parents,
            self._paths,
            FileTree(self._rules, self._measure),
            self._recorded_before,
            self._is_answerable,
        )

    def _is_answerable(self, path: str, violation: Violation, parent: BlockComparison) -> bool:
        return parent.has(path) and rule(path, violation, parent, self._narrowing).grade == "fails"

    def _make_version(self, path: str, data: bytes) -> FileVersion:
        source = HeldSource(path, data)
        return FileVersion(
            path, lambda: reread(source) or b"", lambda: self._measure(source).verdict, self._check_time
        )

    def _measure(self, source: Source) -> Outcome:
        self._check_time()
        began = perf_counter()
        outcome = self._measurer.measure(source, self._deadline)
        if (seconds := perf_counter() - began) > SLOW:
            error = outcome.verdict.error
            note_slow_file(
                source.path, seconds, {"process.pid": os.getpid()}, error=error.kind if error else ""
            )
        if outcome.digest is not None:
            self._measurer.storage.keep(outcome.digest, outcome.record)
        return outcome

    def _check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise _OutOfTimeError


def _read(change_set: ChangeSet, diffs: Mapping[str, FileDiff]) -> dict[str, bytes]:
    contents = change_set.read(diffs.values())
    return {path: contents[diff.path] for path, diff in diffs.items() if diff.path and diff.path in contents}
