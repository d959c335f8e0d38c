"""How much of a function ran under a test, as coverage.py has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.model.measured import Number

CoverageState: TypeAlias = Literal["known", "stale", "absent"]
"""Whether the data is about a file as it is now, about an older version of it, or not about it at all."""


class Covered(Struct, frozen=True):
    """The statements and branches of a function, and how many of them never ran.

    Attributes:
        statements: of the function without those of functions inside it, excluded ones left out.
        missing: those that never ran.
        branches: the ways out of its lines that have several; 0 where branches were not measured.
        missing_branches: those that were never taken.
    """

    statements: int
    missing: int
    branches: int = 0
    missing_branches: int = 0

    @property
    def share(self) -> float | None:
        """The part of its statements and branches that ran, 0 to 1; ``None`` where it has no statements."""
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
    """What the data says of a file.

    Attributes:
        state: whether it is about this version of the file.
        functions: by the qualified names of functions; empty unless the state is ``known``.
    """

    state: CoverageState
    functions: Mapping[str, Covered] = {}


class CoverageFacts(Struct, frozen=True):
    """What a run says of the coverage data that it has read.

    Attributes:
        source: the path as it was given.
        has_branches: whether branches were measured.
        stale: files of which the data is about an older version.
        absent: files of which the data says nothing.
        notes: what to know of the data.
        unreached_points: cyclomatic complexity of functions whose statements never ran; of a change, of those
            that it adds or modifies.
        unreached: how many functions that are.
    """

    source: str
    has_branches: bool = False
    stale: tuple[str, ...] = ()
    absent: int = 0
    notes: tuple[str, ...] = ()
    unreached_points: Number = 0
    unreached: int = 0

    def __add__(self, other: CoverageFacts) -> CoverageFacts:
        """Return what two runs say that have seen other files."""
        return CoverageFacts(
            self.source,
            self.has_branches or other.has_branches,
            (*self.stale, *other.stale),
            self.absent + other.absent,
            tuple(dict.fromkeys((*self.notes, *other.notes))),
            self.unreached_points + other.unreached_points,
            self.unreached + other.unreached,
        )
