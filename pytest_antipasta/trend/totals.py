"""The totals of one commit after another, updated by the changes of each."""

from __future__ import annotations

from operator import add, sub

from pytest_antipasta.git.history import Commit
from pytest_antipasta.model.trend import CommitTotals
from pytest_antipasta.trend.contributions import Contribution, scale, unscale


class RunningTotals:
    """Exact totals, to which contributions are added and from which they are subtracted."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        self._files = self._errors = self._blocks = self._violations = 0
        self._indexes = {metric: index for index, metric in enumerate(metrics)}
        self._sums, self._counts, self._over, self._excess = ([0] * len(metrics) for _ in range(4))

    def add(self, contribution: Contribution, sign: int = 1) -> None:
        """Add the contribution of a content, or subtract it with the sign -1."""
        self._files += sign
        self._errors += sign * (contribution.error is not None)
        self._blocks += sign * contribution.blocks
        self._violations += sign * len(contribution.violations)
        combine = add if sign > 0 else sub
        self._sums = list(map(combine, self._sums, contribution.sums))
        self._counts = list(map(combine, self._counts, contribution.counts))
        for violation in contribution.violations:
            index = self._indexes[violation.metric]
            self._over[index] += sign
            self._excess[index] += sign * scale(abs(violation.value - violation.threshold))

    def sum_up(self, commit: Commit) -> CommitTotals:
        """Return the totals as those of a commit."""
        sums, excess = (tuple(map(unscale, numbers)) for numbers in (self._sums, self._excess))
        numbers = self._files, self._errors, self._blocks, self._violations
        return CommitTotals(*commit, *numbers, sums, tuple(self._counts), tuple(self._over), excess)
