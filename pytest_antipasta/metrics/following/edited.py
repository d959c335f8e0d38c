"""Match edited blocks with the same name in one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.metrics.following.pairing import pair_by_number
from pytest_antipasta.model import CELL

# A line shared by more edited cells than this is ignored, as every pair of them would be compared.
_FEW = 50


def pair_edited(
    old: FileVersion, new: FileVersion, come: Sequence[str], left: Sequence[Sequence[str]]
) -> dict[str, str]:
    """Return the old block of each edited new one.

    Args:
        old: the old version of the file.
        new: the new version of the file.
        come: new blocks with one name whose bodies the old version did not have.
        left: candidates among the old blocks, the most likely first.
    """
    if any(name.startswith(CELL) for name in come):
        return _pair_cells(old, new, left[-1], come)
    pairs: dict[str, str] = {}
    # An implementation is never matched with an overload that is now before it.
    came = _divide(new, come)
    for some in left:
        for is_overload, gone in _divide(old, some).items():
            pairs |= pair_by_number(gone, came.get(is_overload, ()))
    return pairs


def _divide(version: FileVersion, names: Iterable[str]) -> dict[bool, list[str]]:
    """Return blocks divided by whether they are overloads."""
    found: dict[bool, list[str]] = {}
    for name in names:
        found.setdefault(version.is_overload(name), []).append(name)
    return found


def _pair_cells(
    old: FileVersion, new: FileVersion, gone: Sequence[str], come: Sequence[str]
) -> dict[str, str]:
    """Return the old cell of each edited cell: cells have no names, and new ones change numbers.

    Cells with the most common lines are matched first, then those with the same number.
    """
    before = {name: _count_lines(old, name) for name in gone}
    after = {name: _count_lines(new, name) for name in come}
    likeness = {
        (mine, other): _compare(after[mine], before[other]) for mine, other in _iter_alike(after, before)
    }
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    # Of equal pairs, those with the same number come first.
    for mine, other in sorted(likeness, key=lambda pair: (-likeness[pair], pair[0] != pair[1])):
        if mine not in pairs and other not in taken:
            pairs[mine] = other
            taken.add(other)
    return pairs


def _iter_alike(
    after: Mapping[str, Counter[str]], before: Mapping[str, Counter[str]]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of cells that may match: with one number, or with a common line that few others have."""
    holders = _find_holders(before)
    for mine, lines in after.items():
        found = (holders.get(line, ()) for line in lines)
        others = {other for some in found if len(some) <= _FEW for other in some}
        yield from ((mine, other) for other in sorted(others | ({mine} & before.keys())))


def _find_holders(cells: Mapping[str, Counter[str]]) -> dict[str, list[str]]:
    """Return for each line the cells that contain it."""
    holders: dict[str, list[str]] = {}
    for name, lines in cells.items():
        for line in lines:
            holders.setdefault(line, []).append(name)
    return holders


def _count_lines(version: FileVersion, name: str) -> Counter[str]:
    return Counter(text for line in version.block_lines(name) if (text := line.strip()))


def _compare(lines: Counter[str], others: Counter[str]) -> float:
    """Return the share of lines that two cells have in common, between 0 and 1."""
    return 2 * (lines & others).total() / max(lines.total() + others.total(), 1)
