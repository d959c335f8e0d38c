"""Violations and the entries that they were recorded as, under the same name or another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import asdict, replace

from pytest_antipasta.baseline.entries import Baseline, Key
from pytest_antipasta.model import BaselineEntry, Tolerated, Verdict, Violation

if TYPE_CHECKING:
    from pytest_antipasta.bodies import Bodies


class Places(Protocol):
    """What is there now; asked only where an entry may have followed its block elsewhere."""

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""

    def has_left(self, entry: BaselineEntry, verdict: Verdict, source: Source) -> bool:
        """Whether what was recorded is no longer where it was; false where nobody can tell.

        Args:
            entry: what was recorded.
            verdict: of the file that is judged, by its limits.
            source: its content.
        """

    def find_alike(self, verdict: Verdict, source: Source, body: str, metric: str) -> Sequence[Key]:
        """Return all numbers of a metric that have no entry of their own, of blocks, or files, of one body.

        Those of the file that is judged are among them; the first to be followed comes first.

        Args:
            verdict: of that file, by its limits.
            source: its content.
            body: what stands for it.
            metric: of the numbers.
        """


class Source(Protocol):
    """The content that is judged, as far as somebody needs to see it."""

    def digest(self, qualified_name: str) -> str | None:
        """Return what stands for the body of a block, or of the whole file under the empty name."""


class FileSource:
    """A file that is read when somebody needs to see it."""

    def __init__(self, read: Callable[[], bytes | None]) -> None:
        """Take what gives the content; ``None`` where it is gone."""
        self._read = read

    def digest(self, qualified_name: str) -> str | None:
        """Return what stands for the body of a block, or of the whole file under the empty name."""
        return self._bodies.digest(qualified_name) if self._bodies else None

    @cached_property
    def _bodies(self) -> Bodies | None:
        # Here, because a run that finds every entry by its name parses nothing.
        from pytest_antipasta.bodies import Bodies

        data = self._read()
        return Bodies(data) if data is not None else None


def tolerate(
    verdict: Verdict,
    baseline: Baseline,
    places: Places | None,
    source: Source,
    is_granted: Callable[[Violation, bool], bool],
) -> Verdict:
    """Return the verdict, with what is recorded tolerated, as far as that is granted.

    Args:
        verdict: of a file by its limits.
        baseline: what is recorded.
        places: tells what has left its place; ``None`` follows nothing.
        source: the file's content.
        is_granted: whether a recorded number is tolerated, given whether it is worse than recorded.
    """
    if not verdict.violations:
        return verdict
    entries = find_entries(verdict, baseline, places, source)
    violations: list[Violation] = []
    tolerated: list[Tolerated] = []
    for violation, entry in zip(verdict.violations, entries, strict=True):
        if entry is None:
            violations.append(violation)
            continue
        told = replace(violation, recorded=entry.value)
        if is_granted(told, baseline.is_worse(violation.value, entry, violation.comparison)):
            tolerated.append(Tolerated(**asdict(told), why="baseline"))
        else:
            violations.append(told)
    return replace(
        verdict,
        violations=tuple(violations),
        tolerated=tuple(sorted((*verdict.tolerated, *tolerated), key=_line)),
        failed=bool(violations) or any(suppression.fails for suppression in verdict.suppressions),
    )


def find_entries(
    verdict: Verdict, baseline: Baseline, places: Places | None, source: Source
) -> list[BaselineEntry | None]:
    """Return for each violation the entry that it was recorded as, if it was."""
    found = [baseline.find(verdict.path, violation) for violation in verdict.violations]
    if None in found and places is not None:
        search = _Search(verdict, baseline, places, source)
        found = search.follow(found)
    return found


class _Search:
    """Looks for entries of blocks and files that had another name when they were recorded."""

    def __init__(self, verdict: Verdict, baseline: Baseline, places: Places, source: Source) -> None:
        self._verdict = verdict
        self._baseline = baseline
        self._places = places
        self._source = source

    def follow(self, found: Sequence[BaselineEntry | None]) -> list[BaselineEntry | None]:
        """Fill in what is not found by name: by the body, then by the name in the file that it was."""
        entries = list(found)
        for index in self._iter_missing(entries):
            entries[index] = self._find_by_body(self._verdict.violations[index])
        origin = self._find_origin(entries)
        if origin is not None:
            for index in self._iter_missing(entries):
                entries[index] = self._baseline.find(origin, self._verdict.violations[index])
        return entries

    def _iter_missing(self, entries: Sequence[BaselineEntry | None]) -> Iterator[int]:
        return (index for index, entry in enumerate(entries) if entry is None)

    def _find_by_body(self, violation: Violation) -> BaselineEntry | None:
        if not self._baseline.has_like(violation):
            return None
        body = self._source.digest(violation.qualified_name or "")
        if body is None:
            return None
        alike = self._baseline.find_alike(body, violation)
        gone = [one for one in alike if self._places.has_left(one, self._verdict, self._source)]
        if not gone:
            return None
        come = self._places.find_alike(self._verdict, self._source, body, violation.metric)
        return _pair(gone, come).get((self._verdict.path, violation.qualified_name, violation.metric))

    def _find_origin(self, entries: Sequence[BaselineEntry | None]) -> str | None:
        """Return the file that this one was: gone now, with the most bodies that are here."""
        paths = Counter(
            entry.path
            for entry in entries
            if entry is not None
            and entry.path != self._verdict.path
            and not self._places.has_file(entry.path)
        )
        return max(paths, key=lambda path: (paths[path], path)) if paths else None


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


def _line(violation: Violation) -> int:
    return violation.line or 0
