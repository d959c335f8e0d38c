"""What the baseline tolerated beside each parent of a change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from msgspec.structs import replace

from pytest_antipasta.baseline import BaselineError, Key, Places, Tolerance, identify, parse_baseline
from pytest_antipasta.gate.blocks import BlockComparison
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.model import BaselineEntry, Measurement, Verdict
from pytest_antipasta.settings import Settings


class BaselineBefore:
    """What was recorded beside each parent of a change."""

    def __init__(
        self, settings: Settings, repository: Repository, parents: Sequence[Sequence[FileDiff]]
    ) -> None:
        """Take what is recorded now, and the files that differ from each parent."""
        self._now = settings.recorded or ()
        self._repository = repository
        self._parents = parents
        self._name: str | None = None
        if settings.baseline is not None:
            location = os.path.realpath(settings.baseline)
            self._name = os.path.relpath(location, repository.top).replace(os.sep, "/")

    def find(self, number: int) -> Sequence[BaselineEntry]:
        """Return what a parent has recorded, by its place among them; nothing where it can't be read."""
        change = self._find_change(self._parents[number])
        if change is None:
            return self._now
        if change.old_path is None:
            return ()
        data = self._repository.read_blobs([change.old_blob]).get(change.old_blob, b"")
        try:
            return parse_baseline(data.decode())
        except (BaselineError, UnicodeDecodeError):
            return ()

    def find_lost(self, number: int) -> list[BaselineEntry]:
        """Return what a parent has recorded and is not there now."""
        if self._find_change(self._parents[number]) is None:
            return []
        now = set(self._now)
        return [entry for entry in self.find(number) if entry not in now]

    def _find_change(self, diffs: Iterable[FileDiff]) -> FileDiff | None:
        return next((diff for diff in diffs if diff.path is not None and diff.path == self._name), None)


class ToleranceBefore:
    """What was tolerated, each parent looked at only if somebody asks."""

    def __init__(
        self,
        settings: Settings,
        recorded: BaselineBefore,
        parents: Iterable[BlockComparison],
        judge: Callable[[str, Measurement], Verdict],
        is_critical: Callable[[str, str], bool],
        find_places: Callable[[int], Places],
    ) -> None:
        """Take the parents.

        Args:
            settings: of the root.
            recorded: what each of them has recorded.
            parents: what they have besides.
            judge: gives the verdict on a file by its limits.
            is_critical: whether nothing is tolerated in a block, by path and qualified name.
            find_places: gives what was there beside the parent of a number.
        """
        self._settings = settings
        self._recorded = recorded
        self._parents = tuple(parents)
        self._judge = judge
        self._is_critical = is_critical
        self._find_places = find_places
        self._find = cache(self._make)

    def has_entry(self, entry: BaselineEntry) -> bool:
        """Whether the first parent has recorded something."""
        return bool(self._parents) and entry in self._recorded.find(0)

    def has_tolerated(self, key: Key) -> bool:
        """Whether a number that is over its limit was tolerated beside every parent."""
        return bool(self._parents) and all(
            self._was_tolerated(number, parent, key) for number, parent in enumerate(self._parents)
        )

    def find_changed(self) -> set[str]:
        """Return the paths of files of which every parent had entries that are not there now."""
        numbers = range(len(self._parents))
        return set.intersection(*map(self._find_paths, numbers)) if numbers else set()

    def expect(self, paths: Iterable[str]) -> None:
        """Read at once what will be asked for."""
        wanted = list(paths)
        for number in range(len(self._parents)):
            if (before := self._find(number)) is not None:
                before[1].expect(wanted)

    def _find_paths(self, number: int) -> set[str]:
        """Return where the entries were that a parent has and that are not there now, moved or not."""
        lost = self._recorded.find_lost(number)
        paths = {entry.path for entry in lost}
        if lost and (before := self._find(number)) is not None:
            tolerance, places = before
            places.expect(paths)
            gone = [entry for entry in lost if _is_gone(entry, places)]
            paths.update(path for entry in gone for path, _, _ in tolerance.find_like(entry, entry))
        return paths

    def _was_tolerated(self, number: int, parent: BlockComparison, key: Key) -> bool:
        path, own_name, metric = key
        before = self._find(number)
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

    def _make(self, number: int) -> tuple[Tolerance, Places] | None:
        """Return what was tolerated beside a parent; ``None`` where it has no baseline that can be read."""
        recorded = self._recorded.find(number)
        if not recorded:
            return None
        places = self._find_places(number)
        return Tolerance(replace(self._settings, recorded=recorded), places), places


def _is_gone(entry: BaselineEntry, places: Places) -> bool:
    """Whether what an entry was recorded for is not in its place."""
    found = places.find_version(entry.path) if places.has_file(entry.path) else None
    names = {None, *(block.qualified_name for block in found[0].measurement.blocks)} if found else ()
    return entry.qualified_name not in names
