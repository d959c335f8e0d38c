"""Format values that do not fail: over limits whose level is ``warning``, and close to their limits."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter

from pytest_antipasta.messages import count
from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.report.blocks import Row, find_rows, format_flat, sort_rows
from pytest_antipasta.report.wording import format_violation, format_violation_line
from pytest_antipasta.settings.values import Settings

_WARNING = "warning: "
_SOME = 3

find_warned = attrgetter("warnings")
"""Returns the warnings of a verdict."""


def find_brought(verdict: Verdict) -> Sequence[Violation]:
    """Return the warnings that a change adds; unknown for a file that was judged as a whole."""
    return [warning for warning in verdict.warnings if warning.change is not None]


def format_warned(
    verdicts: Iterable[Verdict],
    hint: str = "",
    find_numbers: Callable[[Verdict], Sequence[Violation]] = find_warned,
    width: int | None = None,
    *,
    has_all: bool = True,
) -> Iterator[str]:
    """Yield a line for each function and file with values over limits that do not fail.

    Args:
        verdicts: verdicts sorted by path.
        hint: how to see all warnings, for the line about omitted ones.
        find_numbers: returns the relevant warnings of a verdict.
        width: width of the terminal; ``None`` for lines of any length.
        has_all: whether to yield all warnings, in the order of the files, and not only the three worst.
    """
    rows = find_rows(verdicts, find_numbers)
    shown = rows if has_all or len(rows) <= _SOME else sort_rows(rows)[:_SOME]
    for first, *others in format_flat(shown, width=width and width - len(_WARNING)):
        yield from (_WARNING + first, *others)
    if left := sum(len(row.numbers) for row in rows) - sum(len(row.numbers) for row in shown):
        yield f"and {count(left, 'more warning')}{hint and f'; {hint}'}"


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
    from pytest_antipasta.policy.headroom import HeadroomFinder
    from pytest_antipasta.settings.path_thresholds import ThresholdFinder

    limits, finder_of = ThresholdFinder(settings), cache(HeadroomFinder)

    def find(verdict: Verdict) -> list[Violation]:
        asked = (item for item in limits.find(verdict.path) if not metrics or item.metric in metrics)
        finder = finder_of(tuple(asked))
        return [*finder.iter_near(verdict.measurement, ratio, nested_blocks=settings.nested_blocks)]

    return sort_rows(find_rows(verdicts, find))


def format_near(rows: Sequence[Row], ratio: float, top: int | None = None) -> Iterator[str]:
    """Yield a line for each function close to a limit (or for the first ones), or that there are none."""
    for row in rows[:top]:
        first, *others = row.numbers
        numbers = "; ".join((format_violation_line(row.verdict, first), *map(format_violation, others)))
        yield f"near: {numbers}"
    if left := len(rows[top:] if top is not None else ()):
        yield f"and {count(left, 'more function')} at {ratio:g} of a limit or more"
    if not rows:
        yield f"no function is at {ratio:g} of a limit or more"
