"""Make waivers of values that a change allows, by what allows them.

A value is waived if it fails by the rules before the change and passes after it. The rules are limits,
comments, the baseline, and the selection of files. The waiver is what allows the value, and its effect lists
the value. Settings that make judging less strict have no such effect, and are always waivers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.waivers import NewWaivers, Waiver
from pytest_antipasta.policy.limits import is_worse


def sort_waivers(waivers: Iterable[Waiver]) -> list[Waiver]:
    """Return waivers sorted by kind, path, cell, line, text, block, metric, and what they allow."""
    numbers, words = attrgetter("cell", "line"), attrgetter("text", "block", "metric", "before", "after")

    def find_place(waiver: Waiver) -> tuple[str | int, ...]:
        known = (number or 0 for number in numbers(waiver))
        return waiver.kind, waiver.path, *known, *(word or "" for word in words(waiver))

    return sorted(waivers, key=find_place)


def merge_waivers(waivers: Iterable[Waiver]) -> list[Waiver]:
    """Return each waiver once, with all values that it allows as the effect."""
    found: dict[Waiver, list[Waiver]] = {}
    for waiver in waivers:
        block = waiver.block if waiver.kind == "entry" else None
        found.setdefault(replace(waiver, block=block, metric=None, effect=()), []).append(waiver)
    return [_merge(same) if len(same) > 1 else same[0] for same in found.values()]


def _merge(waivers: Sequence[Waiver]) -> Waiver:
    """Return waivers that differ only in values as one; its effect is unknown if that of one is."""
    effects = [waiver.effect for waiver in waivers]
    blocks = {waiver.block for waiver in waivers}
    # A waiver without values of a moved function is about all of its metrics.
    metrics = {waiver.metric for waiver in waivers if waiver.effect or waiver.kind == "moved"}
    return replace(
        waivers[0],
        block=blocks.pop() if len(blocks) == 1 else None,
        metric=metrics.pop() if len(metrics) == 1 else None,
        effect=None if None in effects else tuple(sorted({*chain.from_iterable(filter(None, effects))})),
    )


def find_entries_taken_back(
    before: Iterable[BaselineEntry],
    after: Iterable[BaselineEntry],
    text: str,
    may_exceed: Callable[[str, str | None, str, Number], bool],
) -> list[Waiver]:
    """Return the entries of a baseline that were removed or allow less. Entries that followed code are kept.

    ``text`` is the name of the baseline. ``may_exceed`` returns whether a value is over its limit now, by
    path, qualified name and metric; others need no entry.
    """
    now = list(after)
    values = {entry.key: entry.value for entry in now}
    bodies = {(entry.metric, entry.body) for entry in now if entry.body}
    names = {(entry.qualified_name, entry.metric) for entry in now}

    def is_gone(entry: BaselineEntry) -> bool:
        if (value := values.get(entry.key)) is not None:
            return value != entry.value and is_worse(
                entry.value, value, look_up_metric(entry.metric).comparison, value
            )
        return (entry.metric, entry.body) not in bodies and (entry.qualified_name, entry.metric) not in names

    gone = (entry for entry in filter(is_gone, before) if may_exceed(*entry.key, entry.value))
    return [waive_entry(entry, text, before=entry.value, after=values.get(entry.key)) for entry in gone]


def waive_entry(
    entry: BaselineEntry,
    text: str,
    *,
    before: Number | None,
    after: Number | None,
    effect: tuple[str, ...] | None = (),
) -> Waiver:
    """Return the waiver for an entry of a baseline.

    Args:
        entry: the entry.
        text: the name of the baseline.
        before: the value of the entry before the change.
        after: the value of the entry after the change.
        effect: the values that pass because of the entry; ``None`` if unknown.
    """
    return Waiver(
        kind="entry",
        path=entry.path,
        block=entry.qualified_name,
        metric=entry.metric,
        text=text,
        reason=entry.reason,
        before=None if before is None else str(before),
        after=None if after is None else str(after),
        effect=effect,
    )


def apply_policy(waivers: Iterable[Waiver], policy: NewWaivers, *, fails_unknown: bool) -> list[Waiver]:
    """Return waivers, marked as failing where a policy does not allow them.

    Args:
        waivers: the waivers that a change adds.
        policy: the value of ``new_waivers``.
        fails_unknown: whether a waiver with an unknown effect may fail.
    """

    def fails(waiver: Waiver) -> bool:
        if policy == "report" or (waiver.effect is None and not fails_unknown):
            return False
        return policy == "fail" or (waiver.kind in ("comment", "entry") and waiver.reason is None)

    return [replace(waiver, fails=True) if fails(waiver) else waiver for waiver in waivers]
