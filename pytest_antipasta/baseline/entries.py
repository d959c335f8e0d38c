"""The entries of a baseline, and comparing values with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.judged import BaselineEntry, Verdict, Violation
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import DECIMALS, Number
from pytest_antipasta.policy.limits import is_worse
from pytest_antipasta.runtime.environment import python_minor

EntryKey: TypeAlias = tuple[str, str | None, str]
"""Path, qualified name and metric of an entry; the name is ``None`` for a value of the file."""

GroupKey: TypeAlias = tuple[str, str, str]
"""Path, qualified name without numbers (empty for the file), and metric."""


# Over 7,695 files of real code, CPython 3.12 and 3.13 agree. Between 3.11 and them the index differs in one
# file of 80, by 1.5 points at most, and the counts by 17 % at most. Since 3.12, format specifications of
# f-strings are tokens. No other metric differs.
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
    """All entries, indexed, for values that this Python measures."""

    def __init__(self, entries: Iterable[BaselineEntry]) -> None:
        self.entries = tuple(entries)
        self.python = python_minor()
        self._by_key: dict[EntryKey, list[BaselineEntry]] = {}
        for entry in self.entries:
            self._by_key.setdefault(entry.key, []).append(entry)

    def find(self, path: str, violation: Violation) -> BaselineEntry | None:
        """Return the entry of a value; of several, as after a merge, the strictest."""
        key = path, violation.qualified_name, violation.metric
        return self.choose_strictest(key, violation) if key in self._by_key else None

    def choose_strictest(self, key: EntryKey, violation: Violation) -> BaselineEntry:
        """Return the entry of a value that has one; of several, the strictest by its limit."""
        strictest, *others = self._by_key[key]
        for entry in others:
            if is_worse(strictest.value, entry.value, violation.comparison, violation.threshold):
                strictest = entry
        return strictest

    def allows_as_much(self, entry: BaselineEntry, violation: Violation) -> bool:
        """Return whether an entry for the same value allows as much as another one."""
        limit = violation.comparison, violation.threshold
        return any(not is_worse(entry.value, old.value, *limit) for old in self._by_key.get(entry.key, ()))

    def with_reason(self, entry: BaselineEntry) -> BaselineEntry:
        """Return an entry, with the reason of another one for the same value if it has none."""
        reasons = (other.reason for other in (entry, *self._by_key[entry.key]) if other.reason)
        return replace(entry, reason=next(reasons, None))

    def may_have_moved(self, violation: Violation) -> bool:
        """Return whether an entry may belong to a violation under another key, by names and values."""
        return (violation.qualified_name, violation.metric) in self._names or self.has_value(violation)

    def has_value(self, violation: Violation) -> bool:
        """Return whether an entry may have the same body, by its value only."""
        return (violation.metric, record_value(violation.value)) in self._values

    def is_worse(self, violation: Violation, entry: BaselineEntry) -> bool:
        """Return whether a value is worse than recorded, beyond differences between Python versions."""
        value, allowance = record_value(violation.value), self._allowance(entry)
        return is_worse(value, entry.value, violation.comparison, violation.threshold, allowance)

    def is_better(self, violation: Violation, entry: BaselineEntry) -> bool:
        """Return whether a value is better than recorded, beyond differences between Python versions."""
        value, allowance = record_value(violation.value), self._allowance(entry)
        return is_worse(entry.value, value, violation.comparison, violation.threshold, allowance)

    def is_near(self, value: Number, entry: BaselineEntry) -> bool:
        """Return whether another Python version may have measured the recorded value for this one."""
        return abs(record_value(value) - entry.value) <= self._allowance(entry)

    def _allowance(self, entry: BaselineEntry) -> Number:
        if entry.python is None or entry.python == self.python:
            return 0
        return _INDEX_ALLOWANCE if entry.metric == _INDEX else _COUNT_ALLOWANCE * entry.value

    @cached_property
    def by_path(self) -> Mapping[str, Sequence[BaselineEntry]]:
        """The entries of each file, one for each key."""
        found: dict[str, list[BaselineEntry]] = {}
        for entry, *_ in self._by_key.values():
            found.setdefault(entry.path, []).append(entry)
        return found

    @cached_property
    def groups(self) -> Mapping[GroupKey, Sequence[BaselineEntry]]:
        """The entries of all blocks with one name in a file, one for each key."""
        found: dict[GroupKey, list[BaselineEntry]] = {}
        for entry, *_ in self._by_key.values():
            found.setdefault(make_group_key(entry.path, entry), []).append(entry)
        return found

    @cached_property
    def bodies(self) -> frozenset[tuple[str | None, str]]:
        """The recorded digests of bodies, each with a metric."""
        return frozenset((entry.body, entry.metric) for entry in self.entries if entry.body)

    @cached_property
    def _names(self) -> frozenset[tuple[str | None, str]]:
        return frozenset((entry.qualified_name, entry.metric) for entry in self.entries)

    @cached_property
    def _values(self) -> frozenset[tuple[str, Number]]:
        """The values by metric of blocks that can be recognised by their bodies."""
        return frozenset((entry.metric, entry.value) for entry in self.entries if entry.body)


def make_group_key(path: str, violation: Violation | BaselineEntry) -> GroupKey:
    """Return the key that a value shares with other blocks of the same name."""
    return path, strip_number(violation.qualified_name or ""), violation.metric


def is_vacant(entry: BaselineEntry, verdict: Verdict | None) -> bool:
    """Return whether a file has no block with an entry's name; ``None`` is for a file that is gone."""
    if verdict is None:
        return True
    return entry.qualified_name is not None and entry.qualified_name not in verdict.by_name


def make_entry(path: str, violation: Violation, file: FileVersion, python: str) -> BaselineEntry:
    """Return the entry for a violation in a file."""
    name = violation.qualified_name or ""
    return BaselineEntry(
        path=path,
        qualified_name=violation.qualified_name,
        metric=violation.metric,
        value=record_value(violation.value),
        body=file.digest(name) or "",
        python=python if depends_on_python(violation.metric) else None,
    )


def depends_on_python(metric: str) -> bool:
    """Return whether two Python versions may measure different values."""
    return metric == _INDEX or metric in _COUNTS


def record_value(value: Number) -> Number:
    """Return a value rounded for recording and comparing."""
    return round(value, DECIMALS)
