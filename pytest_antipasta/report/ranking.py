"""Select the worst violations, for a terminal and for ``check --top`` and ``--sort``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter

from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.report.blocks import BY_PATH, Row, find_rows, format_flat, format_rows, sort_rows
from pytest_antipasta.report.failure import iter_unmeasured, iter_wrong_comments
from pytest_antipasta.report.terminal import Paint, fold_line


def rank(
    verdicts: Sequence[Verdict],
    sort: str,
    top: int | None,
    find_numbers: Callable[[Verdict], Sequence[Violation]] = attrgetter("violations"),
) -> list[Row]:
    """Return the rows in an order: all of them, or the first functions and the first files."""
    rows = sort_rows(find_rows(verdicts, find_numbers), sort)
    if top is None:
        return rows
    groups = _part(rows)
    kept = {id(row) for group in groups for row in group[:top]}
    return [row for row in rows if id(row) in kept]


def iter_ranked(
    verdicts: Sequence[Verdict], sort: str, top: int | None, paint: Paint, width: int | None
) -> Iterator[str]:
    """Yield files that fail for other reasons, then functions and files over a limit.

    Args:
        verdicts: verdicts sorted by path.
        sort: order, as in :func:`sort_rows`.
        top: maximum number of functions, of files, and of files that fail for other reasons; ``None`` for all
            of them, in one list.
        paint: adds colours.
        width: width of the terminal; ``None`` for lines of any length.
    """
    for line in _iter_others(verdicts, top, paint):
        yield from fold_line(line, width)
    rows = sort_rows(find_rows(verdicts), sort)
    if top is None:
        yield from format_rows(rows, paint, width)
        return
    functions, files = _part(rows)
    if functions:
        yield paint(_format_headline(min(top, len(functions)), len(functions), "function", sort), "bold")
        yield from format_rows(functions[:top], paint, width)
    if files:
        yield paint(_format_headline(min(top, len(files)), len(files), "file", sort), "bold")
        yield from chain.from_iterable(format_flat(files[:top], paint, width))


def _iter_others(verdicts: Sequence[Verdict], top: int | None, paint: Paint) -> Iterator[str]:
    """Yield the files that fail without a violation, and invalid comments."""
    others = [verdict for verdict in verdicts if verdict.failed and not verdict.violations]
    yield from iter_unmeasured(others[:top], paint)
    if top is not None and len(others) > top:
        yield f"and {count(len(others) - top, 'more file')}"
    yield from iter_wrong_comments([item for item in verdicts if item.failed])


def _part(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows of functions, and those of files."""
    return [row for row in rows if row.name is not None], [row for row in rows if row.name is None]


def _format_headline(shown: int, number: int, noun: str, sort: str) -> str:
    over = f"{count(number, noun)} over a limit"
    if shown == number:
        return over
    return f"the first {shown} of {over}" if sort == BY_PATH else f"the {shown} worst of {over}"
