"""Applying the baseline to a change: what it tolerates of it, and what it does not tolerate any more.

A change can lose an entry without making anything worse: by taking it out of the baseline, or by an edit
after which it can't be told what it was recorded for. A run over all files fails after it, and so does this.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import cache, cached_property

from msgspec.structs import replace

from pytest_antipasta.baseline import Number, Source, Tolerance, Tree, identify
from pytest_antipasta.engine import FileTree, Rules
from pytest_antipasta.files import SourcePaths
from pytest_antipasta.gate.baseline_before import ToleranceBefore
from pytest_antipasta.gate.change_sets import ChangeSet
from pytest_antipasta.gate.git_tree import GitTree
from pytest_antipasta.gate.parents import Parents
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.metrics import BlockComparison
from pytest_antipasta.model import BaselineEntry, Tolerated, Verdict, Violation


class ChangeTolerance:
    """What is recorded, on both sides of a change.

    Attributes:
        find_unmoved: gives the entries that, as far as anybody has asked, have followed nothing.
    """

    def __init__(
        self,
        rules: Rules,
        repository: Repository,
        change_set: ChangeSet,
        comparison: Parents,
        paths: SourcePaths,
        worktree: FileTree,
        recorded_before: Sequence[Sequence[BaselineEntry]],
        is_answerable: Callable[[str, Violation, BlockComparison], bool],
    ) -> None:
        """Apply the baseline to a change.

        Args:
            rules: with what is recorded now.
            repository: that has the contents.
            change_set: the change.
            comparison: its parents.
            paths: which files are source files.
            worktree: its files, judged by their limits.
            recorded_before: what each parent has recorded.
            is_answerable: whether the change is answerable for a number, beside one parent.
        """
        self._rules = rules
        self._repository = repository
        self._change_set = change_set
        self._comparison = comparison
        self._paths = paths
        self._worktree = worktree
        self._tree: Tree = worktree
        if change_set.list_all is not None:
            self._tree = GitTree(worktree, paths, repository, change_set.list_all)
        recorded, is_introduced = rules.recorded or (), comparison.is_introduced
        self._tolerance = Tolerance(rules.settings, recorded, self._tree, is_introduced)
        self.find_unmoved = self._tolerance.find_unmoved
        self._find_failing = cache(self._judge)
        self._recorded_before = recorded_before
        self._is_answerable = is_answerable

    def apply(self, verdict: Verdict, whole: Verdict, source: Source) -> Verdict:
        """Return a verdict with what is recorded tolerated, and what was recorded before failing.

        Args:
            verdict: on what a change is answerable for.
            whole: on the whole file.
            source: its content.
        """
        entries = self._tolerance.find_entries(whole, source)
        told = self._tolerance.apply(verdict, entries)
        if taken := [one for one in told.tolerated if self._is_taken(entries.get(identify(one)), one)]:
            told = _add(told, taken, was_recorded=False)
        failing = set(map(identify, told.violations))
        left = self._tolerance.apply(whole, entries).violations
        lost = self._find_lost(whole.path, [one for one in left if identify(one) not in failing])
        return _add(told, lost) if lost else told

    def find_untouched(self, judged: Container[str]) -> Iterator[Verdict]:
        """Yield verdicts on what fails in other files only by what the change does to the baseline."""
        paths = [path for path in self._find_losing() if path not in judged and self._paths.has(path)]
        self._tree.prefetch(paths)
        for parent in self._before:
            parent.prefetch(paths)
        for path in sorted(paths):
            if (found := self._tree.find_version(path)) is None:
                continue
            left = self._tolerance.apply_to_file(*found).violations
            if lost := self._find_lost(path, left):
                yield _add(replace(found[0], violations=(), tolerated=(), suppressions=()), lost)

    def _find_losing(self) -> set[str]:
        """Return the files that may have lost an entry beside every parent, and others."""
        now = set(self._rules.recorded or ())
        doubled = self._find_doubled()
        differing = list(map(self._find_paths, self._change_set.parents))
        is_merge = len(differing) > 1
        return set.intersection(
            *(
                # Beside one side alone what a file brings back is judged with the file.
                before.find_paths_of_lost(now, paths if is_merge else ()) | paths | doubled
                for before, paths in zip(self._before, differing, strict=True)
            )
        )

    def _find_doubled(self) -> set[str]:
        """Return the files of a merge that one side has and another has not, if something recorded is gone.

        Each side may have moved the same file, and what is recorded of it is for one place alone.
        """
        parents = self._change_set.parents
        if len(parents) < 2 or all(map(self._tree.has_file, self._tolerance.baseline.by_path)):
            return set()
        return self._find_paths(diff for diffs in parents for diff in diffs if diff.old_path is None)

    def _find_paths(self, diffs: Iterable[FileDiff]) -> set[str]:
        return {path for diff in diffs if diff.path and (path := self._paths.find(diff.path))}

    @cached_property
    def _before(self) -> list[ToleranceBefore]:
        """What was tolerated beside each parent."""
        listings = self._change_set.list_before
        trees = [GitTree(self._worktree, self._paths, self._repository, list_all) for list_all in listings]
        parents = zip(self._recorded_before, trees, self._comparison.parents, strict=True)
        return [ToleranceBefore(self._rules.settings, *of_parent) for of_parent in parents]

    def _find_lost(self, path: str, left: Iterable[Violation]) -> list[Violation]:
        """Return those violations of a file that beside every parent were tolerated, or are of the change."""
        lost = list(left)
        for before, parent in zip(self._before, self._comparison.parents, strict=True):
            lost = [
                one
                for one in lost
                if before.has_tolerated((path, *identify(one))) or self._is_answerable(path, one, parent)
            ]
        return lost if self._before else []

    def _is_taken(self, entry: BaselineEntry | None, number: Tolerated) -> bool:
        """Whether a number is added in the place of an entry that something has taken along before."""
        if entry is None or number.why != "baseline" or number.change != "added" or not self._before:
            return False
        holder = self._before[0].find_holder(entry)
        return holder is not None and holder[1:] in self._find_failing(holder[0])

    def _judge(self, path: str) -> frozenset[Number]:
        """Return what is not tolerated in a file."""
        found = self._tree.find_version(path)
        left = self._tolerance.apply_to_file(*found).violations if found is not None else ()
        return frozenset(map(identify, left))


def _add(verdict: Verdict, numbers: Sequence[Violation], *, was_recorded: bool = True) -> Verdict:
    """Return a verdict with some numbers failing that it tolerates, or does not mention."""
    keys = set(map(identify, numbers))
    told = {identify(one): one for one in verdict.tolerated}
    failing = [_as_violation(told.get(identify(one), one), was_recorded) for one in numbers]
    violations = sorted((*verdict.violations, *failing), key=lambda one: one.line or 0)
    tolerated = tuple(one for one in verdict.tolerated if identify(one) not in keys)
    return replace(verdict, violations=tuple(violations), tolerated=tolerated, failed=True)


def _as_violation(number: Violation, was_recorded: bool) -> Violation:
    values = {name: getattr(number, name) for name in Violation.__struct_fields__}
    return Violation(**{**values, "was_recorded": was_recorded})


def may_lose_entries(
    recorded: Sequence[BaselineEntry] | None, recorded_before: Sequence[Sequence[BaselineEntry]]
) -> bool:
    """Whether something else than the code that a change brings may take an entry from a violation.

    That is the baseline itself, and a merge of sides that have moved one file to two places.

    Args:
        recorded: what the baseline has.
        recorded_before: what each parent's has.
    """
    if recorded is None:
        return False
    is_changed = any(tuple(before) != recorded for before in recorded_before)
    return is_changed or (bool(recorded) and len(recorded_before) > 1)
