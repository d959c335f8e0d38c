"""What has to hold of a commit, from radon's and complexipy's numbers of both sides.

It says nothing of many a commit with several edits at once: only what no reader of the docs would doubt.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from tests.hunt.edits import Files
from tests.hunt.functions import Function, find_functions, find_stem
from tests.oracles import count_complexities

METRICS = ("cyclomatic_complexity", "cognitive_complexity")
LIMIT = 5
OVERRIDES = {"tests/": 8, "legacy/": 12}
Place: TypeAlias = tuple[str, str]
"""A path and a qualified name."""


class Side(NamedTuple):
    """One side of a commit.

    Attributes:
        functions: all of them.
        over: those that are over a limit, each with its numbers that are; without suppressed ones.
        broken: whether a file has no syntax.
    """

    functions: Mapping[Place, Function]
    over: Mapping[Place, Mapping[str, int]]
    broken: bool


def find_limit(path: str) -> int:
    """Return the limit of both metrics for a path."""
    return next((limit for folder, limit in OVERRIDES.items() if path.startswith(folder)), LIMIT)


def look_at(files: Files) -> Side:
    """Measure one side."""
    functions: dict[Place, Function] = {}
    over: dict[Place, Mapping[str, int]] = {}
    broken = False
    for path, text in files.items():
        numbers = _measure(text)
        broken = broken or numbers is None
        for one in find_functions(text):
            functions[path, one.name] = one
            found = (numbers or {}).get(one.name, {})
            bad = {metric: value for metric, value in found.items() if value > find_limit(path)}
            if bad and not one.is_suppressed:
                over[path, one.name] = bad
    return Side(functions, over, broken)


@functools.lru_cache(maxsize=2048)
def _measure(text: str) -> Mapping[str, Mapping[str, int]] | None:
    """Return the numbers of each function; a closure has no points of its own."""
    try:
        return count_complexities(text)
    except (SyntaxError, ValueError):
        return None


def has_to_pass(before: Side, after: Side) -> bool:
    """Whether every number over its limit was there before, no better, and nothing else speaks against it."""
    if before.broken or after.broken or _has_lost_comment(before, after):
        return False
    left = Counter(
        (before.functions[place].shape, find_limit(place[0]))
        for place in before.over
        if after.functions.get(place, None) is None
    )
    for place, numbers in after.over.items():
        if _is_no_worse(before, after, place, numbers):
            continue
        key = after.functions[place].shape, find_limit(place[0])
        if not left[key]:
            return False
        left[key] -= 1
    return True


def _is_no_worse(before: Side, after: Side, place: Place, numbers: Mapping[str, int]) -> bool:
    """Whether a function is alone of its name on both sides, and its numbers were as large before."""
    old = before.over.get(place, {})
    return (
        _is_alone(before, place)
        and _is_alone(after, place)
        and all(old.get(metric, 0) >= value for metric, value in numbers.items())
    )


def _is_alone(side: Side, place: Place) -> bool:
    path, name = place
    return sum(find_stem(other) == find_stem(name) for of, other in side.functions if of == path) == 1


def _has_lost_comment(before: Side, after: Side) -> bool:
    """Whether there may be a function that a comment suppressed and none does now."""
    suppressed = {place for place, one in before.functions.items() if one.is_suppressed}
    return any(
        place not in after.functions or not after.functions[place].is_suppressed for place in suppressed
    )


def find_new(before: Side, after: Side) -> Iterator[Place]:
    """Yield functions that are over their limit and that nobody could take for one that was there.

    Neither name nor body of theirs was anywhere before.
    """
    names = {find_stem(name).rpartition(".")[2] for _, name in before.functions}
    shapes = {one.shape for one in before.functions.values()}
    if before.broken:
        return
    for place in after.over:
        path, name = place
        if find_stem(name).rpartition(".")[2] not in names and after.functions[place].shape not in shapes:
            yield path, name


def find_worse(before: Side, after: Side) -> Iterator[Place]:
    """Yield functions over their limit that have kept their place and name, and a number got worse."""
    for place, numbers in after.over.items():
        old = before.functions.get(place)
        if old is None or not _is_alone(before, place) or not _is_alone(after, place):
            continue
        if any(one.shape == after.functions[place].shape for one in before.functions.values()):
            continue
        values = before.over.get(place, {})
        if (
            any(value > values.get(metric, LIMIT) for metric, value in numbers.items())
            and not old.is_suppressed
        ):
            yield place
