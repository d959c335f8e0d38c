"""Format values that do not fail: over limits whose level is ``warning``, and close to their limits."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter

from pytest_antipasta.extension.metrics import default_thresholds, look_up_metric
from pytest_antipasta.messages import count, show_name
from pytest_antipasta.model.finding import Row
from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.rows import (
    Look,
    find_rows,
    format_flat,
    format_rows,
    format_title,
    sort_rows,
)
from pytest_antipasta.report.terminal import fold_line
from pytest_antipasta.settings.values import Settings

_WARNING = "warning: "
_SOME = 3

find_warned = attrgetter("warnings")
"""Returns the warnings of a verdict."""


def is_quiet(warning: Violation) -> bool:
    """Return whether a warning is about a file, and about the default limit of its metric.

    Such values follow the size of a file, and no setting asks for them.
    """
    usual = None if warning.qualified_name else default_thresholds().get(warning.metric)
    return usual is not None and (usual.comparison, usual.limit) == (warning.comparison, warning.threshold)


def find_loud(verdict: Verdict) -> Sequence[Violation]:
    """Return the warnings of a verdict that are listed one by one."""
    return [warning for warning in verdict.warnings if not is_quiet(warning)]


def find_brought(verdict: Verdict) -> Sequence[Violation]:
    """Return the listed warnings that a change adds; unknown for a file that was judged as a whole."""
    return [warning for warning in find_loud(verdict) if warning.change is not None]


def count_warnings(verdicts: Iterable[Verdict]) -> tuple[int, int]:
    """Return the number of warnings that are listed one by one, and of their files."""
    numbers = [len(found) for verdict in verdicts if verdict.warnings and (found := find_loud(verdict))]
    return sum(numbers), len(numbers)


def format_quiet(verdicts: Iterable[Verdict], hint: str = "") -> Iterator[str]:
    """Yield a line for all warnings that are not listed; ``hint`` says how to list them."""
    found = [quiet for verdict in verdicts if (quiet := [*filter(is_quiet, verdict.warnings)])]
    if not found:
        return
    families = dict.fromkeys(look_up_metric(item.metric).family for quiet in found for item in quiet)
    number = count(sum(map(len, found)), "warning")
    yield f"{number} about {count(len(found), 'file')} ({', '.join(families)}){hint and f': {hint}'}"


def format_warned(
    verdicts: Iterable[Verdict],
    hint: str = "",
    find_numbers: Callable[[Verdict], Sequence[Violation]] = find_warned,
    show_path: ShowPath = show_name,
    width: int | None = None,
    *,
    has_all: bool = True,
) -> Iterator[str]:
    """Yield a line for each function and file with values over limits that do not fail.

    Args:
        verdicts: verdicts sorted by path.
        hint: how to see all warnings, for the line about omitted ones.
        find_numbers: returns the relevant warnings of a verdict.
        show_path: converts paths.
        width: width of the terminal; ``None`` for lines of any length.
        has_all: whether to yield all warnings, in the order of the files, and not only the three worst.
    """
    rows = find_rows(verdicts, find_numbers)
    shown = rows if has_all or len(rows) <= _SOME else sort_rows(rows)[:_SOME]
    for first, *others in format_flat(
        shown, Look(width=width and width - len(_WARNING), show_path=show_path)
    ):
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

    limits, finder_of = ThresholdFinder(settings, needs_coverage=None), cache(HeadroomFinder)

    def find(verdict: Verdict) -> list[Violation]:
        own = limits.find(verdict.path).for_content(verdict.measurement)
        near = finder_of(own.keep(metrics) if metrics else own).iter_near
        nested = settings.nested_blocks
        return [*near(verdict.measurement, ratio, verdict.coverage, nested_blocks=nested)]

    return sort_rows(find_rows(verdicts, find))


def format_near(
    rows: Sequence[Row],
    ratio: float,
    top: int | None,
    look: Look,
) -> Iterator[str]:
    """Yield how many functions are close to a limit, and a line for each, or for the first ones.

    Args:
        rows: the functions, the nearest first.
        ratio: fraction of a limit from which on they are listed.
        top: maximum number of functions; ``None`` for all.
        look: how rows are displayed.
    """
    part = f"{ratio * 100:g} %"
    if not rows:
        yield from fold_line(f"no function within the limits has reached {part} of one", look.width)
        return
    shown = rows[:top]
    first = f"the nearest {len(shown):,} of " if len(shown) < len(rows) else ""
    title = f"{first}{count(len(rows), 'function')} within the limits that reached {part} of one"
    yield from format_title(title, look)
    yield from format_rows(shown, look, color="yellow")
