"""Match old items with new ones by a series of keys, each item at most once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from pytest_antipasta.model.limits import strip_number

_Thing = TypeVar("_Thing", bound=Hashable)


def pair(
    old: Iterable[_Thing], new: Iterable[_Thing], *keys: Callable[[_Thing], Hashable]
) -> dict[_Thing, _Thing]:
    """Return the matching old item of each new one, in time linear in their number.

    Args:
        old: distinct items; of equal keys, the first is taken first.
        new: distinct items; of equal keys, the first is matched first.
        keys: functions applied one after the other to the remaining items. A key of ``None`` matches nothing.
    """
    pairs: dict[_Thing, _Thing] = {}
    left, waiting = list(old), list(new)
    for find_key in keys:
        by_key: dict[Hashable, deque[_Thing]] = {}
        for item in left:
            by_key.setdefault(find_key(item), deque()).append(item)
        by_key.pop(None, None)
        for item in waiting:
            if same := by_key.get(find_key(item)):
                pairs[item] = same.popleft()
        taken = set(pairs.values())
        left = [element for element in left if element not in taken]
        waiting = [element for element in waiting if element not in pairs]
    return pairs


def pair_by_number(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Return the matching old name of each new qualified name; they differ only in numbers.

    Equal numbers are matched first, then the others in order.
    """
    return pair(sorted(old, key=_find_numbers), sorted(new, key=_find_numbers), str, strip_number)


def _find_numbers(name: str) -> list[tuple[int, str]]:
    numbers = (part.partition("#")[2] for part in name.split("."))
    return [(len(number), number) for number in numbers]
