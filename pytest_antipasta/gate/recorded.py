"""Apply the baseline on both sides of a change, and find violations that lost their entries.

A change can lose an entry without making code worse. It can remove the entry, or edit code so that the entry
matches nothing. A check of all files fails after such a change, so the check of the change fails too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain, islice
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.baseline import (
    DEFAULT_NAME,
    BaselineError,
    BodySource,
    EntryKey,
    Number,
    Tolerance,
    Tree,
    identify,
    locate_baseline,
    parse_baseline,
)
from pytest_antipasta.engine import FileTree, Rules
from pytest_antipasta.gate.change_sets import Listing
from pytest_antipasta.gate.decisions import Beside, decide, look_back
from pytest_antipasta.gate.policy import is_link, name_link
from pytest_antipasta.gate.snapshots import Parent, Sides
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.model import BaselineEntry, Tolerated, UsageError, Verdict, Violation
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, load_settings

# Number of files whose contents are in memory at a time.
_CHUNK = 100


class GitTree:
    """The files of an index or a commit, for matching entries with moved code; read when needed."""

    def __init__(self, sides: Sides, list_all: Listing, around: FileTree) -> None:
        """Use the files that git lists, and the working tree for files outside the repository."""
        self._sides = sides
        self._list_all = list_all
        self._around = around
        self._files = sides.open({})

    def has_file(self, path: str) -> bool:
        """Return whether a file with that path exists."""
        if path in self._names:
            return True
        return "\\" in path or (not self._sides.paths.is_inside(path) and self._around.has_file(path))

    def find_version(self, path: str) -> tuple[Verdict, BodySource] | None:
        """Return the verdict on a file by its limits, and its content; ``None`` if it can't be read."""
        self.prefetch([path])
        if path not in self._files.versions or self._files.judge(path).error is not None:
            return None
        return self._files.judge(path), self._files.versions[path]

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read files in one batch before they are needed."""
        unread = [path for path in paths if path in self._names and path not in self._files.versions]
        found = {path: self._listed[self._names[path]] for path in unread}
        self._files.add(self._sides.read({path: blob for path, (blob, is_file) in found.items() if is_file}))

    def iter_versions(self) -> Iterator[tuple[Verdict, BodySource]]:
        """Yield the verdicts and contents of all source files."""
        listed = self._listed.items()
        found = ((self._sides.paths.find(path), blob) for path, (blob, is_file) in listed if is_file)
        named = iter(sorted((path, blob) for path, blob in found if path is not None))
        while chunk := dict(islice(named, _CHUNK)):
            files = self._sides.open(self._sides.read(chunk))
            files.measure()
            yield from ((files.judge(path), version) for path, version in files.versions.items())

    @cached_property
    def _listed(self) -> Mapping[str, tuple[str, bool]]:
        return self._list_all()

    @cached_property
    def _names(self) -> dict[str, str]:
        return {self._sides.paths.name(path): path for path in self._listed}


class RecordedSide:
    """The baseline of one side of a change, applied to the files of that side when needed.

    Attributes:
        entries: the entries of the baseline.
        tree: the files.
        tolerance: applies the entries to the files.
    """

    def __init__(
        self,
        settings: Settings,
        entries: Iterable[BaselineEntry],
        tree: Tree,
        is_introduced: Callable[[EntryKey], bool] = lambda _: False,
    ) -> None:
        """Apply entries to a tree. Code added by the change takes no entry from existing code."""
        self.entries = frozenset(entries)
        self.tree = tree
        self.tolerance = Tolerance(settings, entries, tree, is_introduced)
        self._judge = cache(self._judge_file)

    def has_tolerated(self, path: str, number: Number) -> bool:
        """Return whether a value of a file is over its limit, and the baseline allows it."""
        return number in self._judge(path)[1]

    def has_failing(self, path: str, number: Number) -> bool:
        """Return whether a value of a file is over its limit, and the baseline does not allow it."""
        return number in self._judge(path)[0]

    def find_holder(self, entry: BaselineEntry) -> EntryKey | None:
        """Return the key of the moved code that an entry was matched with, if any."""
        return self._holders.get(entry.key) if entry in self.entries else None

    def find_paths_of_lost(self, now: frozenset[BaselineEntry], differing: Container[str]) -> set[str]:
        """Return the paths of entries that code may lose by a change, also of entries that followed code.

        Args:
            now: the entries after the change. An entry may be removed, or compete with a new one.
            differing: files that may again have the code that their entries were recorded for.
        """
        rivals = {entry.key for entry in now - self.entries}
        lost = {
            entry
            for entry in self.entries
            if entry not in now or entry.key in rivals or entry.path in differing
        }
        paths = {entry.path for entry in lost}
        self.tree.prefetch(paths)
        if any(map(self._has_moved, lost)):
            # If one of several copies loses its entry, it may take that of another copy.
            paths.update(path for path, _, _ in self.tolerance.moved)
        return paths

    @cached_property
    def _holders(self) -> dict[EntryKey, EntryKey]:
        return {entry.key: key for key, entry in self.tolerance.moved.items()}

    def _judge_file(self, path: str) -> tuple[frozenset[Number], frozenset[Number]]:
        """Return the failing values of a file, and those that the baseline allows."""
        if (found := self.tree.find_version(path)) is None:
            return frozenset(), frozenset()
        left = frozenset(map(identify, self.tolerance.apply_to_file(*found).violations))
        return left, frozenset(map(identify, found[0].violations)) - left

    def _has_moved(self, entry: BaselineEntry) -> bool:
        """Return whether the block of an entry is not in its file."""
        found = self.tree.find_version(entry.path)
        names = {None, *(block.qualified_name for block in found[0].measurement.blocks)} if found else ()
        return entry.qualified_name not in names


class ChangeTolerance:
    """The baselines on both sides of a change, applied when needed."""

    def __init__(self, sides: Sides) -> None:
        """Use the baselines after a change and of each parent."""
        self._sides = sides
        self._settings = sides.rules.settings
        self._change = sides.change_set
        parents = zip(self._change.parents, self._change.list_before, strict=True)
        self._recorded_before = [_read_recorded(sides, *parent) for parent in parents]
        self._recorded = sides.rules.recorded
        if self._recorded is None and sides.rules.has_baseline and any(self._recorded_before):
            self._recorded = ()  # the change deletes the baseline

    @cached_property
    def _worktree(self) -> FileTree:
        return FileTree(self._sides.rules, self._sides.measurer.measure_one)

    @cached_property
    def _now(self) -> RecordedSide:
        list_all, tree = self._change.list_all, self._worktree
        there = tree if list_all is None else GitTree(self._sides, list_all, tree)
        return RecordedSide(self._settings, self._recorded or (), there, self._sides.is_introduced)

    @cached_property
    def _before(self) -> list[RecordedSide]:
        both = zip(self._recorded_before, self._change.list_before, strict=True)
        return [
            RecordedSide(self._settings, entries, GitTree(self._sides, list_all, self._worktree))
            for entries, list_all in both
        ]

    def find_unmoved(self) -> tuple[BaselineEntry, ...]:
        """Return the entries that no moved code was matched with, as far as searched."""
        return tuple(self._now.tolerance.find_unmoved()) if self._recorded else ()

    def apply(self, verdict: Verdict, whole: Verdict, source: BodySource) -> Verdict:
        """Return a verdict in which recorded violations are tolerated, and those that lost an entry fail.

        Args:
            verdict: the verdict on the violations that the change causes.
            whole: the verdict on the whole file.
            source: the content of the file.
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
        lost = self._find_lost(whole.path, [number for number in left if identify(number) not in failing])
        return _add(judged, lost) if lost else judged

    def find_untouched(self, judged: Container[str]) -> Iterator[Verdict]:
        """Yield verdicts on other files, which fail only because the change edits the baseline."""
        if not self._may_lose_entries():
            return
        paths = [path for path in self._find_losing() if path not in judged and self._sides.paths.has(path)]
        for side in (self._now, *self._before):
            side.tree.prefetch(paths)
        for path in sorted(paths):
            if (found := self._now.tree.find_version(path)) is None:
                continue
            left = self._now.tolerance.apply_to_file(*found).violations
            if lost := self._find_lost(path, left):
                yield _add(replace(found[0], violations=(), warnings=(), tolerated=(), suppressions=()), lost)

    def _may_lose_entries(self) -> bool:
        """Return whether violations can lose entries without an edit of their files.

        That happens if the baseline differs, or if a merge has two parents that moved one file to two places.
        """
        recorded, before = self._recorded, self._recorded_before
        is_changed = any(tuple(entries) != recorded for entries in before)
        return recorded is not None and (is_changed or (bool(recorded) and len(before) > 1))

    def _find_losing(self) -> set[str]:
        """Return a superset of the files that lost an entry compared with every parent."""
        doubled = self._find_doubled()
        differing = list(map(self._find_paths, self._change.parents))
        is_merge = len(differing) > 1
        return set.intersection(
            *(
                # With one parent, a file that differs is judged as part of the change.
                side.find_paths_of_lost(self._now.entries, paths if is_merge else ()) | paths | doubled
                for side, paths in zip(self._before, differing, strict=True)
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
        return {path for diff in diffs if diff.path and (path := self._sides.paths.find(diff.path))}

    def _find_lost(self, path: str, left: Iterable[Violation]) -> list[Violation]:
        """Return the violations of a file that fail compared with every parent."""
        sides = list(zip(self._before, self._sides.parents, strict=True)) if self._before else []
        return [
            violation
            for violation in left
            if sides and all(self._fails(path, violation, *side) for side in sides)
        ]

    def _fails(self, path: str, violation: Violation, side: RecordedSide, parent: Parent) -> bool:
        name, metric = violation.qualified_name, violation.metric
        origin = parent.find_origin(path, violation) if side.entries else None
        if origin is not None and side.has_tolerated(origin[0], (origin[1], metric)):
            beside = Beside("file" if name is None else "function", "unchanged", "recorded")
        elif parent.comparison.has(path):
            beside = look_back(path, violation, parent)
        else:
            return False
        return decide(path, violation, beside, self._settings) == "fails"

    def _is_taken(self, entry: BaselineEntry | None, number: Tolerated) -> bool:
        """Return whether an added value has an entry that followed other code before the change."""
        if entry is None or number.why != "baseline" or number.change != "added" or not self._before:
            return False
        holder = self._before[0].find_holder(entry)
        return holder is not None and self._now.has_failing(holder[0], holder[1:])


def _add(verdict: Verdict, numbers: Sequence[Violation], *, was_recorded: bool = True) -> Verdict:
    """Return a verdict in which more values fail: values that it tolerates, or does not list."""
    keys = set(map(identify, numbers))
    known = {identify(number): number for number in verdict.tolerated}
    failing = [_as_violation(known.get(identify(number), number), was_recorded) for number in numbers]
    violations = sorted((*verdict.violations, *failing), key=lambda violation: violation.line or 0)
    tolerated = tuple(number for number in verdict.tolerated if identify(number) not in keys)
    return replace(verdict, violations=tuple(violations), tolerated=tolerated, failed=True)


def _as_violation(number: Violation, was_recorded: bool) -> Violation:
    values = {name: getattr(number, name) for name in Violation.__struct_fields__}
    return Violation(**{**values, "was_recorded": was_recorded})


def _read_recorded(sides: Sides, diffs: Sequence[FileDiff], list_all: Listing) -> Sequence[BaselineEntry]:
    """Return the baseline entries of a parent; none if its baseline can't be read."""
    rules, repository = sides.rules, sides.repository
    place, now = _locate_before(rules, repository, diffs), locate_baseline(rules.settings)
    if is_link(sides, place):
        from pytest_antipasta.gate.committed_settings import open_listing

        # A link may have had another target; git's differences are those of regular files.
        listed = open_listing(repository, "the commit before", list_all)
        return _parse(listed.read(name_link(repository, place)))
    name = repository.name(place)
    if (change := _find_change(diffs, name)) is not None:
        blob = change.old_blob if change.old_path is not None else None
    elif place == now:
        return rules.recorded or ()
    else:
        blob, _ = list_all().get(name, (None, False))
    return _parse(None if blob is None else repository.objects.read_blobs([blob]).get(blob))


def _parse(data: bytes | None) -> Sequence[BaselineEntry]:
    """Return the entries of a baseline; none if it does not exist or is damaged."""
    try:
        return () if data is None else parse_baseline(data.decode())
    except (BaselineError, UnicodeDecodeError):
        return ()


def _locate_before(rules: Rules, repository: Repository, diffs: Sequence[FileDiff]) -> Path:
    """Return the path of the baseline by the settings of a parent, as a change may set another path."""
    settings = rules.settings
    now, default = locate_baseline(settings), settings.root / DEFAULT_NAME
    is_toml = settings.source is not None and settings.source.suffix == ".toml"
    source = settings.source if settings.source and is_toml else settings.root / SETTINGS_NAMES[0]
    change = _find_change(diffs, repository.name(source)) if rules.named is None else None
    if change is None:
        return now
    if change.old_path is None:
        return default
    data = repository.objects.read_blobs([change.old_blob]).get(change.old_blob, b"")
    try:
        return locate_baseline(load_settings(settings.root, source, lambda _: data).settings)
    except UsageError:  # no settings for pytest-antipasta, or invalid ones
        return default


def _find_change(diffs: Sequence[FileDiff], name: str) -> FileDiff | None:
    """Return the diff of a file by its old path, or else by its new path."""
    found = (diff for diff in diffs if name in (diff.old_path, diff.path))
    return min(found, key=lambda diff: diff.old_path != name, default=None)
