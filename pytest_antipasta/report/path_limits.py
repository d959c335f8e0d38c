"""The limits of each path, by the facts of a run: numbered sets, one for each file."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import astuple

from pytest_antipasta.model import LimitTable, RunFacts, Threshold


class PathLimits:
    """The sets of limits in a run.

    Attributes:
        sets: the default set, then those of some paths.
    """

    def __init__(self, facts: RunFacts) -> None:
        """Take the limits of a run, and the paths with other limits."""
        self.sets: list[LimitTable] = [facts.limits, *(override.limits for override in facts.overrides)]
        self._numbers = {
            path: number for number, item in enumerate(facts.overrides, 1) for path in item.files
        }
        self._thresholds = [
            [Threshold(name, *astuple(limit)) for name, limit in each.items()] for each in self.sets
        ]

    def number(self, path: str) -> int:
        """Return the number of the set that applies to a file, by its path in reports."""
        return self._numbers.get(path, 0)

    def find(self, path: str) -> list[Threshold]:
        """Return the limits of a file."""
        return self._thresholds[self.number(path)]

    def iter_metrics(self) -> Iterator[str]:
        """Yield the metrics that have a limit in any set."""
        return (name for each in self.sets for name in each)
