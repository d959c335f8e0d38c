"""Apply the baselines before and after a change, and find violations that lost their entries.

A change can lose an entry without making code worse. It can remove the entry, or edit code so that the entry
matches nothing. A check of all files fails after such a change, so the check of the change fails too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import chain, islice

from msgspec.structs import replace

from pytest_antipasta.baseline.entries import BodySource, EntryKey, is_vacant
from pytest_antipasta.baseline.matching import ValueKey, identify
from pytest_antipasta.baseline.tolerance import Tolerance
from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.gate.decisions import ComparedValue, decide, look_back
from pytest_antipasta.gate.measuring import HeldFile
from pytest_antipasta.gate.rules_reader import RulesReader
from pytest_antipasta.gate.snapshots import ChangedFiles, ChangeStates, Parent
from pytest_antipasta.gate.trees import Tree
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.model.judged import BaselineEntry, Tolerated, Verdict, Violation
from pytest_antipasta.settings.patterns import make_path_filter

# Number of files whose contents are in memory at a time.
_CHUNK = 100


class JudgedTree:
    """All files before or after a change, judged by the rules of a side; read when needed.

    Attributes:
        settings: the settings of the root.
    """

    def __init__(self, files: ChangedFiles, tree: Tree, judge: LimitJudge | None = None) -> None:
        """Use the files of a tree, and files on disk that are outside the repository.

        ``judge`` judges them in place of the judge that ``files`` has.
        """
        self.settings = files.settings
        self._changed = files
        self._tree = tree
        self._open = partial(files.open, judge=judge)
        self._files = self._open({})

    def has_file(self, path: str) -> bool:
        """Return whether a file with that path exists."""
        # Reports escape paths that are not UTF-8 with backslashes; escaped paths do not match files.
        if path in self._names or "\\" in path:
            return True
        location = os.path.join(self.settings.root, path)
        return not self._changed.paths.is_inside(path) and os.path.lexists(location)

    def leaves_out(self, path: str) -> bool:
        """Return ``False``: git has all files of a tree."""
        return False

    def has_any(self, path: str) -> bool:
        """Return whether a path is that of a file of the tree, or of a folder with files."""
        return any(map(make_path_filter((path,)), self._names))

    def find_version(self, path: str) -> tuple[Verdict, HeldFile] | None:
        """Return the verdict on a file by its limits, and its content; ``None`` if it can't be read."""
        return next(self.find_versions([path]), None)

    def find_versions(self, paths: Iterable[str]) -> Iterator[tuple[Verdict, HeldFile]]:
        """Yield the same for some files in order, read in one batch, without unreadable ones."""
        wanted = sorted(paths)
        self.prefetch(wanted)
        for path in filter(self._files.versions.__contains__, wanted):
            if (verdict := self._files.judge(path)).error is None:
                yield verdict, self._files.versions[path]

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read files in one batch before they are needed."""
        unread = [path for path in paths if path in self._names and path not in self._files.versions]
        if unread:
            self._files.add(self.read({path: self._names[path] for path in unread}))

    def iter_versions(self) -> Iterator[tuple[Verdict, HeldFile]]:
        """Yield the verdicts and contents of all source files."""
        named = iter(sorted(self.find_sources().items()))
        while chunk := dict(islice(named, _CHUNK)):
            files = self._open(self.read(chunk))
            files.measure()
            yield from ((files.judge(path), version) for path, version in files.versions.items())

    def find_sources(self) -> dict[str, str]:
        """Return the paths in git of all source files, by their paths in reports."""
        paths = self._changed.paths
        scripts = self._tree.list_scripts() if paths.takes_scripts else ()
        found = ((paths.find(name, is_script=name in scripts), name) for name in self._tree.entries)
        return {path: name for path, name in found if path is not None}

    def read(self, names: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of regular files by their paths in reports, given their paths in git."""
        listed = self._tree.entries
        contents = self._tree.read(
            {name: listed[name].blob for name in names.values() if listed[name].is_file}
        )
        return {path: contents[name] for path, name in names.items() if name in contents}

    @cached_property
    def _names(self) -> dict[str, str]:
        """The paths in git of all files, by their paths in reports."""
        return {self._changed.paths.name(name): name for name in self._tree.entries}


class AppliedBaseline:
    """The entries of a baseline, applied to the files before or after a change when needed.

    Attributes:
        entries: the entries of the baseline.
        tree: the files.
        tolerance: applies the entries to the files.
    """

    def __init__(
        self,
        entries: Iterable[BaselineEntry],
        tree: JudgedTree,
        is_introduced: Callable[[EntryKey], bool] = lambda _: False,
    ) -> None:
        """Apply entries to a tree. Code added by the change takes no entry from existing code."""
        self.entries = frozenset(entries)
        self.tree = tree
        self.tolerance = Tolerance(tree.settings, entries, tree, is_introduced)
        self._judge = cache(self._judge_file)

    def has_tolerated(self, path: str, number: ValueKey) -> bool:
        """Return whether a value of a file is over its limit, and the baseline allows it."""
        return number in self._judge(path)[1]

    def has_failing(self, path: str, number: ValueKey) -> bool:
        """Return whether a value of a file is over its limit, and the baseline does not allow it."""
        return number in self._judge(path)[0]

    def find_holder(self, entry: BaselineEntry) -> EntryKey | None:
        """Return the key of the moved code that an entry was matched with, if any."""
        return self._holders.get(entry.key) if entry in self.entries else None

    def find_paths_of_lost(self, others: frozenset[BaselineEntry], differing: Container[str]) -> set[str]:
        """Return the paths of entries that code may lose by a change, also of entries that followed code.

        Args:
            others: the entries of the other baseline. One may be missing there, or compete with a new one.
            differing: files that may again have the code that their entries were recorded for.
        """
        rivals = {entry.key for entry in others - self.entries}
        lost = {
            entry
            for entry in self.entries
            if entry not in others or entry.key in rivals or entry.path in differing
        }
        paths = {entry.path for entry in lost}
        if self._have_moved(lost, paths):
            # If one of several copies loses its entry, it may take that of another copy.
            paths.update(path for path, _, _ in self.tolerance.moved)
        return paths

    @cached_property
    def _holders(self) -> dict[EntryKey, EntryKey]:
        return {entry.key: key for key, entry in self.tolerance.moved.items()}

    def _judge_file(self, path: str) -> tuple[frozenset[ValueKey], frozenset[ValueKey]]:
        """Return the failing values of a file, and those that the baseline allows."""
        if (found := self.tree.find_version(path)) is None:
            return frozenset(), frozenset()
        left = frozenset(map(identify, self.tolerance.apply_to_file(*found).violations))
        return left, frozenset(map(identify, found[0].violations)) - left

    def _have_moved(self, entries: Iterable[BaselineEntry], paths: Iterable[str]) -> bool:
        """Return whether a block of some entries is not in its file, given the paths of these files."""
        found = {verdict.path: verdict for verdict, _ in self.tree.find_versions(paths)}
        return any(is_vacant(entry, found.get(entry.path)) for entry in entries)


class ChangeTolerance:
    """The baselines before and after a change, applied when needed."""

    def __init__(self, states: ChangeStates) -> None:
        """Use the baselines after a change and of each parent."""
        self._states = states
        self._settings = states.settings
        self._change = states.change_set
        readers = (RulesReader(states, place) for place in range(len(self._change.parents)))
        self._recorded_before = [reader.recorded for reader in readers]
        self._recorded = states.rules.recorded
        if self._recorded is None and states.rules.has_baseline and any(self._recorded_before):
            self._recorded = ()  # the change deletes the baseline

    @cached_property
    def _now(self) -> AppliedBaseline:
        tree = JudgedTree(self._states, self._change.after.tree)
        return AppliedBaseline(self._recorded or (), tree, self._states.is_introduced)

    @cached_property
    def _before(self) -> list[AppliedBaseline]:
        both = zip(self._recorded_before, self._change.before, strict=True)
        return [AppliedBaseline(entries or (), JudgedTree(self._states, tree)) for entries, tree in both]

    def find_new(self) -> tuple[str, ...]:
        """Return the path of each entry of a baseline that the change adds; none if a parent has one."""
        before = self._recorded_before
        is_new = bool(before) and all(entries is None for entries in before)
        return tuple(entry.path for entry in self._recorded or ()) if is_new else ()

    def apply(self, verdict: Verdict, whole: Verdict, source: BodySource) -> Verdict:
        """Return a verdict in which recorded violations are tolerated, and those that lost an entry fail.

        ``verdict`` is on the violations that the change causes, ``whole`` on the whole file.
        """
        if not whole.violations or self._recorded is None:
            return verdict
        tolerance = self._now.tolerance
        entries = tolerance.find_entries(whole, source)
        judged = tolerance.apply(verdict, entries)
        if taken := [
            number for number in judged.tolerated if self._is_taken(entries.get(identify(number)), number)
        ]:
            judged = _add(judged, taken, was_recorded=False)
        failing = set(map(identify, judged.violations))
        left = tolerance.apply(whole, entries).violations
        lost = self._find_lost(whole, [number for number in left if identify(number) not in failing])
        return _add(judged, lost) if lost else judged

    def find_untouched(self, judged: Container[str]) -> Iterator[Verdict]:
        """Yield verdicts on other files, which fail only because the change edits the baseline."""
        if not self._may_lose_entries():
            return
        paths = [path for path in self._find_losing() if path not in judged and self._states.paths.has(path)]
        for baseline in self._before:
            baseline.tree.prefetch(paths)
        for verdict, file in self._now.tree.find_versions(paths):
            left = self._now.tolerance.apply_to_file(verdict, file).violations
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
        is_merge = len(self._change.parents) > 1
        # With one parent, a file that differs is judged as part of the change, or was not asked for.
        differing = [self._find_paths(diffs) if is_merge else set() for diffs in self._change.parents]
        return set.intersection(
            *(
                before.find_paths_of_lost(self._now.entries, paths) | paths | doubled
                for before, paths in zip(self._before, differing, strict=True)
            )
        )

    def _find_doubled(self) -> set[str]:
        """Return the files of a merge that one parent lacks, if a file with entries is missing.

        Each parent may have moved the same file, and its entries apply to one place only.
        """
        recorded = self._now.tolerance.baseline.by_path
        if len(self._change.parents) < 2 or all(map(self._now.tree.has_file, recorded)):
            return set()
        diffs = chain.from_iterable(self._change.parents)
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
        path, name, metric = whole.path, violation.qualified_name, violation.metric
        is_recorded = bool(before.entries)
        origin = parent.find_origin(path, violation, parent.origins_of_over) if is_recorded else None
        if origin is not None and before.has_tolerated(origin[0], (origin[1], metric)):
            beside = ComparedValue("file" if name is None else "function", "unchanged", "recorded")
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
        return all(holder and self._now.has_failing(holder[0], holder[1:]) for holder in holders)


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
