"""What the baseline tolerated beside each parent of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from msgspec.structs import replace

from pytest_antipasta.baseline.entries import Key
from pytest_antipasta.baseline.places import Places
from pytest_antipasta.baseline_before import BaselineBefore
from pytest_antipasta.changes import Parent
from pytest_antipasta.model import BaselineEntry, Measurement, Verdict
from pytest_antipasta.settings import Settings
from pytest_antipasta.tolerance import Tolerance, identify


class ToleranceBefore:
    """What was tolerated, each parent looked at only if somebody asks."""

    def __init__(
        self,
        settings: Settings,
        recorded: BaselineBefore,
        parents: Iterable[Parent],
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

    def _was_tolerated(self, number: int, parent: Parent, key: Key) -> bool:
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
