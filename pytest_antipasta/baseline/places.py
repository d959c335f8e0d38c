"""What is where now, for entries whose block, or file, is not where it was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple, Protocol, TypeAlias

from pytest_antipasta.baseline.entries import Baseline, Key, Source
from pytest_antipasta.baseline.matching import Entries, find_named
from pytest_antipasta.metrics import find_stem
from pytest_antipasta.model import BaselineEntry, Verdict, Violation

NameKey: TypeAlias = tuple[str, str]
"""A qualified name without numbers, empty for a file, and a metric."""


class Places(Protocol):
    """What is there now; asked only where an entry may have followed its block elsewhere."""

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""

    def find_version(self, path: str) -> tuple[Verdict, Source] | None:
        """Return the verdict on a file by its limits, and its content; ``None`` where it can't be had."""

    def expect(self, paths: Iterable[str]) -> None:
        """Read at once what will be asked for."""

    def iter_versions(self) -> Iterator[tuple[Verdict, Source]]:
        """Yield those of all files."""

    def is_introduced(self, key: Key) -> bool:
        """Whether a number was not there before the change that is judged, if one is."""


class Version(NamedTuple):
    """A file, and the entries of its violations under the names that they have."""

    verdict: Verdict
    source: Source
    entries: Entries

    def iter_missing(self) -> Iterator[Violation]:
        """Yield what has no entry under its name."""
        violations = zip(self.verdict.violations, self.entries, strict=True)
        return (violation for violation, entry in violations if entry is None)

    def digest(self, violation: Violation) -> str | None:
        """Return what stands for the body that a number is of."""
        return self.source.digest(violation.qualified_name or "")

    def sketch(self, violation: Violation) -> str:
        """Return what is similar for similar bodies."""
        return self.source.sketch(violation.qualified_name or "")

    def key(self, violation: Violation) -> Key:
        """Return what an entry of a number is about."""
        return self.verdict.path, violation.qualified_name, violation.metric


class Tree:
    """All files, each looked at once and only if somebody asks.

    Attributes:
        has_file: whether there is a file of a path.
        is_introduced: whether a number was not there before the change that is judged, if one is.
    """

    def __init__(self, baseline: Baseline, places: Places) -> None:
        """Take what is recorded, and what is there now."""
        self._baseline = baseline
        self._places = places
        self._versions: dict[str, Version | None] = {}
        self.has_file = places.has_file
        self.is_introduced = places.is_introduced

    def find_version(self, path: str) -> Version | None:
        """Return what is in a place now; ``None`` where there is nothing, or nobody can tell."""
        if path not in self._versions:
            found = self._places.find_version(path) if self.has_file(path) else None
            self._versions[path] = None if found is None else self._make_version(*found)
        return self._versions[path]

    def find_alike(self, body: str, metric: str) -> list[Key]:
        """Return the numbers of a body, in all files, that have no entry under their name."""
        return self._index[0].get((body, metric), [])

    def find_namesakes(self, key: NameKey) -> list[tuple[str, Violation]]:
        """Return, with their paths, those of blocks of a name."""
        return self._index[1].get(key, [])

    @cached_property
    def _index(self) -> tuple[dict[tuple[str, str], list[Key]], dict[NameKey, list[tuple[str, Violation]]]]:
        """What has no entry under its name, by body and by name: as much work as a run over all files."""
        bodies: dict[tuple[str, str], list[Key]] = {}
        names: dict[NameKey, list[tuple[str, Violation]]] = {}
        for verdict, source in self._places.iter_versions():
            version = self._make_version(verdict, source)
            for violation in version.iter_missing():
                names.setdefault(key_of_name(violation), []).append((verdict.path, violation))
                body = version.digest(violation) if self._baseline.has_like(violation) else None
                if body is not None:
                    bodies.setdefault((body, violation.metric), []).append(version.key(violation))
        return bodies, names

    def _make_version(self, verdict: Verdict, source: Source) -> Version:
        return Version(verdict, source, find_named(verdict, self._baseline, source))


def key_of_name(violation: Violation | BaselineEntry) -> NameKey:
    """Return the name and metric under which a number is looked for in other files."""
    return find_stem(violation.qualified_name or ""), violation.metric
