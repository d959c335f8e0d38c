"""Apply the baselines before and after a change, and find violations that lost their entries.

A change can lose an entry without making code worse. It can remove the entry, or edit code so that the entry
matches nothing. A check of all files fails after such a change, so the check of the change fails too.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain

from msgspec.structs import replace

from pytest_antipasta.baseline.matching import identify
from pytest_antipasta.gate.applied_baseline import AppliedBaseline
from pytest_antipasta.gate.decisions import ComparedValue, decide, look_back
from pytest_antipasta.gate.judged_tree import JudgedTree
from pytest_antipasta.gate.measuring import HeldFile
from pytest_antipasta.gate.rules_reader import RulesReader
from pytest_antipasta.gate.snapshots import ChangeStates, Parent
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.model.judged import BaselineEntry, Tolerated, Verdict, Violation


class ChangeTolerance:
    """The baselines before and after a change, applied when needed.

    Attributes:
        readers: the rules of each parent.
    """

    def __init__(self, states: ChangeStates) -> None:
        self._states = states
        self._settings = states.settings
        self._change = states.change_set
        self.readers = [RulesReader(states, index) for index in range(len(self._change.diffs_by_parent))]
        self._recorded_before = [reader.recorded for reader in self.readers]
        self._recorded = states.rules.recorded
        if self._recorded is None and states.rules.has_baseline and any(self._recorded_before):
            self._recorded = ()  # the change deletes the baseline

    @cached_property
    def now(self) -> AppliedBaseline:
        """The baseline after the change, applied to the files after it."""
        tree = JudgedTree(self._states, self._change.after.tree)
        return AppliedBaseline(self._recorded or (), tree, self._states.is_introduced)

    @cached_property
    def _before(self) -> list[AppliedBaseline]:
        both = zip(self._recorded_before, self._change.parent_trees, strict=True)
        return [AppliedBaseline(entries or (), JudgedTree(self._states, tree)) for entries, tree in both]

    def find_new(self) -> tuple[str, ...]:
        """Return the path of each entry of a baseline that the change adds; none if a parent has one."""
        before = self._recorded_before
        is_new = bool(before) and all(entries is None for entries in before)
        return tuple(entry.path for entry in self._recorded or ()) if is_new else ()

    def apply(self, verdict: Verdict, whole: Verdict, file: HeldFile) -> Verdict:
        """Return a verdict in which recorded violations are tolerated, and those that lost an entry fail.

        ``verdict`` is on the violations that the change causes, ``whole`` on the whole file.
        """
        if not whole.violations or self._recorded is None:
            return verdict
        entries = self.now.find_entries(whole, file)
        judged = self.now.apply(verdict, entries)
        if taken := [
            number for number in judged.tolerated if self._is_taken(entries.get(identify(number)), number)
        ]:
            judged = _add(judged, taken, was_recorded=False)
        failing = set(map(identify, judged.violations))
        left = self.now.apply(whole, entries).violations
        lost = self._find_lost(whole, [number for number in left if identify(number) not in failing])
        return _add(judged, lost) if lost else judged

    def find_untouched(self, judged: Container[str]) -> Iterator[Verdict]:
        """Yield verdicts on other files, which fail only because the change edits the baseline."""
        if not self._may_lose_entries():
            return
        paths = [path for path in self._find_losing() if path not in judged and self._states.paths.has(path)]
        for baseline in self._before:
            baseline.tree.prefetch(paths)
        for verdict, file in self.now.tree.find_versions(paths):
            left = self.now.apply_to_file(verdict, file).violations
            if lost := self._find_lost(verdict, left):
                yield _add(replace(verdict, violations=(), warnings=(), tolerated=(), suppressions=()), lost)

    def _may_lose_entries(self) -> bool:
        """Return whether violations can lose entries without an edit of their files.

        That happens if the baseline differs, or if a merge has two parents that moved one file to two places.
        """
        recorded, before = self._recorded, self._recorded_before
        is_changed = any((entries or ()) != recorded for entries in before)
        return recorded is not None and (is_changed or (bool(recorded) and len(before) > 1))

    def _find_losing(self) -> set[str]:
        """Return a superset of the files that lost an entry compared with every parent."""
        doubled = self._find_doubled()
        is_merge = len(self._change.diffs_by_parent) > 1
        # With one parent, a file that differs is judged as part of the change, or was not asked for.
        differing = [self._find_paths(diffs) if is_merge else set() for diffs in self._change.diffs_by_parent]
        return set.intersection(
            *(
                before.find_paths_of_lost(self.now.entries, paths) | paths | doubled
                for before, paths in zip(self._before, differing, strict=True)
            )
        )

    def _find_doubled(self) -> set[str]:
        """Return the files of a merge that one parent lacks, if a file with entries is missing.

        Each parent may have moved the same file, and its entries apply to one place only.
        """
        recorded = self.now.baseline.by_path
        if len(self._change.diffs_by_parent) < 2 or all(map(self.now.tree.has_file, recorded)):
            return set()
        diffs = chain.from_iterable(self._change.diffs_by_parent)
        return self._find_paths(diff for diff in diffs if diff.old_path is None)

    def _find_paths(self, diffs: Iterable[FileDiff]) -> set[str]:
        return {path for diff in diffs if diff.path and (path := self._states.paths.find(diff.path))}

    def _find_lost(self, whole: Verdict, left: Iterable[Violation]) -> list[Violation]:
        """Return the violations of a file that fail compared with every parent."""
        parents = list(zip(self._before, self._states.parents, strict=True)) if self._before else []
        return [
            violation
            for violation in left
            if parents and all(self._fails(whole, violation, *both) for both in parents)
        ]

    def _fails(self, whole: Verdict, violation: Violation, before: AppliedBaseline, parent: Parent) -> bool:
        path, metric = whole.path, violation.metric
        is_recorded = bool(before.entries)
        origin = parent.find_origin(path, violation, parent.origins_of_over) if is_recorded else None
        if origin is not None and before.has_tolerated(origin[0], (origin[1], metric)):
            beside = ComparedValue("unchanged", "recorded")
        elif parent.comparison.has(path):
            beside = look_back(path, violation, parent)
        else:
            return False
        return decide(whole, violation, beside, self._settings) == "fails"

    def _is_taken(self, entry: BaselineEntry | None, number: Tolerated) -> bool:
        """Return whether an added value has an entry that followed other code in every parent."""
        if entry is None or number.why != "baseline" or not number.is_new or not self._before:
            return False
        holders = (before.find_holder(entry) for before in self._before)
        return all(holder and self.now.has_failing(holder[0], holder[1:]) for holder in holders)


def _add(verdict: Verdict, numbers: Sequence[Violation], *, was_recorded: bool = True) -> Verdict:
    """Return a verdict in which more values fail: values that it tolerates, or does not list."""
    keys = set(map(identify, numbers))
    there = {identify(number): number for number in verdict.tolerated}
    fields = Violation.__struct_fields__
    failing = [
        Violation(**{name: getattr(number, name) for name in fields} | {"was_recorded": was_recorded})
        for number in (there.get(identify(number), number) for number in numbers)
    ]
    violations = sorted((*verdict.violations, *failing), key=lambda violation: violation.line or 0)
    tolerated = tuple(number for number in verdict.tolerated if identify(number) not in keys)
    return replace(verdict, violations=tuple(violations), tolerated=tolerated)
