"""The baseline applied to a change: what it tolerates of it, and what it does not tolerate any more.

A change can lose an entry without making anything worse: by taking it out of the baseline, or by an edit
after which nobody can tell what it was recorded for. A run over all files fails after it, and so does this.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from functools import cache

from msgspec.structs import replace

from pytest_antipasta.baseline.entries import Key, Source
from pytest_antipasta.baseline.places import Places
from pytest_antipasta.baseline_before import BaselineBefore
from pytest_antipasta.change_sets import ChangeSet, Listing
from pytest_antipasta.changes import Parent
from pytest_antipasta.comparison import Comparison
from pytest_antipasta.gate_places import GatePlaces
from pytest_antipasta.model import Measurement, Tolerated, Verdict, Violation
from pytest_antipasta.revisions import Repository
from pytest_antipasta.settings import Settings
from pytest_antipasta.source_paths import SourcePaths
from pytest_antipasta.tolerance import Tolerance, WorktreePlaces, identify


class ChangeTolerance:
    """What is recorded, on both sides of a change."""

    def __init__(
        self,
        settings: Settings,
        repository: Repository,
        change_set: ChangeSet,
        comparison: Comparison,
        paths: SourcePaths,
        judge: Callable[[str, Measurement], Verdict],
        measure: Callable[[bytes], Measurement],
        is_critical: Callable[[str, str], bool],
    ) -> None:
        """Take the change, and what judges files by their limits."""
        self._settings = settings
        self._repository = repository
        self._change_set = change_set
        self._comparison = comparison
        self._paths = paths
        self._judge = judge
        self._is_critical = is_critical
        self._around = WorktreePlaces(settings, judge, measure, comparison.is_brought)
        self._places = self._find_places(change_set.list_all)
        self._tolerance = Tolerance(settings, self._places)
        self._before = BaselineBefore(settings, repository, change_set.parents)
        self._find_before = cache(self._make_before)

    def apply(self, verdict: Verdict, whole: Verdict, source: Source) -> Verdict:
        """Return a verdict with what is recorded tolerated, and what was recorded before failing.

        Args:
            verdict: on what a change is answerable for.
            whole: on the whole file.
            source: its content.
        """
        told = self._tolerance.apply(verdict, source, self._is_critical, whole)
        if taken := [one for one in told.tolerated if self._is_of_another(whole.path, one)]:
            told = _add(told, taken, was_recorded=False)
        failing = set(map(identify, told.violations))
        left = self._tolerance.apply(whole, source, self._is_critical).violations
        lost = [one for one in left if identify(one) not in failing and self._is_lost(_key(whole.path, one))]
        return _add(told, lost) if lost else told

    def find_untouched(self, judged: Container[str]) -> Iterator[Verdict]:
        """Yield verdicts on what fails in other files only by what the change does to the baseline."""
        for path in sorted(self._before.find_changed()):
            found = self._places.find_version(path) if path not in judged else None
            if found is None or not self._paths.has(path):
                continue
            whole, source = found
            left = self._tolerance.apply(whole, source, self._is_critical).violations
            if lost := [one for one in left if self._is_lost(_key(path, one))]:
                yield _add(replace(whole, violations=(), tolerated=(), suppressions=()), lost)

    def _is_of_another(self, path: str, number: Tolerated) -> bool:
        """Whether a number is added in the place of an entry that something has taken along before."""
        if number.why != "baseline" or number.change != "added":
            return False
        before = self._find_before(0)
        if before is None or before[0].baseline.find(path, number) is None:
            return False
        keys = self._tolerance.find_like(path, number)
        return any(not self._comparison.is_brought(key) and self._is_lost(key) for key in keys)

    def _is_lost(self, key: Key) -> bool:
        """Whether a number that is over its limit was tolerated beside every parent."""
        parents = self._comparison.parents
        return bool(parents) and all(
            self._was_tolerated(number, parent, key) for number, parent in enumerate(parents)
        )

    def _was_tolerated(self, number: int, parent: Parent, key: Key) -> bool:
        path, own_name, metric = key
        before = self._find_before(number)
        origin = parent.find_origin(path, own_name)
        if before is None or origin is None:
            return False
        tolerance, places = before
        old_path, name = origin
        version = parent.version_at(old_path)
        found = places.find_version(old_path) if version is None else None
        if version is not None:
            found = self._judge(old_path, version.measurement), version
        if found is None:
            return False
        whole, source = found
        left = tolerance.apply(whole, source, self._is_critical).violations
        return (name, metric) in set(map(identify, whole.violations)) - set(map(identify, left))

    def _make_before(self, number: int) -> tuple[Tolerance, Places] | None:
        """Return what was tolerated beside a parent; ``None`` where it has no baseline that can be read."""
        recorded = self._before.find(number)
        if not recorded:
            return None
        places = self._find_places(self._change_set.list_before[number])
        return Tolerance(replace(self._settings, recorded=recorded), places), places

    def _find_places(self, list_all: Listing | None) -> Places:
        if list_all is None:
            return self._around
        return GatePlaces(self._around, self._paths, self._repository, list_all)


def _key(path: str, violation: Violation) -> Key:
    return path, violation.qualified_name, violation.metric


def _add(verdict: Verdict, numbers: Sequence[Violation], *, was_recorded: bool = True) -> Verdict:
    """Return a verdict with some numbers failing that it tolerates, or does not tell of."""
    keys = set(map(identify, numbers))
    told = {identify(one): one for one in verdict.tolerated}
    failing = [_as_violation(told.get(identify(one), one), was_recorded) for one in numbers]
    violations = sorted((*verdict.violations, *failing), key=lambda one: one.line or 0)
    tolerated = tuple(one for one in verdict.tolerated if identify(one) not in keys)
    return replace(verdict, violations=tuple(violations), tolerated=tolerated, failed=True)


def _as_violation(number: Violation, was_recorded: bool) -> Violation:
    values = {name: getattr(number, name) for name in Violation.__struct_fields__}
    return Violation(**{**values, "was_recorded": was_recorded})
