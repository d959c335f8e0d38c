"""Apply the rules before a change, and those after it, to the files after the change."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from pytest_antipasta.baseline.matching import Entries, ValueKey, identify
from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.files.locations import display_path
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.gate.applied_baseline import AppliedBaseline
from pytest_antipasta.gate.judged_tree import JudgedTree
from pytest_antipasta.gate.measuring import HeldFile
from pytest_antipasta.gate.settings_change import SettingsChange, name_settings, show_limit
from pytest_antipasta.gate.sides import Side
from pytest_antipasta.gate.snapshots import ChangeStates, Parent, SideFiles
from pytest_antipasta.model.judged import (
    BaselineEntry,
    SuppressedMetric,
    Suppression,
    Threshold,
    Verdict,
    Violation,
)
from pytest_antipasta.model.limits import PathLimits, leave_out_coverage
from pytest_antipasta.model.measured import Block, Measured, Measurement
from pytest_antipasta.policy.limits import Limits, allows, is_critical, is_worse, satisfies
from pytest_antipasta.settings.path_thresholds import (
    Projects,
    trace_functions,
    trace_thresholds,
)
from pytest_antipasta.settings.values import Settings

NOT_MEASURED = "not_measured"


class Failing(NamedTuple):
    """A value of a file after a change that fails by the rules before it.

    Attributes:
        block: the qualified name of the block; ``None`` for a value of the file, and for a metric without
            values in it.
        metric: the name of the metric, or :data:`NOT_MEASURED`.
        line: the line of the block.
        home: the path of the file by the settings before the change. The file may not have existed.
        limit: the limit that the value exceeds, or that can't be checked; ``None`` for a file that is not
            measured.
        was: the qualified name of the block before the change.
        allowed: what was allowed before the change, such as ``<= 14``: by the baseline, by a comment, or else
            by the limit.
        is_brought: whether the file was renamed, and the value was within the limit that it had; ``limit`` is
            that of its path now.
    """

    block: str | None
    metric: str
    line: int | None
    home: str
    limit: Threshold | None
    allowed: str | None = None
    was: str | None = None
    is_brought: bool = False

    @property
    def number(self) -> ValueKey:
        """The block and the metric."""
        return self.block, self.metric


class Before(NamedTuple):
    """The place of a value before a change.

    Attributes:
        path: the path of the file, by the settings before the change; the file may not have existed.
        name: the qualified name of the block; for a new value the name after the change.
        is_new: whether no block had the value.
    """

    path: str
    name: str | None
    is_new: bool = False


class RulesAfter:
    """The rules after a change, applied to the files after it as in the verdict on the change.

    Attributes:
        files: the files of the change, with these rules.
        settings: the settings of the root.
        tolerance: the baseline, applied to all files after the change.
        tree: these files.
    """

    def __init__(self, files: SideFiles, tolerance: AppliedBaseline) -> None:
        self.files = files
        self.settings = files.settings
        self.tolerance = tolerance
        self.tree = tolerance.tree
        self._entries: dict[str, Entries] = {}

    def trace_limit(self, path: str, metric: str, block: Block | None) -> tuple[str, str]:
        """Return the file and the key of the settings that set a limit."""
        project, inside = Projects(self.settings).find(path)
        origin = trace_thresholds(project, inside).get(metric, (None, "settings"))[1]
        for by_name, limits in trace_functions(project, inside):
            if block is not None and limits.apply_to(block) and metric in dict(limits.thresholds):
                origin = by_name
        key = f"{origin}." if origin.startswith("overrides") else ""
        return name_settings(self.settings, project), f"{key}thresholds.{metric}"

    def find_excluding(self, path: str) -> Settings | None:
        """Return the settings below the root that exclude a file which the root's settings measure."""
        found = Projects(self.settings).find_exclusion(path) if self.settings.projects else None
        root = SourcePaths(replace(self.settings, projects=()), self.files.repository.top)
        return found[0] if found is not None and root.has(path) else None

    def judge_recorded(self, file: HeldFile) -> Verdict:
        """Return the verdict on a file by limits, comments and the baseline."""
        verdict = self.files.limit_judge.judge(file.path, file.known)
        if not verdict.violations or not self.files.rules.recorded:
            return verdict
        return self.tolerance.apply(verdict, self.find_entries(file))

    def find_entries(self, file: HeldFile) -> Entries:
        """Return the entries of values over a limit in a file, computed once for each file."""
        if file.path not in self._entries:
            verdict = self.files.limit_judge.judge(file.path, file.known)
            self._entries[file.path] = self.tolerance.find_entries(verdict, file)
        return self._entries[file.path]


class RulesBefore(SideFiles):
    """The rules of one parent of a change, applied to the files after it.

    Attributes:
        change: the settings of the parent, and those after the change.
        diffs: the files that differ from the parent, by their paths in reports after the change.
        without_comments: compares values with limits, without comments.
        tree: the files after the change, judged so.
        tolerance: the baseline of the parent, applied to the tree.
    """

    def __init__(self, before: Side, states: ChangeStates, index: int) -> None:
        """Apply the rules of the parent with this index."""
        super().__init__(before, states.measurer)
        self._index = index
        self.change = SettingsChange(self.settings, states.settings)
        self._states = states
        self.diffs = {
            states.paths.name(diff.path): diff
            for diff in states.change_set.diffs_by_parent[index]
            if diff.path
        }
        self.without_comments = LimitJudge(replace(self.rules, honours_suppressions=False))
        self.tree = JudgedTree(self, states.side.tree, self.without_comments)
        self.tolerance = AppliedBaseline(self.rules.recorded or (), self.tree, states.is_introduced)
        every = PathLimits(leave_out_coverage(dict.fromkeys(filter(None, _iter_limits(self.settings)))))
        self._any = Limits(every, nested_blocks=self.settings.nested_blocks, warnings_fail=True)
        self._find_old = cache(self._look_up)
        self._judge_before = cache(self._judge_home)
        self._find_over = cache(self._list_over)
        self._find_comments = cache(self._list_comments)

    @property
    def parent(self) -> Parent:
        """The files before the change that differ."""
        return self._states.parents[self._index]

    def name_before(self, path: str) -> str:
        """Return the path in reports before the change, as the root may have been different."""
        return _find_name(path, self.change.after.root, self.settings.root)

    def name_after(self, path: str) -> str:
        """Return the path in reports after the change."""
        return _find_name(path, self.settings.root, self.change.after.root)

    def find_failing(self, file: HeldFile) -> Iterator[Failing]:
        """Yield the values of a file that fail by the rules of this parent."""
        home, is_changed = self._find_home(file.path), file.path in self.diffs
        if not self.paths.has(home):
            return
        yield from self._find_unmeasured(file, home)
        verdict = (self.without_comments if is_changed else self.limit_judge).judge(
            home, self._look_back(file, home)
        )
        for metric in verdict.lacking if verdict.is_incomplete else ():
            yield Failing(None, metric, None, home, self.find_limit(home, metric, None, file.measurement))
        unchanged = None if is_changed else verdict
        others = self.find_over_any(file.measurement) if is_changed else ()
        asked = {identify(value): value for value in (*others, *verdict.violations)}
        yield from filter(
            None, (self._examine(file, home, violation, unchanged) for violation in asked.values())
        )

    def _find_unmeasured(self, file: HeldFile, home: str) -> Iterator[Failing]:
        """Yield a file that fails because it is not measured."""
        error = file.measurement.error
        if error is not None and (self.settings.on_error == "fail" or self.had_room(file)):
            yield Failing(None, NOT_MEASURED, error.line, home, None)

    def _look_back(self, file: HeldFile, home: str) -> Measured:
        """Return the values of a file after the change, generated only if the file was before."""
        old = self._find_old(home) if file.path in self.diffs else None
        if old is None:
            return file.known
        return replace(file.known, measurement=replace(file.measurement, generated=old.measurement.generated))

    def find_over_any(self, measurement: Measurement) -> list[Violation]:
        """Return the values of functions that are over a limit which the settings have for any function.

        Before the change, a function may have had another place, name or decorator.
        """
        over = self._any.judge(measurement).violations
        return [value for value in over if value.qualified_name is not None]

    def had_room(self, file: HeldFile) -> bool:
        """Return whether a file is too large only because the change lowered ``max_file_size_mb``."""
        error, now = file.measurement.error, self.change.after
        if error is None or error.kind != "too_large" or error.size is None:
            return False
        return now.max_file_bytes < error.size <= self.settings.max_file_bytes

    def was_script(self, path: str) -> bool:
        """Return whether a file was a Python script and is not one any more."""
        diff = self.diffs.get(path)
        return diff is not None and diff.was_script and not diff.is_script

    def was_critical(self, path: str, block: Block | None) -> bool:
        """Return whether a block was critical by a path in reports after the change."""
        return is_critical(self.settings.critical_functions, self.name_before(path), block)

    def _find_home(self, path: str) -> str:
        """Return the path in reports before the change of a file, also if the file is new."""
        diff = self.diffs.get(path)
        if diff is None or diff.old_path in (None, diff.path):
            return self.name_before(path)
        return self.paths.name(diff.old_path or "")

    def _examine(
        self, file: HeldFile, home: str, violation: Violation, unchanged: Verdict | None
    ) -> Failing | None:
        """Return a violation as failing, unless a limit, a comment or the baseline allowed it before.

        ``unchanged`` is the verdict on a file that the change does not edit, by the rules before it.
        """
        before = Before(home, violation.qualified_name)
        if unchanged is None:
            before = self._find_before(file.path, violation)
        block = self._find_block(file, before, violation)
        limit, was_within = self._find_exceeded(file, before, block, violation)
        if limit is None:
            return None
        there = replace(violation, qualified_name=before.name)
        allowances: Sequence[SuppressedMetric] = ()
        entry = None
        if not is_critical(self.settings.critical_functions, before.path, block):
            verdict = self._judge_before(before.path) if unchanged is None else unchanged
            allowances = self._find_allowances(verdict, before, there)
            entry = self._find_entry(before, there)
        is_allowed = any(allows(allowance, violation.value) for allowance in allowances)
        if is_allowed or self._is_recorded(file, violation, there, entry):
            return None
        was = None if before.is_new else before.name
        allowed = _show_loosest(limit, allowances, entry)
        is_brought = was_within and home != self.name_before(file.path)
        return Failing(*identify(violation), violation.line, before.path, limit, allowed, was, is_brought)

    def _find_block(self, file: HeldFile, before: Before, violation: Violation) -> Block | None:
        """Return a block before the change; the one after it if there was none, or it was not measured."""
        old = self._find_old(before.path)
        block = old.blocks.get(before.name) if old and before.name else None
        return block or file.blocks.get(violation.qualified_name or "")

    def _find_exceeded(
        self, file: HeldFile, before: Before, block: Block | None, violation: Violation
    ) -> tuple[Threshold | None, bool]:
        """Return the limit before the change that a value exceeds, and whether it is that of its place now.

        Where its block was, before the change, the value may have been within another limit.
        """
        measurement = (self._find_old(before.path) or file).measurement
        limit = self.find_limit(before.path, violation.metric, block, measurement)
        if self._is_over(violation, limit):
            return limit, False
        own, now = self.name_before(file.path), file.blocks.get(violation.qualified_name or "")
        limit = self.find_limit(own, violation.metric, now, file.measurement)
        return (limit if self._is_over(violation, limit) else None), True

    def _is_over(self, violation: Violation, limit: Threshold | None) -> bool:
        """Return whether a value fails by a limit."""
        if limit is None or (limit.level == "warning" and not self.rules.warnings_fail):
            return False
        return not satisfies(violation.value, limit.comparison, limit.limit)

    def _find_before(self, path: str, violation: Violation) -> Before:
        """Return where a value of a changed file was before the change, or would have been if it is new."""
        home, (name, metric) = self._find_home(path), identify(violation)
        new = Before(home, name, is_new=True)
        if self.parent.comparison.has(path):
            found = self.parent.find_origin(path, violation, self.parent.origins_of_all)
            if found is None or self._is_copy((path, name), found, metric):
                return new
            return Before(self.name_before(found[0]), found[1])
        old = self._find_old(home)
        names = () if old is None else (None, *(block.qualified_name for block in old.measurement.blocks))
        return new._replace(is_new=name not in names)

    def _is_copy(self, block: tuple[str, str | None], origin: tuple[str, str | None], metric: str) -> bool:
        """Return whether a block is a copy of one that still exists and is over its limit too."""
        comparison, (old_path, name) = self.parent.comparison, origin
        # The file may not be measured after the change: renamed to a text file, or with merge conflicts.
        path = comparison.paths_after.get(old_path)
        if path is None or block == (path, name) or (name, metric) not in self._find_over(path):
            return False
        return comparison.find_origin(path, name, metric) == origin

    def _list_over(self, path: str) -> Set[ValueKey]:
        """Return the values over a limit in a file after the change, without comments and baseline."""
        measured = self.parent.comparison.after.versions[path].known
        return set(map(identify, self.without_comments.judge(path, measured).violations))

    def _judge_home(self, home: str) -> Verdict | None:
        """Return the verdict on a file before the change, by the rules of that time."""
        old = self._find_old(home)
        return None if old is None else self.limit_judge.judge(home, old.known)

    def _look_up(self, home: str) -> HeldFile | None:
        """Return a file that differs, as it was before the change, by its path in reports then."""
        if (version := self._versions_before.get(home)) is not None:
            return version
        # The settings after the change do not measure it.
        blob = self._blobs_before.get(home, "")
        data = self.repository.objects.read_blobs([blob]).get(blob) if blob else None
        return None if data is None else HeldFile(home, data, self.measurer)

    @cached_property
    def _versions_before(self) -> Mapping[str, HeldFile]:
        """The files that differ, as they were before the change, by their paths in reports then."""
        return {self.name_before(old): version for old, version in self.parent.before.versions.items()}

    @cached_property
    def _blobs_before(self) -> Mapping[str, str]:
        """The previous contents of files that differ, by their paths in reports before the change."""
        return {
            self.paths.name(diff.old_path): diff.old_blob for diff in self.diffs.values() if diff.old_path
        }

    def _find_allowances(
        self, verdict: Verdict | None, before: Before, there: Violation
    ) -> list[SuppressedMetric]:
        """Return the parts of comments before the change that apply to a value after it.

        Comments on a whole file or a class may apply to a new block, too.

        Args:
            verdict: the verdict on the file before the change, if there was one.
            before: the place of the value before the change.
            there: the value, as if it were still there.
        """
        if verdict is None or not self.rules.honours_suppressions:
            return []
        return [
            allowance
            for comment, allowance in verdict.find_allowances(there)
            if allowance.state != "not honoured"
            and not (before.is_new and comment.qualified_name == before.name)
        ]

    def _find_entry(self, before: Before, there: Violation) -> BaselineEntry | None:
        """Return the entry of a value at its previous place."""
        if before.is_new or not self.rules.recorded:
            return None
        return self.tolerance.baseline.find(before.path, there)

    def _is_recorded(
        self, file: HeldFile, violation: Violation, there: Violation, entry: BaselineEntry | None
    ) -> bool:
        """Return whether the baseline before the change allows a value, at its previous place or its own."""
        if not self.rules.recorded:
            return False
        if entry is not None and self.tolerance.is_granted(there, entry):
            return True
        return self.tolerance.has_tolerated(self.name_before(file.path), identify(violation))

    def had_comment(self, path: str, comment: Suppression, block: str | None, metric: str) -> bool:
        """Return whether a comment of a file existed before the change, for the same block."""
        if path not in self.diffs:
            return True
        violation = Violation(metric, block, None, 0, 0, "<=")
        before = self._find_before(path, violation)
        blocks = () if before.is_new else self._find_comments(before.path).get(comment.text, ())
        return before.name in blocks if comment.qualified_name == block else bool(blocks)

    def _list_comments(self, home: str) -> Mapping[str, Set[str | None]]:
        """Return the blocks of the comments of a file before the change, by their texts."""
        found: dict[str, set[str | None]] = {}
        old = self._find_old(home)
        for comment in () if old is None else old.measurement.comments:
            found.setdefault(comment.text, set()).add(comment.block)
        return found

    def has_entry(self, entry: BaselineEntry, violation: Violation) -> bool:
        """Return whether an entry of the baseline existed before the change, and allowed as much."""
        return self.tolerance.baseline.allows_as_much(entry, violation)


def _iter_limits(settings: Settings) -> Iterator[Threshold | None]:
    """Yield all limits that settings have anywhere."""
    yield from settings.thresholds.values()
    for override in settings.overrides:
        yield from override.thresholds.values()
    for project in settings.projects:
        yield from _iter_limits(project)


def _find_name(path: str, root: Path, other: Path) -> str:
    """Return the path in reports of a file below another root."""
    return path if root == other else display_path(other, os.path.normpath(root / path))


def _show_loosest(
    limit: Threshold, allowances: Iterable[SuppressedMetric], entry: BaselineEntry | None
) -> str:
    """Return what allowed most: the limit, the ceiling of a comment, or an entry."""
    ceilings = [(item.comparison, item.ceiling) for item in allowances if item.ceiling is not None]
    entries = [] if entry is None else [(limit.comparison, entry.value)]
    text, most = show_limit(limit), limit.limit
    for comparison, number in (*ceilings, *entries):
        if is_worse(number, most, limit.comparison, limit.limit):
            text, most = f"{comparison} {number}", number
    return text
