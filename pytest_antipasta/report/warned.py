"""Numbers that are over limits whose level is ``warning``, as lines of text."""

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
"""Gives the warnings of a verdict."""


def find_brought(verdict: Verdict) -> Sequence[Violation]:
    """Return the warnings that a change brings; of a file that was judged whole that is not known."""
    return [one for one in verdict.warnings if one.change is not None]


def format_warned(
    verdicts: Iterable[Verdict],
    hint: str = "",
    find_numbers: Callable[[Verdict], Sequence[Violation]] = find_warned,
    width: int | None = None,
    *,
    has_all: bool = True,
) -> Iterator[str]:
    """Yield a line for each function and each file with numbers over limits that fail nothing.

    Args:
        verdicts: in the order of their paths.
        hint: how to see all of them, for the line that says how many are left out.
        find_numbers: gives the warnings of a verdict that are looked at.
        width: of the terminal; ``None`` for lines of any length.
        has_all: yield all of them, in the order of the files; otherwise the three worst.
    """
    rows = find_rows(verdicts, find_numbers)
    shown = rows if has_all or len(rows) <= _SOME else sort_rows(rows)[:_SOME]
    for line in format_flat(shown, width=width and width - len(_WARNING)):
        yield line if line.startswith(" ") else _WARNING + line
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
