"""What a change does to blocks, in words: those that are worse or better, and how many others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from pytest_antipasta.extension import find_metric
from pytest_antipasta.messages import count
from pytest_antipasta.model import BlockChange, ChangeKind, Changes, MetricChange, Split
from pytest_antipasta.policy import is_worse, satisfies
from pytest_antipasta.report.wording import format_cell_place, format_number, format_step

Effect: TypeAlias = Literal["worse", "better", "moved"]
"""What happened to the numbers of a block; they have moved where new helpers have as many points."""
_MINUS = "\N{MINUS SIGN}"
_LABELS: Mapping[Effect, str] = {"moved": "moved, not reduced"}
# Of each effect, and of files, in a summary.
_SHOWN = 5


def find_effect(change: BlockChange) -> Literal["worse", "better"] | None:
    """Return whether a block is worse in one of its numbers, or else better; ``None`` for neither."""
    effects = [find_number_effect(number) for number in change.metrics.values()]
    return "worse" if "worse" in effects else "better" if "better" in effects else None


def find_number_effect(number: MetricChange) -> Literal["worse", "better"] | None:
    """Return whether a number is worse or better than before; ``None`` for neither, or for nothing before."""
    if number.before is None or number.after is None:
        return None
    if is_worse(number.after, number.before, number.comparison, number.limit):
        return "worse"
    return "better" if is_worse(number.before, number.after, number.comparison, number.limit) else None


def format_changes(changes: Changes, place: Callable[[str], str]) -> Iterator[str]:
    """Yield how many blocks a change touches, and those that it makes worse or better the most.

    Args:
        changes: what it does.
        place: makes of a path one that is shown.
    """
    if changes.changes:
        yield from _format_effects(changes, place)
    lost = [place(one.path) for one in changes.not_compared if one.side == "before"]
    yield from _format_lost(lost) if lost else ()


def _format_effects(changes: Changes, place: Callable[[str], str]) -> Iterator[str]:
    splits = {(one.path, one.qualified_name): one for one in changes.splits}
    found = {effect: _find_all(changes, effect) for effect in get_args(Effect)}
    parts = [f"{len(ones)} {effect}" for effect, ones in found.items() if ones]
    effects = ", ".join(parts) or "no existing function got worse"
    yield f"the change: {format_kinds(changes.changes)}; {effects}"
    if points := format_points(changes):
        yield f"complexity added and removed: {points}"
    for effect, ones in found.items():
        yield from _format_most(effect, ones, splits, place)


def format_points(changes: Changes) -> str:
    """Return the points that a change adds and takes away, by the short names of metrics."""
    points = changes.add_points().items()
    parts = (
        f"{find_metric(metric).label} +{format_number(one.added)} {_MINUS}{format_number(one.taken)}"
        for metric, one in points
        if one.added or one.taken
    )
    return ", ".join(parts)


def format_split(split: Split) -> str:
    """Return what has become of a function and its new helpers together."""
    limit = split.before
    step = format_step(split.before, split.after, limit)
    helpers = count(len(split.helpers), "new helper")
    together = format_number(split.together, limit)
    return f"{split.metric} {step}, {together} together with its {helpers}"


def _format_lost(paths: Sequence[str]) -> Iterator[str]:
    more = f" and {count(len(paths) - _SHOWN, 'more file')}" if len(paths) > _SHOWN else ""
    yield (
        f"not compared because the previous version could not be measured: {', '.join(paths[:_SHOWN])}{more}"
    )


def _format_most(
    effect: Effect,
    changes: Sequence[BlockChange],
    splits: Mapping[tuple[str, str], Split],
    place: Callable[[str], str],
) -> Iterator[str]:
    """Yield the blocks with the most of an effect."""
    for change in sorted(changes, key=_rank)[:_SHOWN]:
        where = format_cell_place(place(change.path), change.cell, change.line)
        split = splits.get((change.path, change.qualified_name))
        steps = _format_steps(change) if split is None else format_split(split)
        yield f"  {_LABELS.get(effect, effect)}: {where} {change.qualified_name}: {steps}"
    if len(changes) > _SHOWN:
        verb = "whose points moved" if effect == "moved" else f"that got {effect}"
        yield f"  and {count(len(changes) - _SHOWN, 'more block')} {verb}"


def format_kinds(changes: Sequence[BlockChange]) -> str:
    """Return how many blocks there are, and of each kind."""
    kinds = Counter(change.change for change in changes)
    parts = (f"{kinds[kind]} {kind}" for kind in get_args(ChangeKind) if kinds[kind])
    return f"{count(len(changes), 'block')} ({', '.join(parts)})"


def _find_all(changes: Changes, effect: Effect) -> list[BlockChange]:
    """Return the blocks with an effect; that of a function with new helpers is what all of them have."""
    moved = {(one.path, one.qualified_name) for one in changes.splits if one.effect == "moved"}
    found = []
    for change in changes.changes:
        own: Effect | None = find_effect(change)
        if own == "better" and (change.path, change.qualified_name) in moved:
            own = "moved"
        found += [change] if own == effect else []
    return found


def _rank(change: BlockChange) -> tuple[bool, float]:
    """Return what stands first: what is over a limit, then what has changed most beside its limit."""
    numbers = change.metrics.values()
    is_over = any(
        one.after is not None and not satisfies(one.after, one.comparison, one.limit) for one in numbers
    )
    return not is_over, -max(abs(one.delta or 0) / (one.limit or 1) for one in numbers)


def _format_steps(change: BlockChange) -> str:
    """Return the numbers of a block that are other ones than before."""
    return ", ".join(
        f"{metric} {format_step(one.before, one.after, one.limit)}"
        for metric, one in change.metrics.items()
        if one.before is not None and one.after is not None and one.before != one.after
    )
