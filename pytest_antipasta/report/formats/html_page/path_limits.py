"""The limits of each path, as an HTML report has them: numbered sets, of which each file names one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from pytest_antipasta.model import Threshold

Limits: TypeAlias = Mapping[str, Mapping[str, Any]]


class PathLimits:
    """The sets of limits that hold in a run.

    Attributes:
        sets: that of the settings, then those of some paths.
    """

    def __init__(self, run: Mapping[str, Any]) -> None:
        """Know the limits of a run, and which paths have others."""
        overrides = run["overrides"]
        self.sets: list[Limits] = [run["limits"], *(one["limits"] for one in overrides)]
        self._numbers = {path: number for number, one in enumerate(overrides, 1) for path in one["files"]}
        self._thresholds = [[Threshold(name, **limit) for name, limit in each.items()] for each in self.sets]

    def number(self, path: str) -> int:
        """Return the number of the set that holds for a file, by the path that reports have."""
        return self._numbers.get(path, 0)

    def find(self, path: str) -> list[Threshold]:
        """Return the limits of a file."""
        return self._thresholds[self.number(path)]

    def iter_metrics(self) -> Iterator[str]:
        """Yield the metrics that have a limit anywhere."""
        return (name for each in self.sets for name in each)
