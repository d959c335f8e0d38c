"""Format functions whose values are close to their limits."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import cache

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import HeadroomFinder
from pytest_antipasta.report.blocks import Row, find_rows, format_concise, sort_rows
from pytest_antipasta.report.warned import format_row
from pytest_antipasta.settings import Settings, ThresholdFinder


def find_near(
    verdicts: Sequence[Verdict], settings: Settings, ratio: float, metrics: Container[str] | None = None
) -> list[Row]:
    """Return the functions within a limit and close to it, the nearest first.

    Args:
        verdicts: verdicts with all values.
        settings: settings with the limits.
        ratio: fraction of a limit from which on a value counts as close.
        metrics: the selected metrics; ``None`` for all.
    """
    limits, finder_of = ThresholdFinder(settings), cache(HeadroomFinder)

    def find(verdict: Verdict) -> list[Violation]:
        asked = (item for item in limits.find(verdict.path) if not metrics or item.metric in metrics)
        finder = finder_of(tuple(asked))
        return [*finder.iter_near(verdict.measurement, ratio, nested_blocks=settings.nested_blocks)]

    return sort_rows(find_rows(verdicts, find))


def format_near(rows: Sequence[Row], ratio: float, top: int | None = None) -> Iterator[str]:
    """Yield a line for each function close to a limit (or for the first ones), or that there are none."""
    for row in rows[:top]:
        yield f"near: {format_row(row)}"
    if left := len(rows[top:] if top is not None else ()):
        yield f"and {count(left, 'more function')} at {ratio:g} of a limit or more"
    if not rows:
        yield f"no function is at {ratio:g} of a limit or more"


def format_near_concise(rows: Sequence[Row], top: int | None = None) -> Iterator[str]:
    """Yield a line for each of these values, for editors and scripts."""
    yield from format_concise(rows[:top], "near")
