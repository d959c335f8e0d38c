"""The limits of each path as the facts of a run have them: numbered sets, of which each file has one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import astuple

from pytest_antipasta.model import LimitTable, RunFacts, Threshold


class PathLimits:
    """The sets of limits that hold in a run.

    Attributes:
        sets: that of the settings, then those of some paths.
    """

    def __init__(self, facts: RunFacts) -> None:
        """Know the limits of a run, and which paths have others."""
        self.sets: list[LimitTable] = [facts.limits, *(one.limits for one in facts.overrides)]
        self._numbers = {path: number for number, one in enumerate(facts.overrides, 1) for path in one.files}
        self._thresholds = [
            [Threshold(name, *astuple(limit)) for name, limit in each.items()] for each in self.sets
        ]

    def number(self, path: str) -> int:
        """Return the number of the set that holds for a file, by the path that reports have."""
        return self._numbers.get(path, 0)

    def find(self, path: str) -> list[Threshold]:
        """Return the limits of a file."""
        return self._thresholds[self.number(path)]

    def iter_metrics(self) -> Iterator[str]:
        """Yield the metrics that have a limit anywhere."""
        return (name for each in self.sets for name in each)
