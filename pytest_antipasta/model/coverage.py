"""How much of a function ran in tests, according to coverage.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from pytest_antipasta.model.measured import Number


class Covered(Struct, frozen=True):
    """The statements and branches of a function, and how many of them never ran.

    Attributes:
        statements: number of statements, without excluded ones and those of inner functions.
        missing: number of statements that never ran.
        branches: number of exits of lines with several exits; 0 if branches were not measured.
        missing_branches: number of branches that were never taken.
    """

    statements: int
    missing: int
    branches: int = 0
    missing_branches: int = 0

    @property
    def share(self) -> float | None:
        """The part of its statements and branches that ran, 0 to 1; ``None`` without statements."""
        whole = self.statements + self.branches
        return 1 - (self.missing + self.missing_branches) / whole if self.statements else None

    @property
    def is_unreached(self) -> bool:
        """Whether none of its own statements ever ran."""
        return 0 < self.statements == self.missing

    def find_crap(self, complexity: Number | None) -> float | None:
        """Return complexity² x (1 - share)³ + complexity, rounded to two decimals; ``None`` without a share.

        The formula is that of Savoia and Evans, "Change Risk Anti-Patterns" (2007).
        """
        if complexity is None or (share := self.share) is None:
            return None
        return round(complexity**2 * (1 - share) ** 3 + complexity, 2)


class FileCoverage(Struct, frozen=True):
    """Coverage data of a file.

    Attributes:
        state: whether the data is for this version of the file, for an older one, or missing.
        functions: data by qualified name of the function; empty unless the state is ``known``.
    """

    state: Literal["known", "stale", "absent"]
    functions: Mapping[str, Covered] = {}


class CoverageFacts(Struct, frozen=True):
    """Facts about the coverage data of a run.

    Attributes:
        source: the path as the user gave it.
        has_branches: whether branches were measured.
        stale: files with data of an older version, sorted.
        newer: files with data that are newer on disk than it, sorted.
        absent: number of files without data.
        example: path of a file in the data if none of the judged files is in it; empty otherwise.
        notes: notes about the data for the user.
        unreached_points: cyclomatic complexity of functions whose statements never ran; for a change, only of
            functions that it adds or modifies.
        unreached: number of these functions.
    """

    source: str
    has_branches: bool = False
    stale: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()
    absent: int = 0
    example: str = ""
    notes: tuple[str, ...] = ()
    unreached_points: Number = 0
    unreached: int = 0

    def __add__(self, other: CoverageFacts) -> CoverageFacts:
        """Return the facts of two runs over different files."""
        return CoverageFacts(
            self.source,
            self.has_branches or other.has_branches,
            tuple(sorted((*self.stale, *other.stale))),
            tuple(sorted((*self.newer, *other.newer))),
            self.absent + other.absent,
            self.example and other.example,
            tuple(dict.fromkeys((*self.notes, *other.notes))),
            self.unreached_points + other.unreached_points,
            self.unreached + other.unreached,
        )
