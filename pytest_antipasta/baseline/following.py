"""Violations and the entries that they were recorded as, wherever what was recorded is now.

An entry follows the body that it is of. Where its whole file is gone, it follows the block of its name,
edited, too: to where one is that is like it, or to the file that has most of what was in the old one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import NamedTuple, TypeAlias

from pytest_antipasta.baseline.entries import Baseline, Key, Source
from pytest_antipasta.baseline.matching import Entries, find_named
from pytest_antipasta.baseline.moves import Moves
from pytest_antipasta.baseline.places import Places, Tree, Version, key_of_name
from pytest_antipasta.metrics import count_common, is_alike
from pytest_antipasta.model import BaselineEntry, Verdict, Violation

_Rank: TypeAlias = tuple[bool, int, bool, bool, str, str, str, str]


class Follower:
    """Finds entries, under the names that they have or where they have gone to."""

    def __init__(self, baseline: Baseline, places: Places | None) -> None:
        """Take what is recorded, and what is there now; ``None`` follows nothing."""
        self._baseline = baseline
        self._tree = Tree(baseline, places) if places else None

    def find_like(self, entry: BaselineEntry, violation: Violation | BaselineEntry) -> list[Key]:
        """Return the numbers without an entry under their names that are of the body, or the name, of one."""
        if self._tree is None:
            return []
        namesakes = self._tree.find_namesakes(key_of_name(violation))
        keys = [(path, one.qualified_name, one.metric) for path, one in namesakes]
        return [*self._tree.find_alike(entry.body, entry.metric), *keys]

    def find_entries(self, verdict: Verdict, source: Source) -> Entries:
        """Return for each violation the entry that it was recorded as, if it was.

        Args:
            verdict: of a whole file, by its limits; what its place has now does not count.
            source: its content.
        """
        version = Version(verdict, source, find_named(verdict, self._baseline, source))
        if self._tree is None or None not in version.entries:
            return version.entries
        moves = Moves(self._baseline, self._tree, version)
        heirs = _Heirs(self._baseline, self._tree, moves, version)
        return [
            entry or moves.find(version, violation) or heirs.find(violation)
            for violation, entry in zip(verdict.violations, version.entries, strict=True)
        ]


class _Heir(NamedTuple):
    """A number that may have the entry of one whose file is gone."""

    rank: _Rank
    key: Key
    entry: BaselineEntry


class _Heirs:
    """Finds entries of what was edited since its file went, from the view of one file."""

    def __init__(self, baseline: Baseline, tree: Tree, moves: Moves, own: Version) -> None:
        self._baseline = baseline
        self._tree = tree
        self._moves = moves
        self._own = own
        self._origins: dict[str, str | None] = {}

    def find(self, violation: Violation) -> BaselineEntry | None:
        """Return the entry of a number of the file that has none by name and body."""
        namesakes = self._baseline.find_namesakes(violation)
        entries = [entry for entry in namesakes if self._is_gone(entry)]
        if not any(self._may_be(entry, self._own, violation) for entry in entries):
            return None
        free = [entry for entry in entries if not self._moves.has_followed(entry, violation)]
        return _choose(self._iter_heirs(free, violation)).get(self._own.key(violation))

    def _iter_heirs(self, entries: Iterable[BaselineEntry], violation: Violation) -> Iterator[_Heir]:
        for version, number in self._iter_namesakes(violation):
            for entry in entries:
                if self._may_be(entry, version, number):
                    yield _Heir(self._rank(entry, version, number), version.key(number), entry)

    def _rank(self, entry: BaselineEntry, version: Version, violation: Violation) -> _Rank:
        """Return what is the less the better a number stands for an entry."""
        path, name, _ = key = version.key(violation)
        return (
            self._tree.is_introduced(key),
            -count_common(entry.sketch, version.sketch(violation)),
            entry.qualified_name != name,
            basename(entry.path) != basename(path),
            path,
            name or "",
            entry.path,
            entry.qualified_name or "",
        )

    def _iter_namesakes(self, violation: Violation) -> Iterator[tuple[Version, Violation]]:
        """Yield all numbers that have no entry, by name or by body, of blocks of the same name."""
        wanted = key_of_name(violation)
        for path, number in self._tree.find_namesakes(wanted):
            version = None if self._moves.is_own(path) else self._tree.find_version(path)
            if version is not None and self._moves.find(version, number) is None:
                yield version, number
        for number in self._own.iter_missing():
            if key_of_name(number) == wanted and self._moves.find(self._own, number) is None:
                yield self._own, number

    def _may_be(self, entry: BaselineEntry, version: Version, violation: Violation) -> bool:
        if entry.sketch and is_alike(entry.sketch, version.sketch(violation)):
            return True
        return self._find_origin(version) == entry.path

    def _find_origin(self, version: Version) -> str | None:
        """Return the file that one was: gone now, with the most that is here."""
        path = version.verdict.path
        if path not in self._origins:
            numbers = version.iter_missing()
            paths = Counter(one for number in numbers for one in self._find_paths(version, number))
            self._origins[path] = max(paths, key=lambda one: (paths[one], one)) if paths else None
        return self._origins[path]

    def _find_paths(self, version: Version, violation: Violation) -> set[str]:
        """Return the files that are gone and had a number, or one that is like it under its name."""
        namesakes = [one for one in self._baseline.find_namesakes(violation) if self._is_gone(one)]
        found = [one for one in namesakes if one.sketch and is_alike(one.sketch, version.sketch(violation))]
        if self._baseline.has_like(violation):
            found += self._baseline.find_alike(version.digest(violation) or "", violation)
        return {one.path for one in found if self._is_gone(one)}

    def _is_gone(self, entry: BaselineEntry) -> bool:
        return not self._moves.has_file(entry.path)


def _choose(heirs: Iterable[_Heir]) -> dict[Key, BaselineEntry]:
    """Return which entry each number has now, the best pairs first."""
    pairs: dict[Key, BaselineEntry] = {}
    taken: set[Key] = set()
    for heir in sorted(heirs, key=lambda one: one.rank):
        if heir.key not in pairs and heir.entry.key not in taken:
            pairs[heir.key] = heir.entry
            taken.add(heir.entry.key)
    return pairs
