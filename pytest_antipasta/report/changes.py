"""Format the effect of a change: which blocks are worse or better, and how many others it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import count, list_names, make_printable
from pytest_antipasta.model.changes import BlockChange, ChangeKind, Changes, HelperFacts, MetricChange, Split
from pytest_antipasta.model.finding import FunctionKey
from pytest_antipasta.policy.limits import compute_effect, satisfies
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.wording import format_number, format_place, format_step, show_number

Effect: TypeAlias = Literal["worse", "better", "moved"]
"""Effect on the values of a block; ``moved`` if its new helpers have as many points."""
# Maximum number of better blocks, and of files, in a summary.
_SHOWN = 5
# Points outside of functions that many files have, such as that of `if TYPE_CHECKING:`.
_USUAL = 1
# How many helpers of a function are named.
_HELPERS = 3


def find_effect(change: BlockChange) -> Literal["worse", "better"] | None:
    """Return ``worse`` if any value of a block is worse, else ``better`` if one is; ``None`` for neither."""
    effects = [find_number_effect(number) for number in change.metrics.values()]
    return "worse" if "worse" in effects else "better" if "better" in effects else None


def find_number_effect(number: MetricChange) -> Literal["worse", "better"] | None:
    """Return whether a value is worse or better than before; ``None`` if equal or new."""
    if number.before is None or number.after is None:
        return None
    effect = compute_effect(number.after, number.before, number.comparison, number.limit)
    return None if effect == "same" else effect


def is_over(number: MetricChange) -> bool:
    """Return whether a value is over its limit after the change."""
    return number.after is not None and not satisfies(number.after, number.comparison, number.limit)


def format_changes(
    changes: Changes,
    show_path: ShowPath,
    reading: Iterable[str],
    listed: Container[FunctionKey],
) -> Iterator[str]:
    """Yield the number of touched blocks, what to read first, what became much better, and what has no limit.

    Args:
        changes: the effect of a change.
        show_path: converts a path for display.
        reading: the lines about what to read first.
        listed: functions that are displayed with their values already.
    """
    if changes.changes:
        yield from _format_effects(changes, show_path, reading, listed)
    else:
        yield from reading  # waivers of unchanged code
    lost = [show_path(item.path) for item in changes.not_compared if item.side == "before"]
    if lost:
        names = list_names(lost, _SHOWN, "file")
        yield f"not compared because the previous version could not be measured: {names}"
    if module_code := format_module_code(changes, show_path):
        yield f"code outside of functions, which has no limit: {module_code}"
    for what, paths in group_unlimited(changes):
        yield f"{what}: {list_names([*map(show_path, paths)], _SHOWN, 'file')}"


def format_module_code(changes: Changes, show_path: ShowPath) -> str:
    """Return the files whose code outside of functions got several points more; empty without any."""
    worse = [item for item in changes.module_code if item.after > item.before + _USUAL]
    worse.sort(key=lambda item: item.before - item.after)
    steps = [
        f"{show_path(item.path)} cognitive {format_step(item.before, item.after, item.before)}"
        for item in worse
    ]
    return list_names(steps, _SHOWN, "file") if steps else ""


def group_unlimited(changes: Changes) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield why changed files have no limits, with their number, and their paths."""
    unchecked, generated = (len(paths) == 1 for paths in (changes.unchecked, changes.generated))
    left = f"not checked, as the settings leave {'it' if unchecked else 'them'} out"
    said = f"without default limits, as {'it says it is' if generated else 'they say they are'} generated"
    for paths, why in ((changes.unchecked, left), (changes.generated, said)):
        if paths:
            yield f"{count(len(paths), 'changed file')} {why}", paths


def _format_effects(
    changes: Changes, show_path: ShowPath, reading: Iterable[str], listed: Container[FunctionKey]
) -> Iterator[str]:
    splits = {split.key: split for split in changes.splits}
    found = group_effects(changes)
    yield f"the change: {describe_effects(changes.changes, found)}"
    if points := format_points(changes):
        yield f"complexity added and removed: {points}"
    yield from reading
    others = (
        item
        for item in found["better"]
        if item.key not in listed or item.key in splits  # which has more to say
    )
    yield from _format_better([*others], splits, show_path)


def describe_effects(changes: Sequence[BlockChange], groups: Mapping[Effect, Sequence[BlockChange]]) -> str:
    """Return how many blocks a change touches, and its effects on those that were there before.

    ``groups`` are those of :func:`group_effects`; ``moved`` is also what happens to a function as a whole.
    """
    if not changes:
        return "no function"
    words = {"moved": "moved to helpers"}
    parts = [f"{len(found):,} {words.get(effect, effect)}" for effect, found in groups.items() if found]
    effects = f"existing ones: {', '.join(parts)}" if parts else "no existing one got worse"
    return f"{format_kinds(changes)}; {effects}"


def format_points(changes: Changes) -> str:
    """Return the points that a change adds and removes, by short names of metrics."""
    points = changes.add_points().items()
    parts = (
        f"{look_up_metric(metric).label} +{show_number(item.added)} -{show_number(item.taken)}"
        for metric, item in points
        if item.added or item.taken
    )
    return ", ".join(parts)


def format_split(split: Split) -> str:
    """Return the effect on a function together with its new helpers."""
    metric = look_up_metric(split.metric).label
    return f"{metric} {format_step(split.before, split.after, split.before)}, {format_together(split)}"


def format_together(split: Split) -> str:
    """Return the points of a function and its new helpers, which are named."""
    names = [
        f"{make_printable(name)} ({_format_facts(facts)})"
        for name, facts in zip(split.helpers[:_HELPERS], split.facts, strict=False)
    ]
    if len(split.helpers) > _HELPERS:
        names.append(f"{len(split.helpers) - _HELPERS} more")
    *others, last = names
    listed = f"{', '.join(others)} and {last}" if others else last
    noun = "new helper" if len(split.helpers) == 1 else "new helpers"
    return f"{format_number(split.together, split.before)} together with its {noun} {listed}"


def _format_facts(facts: HelperFacts) -> str:
    """Return what tells whether a helper stands for itself."""
    parts = [f"{facts.values_in} in", f"{facts.values_out} out"]
    parts += [f"{facts.callers} callers"] if facts.callers > 1 else []
    parts += ["tested"] if facts.is_tested else []
    return ", ".join(parts)


def _format_better(
    changes: Sequence[BlockChange],
    splits: Mapping[tuple[str, str], Split],
    show_path: ShowPath,
) -> Iterator[str]:
    """Yield the blocks with the largest improvements."""
    for change in sorted(changes, key=_rank)[:_SHOWN]:
        where = format_place(show_path(change.path), change.cell, change.line)
        split = splits.get(change.key)
        steps = format_steps(change) if split is None else format_split(split)
        yield f"  better: {where} {change.qualified_name}: {steps}"
    if len(changes) > _SHOWN:
        yield f"  and {count(len(changes) - _SHOWN, 'more block')} that got better"


def format_kinds(changes: Sequence[BlockChange]) -> str:
    """Return the number of blocks, and of each kind of change."""
    kinds = Counter(change.change for change in changes)
    parts = (f"{kinds[kind]:,} {kind}" for kind in get_args(ChangeKind) if kinds[kind])
    return f"{count(len(changes), 'block')} ({', '.join(parts)})"


def group_effects(changes: Changes) -> dict[Effect, list[BlockChange]]:
    """Return the blocks with each effect; a function with new helpers counts together with them."""
    groups: dict[Effect, list[BlockChange]] = {effect: [] for effect in get_args(Effect)}
    moved = changes.moved
    for change in changes.changes:
        if effect := find_effect(change):
            split = moved.get(change.key) if effect == "better" else None
            groups[split.effect if split else effect].append(change)
    return groups


def _rank(change: BlockChange) -> tuple[bool, float]:
    """Return the sort key: blocks over a limit first, then by the change relative to the limit."""
    numbers = change.metrics.values()
    return not any(map(is_over, numbers)), -max(
        abs(number.delta or 0) / (number.limit or 1) for number in numbers
    )


def format_steps(change: BlockChange) -> str:
    """Return the values of a block that differ from those before."""
    return ", ".join(
        f"{look_up_metric(metric).label} {format_step(item.before, item.after, item.limit, show_number)}"
        for metric, item in change.metrics.items()
        if item.before is not None and item.after is not None and item.before != item.after
    )
