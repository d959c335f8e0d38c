"""Match violations with entries by path and qualified name, and by body among blocks with one name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from pytest_antipasta.baseline.entries import Baseline, GroupKey, make_group_key
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.metrics.following.pairing import pair, pair_by_number
from pytest_antipasta.model.judged import BaselineEntry, Verdict, Violation
from pytest_antipasta.model.limits import strip_number

ValueKey: TypeAlias = tuple[str | None, str]
"""Qualified name of the block of a violation, ``None`` for the file, and the metric."""
Entries: TypeAlias = Mapping[ValueKey, BaselineEntry]
"""The baseline entry of each recorded violation of a file."""
_Pairs: TypeAlias = "Mapping[str | None, BaselineEntry]"
"""Entries of blocks with the same name, by qualified name."""


class SameNameBlock(NamedTuple):
    """One of the blocks with a name in a file: its qualified name, and its body's digest if known."""

    name: str
    body: str


def find_named(verdict: Verdict, baseline: Baseline, file: FileVersion) -> dict[ValueKey, BaselineEntry]:
    """Return the entries with the same file and name, for a verdict on the whole file by its limits.

    Of several blocks with one name, such as overloads, each has the entry with the same body, else with the
    same number, else the next one. Bodies are compared only if a block would fail by its number, or is
    missing.
    """
    found: dict[ValueKey, BaselineEntry] = {}
    groups: dict[GroupKey, list[Violation]] = {}
    for violation in verdict.violations:
        groups.setdefault(make_group_key(verdict.path, violation), []).append(violation)
    for key, violations in groups.items():
        entries = baseline.groups.get(key, ())
        pairs = _find_settled(verdict.path, baseline, violations, entries)
        if pairs is None:
            pairs = _pair(violations, entries, _find_blocks(verdict, key[1], file))
        for item in violations:
            if entry := pairs.get(item.qualified_name):
                found[identify(item)] = baseline.choose_strictest(entry.key, item)
    return found


def identify(violation: Violation) -> ValueKey:
    """Return the identity of a violation in a file."""
    return violation.qualified_name, violation.metric


def _find_settled(
    path: str, baseline: Baseline, violations: Sequence[Violation], entries: Sequence[BaselineEntry]
) -> _Pairs | None:
    """Return the entries by number of blocks with one name, if these certainly belong to them."""
    own: _Pairs = {
        violation.qualified_name: entry
        for violation in violations
        if (entry := baseline.find(path, violation))
    }
    if not len(violations) == len(entries) == len(own):
        return None if entries else own  # a block was removed or added
    is_worse = (baseline.is_worse(violation, own[violation.qualified_name]) for violation in violations)
    return own if len(own) == 1 or not any(is_worse) else None


def _find_blocks(verdict: Verdict, stem: str, file: FileVersion) -> list[SameNameBlock]:
    names = (block.qualified_name for block in verdict.measurement.blocks)
    return [SameNameBlock(name, file.digest(name) or "") for name in names if strip_number(name) == stem]


def _pair(
    violations: Sequence[Violation], entries: Sequence[BaselineEntry], blocks: Sequence[SameNameBlock]
) -> _Pairs:
    """Return the entries of blocks with one name.

    A block within its limit can only have the entry with its body.
    """
    by_name = {entry.qualified_name or "": entry for entry in entries}
    recorded = [SameNameBlock(name, entry.body) for name, entry in by_name.items()]
    same = pair(
        recorded, blocks, lambda block: block if block.body else None, lambda block: block.body or None
    )
    pairs = {new.name: old.name for new, old in same.items()}
    edited = {violation.qualified_name or "" for violation in violations} - pairs.keys()
    pairs |= pair_by_number(by_name.keys() - set(pairs.values()), edited)
    return {name: by_name[old] for name, old in pairs.items()}
