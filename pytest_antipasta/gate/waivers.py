"""Group values that a change allows into waivers, by what allows them.

A value is waived if it fails by the rules before the change and passes after it. The rules are limits,
comments, the baseline, and the selection of files. The waiver is what allows the value, and its effect lists
the value. Settings that make judging less strict have no such effect, and are always waivers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_comparison
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.waivers import NewWaivers, Waiver
from pytest_antipasta.policy.limits import is_worse


class Waived(NamedTuple):
    """A value that passes after the change and fails by the rules before it.

    Attributes:
        path: the path of the file in reports.
        block: the qualified name of the block; ``None`` for a value of the file.
        metric: the name of the metric, or ``not_measured``.
        waiver: what allows the value; without the names of values.
    """

    path: str
    block: str | None
    metric: str
    waiver: Waiver

    @property
    def name(self) -> str:
        """The name of the value in an effect."""
        return f"{self.path}{f'::{self.block}' if self.block else ''} {self.metric}"


def group_waived(waived: Iterable[Waived]) -> list[Waiver]:
    """Return each waiver once, with all values that it allows as the effect."""
    found: dict[Waiver, list[Waived]] = {}
    for number in waived:
        found.setdefault(number.waiver, []).append(number)
    return [_complete(waiver, numbers) for waiver, numbers in found.items()]


def _complete(waiver: Waiver, waived: Sequence[Waived]) -> Waiver:
    blocks, metrics = {number.block for number in waived}, {number.metric for number in waived}
    return replace(
        waiver,
        block=blocks.pop() if len(blocks) == 1 and waiver.kind != "settings" else None,
        metric=metrics.pop() if len(metrics) == 1 else None,
        effect=tuple(sorted({number.name for number in waived})),
    )


def sort_waivers(waivers: Iterable[Waiver]) -> list[Waiver]:
    """Return waivers sorted by kind, path, line, text, block and metric."""
    return sorted(
        waivers,
        key=lambda waiver: (
            waiver.kind,
            waiver.path,
            waiver.line or 0,
            waiver.text,
            waiver.block or "",
            waiver.metric or "",
        ),
    )


def merge_waivers(waivers: Iterable[Waiver]) -> list[Waiver]:
    """Return waivers without duplicates: the effects of equal waivers are joined."""
    found: dict[Waiver, Waiver] = {}
    for waiver in waivers:
        key = replace(waiver, metric=None, effect=())
        if (other := found.get(key)) is not None and other.effect is not None and waiver.effect is not None:
            waiver = replace(waiver, effect=tuple(sorted({*other.effect, *waiver.effect})))
        found[key] = waiver
    return list(found.values())


def find_entries_taken_back(
    before: Iterable[BaselineEntry], after: Iterable[BaselineEntry], text: str
) -> list[Waiver]:
    """Return the entries of a baseline that were removed or allow less. Entries that followed code are kept.

    Args:
        before: the entries before the change.
        after: the entries after the change.
        text: the name of the baseline.
    """
    now = list(after)
    values = {entry.key: entry.value for entry in now}
    bodies = {(entry.metric, entry.body) for entry in now if entry.body}
    names = {(entry.qualified_name, entry.metric) for entry in now}

    def is_gone(entry: BaselineEntry) -> bool:
        if (value := values.get(entry.key)) is not None:
            return value != entry.value and is_worse(
                entry.value, value, default_comparison(entry.metric), value
            )
        return (entry.metric, entry.body) not in bodies and (entry.qualified_name, entry.metric) not in names

    gone = filter(is_gone, before)
    return [waive_entry(entry, text, before=entry.value, after=values.get(entry.key)) for entry in gone]


def waive_entry(
    entry: BaselineEntry,
    text: str,
    *,
    before: Number | None = None,
    after: Number | None = None,
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


def waive_critical(block: tuple[str, str], line: int | None, was: tuple[str, str]) -> Waiver:
    """Return the waiver for a function whose new name or place is not in ``critical_functions``.

    Args:
        block: its path and name.
        line: its line.
        was: its path and name before the change.
    """
    path, name = block
    return Waiver(
        kind="moved",
        path=path,
        line=line,
        block=name,
        text="::".join(was),
        before="critical",
        after="not critical",
    )


def apply_policy(
    waivers: Iterable[Waiver], policy: NewWaivers, *, fails_unknown: bool = True
) -> list[Waiver]:
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
