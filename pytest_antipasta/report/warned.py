"""Numbers that are over limits whose level is ``warning``, as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.blocks import Row, find_rows, sort_rows
from pytest_antipasta.report.wording import format_named, format_place, format_violation

find_warned = attrgetter("warnings")
"""Gives the warnings of a verdict."""


def format_warned(verdicts: Iterable[Verdict], most: int | None = None, hint: str = "") -> Iterator[str]:
    """Yield a line for each function and each file with numbers over limits that fail nothing.

    Args:
        verdicts: in the order of their paths.
        most: show the worst ones alone where there are more; ``None`` for all, in the order of the files.
        hint: how to see all of them, for the line that says how many are left out.
    """
    rows = find_rows(verdicts, find_warned)
    shown = rows if most is None or len(rows) <= most else sort_rows(rows)[:most]
    for row in shown:
        yield f"warning: {format_place(row.verdict.path, row.numbers[0].line, row.verdict)}: {_format(row)}"
    if left := len(rows) - len(shown):
        yield f"and {count(left, 'more warning')}{hint and f'; {hint}'}"


def _format(row: Row) -> str:
    first, *others = row.numbers
    return "; ".join((format_named(first), *map(format_violation, others)))


def count_warned(verdicts: Sequence[Verdict]) -> str:
    """Return how many warnings there are in how many files; empty without any."""
    numbers = [len(verdict.warnings) for verdict in verdicts if verdict.warnings]
    return f"{count(sum(numbers), 'warning')} in {count(len(numbers), 'file')}" if numbers else ""
