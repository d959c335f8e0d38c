"""Search for the waivers of a change: in files that can have some, or in all files if settings differ."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain

from pytest_antipasta.baseline.entries import EntryKey
from pytest_antipasta.baseline.matching import ValueKey, identify
from pytest_antipasta.files.locations import display_path
from pytest_antipasta.gate.change_sets import iter_common
from pytest_antipasta.gate.change_tolerance import ChangeTolerance
from pytest_antipasta.gate.committed_rules import read_policy
from pytest_antipasta.gate.critical_code import find_lost_paths, waive_lost_functions
from pytest_antipasta.gate.measuring import HeldFile
from pytest_antipasta.gate.settings_change import name_settings
from pytest_antipasta.gate.snapshots import ChangeStates, Snapshot
from pytest_antipasta.gate.waiver_causes import CauseFinder
from pytest_antipasta.gate.waiver_rules import NOT_MEASURED, Failing, RulesAfter, RulesBefore
from pytest_antipasta.gate.waivers import (
    apply_policy,
    find_entries_taken_back,
    merge_waivers,
    sort_waivers,
    waive_entry,
)
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.process import RefusalError
from pytest_antipasta.git.time_budget import OutOfTimeError, SlowGitError
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import SuppressedMetric, Suppression, Threshold, Verdict
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.waivers import BOUNDS, STRICTNESS, NewWaivers, Waiver, Waivers
from pytest_antipasta.policy.limits import allows, find_block_threshold, satisfies
from pytest_antipasta.runtime.scripts import SOURCE_ENDINGS


def find_waivers(states: ChangeStates, tolerance: ChangeTolerance, policy_from: str | None) -> Waivers:
    """Return the waivers that a change adds, those that it takes back, and the policy.

    ``policy_from`` is the commit whose ``new_waivers`` counts; ``None`` for the commit before the change.

    Raises:
        UsageError: the settings of the policy's commit are invalid.
        GitError: a git command failed.
        SlowGitError: git did not answer within the time budget.
    """
    search = WaiverSearch(states, tolerance, policy_from)
    added, chosen = search.find_added(), search.choose_policy()
    judged = apply_policy(added, chosen, fails_unknown=search.blocks_unknown)
    return Waivers(tuple(judged), tuple(search.find_taken_back()), policy=chosen)


class WaiverSearch:
    """The search for the waivers of one change."""

    def __init__(self, states: ChangeStates, tolerance: ChangeTolerance, policy_from: str | None) -> None:
        self._policy_from = policy_from
        self._states = states
        self._readers = tolerance.readers
        self._after = RulesAfter(states, tolerance.now)
        self._unread: list[str] = []

    def find_added(self) -> list[Waiver]:
        """Return the waivers that the change adds."""
        if not self._befores:
            return self._list_unread()
        waived: list[Waiver] = []
        try:
            for file in self._iter_files():
                waived += self._compare(file)
            rest = waive_lost_functions(self._befores[0].change, self._causes.lost)
            rest += find_lost_paths(self._befores, self._after)
        except SlowGitError:
            raise
        except OutOfTimeError:
            rest = self._find_unknown()
        softer = self._find_softer_rules()
        return sort_waivers(merge_waivers([*self._list_unread(), *softer, *waived, *rest]))

    def _list_unread(self) -> list[Waiver]:
        return [self._make_unknown(f"previous version: {why}") for why in dict.fromkeys(self._unread)]

    def _find_softer_rules(self) -> list[Waiver]:
        """Return the settings that judge less strictly than those of every parent.

        A merge does not loosen what it takes from one of its parents.
        """
        left = self._find_left()
        found = (
            {
                waiver.text: waiver
                for waiver in (*before.change.find_softer_rules(), *before.change.find_lower_bounds(left))
            }
            for before in self._befores
        )
        return [waivers[0] for _, waivers in iter_common(found)]

    def _make_unknown(self, text: str) -> Waiver:
        return Waiver(kind="settings", path=name_settings(self._states.settings), text=text, effect=None)

    @property
    def blocks_unknown(self) -> bool:
        """Whether waivers with an unknown effect may fail, by the settings before the change, if readable."""
        return not self._befores or any(before.settings.on_timeout == "block" for before in self._befores)

    def find_taken_back(self) -> list[Waiver]:
        """Return the waivers that a change with one parent takes back.

        Comments are included only if both sides are measured.
        """
        if len(self._states.change_set.diffs_by_parent) != 1 or not self._befores:
            return []
        (before,) = self._befores
        found = before.change.find_tightened()
        old, new = before.rules.recorded or (), self._states.rules.recorded or ()
        if old is not new:
            followed = set(self._iter_followed({entry.key for entry in new}.difference(e.key for e in old)))
            left = (entry for entry in old if entry.key not in followed)
            found += find_entries_taken_back(left, new, self._baseline_name, self._needs_entry)
        return sort_waivers([*found, *self._find_comments_taken_back()])

    def _needs_entry(self, path: str, block: str | None, metric: str, value: Number) -> bool:
        """Return whether a value of a block, or of a file for ``None``, may be over its limit now."""
        if block is None:
            return self._exceeds_in_file(path, metric, value)
        return self._exceeds_in_functions(path, metric, value)

    def _exceeds_in_file(self, path: str, metric: str, value: Number) -> bool:
        return _exceeds(value, [self._states.rules.thresholds.find(path).find(metric, None)])

    def _exceeds_in_functions(self, path: str, metric: str, value: Number) -> bool:
        """Return whether a value is over a limit that some function of a file can have now."""
        limits = self._states.rules.thresholds.find(path)
        found = [limits.find(metric, None)]
        found += [dict(item.thresholds).get(metric) for item in limits.of_functions]
        return _exceeds(value, [limit and find_block_threshold(limit) for limit in found])

    def _iter_followed(self, added: Container[EntryKey]) -> Iterator[EntryKey]:
        """Yield the entries whose code was renamed or moved and has an entry at its new place."""
        if not (parents := self._states.measured_parents):
            return
        (parent,) = parents
        for path in parent.after.versions:
            for number in parent.after.judge(path).over_limits:
                if (path, number.qualified_name, number.metric) in added:
                    origin = parent.find_origin(path, number, parent.origins_of_over)
                    yield from [] if origin is None else [(*origin, number.metric)]

    def _find_comments_taken_back(self) -> Iterator[Waiver]:
        """Yield comments that suppressed a value and that the change removed from all its files."""
        if not (parents := self._states.measured_parents):
            return
        (parent,) = parents
        left = Counter(
            comment.text for file in parent.after.versions.values() for comment in file.measurement.comments
        )
        later = [comment for _, comment in _iter_suppressions(parent.after, parent.after.judge)]

        def judge(path: str) -> Verdict:
            return self._befores[0].limit_judge.judge(path, parent.before.versions[path].known)

        for path, comment in _iter_suppressions(parent.before, judge):
            left[comment.text] -= 1
            is_gone = left[comment.text] < 0 and not _allows_as_much(later, comment)
            if is_gone and comment.state in ("used", "exceeded") and self._is_needed(path, comment):
                yield _take_back(parent.before.versions[path], comment)

    def _is_needed(self, path: str, comment: Suppression) -> bool:
        """Return whether a comment allows more than the limits after the change."""
        is_of_file = comment.qualified_name is None  # and of its functions
        return any(
            item.metric is None
            or item.ceiling is None
            or self._exceeds_in_functions(path, item.metric, item.ceiling)
            or (is_of_file and self._exceeds_in_file(path, item.metric, item.ceiling))
            for item in comment.metrics
        )

    def choose_policy(self) -> NewWaivers:
        """Return the value of ``new_waivers`` that counts."""
        if self._policy_from is not None:
            root, config = self._states.settings.root, self._states.rules.named_config
            side = read_policy(self._states.repository, self._policy_from, root, config)
            return side.rules.settings.new_waivers
        policies = (before.settings.new_waivers for before in self._befores)
        return max(policies, key=STRICTNESS.index, default="report")

    @cached_property
    def _befores(self) -> list[RulesBefore]:
        """The rules of the parents that have files and readable settings."""
        found: list[RulesBefore] = []
        for index, reader in enumerate(self._readers):
            try:
                side = reader.read()
            except (UsageError, RefusalError) as error:
                self._unread.append(str(error))
                continue
            if side is None:  # the parent has no files
                continue
            found.append(RulesBefore(side, self._states, index))
        # The languages of all parents are needed to measure the previous versions of files.
        named = (before.settings.languages for before in found)
        self._states.measurer.storage.add_languages(chain.from_iterable(named))
        return found

    def _find_left(self) -> dict[str, list[str]]:
        """Return the files of the change that were not measured, by the setting that is the reason."""
        left: dict[str, list[str]] = {}
        for path in self._changed:
            if (file := self._states.after.versions.get(path)) is None:
                continue
            error = file.measurement.error if file.is_measured else None
            if file.is_measured and error is None:
                continue
            if key := BOUNDS.get(None if error is None else error.kind):
                left.setdefault(key, []).append(f"{path} {NOT_MEASURED}")
        return left

    def _find_unknown(self) -> list[Waiver]:
        before = self._befores[0]
        found = before.change.find_unknown()
        old = {(entry.key, entry.value) for entry in before.rules.recorded or ()}
        new = (entry for entry in self._states.rules.recorded or () if (entry.key, entry.value) not in old)
        name, was = self._baseline_name, dict(old)
        found += [
            waive_entry(entry, name, before=was.get(entry.key), after=entry.value, effect=None)
            for entry in new
        ]
        if not found and self.choose_policy() != "report":  # the policy may have failed others
            found = [self._make_unknown("time_budget: exceeded before all files were compared")]
        return found

    @cached_property
    def _baseline_name(self) -> str:
        return display_path(self._states.settings.root, os.fspath(self._states.rules.baseline_path))

    # Files that may have waivers.

    def _iter_files(self) -> Iterator[HeldFile]:
        """Yield the files that may have waivers, those of the change first: there may be no time for others.

        These are all files after the change that the settings of a parent measure, if settings differ.
        """
        seen: set[str] = set()
        yield from self._iter_some(seen)
        is_changed = any(before.change.is_more_than_location() for before in self._befores)
        for before in self._befores if is_changed else ():
            for _, version in before.tree.iter_versions():
                path = before.name_after(version.path)
                if path not in seen:
                    seen.add(path)
                    yield version if path == version.path else self._hold(path, version.read())
        yield from self._iter_renamed(seen)

    def _iter_some(self, seen: set[str]) -> Iterator[HeldFile]:
        """Yield files in which comments, the baseline or other limits may allow more than before."""
        honours = self._states.rules.honours_suppressions
        for path, version in [*self._states.after.versions.items()]:  # comparing files adds some
            if path not in self._changed:
                continue
            measurement = version.measurement
            may_pass = measurement.generated or (honours and measurement.comments)
            if may_pass or any(before.find_over_any(measurement) for before in self._befores):
                seen.add(path)
                yield version
        for _, version in self._after.tree.find_versions(self._find_recorded() - seen):
            seen.add(version.path)
            yield version

    @cached_property
    def _changed(self) -> Mapping[str, FileDiff]:
        """The source files that differ from every parent."""
        return self._states.paths.find_new(self._states.change_set.iter_changed())

    def _find_recorded(self) -> set[str]:
        """Return the files for which the baseline has entries that no parent has."""
        recorded = self._states.rules.recorded
        if not recorded:
            return set()
        found = [
            self._after.tolerance.find_paths_of_lost(frozenset(before.rules.recorded or ()), ())
            for before in self._befores
            if before.rules.recorded is not recorded
        ]
        return set.intersection(*found) if len(found) == len(self._befores) else set()

    def _iter_renamed(self, seen: set[str]) -> Iterator[HeldFile]:
        """Yield files that the first readable parent measured elsewhere or as scripts, by other limits."""
        asked = {
            path: diff
            for path, diff in self._befores[0].diffs.items()
            if path not in seen and self._may_have_moved(path, diff)
        }
        for path, data in self._states.change_set.read(asked).items():
            diff, file = asked[path], self._hold(path, data)
            if diff.path != diff.old_path or file.measurement.error is None:  # it is still Python
                yield file

    def _is_measured(self, path: str) -> bool:
        """Return whether a file is a source file after the change."""
        if (diff := self._befores[0].diffs.get(path)) is None:
            return self._states.paths.has(path)
        return self._states.paths.find(diff.path or "", is_script=diff.is_script) is not None

    def _hold(self, path: str, data: bytes) -> HeldFile:
        """Return a file of the change, or another one with a content."""
        return self._states.after.versions.get(path) or HeldFile(path, data, self._states.measurer)

    def _may_have_moved(self, path: str, diff: FileDiff) -> bool:
        """Return whether a file was measured, and was renamed to where it is not, or has other limits.

        A script that can't be executed any more, or whose first line is gone, is not measured where it is.
        """
        if not diff.has_moved:
            return False
        before = self._befores[0]
        old, new = diff.old_path or "", diff.path or ""
        is_code = diff.is_script or new.lower().endswith(SOURCE_ENDINGS)
        if os.path.splitext(old)[1] != os.path.splitext(new)[1] and not is_code:
            return False  # renamed to a file that is not source code
        if before.paths.find(old, is_script=diff.was_script) is None:
            return False
        if self._states.paths.find(new, is_script=diff.is_script) is None:
            return True
        limits = before.rules.thresholds.find(before.paths.name(old))
        return limits != self._states.rules.thresholds.find(path)

    # Values of a file that pass.

    def _compare(self, file: HeldFile) -> Iterator[Waiver]:
        """Yield a waiver for each value of a file that fails by the rules of every parent, and passes now."""
        failing = self._find_failing(file)
        if not failing:
            return
        # The verdict by the rules after the change; none if these do not measure the file.
        verdict = self._after.judge_recorded(file) if self._is_measured(file.path) else None
        tolerated = {} if verdict is None else {identify(item): item for item in verdict.tolerated}
        # A limit that a renamed file brings along allows no more than before; an entry or a comment does.
        brought = {number for number, value in failing.items() if value.is_brought} - tolerated.keys()
        for number in failing.keys() - _list_failing(verdict) - brought:
            yield self._causes.find(file, failing[number], verdict, tolerated.get(number))

    def _find_failing(self, file: HeldFile) -> dict[ValueKey, Failing]:
        """Return the values of a file that fail by the rules of every parent, as by the first one."""
        first, *others = self._befores
        failing = {value.number: value for value in first.find_failing(file)}
        for before in others if failing else ():
            found = {value.number: value.is_brought for value in before.find_failing(file)}
            failing = {
                number: value._replace(is_brought=value.is_brought and found[number])
                for number, value in failing.items()
                if number in found
            }
        return failing

    @cached_property
    def _causes(self) -> CauseFinder:
        return CauseFinder(self._befores, self._after, self._baseline_name)


def _list_failing(verdict: Verdict | None) -> set[ValueKey]:
    """Return the failing values of a file, with :data:`NOT_MEASURED` if the file fails unmeasured.

    A metric without values that fails is one of the file.
    """
    if verdict is None:
        return set()
    over = set(map(identify, verdict.violations))
    if verdict.is_incomplete:
        over |= {(None, metric) for metric in verdict.lacking}
    return over | {(None, NOT_MEASURED)} if verdict.error is not None and verdict.errors_fail else over


def _iter_suppressions(files: Snapshot, judge: Callable[[str], Verdict]) -> Iterator[tuple[str, Suppression]]:
    """Yield the comments of files that suppress something, as verdicts have them."""
    for path, version in files.versions.items():
        if version.measurement.comments:
            yield from ((path, comment) for comment in judge(path).suppressions)


def _exceeds(value: Number, limits: Iterable[Threshold | None]) -> bool:
    return any(limit and not satisfies(value, limit.comparison, limit.limit) for limit in limits)


def _take_back(file: HeldFile, comment: Suppression) -> Waiver:
    cell, line = file.measurement.locate(comment.line)
    return Waiver(
        kind="comment",
        path=file.path,
        line=line,
        cell=cell,
        block=comment.qualified_name,
        text=file.measurement.spell_comment(comment.text),
        reason=comment.reason,
    )


def _allows_as_much(later: Iterable[Suppression], comment: Suppression) -> bool:
    """Return whether comments of a block of the same name allow what a comment has allowed."""
    there = [other.metrics for other in later if other.qualified_name == comment.qualified_name]
    return all(any(_covers(item, was) for item in chain.from_iterable(there)) for was in comment.metrics)


def _covers(item: SuppressedMetric, was: SuppressedMetric) -> bool:
    if item.state == "not honoured" or item.metric not in (None, was.metric):
        return False
    return item.ceiling is None or (was.ceiling is not None and allows(item, was.ceiling))
