"""The entries of a baseline, and when a number is as good as the recorded one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol, TypeAlias

from pytest_antipasta.metrics import find_stem
from pytest_antipasta.model import BaselineEntry, Comparison, Number, Violation
from pytest_antipasta.policy import is_worse

Key: TypeAlias = tuple[str, str | None, str]
"""What an entry is about: path, qualified name (``None`` for a number of the file) and metric."""


class Source(Protocol):
    """A file's content, as far as somebody needs to see it."""

    def digest(self, qualified_name: str) -> str | None:
        """Return what stands for the body of a block, or of the whole file under the empty name."""

    def sketch(self, qualified_name: str) -> str:
        """Return what is similar for similar bodies, likewise; empty where there is no such block."""


# Enough for every metric, and the same on every machine, whatever its mathematical library.
_DECIMALS = 4
# Over 7,695 files of real code CPython 3.10 and 3.11 agree, as do 3.12 and 3.13. Between the two pairs the
# index differs in one file of 80, by 1.5 points at most, and the counts by 17 % at most: from 3.12 on the
# format specifications of f-strings are tokens. No other metric differs.
_INDEX = "maintainability_index"
_INDEX_ALLOWANCE = 2.0
_COUNT_ALLOWANCE = 0.2
_COUNTS = frozenset(
    {
        "logical_lines_of_code",
        "source_lines_of_code",
        "single_comment_lines",
        "multi_line_string_lines",
        "blank_lines",
    }
)


class Baseline:
    """All entries, to be looked up.

    Attributes:
        entries: in the order of the file.
        python: the minor version that measures now.
    """

    def __init__(self, entries: Iterable[BaselineEntry], python: str) -> None:
        """Take the entries, and the minor version that measures now."""
        self.entries = tuple(entries)
        self.python = python
        self._by_key: dict[Key, list[BaselineEntry]] = {}
        for entry in self.entries:
            self._by_key.setdefault(entry.key, []).append(entry)

    def find(self, path: str, violation: Violation) -> BaselineEntry | None:
        """Return the entry of a number; of several, as a merge may leave them, the strictest."""
        found = self._by_key.get((path, violation.qualified_name, violation.metric))
        return find_strictest(found, violation.comparison) if found else None

    def find_alike(self, body: str, violation: Violation) -> Sequence[BaselineEntry]:
        """Return the entries of the metric for blocks, or files, that had a body."""
        return self._by_body.get((body, violation.metric, violation.qualified_name is None), ())

    def find_group(self, path: str, stem: str, violation: Violation) -> list[BaselineEntry]:
        """Return the entries of the metric for all blocks of a name in a file, each the strictest.

        Args:
            path: of the file.
            stem: the qualified name without numbers.
            violation: of a block of that name.
        """
        entries = self._by_stem.get((stem, violation.metric), ())
        own = {entry.key: self._by_key[entry.key] for entry in entries if entry.path == path}
        return [find_strictest(found, violation.comparison) for found in own.values()]

    def find_namesakes(self, violation: Violation) -> Sequence[BaselineEntry]:
        """Return the entries of the metric for blocks of the same name anywhere, or for files."""
        return self._by_stem.get((find_stem(violation.qualified_name or ""), violation.metric), ())

    def has_like(self, violation: Violation) -> bool:
        """Whether an entry may be about the same body, which a look at the numbers tells for nothing."""
        value = record_value(violation.value) if violation.qualified_name is not None else None
        return (violation.metric, value) in self._numbers

    def is_worse(self, value: Number, entry: BaselineEntry, comparison: Comparison) -> bool:
        """Whether a number is worse than the recorded one, by more than another Python makes of it."""
        return is_worse(record_value(value), self._loosen(entry, comparison), comparison)

    def is_better(self, value: Number, entry: BaselineEntry, comparison: Comparison) -> bool:
        """Whether a number is better than the recorded one, by more than another Python makes of it."""
        value = record_value(value)
        allowance = self._allowance(entry)
        if not allowance:
            return is_worse(entry.value, value, comparison)
        return abs(value - entry.value) > allowance and is_worse(entry.value, value, comparison)

    def is_near(self, value: Number, entry: BaselineEntry) -> bool:
        """Whether another Python may have made the recorded number of what is this one here."""
        return abs(record_value(value) - entry.value) <= self._allowance(entry)

    def _loosen(self, entry: BaselineEntry, comparison: Comparison) -> Number:
        sign = -1 if comparison in (">", ">=") else 1
        return entry.value + sign * self._allowance(entry)

    def _allowance(self, entry: BaselineEntry) -> Number:
        if entry.python is None or entry.python == self.python:
            return 0
        return _INDEX_ALLOWANCE if entry.metric == _INDEX else _COUNT_ALLOWANCE * entry.value

    @cached_property
    def paths_of_namesakes(self) -> frozenset[str]:
        """The files in which one of several blocks of a name is recorded, but the first."""
        return frozenset(entry.path for entry in self.entries if "#" in (entry.qualified_name or ""))

    @cached_property
    def _by_body(self) -> dict[tuple[str, str, bool], list[BaselineEntry]]:
        found: dict[tuple[str, str, bool], list[BaselineEntry]] = {}
        for entry in self.entries:
            if entry.body:
                key = entry.body, entry.metric, entry.qualified_name is None
                found.setdefault(key, []).append(entry)
        return found

    @cached_property
    def _by_stem(self) -> dict[tuple[str, str], list[BaselineEntry]]:
        found: dict[tuple[str, str], list[BaselineEntry]] = {}
        for entry in self.entries:
            found.setdefault((find_stem(entry.qualified_name or ""), entry.metric), []).append(entry)
        return found

    @cached_property
    def _numbers(self) -> set[tuple[str, Number | None]]:
        """The numbers of blocks by metric; of files, which Python may change, the metric alone."""
        return {
            (entry.metric, entry.value if entry.qualified_name is not None else None)
            for entry in self.entries
            if entry.body
        }


def make_entry(path: str, violation: Violation, source: Source, python: str) -> BaselineEntry:
    """Return the entry that records a violation of what a source has."""
    name = violation.qualified_name or ""
    return BaselineEntry(
        path=path,
        qualified_name=violation.qualified_name,
        metric=violation.metric,
        value=record_value(violation.value),
        body=source.digest(name) or "",
        sketch=source.sketch(name),
        python=python if depends_on_python(violation.metric) else None,
    )


def depends_on_python(metric: str) -> bool:
    """Whether two Pythons may give one source two values."""
    return metric == _INDEX or metric in _COUNTS


def find_strictest(entries: Sequence[BaselineEntry], comparison: Comparison) -> BaselineEntry:
    """Return the entry that allows the least."""
    strictest = entries[0]
    for entry in entries[1:]:
        if is_worse(strictest.value, entry.value, comparison):
            strictest = entry
    return strictest


def record_value(value: Number) -> Number:
    """Return a number as it is recorded and compared."""
    return value if isinstance(value, int) else round(value, _DECIMALS)
