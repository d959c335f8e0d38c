"""Which numbers a change waives, as far as that is sure: from both trees alone, without the gate.

A number is waived when it would fail by what was there before the change (limits, comments and baseline) and
passes by what is there after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from campaigns.hunt.commands import Number
from campaigns.hunt.following import Following
from campaigns.hunt.naive import Rules, State
from campaigns.hunt.oracle import Side, find_origins, read_rules, read_state
from campaigns.hunt.trees import SETTINGS, Tree


def find_wrong_waivers(side: Side, after: Tree, waivers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the numbers that are waived and not listed, and those that are listed and not waived."""
    listed = {name for one in waivers for name in one["effect"] or ()}
    expected = _expect(side, after)
    wrong = [f"is waived: {name}" for name, said in expected.items() if said is True and name not in listed]
    # A file that came to a folder that is not measured may have been renamed from one that is.
    come = {
        name
        for name in listed - expected.keys()
        if name.rpartition(" ")[0].partition("::")[0] not in side.tree
    }
    wrong += [
        f"is not waived: {name}" for name in sorted(listed - come) if expected.get(name, False) is False
    ]
    return wrong


class _Judged(NamedTuple):
    """A state of files, and what they are judged by."""

    state: State
    rules: Rules

    def fails(self, number: Number, value: float) -> bool | None:
        """Whether a value fails; ``None`` where an entry of the baseline may have followed it."""
        if number[0] not in self.state.files or not self.rules.is_over(number, value):
            return False
        states = [replace(self.state, benefit=benefit) for benefit in (False, True)]
        said = {not state.is_allowed(number, value, self.rules) for state in states}
        return said.pop() if len(said) == 1 else None


def _expect(side: Side, after: Tree) -> dict[str, bool | None]:
    """Return of each number whether it is waived; ``None`` where it is not sure."""
    settings = side.tree[SETTINGS]
    old, rules = read_state(side.tree, settings), read_rules(settings)
    now = _Judged(read_state(after, after[SETTINGS]), read_rules(after[SETTINGS]))
    files = read_state(after, settings).files
    following = Following(old.files, files, find_origins(old, State(files), side.origins))
    found: dict[str, bool | None] = {}
    for number in State(files).list_numbers():
        value = State(files).find(number)
        would_fail = _would_fail(old, following, rules, number, value)
        # What is sure to be no waiver needs one side alone.
        said = would_fail, _negate(now.fails(number, value))
        found[_name(number)] = False if False in said else True if all(said) else None
    return found


def _negate(said: bool | None) -> bool | None:
    return None if said is None else not said


def _name(number: Number) -> str:
    path, name, metric = number
    return f"{path}::{name} {metric}" if name else f"{path} {metric}"


def _would_fail(old: State, following: Following, rules: Rules, number: Number, value: float) -> bool | None:
    """Whether a number of after fails by what was there before: its limits, its comments, its entries."""
    path, name, _ = number
    if following.origins.get(path) != path:
        return None  # limits go by paths
    state = State(following.new, old.entries)
    if name is not None:
        comments = _find_comments(old, following, path, name)
        if comments is None:
            return None
        file = replace(following.new[path], comments={**following.new[path].comments, name: comments})
        state = replace(state, files={**following.new, path: file})
    return _Judged(state, rules).fails(number, value)


def _find_comments(old: State, following: Following, path: str, name: str) -> tuple[Any, ...] | None:
    """Return the comments of what a function was, if it is sure which one that is, or that it is new."""
    place = path, name
    before = following.same_place(place)
    if old.is_ambiguous(*before) or State(following.new).is_ambiguous(*place):
        return None
    origin = following.predecessors[place].place
    if origin == before:
        return old.files[before[0]].comments[name]
    olds = [(path, name) for path, file in old.files.items() for name in file.blocks]
    shares = [
        find(place, old) for find in (following.find_share, following.find_unnamed_share) for old in olds
    ]
    return () if origin is None and max(shares, default=0) < Fraction(1, 2) else None
