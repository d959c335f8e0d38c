"""The baseline applied to a change: what it tolerates of it, and what it does not tolerate any more.

A change can lose an entry without making anything worse: by taking it out of the baseline, or by an edit
after which nobody can tell what it was recorded for. A run over all files fails after it, and so does this.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from msgspec.structs import replace

from pytest_antipasta.baseline import Key, Places, Source, Tolerance, identify
from pytest_antipasta.engine import WorktreePlaces
from pytest_antipasta.gate.baseline_before import BaselineBefore, ToleranceBefore
from pytest_antipasta.gate.change_sets import ChangeSet, Listing
from pytest_antipasta.gate.git_places import GatePlaces
from pytest_antipasta.gate.parents import Parents
from pytest_antipasta.gate.source_paths import SourcePaths
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.model import BaselineEntry, Measurement, Tolerated, Verdict, Violation
from pytest_antipasta.settings import Settings


class ChangeTolerance:
    """What is recorded, on both sides of a change."""

    def __init__(
        self,
        settings: Settings,
        repository: Repository,
        change_set: ChangeSet,
        comparison: Parents,
        paths: SourcePaths,
        judge: Callable[[str, Measurement], Verdict],
        measure: Callable[[bytes], Measurement],
        is_critical: Callable[[str, str], bool],
    ) -> None:
        """Take the change, and what judges files by their limits."""
        self._repository = repository
        self._comparison = comparison
        self._paths = paths
        self._is_critical = is_critical
        around = WorktreePlaces(settings, judge, measure, comparison.is_introduced)
        self._places = self._find_places(change_set.list_all, around)
        self._tolerance = Tolerance(settings, self._places)
        # What was there before can't be brought by the change.
        around_before = WorktreePlaces(settings, judge, measure)
        self._before = ToleranceBefore(
            settings,
            BaselineBefore(settings, repository, change_set.parents),
            comparison.parents,
            judge,
            is_critical,
            lambda number: self._find_places(change_set.list_before[number], around_before),
        )

    def apply(self, verdict: Verdict, whole: Verdict, source: Source) -> Verdict:
        """Return a verdict with what is recorded tolerated, and what was recorded before failing.

        Args:
            verdict: on what a change is answerable for.
            whole: on the whole file.
            source: its content.
        """
        told = self._tolerance.apply(verdict, source, self._is_critical, whole)
        found = self._tolerance.find_entries(whole, source)
        entries = dict(zip(map(identify, whole.violations), found, strict=True))
        if taken := [one for one in told.tolerated if self._is_of_another(entries.get(identify(one)), one)]:
            told = _add(told, taken, was_recorded=False)
        failing = set(map(identify, told.violations))
        left = self._tolerance.apply(whole, source, self._is_critical).violations
        lost = [
            one
            for one in left
            if identify(one) not in failing and self._before.has_tolerated(_key(whole.path, one))
        ]
        return _add(told, lost) if lost else told

    def find_untouched(self, judged: Container[str]) -> Iterator[Verdict]:
        """Yield verdicts on what fails in other files only by what the change does to the baseline."""
        paths = [path for path in self._before.find_changed() if path not in judged and self._paths.has(path)]
        self._places.expect(paths)
        self._before.expect(paths)
        for path in sorted(paths):
            if (found := self._places.find_version(path)) is None:
                continue
            whole, source = found
            left = self._tolerance.apply(whole, source, self._is_critical).violations
            if lost := [one for one in left if self._before.has_tolerated(_key(path, one))]:
                yield _add(replace(whole, violations=(), tolerated=(), suppressions=()), lost)

    def _is_of_another(self, entry: BaselineEntry | None, number: Tolerated) -> bool:
        """Whether a number is added in the place of an entry that something has taken along before."""
        if number.why != "baseline" or number.change != "added":
            return False
        if entry is None or not self._before.has_entry(entry):
            return False
        keys = self._tolerance.find_like(entry, number)
        return any(
            not self._comparison.is_introduced(key) and self._before.has_tolerated(key) for key in keys
        )

    def _find_places(self, list_all: Listing | None, around: WorktreePlaces) -> Places:
        if list_all is None:
            return around
        return GatePlaces(around, self._paths, self._repository, list_all)


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


def changes_baseline(settings: Settings, parents: Iterable[Iterable[FileDiff]]) -> bool:
    """Whether a change may be about the baseline, which its name tells for nothing.

    Args:
        settings: with what the baseline has, and where it is.
        parents: for each the files that differ from it.
    """
    if settings.recorded is None or settings.baseline is None:
        return False
    name = settings.baseline.name
    return all(any((diff.path or "").endswith(name) for diff in diffs) for diffs in parents)
