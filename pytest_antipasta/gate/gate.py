"""Judge a change: measure its files in batches, and decide on them in the order of importance."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from pytest_antipasta.gate.change_sets import ChangeSet
from pytest_antipasta.gate.change_tolerance import ChangeTolerance
from pytest_antipasta.gate.decisions import narrow_verdict
from pytest_antipasta.gate.measuring import ContentMeasurer
from pytest_antipasta.gate.rules_reader import may_change_baseline
from pytest_antipasta.gate.snapshots import ChangeStates
from pytest_antipasta.gate.trees import CommitTree
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.time_budget import OutOfTimeError
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import NO_CONTENT, RESOURCE_ERRORS, FileError
from pytest_antipasta.model.run import GateVerdict
from pytest_antipasta.model.waivers import Waivers

_UNMERGED = FileError("unmerged", "it has unresolved merge conflicts")
# Number of files in the first batch. Each batch is twice as large as the previous batch, so that important
# files are decided early, and workers are busy.
_FIRST_BATCH = 25


class Gate:
    """Judges one change to the files of a root.

    Attributes:
        states: the files before and after the change; afterwards, they can store the bodies of functions.
    """

    def __init__(
        self,
        measurer: ContentMeasurer,
        change_set: ChangeSet,
        only: Container[str] | None = None,
        *,
        in_haste: bool = False,
    ) -> None:
        """Read the source files that a change adds or modifies.

        Args:
            measurer: measures contents.
            change_set: the change.
            only: the only paths to judge, relative to the repository's top; ``None`` for all.
            in_haste: whether a user is waiting. Batches are small then, and ``fail_fast`` applies.

        Raises:
            GitError: a git command failed.
            SlowGitError: git did not answer within the time budget.
        """
        self._in_haste = in_haste
        self.states = ChangeStates(change_set, measurer, only)
        self._settings = self.states.settings
        found = self.states.after.versions
        self._order = list(found)
        unread = {path: diff for path, diff in self.states.diffs.items() if path not in found}
        self._unmerged = {
            path: Verdict.of(path, _UNMERGED) for path, diff in unread.items() if diff.is_unmerged
        }
        closed = map(self.states.paths.name, change_set.closed)
        self._missing = {*unread, *closed} - self._unmerged.keys()
        self._tolerance = ChangeTolerance(self.states)
        self._troubles: dict[str, FileError] = {}
        self._compared: set[str] = set()

    def judge(self) -> GateVerdict:
        """Return the verdict on the change.

        Raises:
            GitError: a git command failed.
        """
        verdicts: dict[str, Verdict] = {}
        is_out_of_time, slow_git = False, ""
        try:
            for verdict in self._judge_files():
                verdicts[verdict.path] = verdict
            verdicts |= {
                verdict.path: verdict for verdict in self._tolerance.find_untouched(set(self._order))
            }
        except OutOfTimeError as error:
            is_out_of_time, slow_git = True, str(error)
        unreadable, tree = self._find_unreadable(verdicts), self.states.side.tree
        verdicts |= self._unmerged
        return GateVerdict(
            verdicts=tuple(verdicts[path] for path in sorted(verdicts.keys() - unreadable)),
            left_out=tuple(sorted(set(self._order) - verdicts.keys())),
            is_out_of_time=is_out_of_time,
            slow_git=slow_git,
            unreadable=tuple(sorted(unreadable)),
            not_compared=tuple(trouble for trouble in self._troubles.items() if trouble[0] in verdicts),
            notebooks=self.states.notebooks,
            commit=tree.commit if isinstance(tree, CommitTree) else None,
        )

    def find_waivers(self, policy_from: str | None) -> Waivers:
        """Return the waivers that the change adds, and those that it takes back.

        ``policy_from`` is the commit whose ``new_waivers`` counts; ``None`` for the commit before the change.

        Raises:
            UsageError: an option names an unknown commit, or one with invalid settings.
            GitError: a git command failed.
            SlowGitError: git did not answer within the time budget.
        """
        if policy_from is None and not _may_add_waivers(self.states):
            # The settings before the change say the same, as others would be compared.
            return Waivers(policy=self.states.settings.new_waivers)
        from pytest_antipasta.gate.waiver_search import find_waivers

        return replace(
            find_waivers(self.states, self._tolerance, policy_from), new_baseline=self._tolerance.find_new()
        )

    def list_changes(self, gate_verdict: GateVerdict) -> Changes:
        """Return the effect of the change on each block, also within the limits.

        Unlike judging, this measures all files of the change on both sides.
        """
        from pytest_antipasta.gate.listing import list_changes

        failed = ((verdict.path, verdict.error) for verdict in gate_verdict.verdicts)
        unread = {path: error for path, error in failed if error is not None}
        unread |= dict.fromkeys(self._missing, NO_CONTENT)
        return list_changes(self.states, unread)

    def _find_unreadable(self, verdicts: Mapping[str, Verdict]) -> set[str]:
        """Return the files without content in git, on the sides of the change that judging needs."""
        if not self._compared:
            return self._missing
        judged = verdicts.keys() & set(self._order)
        over = {path for path in judged if self.states.after.judge(path).violations}
        return self._missing | ((over | (verdicts.keys() - judged)) & self.states.lost)

    def _judge_files(self) -> Iterator[Verdict]:
        """Yield the verdicts on files. In haste and with ``fail_fast``, stop after the first failure."""
        for batch in self._iter_batches():
            for verdict in self._judge_batch(batch):
                yield verdict
                if self._in_haste and self._settings.fail_fast and verdict.failed:
                    return

    def _judge_batch(self, batch: Sequence[str]) -> Iterator[Verdict]:
        """Yield the verdicts on files; out of time, on those measured so far."""
        late: OutOfTimeError | None = None
        try:
            self.states.after.measure(batch)
            self.states.measure_before(
                path for path in batch if self._is_compared(self.states.after.judge(path))
            )
        except OutOfTimeError as error:
            late = error
        try:
            yield from map(self._judge, batch)
        except OutOfTimeError as error:
            raise late or error from None  # the first says what took too long

    def _iter_batches(self) -> Iterator[list[str]]:
        start, size = 0, len(self._order)
        if self._in_haste:
            size = 1 if self._settings.fail_fast else _FIRST_BATCH
        while start < len(self._order):
            yield self._order[start : start + size]
            start, size = start + size, 2 * size

    def _is_compared(self, whole: Verdict) -> bool:
        """Return whether the verdict on a file depends on its state before the change."""
        has_numbers = whole.measurement.error is None and (whole.failed or bool(whole.over_limits))
        return has_numbers and self._settings.judge == "changed"

    def _judge(self, path: str) -> Verdict:
        verdict = whole = self.states.after.judge(path)
        if self._in_haste and whole.error is not None and whole.error.kind in RESOURCE_ERRORS:
            # `on_timeout` decides on a file that takes too much time or memory for a hook.
            verdict = replace(whole, errors_fail=self._settings.on_timeout == "block")
        if self._is_compared(whole):
            verdict = narrow_verdict(whole, self.states.parents, self._settings)
            self._compared.add(path)
            trouble = self.states.find_trouble(path) if verdict.violations else None
            if trouble is not None:
                self._troubles[path] = trouble
                verdict = replace(verdict, violations=(), warnings=())
        # Applied last, so that violations the change did not cause are not reported as tolerated.
        return self._tolerance.apply(verdict, whole, self.states.after.versions[path])


def _may_add_waivers(states: ChangeStates) -> bool:
    """Return whether a change can have waivers, by facts that judging has computed already.

    Most changes have none, and need no search.
    """
    diffs = list(chain.from_iterable(states.change_set.diffs_by_parent))
    return (
        states.change_set.settings_tree is not None
        or states.side.may_change_settings(diffs)
        or (states.rules.has_baseline and may_change_baseline(states, diffs))
        or _may_move_code(states, diffs)
        or _had_comments(states)
        or _is_suppressing(states)
    )


def _may_move_code(states: ChangeStates, diffs: Iterable[FileDiff]) -> bool:
    """Return whether code may come to other limits, or get a name that is not critical."""
    if states.settings.critical_functions and states.after.versions:
        return True
    return any(diff.has_moved for diff in diffs) or _has_other_limits(states, diffs)


def _has_other_limits(states: ChangeStates, diffs: Iterable[FileDiff]) -> bool:
    """Return whether limits of changed files differ by place, name, decorators or head of the file."""
    versions, find = states.after.versions, states.rules.thresholds.find
    # By identity: the finder keeps one value for all files with the same limits.
    limits = {id(found): found for found in map(find, {*versions, *states.paths.find_old(diffs)})}
    return (
        len(limits) > 1
        or any(found.of_functions for found in limits.values())
        or any(version.is_measured and version.measurement.generated for version in versions.values())
    )


def _had_comments(states: ChangeStates) -> bool:
    """Return whether files of a change had comments before it, as far as they are measured already."""
    before = (version for parent in states.measured_parents for version in parent.before.versions.values())
    return any(version.measurement.comments for version in before)


def _is_suppressing(states: ChangeStates) -> bool:
    """Return whether comments suppress a value in the judged files."""
    measured = [version for version in states.after.versions.values() if version.is_measured]
    judged = (states.after.judge(version.path) for version in measured if version.measurement.comments)
    return any(number.why == "suppressed" for verdict in judged for number in verdict.tolerated)
