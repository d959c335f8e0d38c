"""The totals of one commit after another, brought up to date by what each changes."""

from __future__ import annotations

from operator import add, sub

from pytest_antipasta.git import Commit
from pytest_antipasta.model import CommitTotals
from pytest_antipasta.trend.contributions import Contribution, scale, unscale


class Totals:
    """Totals that contributions are added to and taken away from, all of them exact."""

    def __init__(self, metrics: tuple[str, ...]) -> None:
        """Begin with nothing."""
        self._places = {metric: place for place, metric in enumerate(metrics)}
        self._files = self._errors = self._blocks = self._violations = 0
        self._sums, self._counts, self._over, self._excess = ([0] * len(metrics) for _ in range(4))

    def add(self, contribution: Contribution, sign: int = 1) -> None:
        """Add what a content contributes, or take it away with the sign -1."""
        self._files += sign
        self._errors += sign * (contribution.error is not None)
        self._blocks += sign * contribution.blocks
        self._violations += sign * len(contribution.violations)
        combine = add if sign > 0 else sub
        self._sums = list(map(combine, self._sums, contribution.sums))
        self._counts = list(map(combine, self._counts, contribution.counts))
        for violation in contribution.violations:
            place = self._places[violation.metric]
            self._over[place] += sign
            self._excess[place] += sign * scale(abs(violation.value - violation.threshold))

    def sum_up(self, commit: Commit) -> CommitTotals:
        """Return the totals as those of a commit."""
        return CommitTotals(
            *commit,
            self._files,
            self._errors,
            self._blocks,
            self._violations,
            tuple(map(unscale, self._sums)),
            tuple(self._counts),
            tuple(self._over),
            tuple(map(unscale, self._excess)),
        )
