"""What the naive rule of the gate expects of a change, on the trees of a step."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from campaigns.hunt.baselines import read_entries
from campaigns.hunt.commands import Number
from campaigns.hunt.contents import measure_fully
from campaigns.hunt.following import Following
from campaigns.hunt.naive import Change, Grade, Rules, State, choose_mildest
from campaigns.hunt.trees import SETTINGS, Tree, Warned, measured_of, read_settings
from pytest_antipasta.model.judged import Threshold

Expected: TypeAlias = Mapping[Number, frozenset[Grade]]
"""What may become of each number that is over its limit: several things where that is not sure."""


class Side(NamedTuple):
    """What a change is compared with.

    Attributes:
        tree: all files.
        origins: for each path afterwards the path that the file had, as git itself says.
    """

    tree: Tree
    origins: Mapping[str, str]


@functools.lru_cache(maxsize=100)
def read_rules(settings: str) -> Rules:
    """Return what files are judged by."""
    found = read_settings(settings)

    @functools.cache
    def find_limits(path: str, name: str | None) -> tuple[Threshold, ...]:
        return tuple(
            Threshold(metric, limit, ">=" if metric == "maintainability_index" else "<=")
            for metric, limit in found.find_limits(path, name).items()
            if limit is not False and not isinstance(found.limits[metric], Warned)
        )

    return Rules(find_limits, found.critical, found.strict_files)


def read_state(tree: Tree, settings: str) -> State:
    """Return the files of a tree that settings measure, and its baseline."""
    files = {path: measure_fully(text.encode()) for path, text in measured_of(tree, settings).items()}
    entries: dict[Number, list[float]] = {}
    for entry in read_entries(tree):
        key = (entry["path"], entry.get("qualified_name"), entry["metric"])
        entries.setdefault(key, []).append(entry["value"])
    return State(files, entries)


def find_origins(before: State, after: State, renamed: Mapping[str, str]) -> dict[str, str]:
    """Return for each measured file that was there before its path then."""
    return {path: path for path in after.files if path in before.files} | dict(renamed)


def expect(sides: Sequence[Side], after: Tree) -> Expected:
    """Return what may become of each number, beside the parents of a change."""
    settings = after[SETTINGS]
    now, rules = read_state(after, settings), read_rules(settings)
    found = []
    for side in sides:
        before = read_state(side.tree, settings)
        found.append(Change(before, now, find_origins(before, now, side.origins), rules).judge())
    return choose_mildest(found)


def has_stayed(side: Side, after: Tree, number: Number) -> bool:
    """Whether a number was there before a change, and was that of the same function, not only of its name."""
    before, now = (read_state(tree, after[SETTINGS]) for tree in (side.tree, after))
    path, name, _ = number
    if name is None or before.find(number) is None:
        return before.find(number) is not None
    following = Following(before.files, now.files, find_origins(before, now, side.origins))
    # Its file may be left out by the settings of this commit, and not by those of the next one.
    predecessor = following.predecessors.get((path, name))
    return predecessor is not None and predecessor.place == (path, name)


def has_failing(before: Tree, after: Tree) -> bool:
    """Whether something surely fails in a tree, by the limits of a later one."""
    state, rules = read_state(before, after[SETTINGS]), read_rules(after[SETTINGS])
    likely = State(state.files, state.entries, benefit=True)
    over = [one for one in state.list_numbers() if rules.is_over(one, state.find(one))]
    return any(not likely.is_allowed(one, state.find(one), rules) for one in over)


def find_faults(expected: Expected, failing: frozenset[Number]) -> list[str]:
    """Return what was said otherwise."""
    wrong = [f"has to pass: {one}" for one in failing if "fails" not in expected.get(one, ())]
    sure = [one for one, said in expected.items() if said == {"fails"}]
    return sorted(wrong + [f"has to fail: {one}" for one in sure if one not in failing])
