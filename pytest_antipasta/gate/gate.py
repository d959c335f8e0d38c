"""Judging a change: its files are measured in a few batches, and decided in the order of their importance."""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress

from msgspec.structs import replace

from pytest_antipasta.engine import LimitJudge, Rules, Step, tell_nobody
from pytest_antipasta.files import SourcePaths
from pytest_antipasta.gate.change_sets import ChangeSet, find_unmerged, read_sources
from pytest_antipasta.gate.decisions import narrow_verdict
from pytest_antipasta.gate.measuring import MeasureAll
from pytest_antipasta.gate.policy import PolicySource, may_add_waivers
from pytest_antipasta.gate.recorded import ChangeTolerance
from pytest_antipasta.gate.snapshots import Bench, Case, OutOfTimeError, Sides
from pytest_antipasta.git import Repository
from pytest_antipasta.model import Changes, FileError, GateVerdict, Verdict, Waivers
from pytest_antipasta.settings import compile_patterns

NO_CONTENT = FileError("unreadable", "neither git nor the worktree has its content")
# Files of a commit that are measured before the first of them is decided; each batch has twice as many as the
# one before it, so that what is important is decided early, and workers have enough to do.
_FIRST_BATCH = 25
_SLOW = frozenset({"timeout", "memory", "out_of_memory"})


class Gate:
    """Judges one change to the files of a root.

    Attributes:
        sides: its files before and after it.
    """

    def __init__(
        self,
        rules: Rules,
        repository: Repository,
        measure_all: MeasureAll,
        change_set: ChangeSet,
        only: Container[str] | None = None,
        *,
        in_haste: bool = True,
        began: float | None = None,
    ) -> None:
        """Read the source files that a change adds or modifies.

        Args:
            rules: of the root.
            repository: that has their versions.
            measure_all: measures contents.
            change_set: the change.
            only: paths relative to the repository's top to keep to; ``None`` for all.
            in_haste: whether a user is waiting: the time budget holds, and the first failure may end it.
            began: when the user began to wait, on the clock of ``time.monotonic``; ``None`` for now.

        Raises:
            GitError: git refuses.
        """
        settings = self._settings = rules.settings
        self._in_haste = in_haste
        seconds = settings.time_budget if in_haste else float("inf")
        deadline = (time.monotonic() if began is None else began) + seconds
        bench = Bench(measure_all, LimitJudge(rules).judge_known, deadline)
        case = self._case = Case(rules, repository, change_set, SourcePaths(settings, repository.top), bench)
        diffs = case.paths.find_changed(change_set.parents, only)
        contents = read_sources(change_set, diffs)
        self._unmerged = find_unmerged(diffs, contents)
        self._missing = diffs.keys() - contents.keys() - self._unmerged.keys()
        is_first = compile_patterns(settings.critical_paths)
        self._order = sorted(contents, key=lambda path: (not is_first(path), -len(contents[path]), path))
        self.sides = Sides(case, {path: contents[path] for path in self._order})
        self._recorded = ChangeTolerance(case, self.sides)
        self._troubles: dict[str, FileError] = {}

    def judge(self, tell: Step = tell_nobody) -> GateVerdict:
        """Return the verdict; how many files are measured, and of how many, is told before each.

        Raises:
            GitError: git refuses.
        """
        verdicts: dict[str, Verdict] = {}
        is_out_of_time = False
        try:
            for verdict in self._judge_files(tell):
                verdicts[verdict.path] = verdict
            verdicts |= {verdict.path: verdict for verdict in self._recorded.find_untouched(set(self._order))}
        except OutOfTimeError:
            is_out_of_time = True
        unreadable = self._find_unreadable(verdicts)
        has_violations = any(verdict.violations for verdict in verdicts.values())
        verdicts |= self._unmerged
        return GateVerdict(
            verdicts=tuple(verdicts[path] for path in sorted(verdicts.keys() - unreadable)),
            left_out=tuple(sorted(set(self._order) - verdicts.keys())),
            is_out_of_time=is_out_of_time,
            unreadable=tuple(sorted(unreadable)),
            not_compared=tuple(one for one in self._troubles.items() if one[0] in verdicts),
            unmoved=self._recorded.find_unmoved() if has_violations else (),
        )

    def find_waivers(self, policy: PolicySource) -> Waivers:
        """Return what the change allows that was not allowed before it.

        Raises:
            UsageError: an option names a commit that is not there, or whose settings are wrong.
            GitError: git refuses.
        """
        if policy.policy_from is None and not may_add_waivers(self._case, self.sides, policy):
            return Waivers()
        # Here, because most changes have none.
        from pytest_antipasta.gate.waiver_search import find_waivers

        return find_waivers(self._case, self.sides, policy)

    def list_changes(self, judged: GateVerdict) -> Changes:
        """Return what the change does to each block, whatever its limits.

        Unlike judging, that takes the numbers of all its files on both sides.
        """
        # Here, because a commit has no need of it.
        from pytest_antipasta.gate.listing import BlockLimits, list_changes

        failed = ((verdict.path, verdict.error) for verdict in judged.verdicts)
        unread = {path: error for path, error in failed if error is not None}
        unread |= dict.fromkeys(self._missing, NO_CONTENT)
        return list_changes(self.sides, unread, BlockLimits(self._settings))

    def _find_unreadable(self, verdicts: Mapping[str, Verdict]) -> set[str]:
        """Return the files whose content, or what it was where that counts, git does not have."""
        judged = verdicts.keys() & set(self._order)
        if not any(map(self._is_compared, judged)):
            return self._missing
        over = {path for path in judged if self.sides.after.judge(path).violations}
        return self._missing | ((over | (verdicts.keys() - judged)) & self.sides.lost)

    def _judge_files(self, tell: Step) -> Iterator[Verdict]:
        """Yield the verdicts on files, up to the first that fails if that is to end it."""
        for batch in self._iter_batches():
            with suppress(OutOfTimeError):  # so much as is measured is judged all the same
                self.sides.after.measure(batch, tell)
                self.sides.measure_before(path for path in batch if self._is_compared(path))
            for path in batch:
                verdict = self._judge(path)
                yield verdict
                if self._in_haste and self._settings.fail_fast and verdict.failed:
                    return

    def _iter_batches(self) -> Iterator[list[str]]:
        start, size = 0, self._first_batch
        while start < len(self._order):
            yield self._order[start : start + size]
            start, size = start + size, 2 * size

    @property
    def _first_batch(self) -> int:
        if not self._in_haste:
            return len(self._order)
        return 1 if self._settings.fail_fast else _FIRST_BATCH

    def _is_compared(self, path: str) -> bool:
        """Whether the verdict on a file depends on what it was."""
        whole = self.sides.after.judge(path)
        has_numbers = whole.measurement.error is None and (whole.failed or bool(whole.tolerated))
        return has_numbers and self._settings.judge == "changed"

    def _judge(self, path: str) -> Verdict:
        whole = self.sides.after.judge(path)
        verdict = self._excuse(whole)
        if self._is_compared(path):
            verdict = narrow_verdict(whole, self.sides.parents, self._settings)
            trouble = self.sides.find_trouble(path) if verdict.violations else None
            if trouble is not None:
                self._troubles[path] = trouble
                fails = any(suppression.fails for suppression in verdict.suppressions)
                verdict = replace(verdict, violations=(), failed=fails)
        # Last, so that what a change is not answerable for is not told as tolerated.
        return self._recorded.apply(verdict, whole, self.sides.after.versions[path])

    def _excuse(self, whole: Verdict) -> Verdict:
        """Return a verdict that does not keep a commit waiting for a file that takes too much."""
        if self._in_haste and whole.error is not None and whole.error.kind in _SLOW:
            return replace(whole, failed=self._settings.on_timeout == "block")
        return whole
