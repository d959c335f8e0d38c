"""Pairing old items with new ones: equal by one key after the other, each used once."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

_Thing = TypeVar("_Thing", bound=Hashable)
_NUMBER = re.compile(r"#\d+")


def find_stem(name: str) -> str:
    """Return a qualified name without the numbers that tell blocks of one name apart."""
    return _NUMBER.sub("", name) if "#" in name else name


def pair(
    old: Iterable[_Thing], new: Iterable[_Thing], *keys: Callable[[_Thing], Hashable]
) -> dict[_Thing, _Thing]:
    """Return for new things the old ones that they are, in time linear in their number.

    Args:
        old: distinct ones; those of equal keys are taken in this order.
        new: likewise.
        keys: tried one after the other on what is left. Nothing is paired by a key that is ``None``.
    """
    pairs: dict[_Thing, _Thing] = {}
    left, waiting = list(old), list(new)
    for find_key in keys:
        by_key: dict[Hashable, deque[_Thing]] = {}
        for one in left:
            by_key.setdefault(find_key(one), deque()).append(one)
        by_key.pop(None, None)
        for one in waiting:
            if same := by_key.get(find_key(one)):
                pairs[one] = same.popleft()
        taken = set(pairs.values())
        left = [one for one in left if one not in taken]
        waiting = [one for one in waiting if one not in pairs]
    return pairs


def pair_by_number(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Return for qualified names that differ in numbers alone which one each was.

    Those that keep their numbers first, then the others in the order of theirs.
    """
    return pair(sorted(old, key=_find_numbers), sorted(new, key=_find_numbers), str, find_stem)


def _find_numbers(name: str) -> list[tuple[int, str]]:
    numbers = (part.partition("#")[2] for part in name.split("."))
    return [(len(number), number) for number in numbers]
