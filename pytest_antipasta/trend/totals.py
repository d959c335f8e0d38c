"""The totals of one commit after another, updated by the changes of each."""

from __future__ import annotations

from operator import add, sub
from typing import TypeAlias

from pytest_antipasta.git.history import Commit
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.trend import CommitTotals
from pytest_antipasta.trend.contributions import Contribution, unscale

_Rows: TypeAlias = "tuple[tuple[Number, ...], tuple[int, ...], tuple[int, ...], tuple[Number, ...]]"


class RunningTotals:
    """Exact totals, to which contributions are added and from which they are subtracted."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        """Start with zero."""
        self._files = self._errors = self._blocks = self._violations = 0
        self._sums, self._counts, self._over, self._excess = ([0] * len(metrics) for _ in range(4))
        # Cached, as many commits change no source file.
        self._rows: _Rows | None = None

    def add(self, contribution: Contribution, sign: int = 1) -> None:
        """Add the contribution of a content, or subtract it with the sign -1."""
        self._files += sign
        self._errors += sign * (contribution.error is not None)
        self._blocks += sign * contribution.blocks
        self._violations += sign * len(contribution.violations)
        combine = add if sign > 0 else sub
        self._sums = list(map(combine, self._sums, contribution.sums))
        self._counts = list(map(combine, self._counts, contribution.counts))
        if contribution.violations:
            self._over = list(map(combine, self._over, contribution.over))
            self._excess = list(map(combine, self._excess, contribution.excess))
        self._rows = None

    def sum_up(self, commit: Commit) -> CommitTotals:
        """Return the totals as those of a commit."""
        if self._rows is None:
            sums, excess = (tuple(map(unscale, numbers)) for numbers in (self._sums, self._excess))
            self._rows = sums, tuple(self._counts), tuple(self._over), excess
        sums, counts, over, excess = self._rows
        numbers = self._files, self._errors, self._blocks, self._violations
        return CommitTotals(*commit, *numbers, sums, counts, over, excess)
