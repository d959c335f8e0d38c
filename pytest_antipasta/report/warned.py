"""Format values over limits whose level is ``warning``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.report.blocks import Row, find_rows, format_flat, sort_rows
from pytest_antipasta.report.wording import format_named, format_place, format_violation

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


def format_row(row: Row) -> str:
    """Return one line with place, block and all values."""
    first, *others = row.numbers
    place = format_place(row.verdict.path, first.line, row.verdict)
    return f"{place}: {'; '.join((format_named(first), *map(format_violation, others)))}"


def count_warned(verdicts: Sequence[Verdict]) -> str:
    """Return the number of warnings and files as text; empty without warnings."""
    numbers = [len(verdict.warnings) for verdict in verdicts if verdict.warnings]
    return f"{count(sum(numbers), 'warning')} in {count(len(numbers), 'file')}" if numbers else ""
