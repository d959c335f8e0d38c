"""Plan the next entries of a baseline, for ``baseline write`` and ``prune``, and the differences."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.baseline.entries import Baseline, EntryKey
from pytest_antipasta.model.judged import BaselineEntry, Violation
from pytest_antipasta.policy.limits import is_worse


class Current(Struct, frozen=True):
    """A value that is over its limit.

    Attributes:
        violation: the violation by the limit alone.
        entry: the entry to record.
        known: its existing entry, under this name or another.
    """

    violation: Violation
    entry: BaselineEntry
    known: BaselineEntry | None


class EntryChange(Struct, frozen=True):
    """An entry that changes its value or its place."""

    before: BaselineEntry
    after: BaselineEntry


class Update(Struct, frozen=True):
    """The next entries of a baseline, and the differences.

    The differences are new, moved and removed entries, and those that allow more or less. Entries with an
    equal value and another body are only counted.
    """

    entries: tuple[BaselineEntry, ...]
    added: tuple[BaselineEntry, ...]
    looser: tuple[EntryChange, ...]
    tighter: tuple[EntryChange, ...]
    moved: tuple[EntryChange, ...]
    removed: tuple[BaselineEntry, ...]
    edited: int


class UpdateScope(Struct, frozen=True):
    """The entries that a command may change.

    Attributes:
        has: returns whether a path was requested.
        stays: returns whether an entry is needed without a violation: its file may be unmeasured, or the
            value over the limit on the recording Python version.
    """

    has: Callable[[str], bool]
    stays: Callable[[BaselineEntry], bool]


def plan_write(old: Baseline, current: Sequence[Current], scope: UpdateScope) -> Update:
    """Return a baseline with all current violations."""
    return _make_update(old, current, {item.entry.key: _record(old, item) for item in current}, scope)


def give_reason(update: Update, reason: str, is_named: Callable[[str], bool]) -> Update:
    """Return an update with a reason in entries that are new or allow more, or have none in a named file.

    ``is_named`` returns whether the user has named a file.
    """
    fresh = {entry.key for entry in (*update.added, *(step.after for step in update.looser))}
    entries = (
        replace(item, reason=reason)
        if item.key in fresh or (not item.reason and is_named(item.path))
        else item
        for item in update.entries
    )
    return replace(update, entries=tuple(entries))


def plan_prune(old: Baseline, current: Sequence[Current], scope: UpdateScope) -> Update:
    """Return a baseline without unneeded entries, which never allows more than before."""
    kept: dict[EntryKey, BaselineEntry] = {}
    # Entries of the same name first: of several copies of moved code, one keeps its entry.
    for item in sorted(
        current, key=lambda element: element.known is not None and element.known.key != element.entry.key
    ):
        if item.known and scope.has(item.known.path) and item.known.key not in kept:
            kept[item.known.key] = _tighten(old, item, item.known)
    return _make_update(old, current, {entry.key: entry for entry in kept.values()}, scope)


def _record(old: Baseline, current: Current) -> BaselineEntry:
    """Return the current value, or the one recorded by another Python version at this place."""
    known = current.known
    is_same = known is not None and _identify(known) == _identify(current.entry)
    if known and is_same and old.is_near(current.violation.value, known):
        return known
    # A user who allows more gives a new reason.
    return (
        current.entry
        if known is None or old.is_worse(current.violation, known)
        else _explain(current.entry, known)
    )


def _identify(entry: BaselineEntry) -> tuple[EntryKey, str]:
    return entry.key, entry.body


def _tighten(old: Baseline, current: Current, known: BaselineEntry) -> BaselineEntry:
    if old.is_better(current.violation, known):
        return _explain(current.entry, known)
    if known.key == current.entry.key and old.is_worse(current.violation, known):
        return known  # an entry never allows more than before
    new = current.entry
    return replace(known, path=new.path, qualified_name=new.qualified_name, body=new.body)


def _explain(entry: BaselineEntry, known: BaselineEntry) -> BaselineEntry:
    """Return an entry with the reason of another one."""
    return entry if entry.reason == known.reason else replace(entry, reason=known.reason)


def _make_update(
    old: Baseline, current: Sequence[Current], new: Mapping[EntryKey, BaselineEntry], scope: UpdateScope
) -> Update:
    moved = _find_moved(current, new)
    came, left = {step.after.key for step in moved}, {step.before.key for step in moved}
    replaced = new.keys() | left
    violations = {item.entry.key: item.violation for item in current}
    before = {
        entry.key: _find_allowed(old, entry, violations)
        for entry in old.entries
        if _may_go(entry, scope, entry.key in replaced)
    }
    stayed = new.keys() - came
    both = before.keys() & stayed
    steps = [EntryChange(before[key], entry) for key, entry in new.items() if key in both]
    looser, tighter = _compare((*steps, *moved), violations)
    return Update(
        entries=(*(entry for entry in old.entries if entry.key not in before), *new.values()),
        added=_leave_out(new, before.keys() | came),
        looser=looser,
        tighter=tighter,
        moved=moved,
        removed=_leave_out(before, stayed | left),
        edited=sum(map(_is_edit, steps)),
    )


def _find_allowed(
    old: Baseline, entry: BaselineEntry, violations: Mapping[EntryKey, Violation]
) -> BaselineEntry:
    """Return the entry that counts, of those that a merge may have left for one value."""
    violation = violations.get(entry.key)
    return old.with_reason(entry if violation is None else old.choose_strictest(entry.key, violation))


def _is_edit(step: EntryChange) -> bool:
    return step.before.value == step.after.value and step.before != step.after


def _leave_out(
    entries: Mapping[EntryKey, BaselineEntry], keys: Container[EntryKey]
) -> tuple[BaselineEntry, ...]:
    return tuple(entry for key, entry in entries.items() if key not in keys)


def _may_go(entry: BaselineEntry, scope: UpdateScope, is_replaced: bool) -> bool:
    return is_replaced or (scope.has(entry.path) and not scope.stays(entry))


def _find_moved(current: Iterable[Current], new: Mapping[EntryKey, BaselineEntry]) -> tuple[EntryChange, ...]:
    """Return the entries that move to another key, each once; also out of files that were not requested."""
    steps: dict[EntryKey, EntryChange] = {}
    stayed = {item.known.key for item in current if item.known and item.known.key == item.entry.key}
    for item in current:
        known = item.known
        if known and known.key not in stayed and item.entry.key in new:
            steps.setdefault(known.key, EntryChange(known, new[item.entry.key]))
    return tuple(steps.values())


def _compare(
    steps: Iterable[EntryChange], violations: Mapping[EntryKey, Violation]
) -> tuple[tuple[EntryChange, ...], tuple[EntryChange, ...]]:
    """Return the changes after which an entry allows more, and those after which it allows less."""
    looser, tighter = [], []
    for step in steps:
        violation = violations.get(step.after.key)
        if _allows_more(step.after, step.before, violation):
            looser.append(step)
        elif _allows_more(step.before, step.after, violation):
            tighter.append(step)
    return tuple(looser), tuple(tighter)


def _allows_more(entry: BaselineEntry, other: BaselineEntry, violation: Violation | None) -> bool:
    return violation is not None and is_worse(
        entry.value, other.value, violation.comparison, violation.threshold
    )
