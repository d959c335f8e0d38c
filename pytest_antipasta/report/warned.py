"""Numbers that are over limits whose level is ``warning``, as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.report.blocks import Row, find_rows, sort_rows
from pytest_antipasta.report.wording import format_named, format_place, format_violation

find_warned = attrgetter("warnings")
"""Gives the warnings of a verdict."""


def find_brought(verdict: Verdict) -> Sequence[Violation]:
    """Return the warnings that a change brings; of a file that was judged whole that is not known."""
    return [one for one in verdict.warnings if one.change is not None]


def format_warned(
    verdicts: Iterable[Verdict],
    most: int | None = None,
    hint: str = "",
    find_numbers: Callable[[Verdict], Sequence[Violation]] = find_warned,
) -> Iterator[str]:
    """Yield a line for each function and each file with numbers over limits that fail nothing.

    Args:
        verdicts: in the order of their paths.
        most: show the worst ones alone where there are more; ``None`` for all, in the order of the files.
        hint: how to see all of them, for the line that says how many are left out.
        find_numbers: gives the warnings of a verdict that are looked at.
    """
    rows = find_rows(verdicts, find_numbers)
    shown = rows if most is None or len(rows) <= most else sort_rows(rows)[:most]
    for row in shown:
        yield f"warning: {format_row(row)}"
    if left := len(rows) - len(shown):
        yield f"and {count(left, 'more warning')}{hint and f'; {hint}'}"


def format_row(row: Row) -> str:
    """Return one line with place, block and all numbers."""
    first, *others = row.numbers
    place = format_place(row.verdict.path, first.line, row.verdict)
    return f"{place}: {'; '.join((format_named(first), *map(format_violation, others)))}"


def count_warned(verdicts: Sequence[Verdict]) -> str:
    """Return how many warnings there are in how many files; empty without any."""
    numbers = [len(verdict.warnings) for verdict in verdicts if verdict.warnings]
    return f"{count(sum(numbers), 'warning')} in {count(len(numbers), 'file')}" if numbers else ""
