"""What the baseline tolerated before a change, on the side of one parent."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence, Set
from functools import cache, cached_property
from pathlib import Path

from pytest_antipasta.baseline import (
    DEFAULT_NAME,
    BaselineError,
    Key,
    Number,
    Tolerance,
    Tree,
    identify,
    locate_baseline,
    parse_baseline,
)
from pytest_antipasta.engine import Rules
from pytest_antipasta.gate.change_sets import ChangeSet, Listing
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.metrics import BlockComparison
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, load_settings


class ToleranceBefore:
    """What was tolerated beside one parent, looked up only when it is needed."""

    def __init__(
        self, settings: Settings, recorded: Sequence[BaselineEntry], tree: Tree, parent: BlockComparison
    ) -> None:
        """Apply what a parent has recorded to what it has.

        Args:
            settings: of the root.
            recorded: the parent's baseline.
            tree: the parent's files.
            parent: beside which the change is seen.
        """
        self._recorded = frozenset(recorded)
        self._tree = tree
        self._parent = parent
        self._tolerance = Tolerance(settings, recorded, tree)
        self._find_tolerated = cache(self._judge)

    def has_tolerated(self, key: Key) -> bool:
        """Whether a violation was tolerated; by path, qualified name and metric."""
        path, name, metric = key
        origin = self._parent.find_origin(path, name, metric) if self._recorded else None
        return origin is not None and (origin[1], metric) in self._find_tolerated(origin[0])

    def find_holder(self, entry: BaselineEntry) -> Key | None:
        """Return what an entry had moved to, if it was recorded and had moved."""
        return self._holders.get(entry.key) if entry in self._recorded else None

    @cached_property
    def _holders(self) -> dict[Key, Key]:
        return {entry.key: key for key, entry in self._tolerance.moved.items()}

    def find_paths_of_lost(self, now: Set[BaselineEntry], differing: Container[str]) -> set[str]:
        """Return where the entries were that something may have lost, moved or not.

        Args:
            now: what is recorded; an entry may be gone, or not alone any more.
            differing: files that may have again what an entry of theirs was recorded for.
        """
        rivals = {entry.key for entry in now - self._recorded}
        lost = {
            entry
            for entry in self._recorded
            if entry not in now or entry.key in rivals or entry.path in differing
        }
        paths = {entry.path for entry in lost}
        self._tree.prefetch(paths)
        if any(map(self._has_moved, lost)):
            # One of several copies that loses its entry may have that of another one.
            paths.update(path for path, _, _ in self._tolerance.moved)
        return paths

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read at once what will be asked for."""
        self._tree.prefetch(paths)

    def _judge(self, path: str) -> frozenset[Number]:
        """Return what was tolerated in a file."""
        found = self._tree.find_version(path)
        if found is None:
            return frozenset()
        whole, source = found
        left = self._tolerance.apply_to_file(whole, source).violations
        return frozenset(map(identify, whole.violations)).difference(map(identify, left))

    def _has_moved(self, entry: BaselineEntry) -> bool:
        """Whether what an entry was recorded for is not in its place."""
        found = self._tree.find_version(entry.path)
        names = {None, *(block.qualified_name for block in found[0].measurement.blocks)} if found else ()
        return entry.qualified_name not in names


def read_recorded(rules: Rules, repository: Repository, changes: ChangeSet) -> list[Sequence[BaselineEntry]]:
    """Return for each parent what it has recorded; nothing where that can't be read.

    Args:
        rules: with what is recorded now, and where.
        repository: that has the parents.
        changes: beside the parents.
    """
    parents = zip(changes.parents, changes.list_before, strict=True)
    return [_read_recorded(rules, repository, diffs, list_all) for diffs, list_all in parents]


def _read_recorded(
    rules: Rules, repository: Repository, diffs: Sequence[FileDiff], list_all: Listing
) -> Sequence[BaselineEntry]:
    place, now = _locate_before(rules, repository, diffs), locate_baseline(rules.settings)
    name = repository.name(place)
    if (change := _find_change(diffs, name)) is not None:
        blob = change.old_blob if change.old_path is not None else None
    elif place == now:
        return rules.recorded or ()
    else:
        blob, _ = list_all().get(name, (None, False))
    if blob is None:
        return ()
    try:
        return parse_baseline(repository.objects.read_blobs([blob]).get(blob, b"").decode())
    except (BaselineError, UnicodeDecodeError):
        return ()


def _locate_before(rules: Rules, repository: Repository, diffs: Sequence[FileDiff]) -> Path:
    """Return where the baseline was by the settings that a parent has: a change may name another one."""
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
    except UsageError:  # it has no table of ours, or nothing could be judged by it
        return default


def _find_change(diffs: Sequence[FileDiff], name: str) -> FileDiff | None:
    """Return what happened to a file that was there, or else to one that is."""
    found = (diff for diff in diffs if name in (diff.old_path, diff.path))
    return min(found, key=lambda diff: diff.old_path != name, default=None)
