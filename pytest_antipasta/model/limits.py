"""The limits that apply to a file and to its functions."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from fnmatch import fnmatchcase
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.measured import Block, Measurement
from pytest_antipasta.model.registry import COVERAGE_METRICS

# Characters special to `fnmatch`, besides the asterisk.
_SPECIAL = re.compile(r"[?\[]")
_NUMBER = re.compile(r"#\d+")
DECORATOR = "@"
"""The first character of a pattern for decorators."""


def matches(text: str, pattern: str) -> bool:
    """Return whether a text matches a pattern in which only ``*`` is special, and not brackets."""
    return fnmatchcase(text, _SPECIAL.sub(r"[\g<0>]", pattern))


def leave_out_coverage(thresholds: Iterable[Threshold]) -> tuple[Threshold, ...]:
    """Return the limits of metrics that need no coverage data."""
    return tuple(threshold for threshold in thresholds if threshold.metric not in COVERAGE_METRICS)


def selects(pattern: str, block: Block) -> bool:
    """Return whether a pattern selects a block, which must be a function; see :class:`FunctionLimits`."""
    if not block.is_function:
        return False
    if pattern.startswith(DECORATOR):
        return any(matches(name, pattern[1:]) for name in block.decorators)
    return matches(strip_number(block.qualified_name) if "." in pattern else block.name, pattern)


def strip_number(name: str) -> str:
    """Return a qualified name without the numbers of blocks that have the same name."""
    return _NUMBER.sub("", name) if "#" in name else name


class FunctionLimits(Struct, frozen=True):
    """Other limits for some functions.

    Attributes:
        functions: patterns, of which one must match. ``@name`` stands for a decorator, as it is written and
            without arguments. A pattern with a dot stands for a qualified name, and one without for a bare
            name.
        thresholds: metrics with their limits; ``None`` for no limit.
    """

    functions: tuple[str, ...]
    thresholds: tuple[tuple[str, Threshold | None], ...]

    def apply_to(self, block: Block) -> bool:
        """Return whether these limits apply to a block."""
        return any(selects(pattern, block) for pattern in self.functions)


class PathLimits(Struct, frozen=True, dict=True):
    """The limits of a path.

    Attributes:
        thresholds: limits of the file, and of functions that have no others.
        of_functions: other limits for some functions; later ones win.
        not_in_generated: metrics that have no limit if the file is generated.
    """

    thresholds: tuple[Threshold, ...]
    of_functions: tuple[FunctionLimits, ...] = ()
    not_in_generated: tuple[str, ...] = ()

    def for_content(self, measurement: Measurement) -> PathLimits:
        """Return the limits that apply to a content of the path."""
        return self._of_generated if measurement.generated and self.not_in_generated else self

    @cached_property
    def _of_generated(self) -> PathLimits:
        limited = set(self.list_metrics()).difference(self.not_in_generated)
        return replace(self.keep(limited), not_in_generated=())

    def of(self, block: Block | None) -> tuple[Threshold, ...]:
        """Return the limits that apply to a block, or to the file for ``None``."""
        if block is None or not self.of_functions:
            return self.thresholds
        return self._combine(tuple([item.apply_to(block) for item in self.of_functions]))

    def _combine(self, speaking: tuple[bool, ...]) -> tuple[Threshold, ...]:
        """Return the limits, with those of functions where ``speaking``; the same object each time."""
        if not any(speaking):
            return self.thresholds
        if speaking not in self._known:
            found: dict[str, Threshold | None] = {item.metric: item for item in self.thresholds}
            for item, speaks in zip(self.of_functions, speaking, strict=True):
                found |= dict(item.thresholds) if speaks else {}
            self._known[speaking] = tuple(filter(None, found.values()))
        return self._known[speaking]

    @cached_property
    def _known(self) -> dict[tuple[bool, ...], tuple[Threshold, ...]]:
        return {}

    def list_metrics(self) -> list[str]:
        """Return the metrics that have a limit, or a different one for some functions."""
        others = (metric for item in self.of_functions for metric, _ in item.thresholds)
        return list(dict.fromkeys((*(item.metric for item in self.thresholds), *others)))

    def find(self, metric: str, block: Block | None) -> Threshold | None:
        """Return the limit of a metric for a block, or for the file for ``None``."""
        return next((item for item in self.of(block) if item.metric == metric), None)

    def keep(self, metrics: Container[str]) -> PathLimits:
        """Return the limits of some metrics."""
        of_functions = (
            FunctionLimits(item.functions, tuple(pair for pair in item.thresholds if pair[0] in metrics))
            for item in self.of_functions
        )
        return PathLimits(
            tuple(limit for limit in self.thresholds if limit.metric in metrics),
            tuple(item for item in of_functions if item.thresholds),
            tuple(metric for metric in self.not_in_generated if metric in metrics),
        )
