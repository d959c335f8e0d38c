"""Functions whose numbers are close to their limits, as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pytest_antipasta.messages import count
from pytest_antipasta.model import Threshold, Verdict, Violation
from pytest_antipasta.policy import HeadroomFinder
from pytest_antipasta.report.blocks import Row, find_rows, format_concise, sort_rows
from pytest_antipasta.report.warned import format_row


class NearFinder:
    """Finds the functions of files that are within their limits, and close to one of them."""

    def __init__(
        self, ratio: float, find_limits: Callable[[str], Sequence[Threshold]], *, nested_blocks: bool
    ) -> None:
        """Look for numbers from a part of their limits on.

        Args:
            ratio: the part.
            find_limits: gives the limits of a path.
            nested_blocks: whether functions inside functions are looked at.
        """
        self._ratio = ratio
        self._find_limits = find_limits
        self._nested_blocks = nested_blocks
        self._known: dict[tuple[Threshold, ...], HeadroomFinder] = {}

    def find_rows(self, verdicts: Sequence[Verdict]) -> list[Row]:
        """Return the functions, the nearest to a limit first; the verdicts have all of their numbers."""
        return sort_rows(find_rows(verdicts, self._find))

    def _find(self, verdict: Verdict) -> list[Violation]:
        limits = tuple(self._find_limits(verdict.path))
        if (finder := self._known.get(limits)) is None:
            finder = self._known[limits] = HeadroomFinder(limits)
        return [*finder.iter_near(verdict.measurement, self._ratio, nested_blocks=self._nested_blocks)]


def format_near(rows: Sequence[Row], ratio: float, top: int | None = None) -> Iterator[str]:
    """Yield a line for each function that is close to a limit, or for the first ones, or that none is."""
    for row in rows[:top]:
        yield f"near: {format_row(row)}"
    if left := len(rows[top:] if top is not None else ()):
        yield f"and {count(left, 'more function')} from {ratio:g} of a limit on"
    if not rows:
        yield f"no function is at {ratio:g} of a limit or more"


def format_near_concise(rows: Sequence[Row], top: int | None = None) -> Iterator[str]:
    """Yield a line for each of their numbers, as editors and scripts read them."""
    yield from format_concise(rows[:top], "near")
