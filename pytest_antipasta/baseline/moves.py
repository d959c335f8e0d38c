"""Entries that follow the body that they are of."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_antipasta.baseline.entries import Baseline, Key
from pytest_antipasta.baseline.places import Tree, Version
from pytest_antipasta.model import BaselineEntry, Violation


class Moves:
    """Where bodies are that have left their place, from the view of one file."""

    def __init__(self, baseline: Baseline, tree: Tree, own: Version) -> None:
        """Take what is recorded, all files, and one whose place among them does not count."""
        self._baseline = baseline
        self._tree = tree
        self._own = own

    def find(self, version: Version, violation: Violation) -> BaselineEntry | None:
        """Return the entry of a number that has none under its name."""
        if not self._baseline.has_like(violation):
            return None
        body = version.digest(violation)
        return self._pair(body, violation).get(version.key(violation)) if body else None

    def has_followed(self, entry: BaselineEntry, violation: Violation) -> bool:
        """Whether what an entry is of is somewhere as it was; the number says what it is of."""
        pairs = self._pair(entry.body, violation) if entry.body else {}
        return any(one.key == entry.key for one in pairs.values())

    def find_version(self, path: str) -> Version | None:
        """Return what is in a place now; ``None`` where there is nothing, or nobody can tell."""
        return self._own if self.is_own(path) else self._tree.find_version(path)

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""
        return self.is_own(path) or self._tree.has_file(path)

    def is_own(self, path: str) -> bool:
        """Whether it is the path of the file from which it is looked."""
        return path == self._own.verdict.path

    def _pair(self, body: str, violation: Violation) -> dict[Key, BaselineEntry]:
        """Return which entry each number of a body has now."""
        gone = [one for one in self._baseline.find_alike(body, violation) if self._has_left(one)]
        if not gone:
            return {}
        own = self._own
        others = self._tree.find_alike(body, violation.metric)
        come = [key for key in others if not self.is_own(key[0])]
        come += [
            own.key(one)
            for one in own.iter_missing()
            if one.metric == violation.metric and self._baseline.has_like(one) and own.digest(one) == body
        ]
        return _pair(gone, sorted(come, key=lambda key: (self._tree.is_introduced(key), key[0])))

    def _has_left(self, entry: BaselineEntry) -> bool:
        """Whether what was recorded is no longer where it was; false where nobody can tell.

        A block has left its place, too, where another one has its name, which is within the limit: who takes
        a function to pieces often leaves the name to the simplest of them.
        """
        version = self.find_version(entry.path)
        if version is None:
            return not self.has_file(entry.path)
        if entry.qualified_name is None:
            return False
        needed = {one.key for one in version.entries if one is not None}
        needed |= {version.key(one) for one in version.verdict.tolerated}
        return entry.key not in needed and version.source.digest(entry.qualified_name) != entry.body


def _pair(gone: Iterable[BaselineEntry], come: Iterable[Key]) -> dict[Key, BaselineEntry]:
    """Return which entry each number has now: of several copies of what has moved, one takes it along.

    What is in the file that the entry is of goes before the rest, and a block of its name before others.
    """
    left = list(come)
    pairs: dict[Key, BaselineEntry] = {}
    entries = {entry.key: entry for entry in gone}
    for path, name, metric in sorted(entries, key=lambda key: (key[0], key[1] or "")):
        if left:
            chosen = min(left, key=lambda key: (key[0] != path, key[1] != name))
            left.remove(chosen)
            pairs[chosen] = entries[path, name, metric]
    return pairs
