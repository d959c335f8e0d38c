"""The worst values of a file in a few bytes: enough to know that it is within its limits.

They contain no verdict, which every run computes from its limits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec

from pytest_antipasta.model.judged import Comparison, Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import BLOCK_METRICS, Block, Measurement, Number
from pytest_antipasta.policy.limits import HOLDS, divide_limits

# One value each, in this order: the largest of functions, and the file's own.
_OF_FILES = (
    "maintainability_index",
    "halstead_volume",
    "halstead_difficulty",
    "halstead_effort",
    "lines_of_code",
    "logical_lines_of_code",
    "source_lines_of_code",
)
_get_numbers = attrgetter(*BLOCK_METRICS)
_AT_MOST: tuple[Comparison, ...] = ("<=", "<")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, list[Number | None]]).decode

WORST_SCHEMA = b"1"
"""Changed with what :func:`pack_worst` packs."""
UNSUMMED = b""
"""Placeholder for the worst values of a file if they would not be complete."""


def pack_worst(measurement: Measurement) -> bytes:
    """Return the worst values of a file and the number of its functions, packed.

    :data:`UNSUMMED` is for a file that needs its whole measurement: with missing values, with suppression
    comments, or a notebook.
    """
    own = [getattr(measurement.metrics, metric) for metric in _OF_FILES]
    if None in own or _says_more(measurement):
        return UNSUMMED
    blocks = [block for block in measurement.blocks if block.kind != "class"]
    return _encode((len(blocks), _find_largest(blocks) + own))


def _says_more(measurement: Measurement) -> bool:
    if measurement.errors or measurement.comments or measurement.foreign is not None or measurement.has_cells:
        return True
    return measurement.metrics.total_cognitive_complexity is None


def _find_largest(blocks: Sequence[Block]) -> list[Number | None]:
    if not blocks:
        return [None] * len(BLOCK_METRICS)
    # Points inside a function belong to the outermost function, so that a closure has none.
    return [
        max((number for number in numbers if number is not None), default=None)
        if None in numbers
        else max(numbers)
        for numbers in zip(*map(_get_numbers, blocks), strict=True)
    ]


class _Test(NamedTuple):
    """The position of a value, and its limit."""

    position: int
    holds: Callable[[Number, Number], bool]
    limit: Number


class WorstLimits:
    """Limits for comparison with the worst values of files."""

    def __init__(self, limits: PathLimits) -> None:
        """Prepare limits once for all the files that they apply to.

        It is unknown which function has the worst value, so that limits of some functions apply to all.
        """
        self._known: dict[bytes, int | None] = {UNSUMMED: None}
        others = (limit for item in limits.of_functions for _, limit in item.thresholds if limit is not None)
        self._tests = _make_tests([*limits.thresholds, *others])

    def count_passing(self, worst: bytes) -> int | None:
        """Return how many functions a file with these worst values has; ``None`` if it may exceed limits."""
        if self._tests is None:
            return None
        if worst not in self._known:
            functions, numbers = _unpack(worst)
            self._known[worst] = functions if _hold(self._tests, numbers) else None
        return self._known[worst]


def _unpack(worst: bytes) -> tuple[int, Sequence[Number | None]]:
    """Return the number of functions and the values; no values for bytes not packed by :func:`pack_worst`."""
    try:
        functions, numbers = _decode(worst)
    except msgspec.MsgspecError:
        return 0, ()
    return functions, numbers if len(numbers) == len(BLOCK_METRICS) + len(_OF_FILES) else ()


def _hold(tests: Sequence[_Test], numbers: Sequence[Number | None]) -> bool:
    if not numbers:
        return False
    # A loop, as this runs for every file.
    for position, holds, limit in tests:
        number = numbers[position]
        if number is not None and not holds(number, limit):  # a file without functions has no value
            return False
    return True


def _make_tests(thresholds: Sequence[Threshold]) -> list[_Test] | None:
    """Return the comparisons; ``None`` if a limit is for a value that is not among the worst ones."""
    of_file, of_blocks = divide_limits(thresholds)
    tests: list[_Test] = []
    for limit in of_blocks:
        if limit.metric not in BLOCK_METRICS or limit.comparison not in _AT_MOST:
            return None
        tests.append(_make_test(BLOCK_METRICS.index(limit.metric), limit))
    for limit in of_file:
        if limit.metric not in _OF_FILES:
            return None
        tests.append(_make_test(len(BLOCK_METRICS) + _OF_FILES.index(limit.metric), limit))
    return tests


def _make_test(position: int, threshold: Threshold) -> _Test:
    return _Test(position, HOLDS[threshold.comparison], threshold.limit)
