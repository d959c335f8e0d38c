"""Searching a tree for entries whose block is gone, and for violations without an entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import NamedTuple, Protocol

from pytest_antipasta.baseline.entries import Baseline, Key, Source
from pytest_antipasta.baseline.matching import Entries, find_named, identify
from pytest_antipasta.metrics import find_stem
from pytest_antipasta.model import BaselineEntry, Comparison, Verdict


class Tree(Protocol):
    """The files of a root as they are somewhere; read only where an entry may have moved."""

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""

    def find_version(self, path: str) -> tuple[Verdict, Source] | None:
        """Return the verdict on a file by its limits, and its content; ``None`` where it can't be had."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read at once what will be asked for."""

    def iter_versions(self) -> Iterator[tuple[Verdict, Source]]:
        """Yield those of all source files."""

    def is_introduced(self, key: Key) -> bool:
        """Whether a violation is one that the change brings that is judged, if one is."""


class Place(NamedTuple):
    """What a vacant entry was about, or a violation that has none.

    Attributes:
        path: of the file.
        name: qualified; empty for a number of the file.
        metric: the metric's name.
        body: stands for it; empty where it is not recognised by its body.
    """

    path: str
    name: str
    metric: str
    body: str

    @property
    def key(self) -> Key:
        """What an entry of it is about."""
        return self.path, self.name or None, self.metric

    @property
    def bare_name(self) -> str:
        """The name without class and number."""
        return find_stem(self.name).rpartition(".")[2]

    @property
    def file_name(self) -> str:
        """The path's last part."""
        return basename(self.path)


class Survey:
    """What does not match by name in a tree, each file of which is looked at once.

    Attributes:
        vacant: entries of files that are gone, or in which no block has their name, or one that has the entry
            of another.
        missing: violations without an entry under their name that may have one of those, and how they are
            compared.
    """

    def __init__(self, baseline: Baseline, tree: Tree) -> None:
        """Look at all source files, and at others that something is recorded of."""
        self._baseline = baseline
        self.vacant = [_find_place(entry) for entry in iter_gone(baseline, tree)]
        self.missing: dict[Place, Comparison] = {}
        others = {path for path in baseline.by_path if tree.has_file(path)}
        for verdict, source in tree.iter_versions():
            others.discard(verdict.path)
            named = self._look_for_vacant(verdict, source)
            self._look_for_missing(verdict, source, named)
        tree.prefetch(others)
        for version in filter(None, map(tree.find_version, sorted(others))):
            self._look_for_vacant(*version)

    def _look_for_vacant(self, verdict: Verdict, source: Source) -> Entries:
        named = find_named(verdict, self._baseline, source)
        recorded = self._baseline.by_path.get(verdict.path)
        if recorded and verdict.measurement.error is None:
            used = {entry.key for entry in named.values()}
            left = [entry for entry in recorded if entry.key not in used]
            self.vacant += map(_find_place, _leave_out_named(left, verdict, named))
        return named

    def _look_for_missing(self, verdict: Verdict, source: Source, named: Entries) -> None:
        for violation in verdict.violations:
            if identify(violation) not in named and self._baseline.may_have_moved(violation):
                name = violation.qualified_name or ""
                body = source.digest(name) if self._baseline.has_value(violation) else None
                place = Place(verdict.path, name, violation.metric, body or "")
                self.missing[place] = violation.comparison


def _leave_out_named(
    entries: Iterable[BaselineEntry], verdict: Verdict, named: Entries
) -> Iterator[BaselineEntry]:
    """Yield those of entries that no block of a file has the name of, or one that has another entry."""
    names = {None, *(block.qualified_name for block in verdict.measurement.blocks)}
    taken = {number for number, entry in named.items() if entry.qualified_name != number[0]}
    return (one for one in entries if one.qualified_name not in names or one.key[1:] in taken)


def _find_place(entry: BaselineEntry) -> Place:
    return Place(entry.path, entry.qualified_name or "", entry.metric, entry.body)


def iter_gone(baseline: Baseline, tree: Tree) -> Iterator[BaselineEntry]:
    """Yield the entries of files that are gone."""
    for path, entries in baseline.by_path.items():
        if not tree.has_file(path):
            yield from entries
