"""Which numbers a change waives, as far as that is sure: from both trees alone, without the gate.

A number is waived when it would fail by what was there before the change (limits, comments and baseline) and
passes by what is there after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.hunt.commands import Number
from campaigns.hunt.facts import Facts
from campaigns.hunt.trees import BASELINE, BLOCK_METRICS, FILE_METRICS, SETTINGS, Tree


def find_wrong_waivers(before: Tree, after: Tree, waivers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the numbers that are waived and not listed, and those that are listed and not waived."""
    listed = {name for one in waivers for name in one["effect"] or ()}
    expected = _expect(before, after)
    wrong = [f"is waived: {name}" for name, said in expected.items() if said is True and name not in listed]
    # A file that came to a folder that is not measured may have been renamed from one that is.
    come = {
        name for name in listed - expected.keys() if name.rpartition(" ")[0].partition("::")[0] not in before
    }
    wrong += [
        f"is not waived: {name}" for name in sorted(listed - come) if expected.get(name, False) is False
    ]
    return wrong


def _expect(before: Tree, after: Tree) -> dict[str, bool | None]:
    """Return of each number whether it is waived; ``None`` where it is not sure."""
    old = Facts(before, before[SETTINGS])
    now = Facts(after, after[SETTINGS])
    # The files of after, judged by the limits and the baseline of before.
    kept = {path: text for path, text in after.items() if path != BASELINE}
    judged = Facts(kept | {name: before[name] for name in (BASELINE,) if name in before}, before[SETTINGS])
    found: dict[str, bool | None] = {}
    for number in _list_numbers(judged):
        if (value := judged.find(number)) is not None:
            sides = _would_fail(old, judged, number, value), _passes(now, number, value)
            # What is sure to be no waiver needs one side alone.
            found[_name(number)] = False if False in sides else True if all(sides) else None
    return found


def _name(number: Number) -> str:
    path, name, metric = number
    return f"{path}::{name} {metric}" if name else f"{path} {metric}"


def _list_numbers(facts: Facts) -> list[Number]:
    numbers: list[Number] = [(path, None, metric) for path in facts.files for metric in FILE_METRICS]
    blocks = [(path, name) for path, file in facts.files.items() for name in file.functions]
    return numbers + [(*block, metric) for block in blocks for metric in BLOCK_METRICS]


def _passes(facts: Facts, number: Number, value: float) -> bool | None:
    if number[0] not in facts.files or not facts.is_over(number, value):
        return True
    said = facts.is_suppressed(number, value), facts.is_recorded(number, value)
    return True if True in said else None if None in said else False


def _would_fail(old: Facts, judged: Facts, number: Number, value: float) -> bool | None:
    """Whether a number of after fails by what was there before."""
    path, name, _ = number
    if not _is_at_place(old, judged, path, name):
        return None
    if not judged.is_over(number, value):
        return False
    is_there = name is not None and name in old.files[path].functions
    suppressed = old.is_suppressed(number, value) if is_there else False
    recorded = judged.is_recorded(number, value)
    if True in (suppressed, recorded):
        return False
    return None if None in (suppressed, recorded) else True


def _is_at_place(old: Facts, now: Facts, path: str, name: str | None) -> bool:
    """Whether it is sure which number it was: that of the same place, or none at all."""
    if path not in old.files:
        return False  # it may be another file renamed
    if name is None:
        return True
    if any(side.is_ambiguous(path, name) for side in (old, now)):
        return False
    function = now.files[path].functions[name]
    if old.find_alike(function) - {(path, name)}:
        return False  # it may have come from there
    if name not in old.files[path].functions:
        is_new = not old.find_alike(function) and not old.has_name(path, name)
        return is_new and not old.find_similar(function)
    left = old.files[path].functions[name]
    return not now.find_alike(left) - {(path, name)}  # else that may be the one that it was
