"""The text about failing files: measuring errors, violations, and invalid comments; all, or the worst."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.model.finding import Row
from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.report.error_kinds import iter_error_facts
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.rows import (
    BY_PATH,
    PLAIN_LOOK,
    Look,
    choose_worst,
    find_rows,
    format_flat,
    format_rows,
    format_title,
    part_rows,
    sort_numbers,
    sort_rows,
)
from pytest_antipasta.report.terminal import PLAIN, Paint, fold_lines
from pytest_antipasta.report.wording import (
    describe_error,
    format_beside_limit,
    format_error_line,
    format_known,
)


def format_headline(verdict: Verdict) -> str:
    """Return the failure in one line without the path: the worst value, and how many more rows there are.

    Of a skipped notebook, return the reason.
    """
    if verdict.other_kernel is not None:
        return make_printable(f"a notebook with a kernel other than Python: {verdict.other_kernel}")
    if verdict.is_unmeasured:
        return make_printable(describe_error(verdict.errors[0]))
    if not verdict.violations:
        from pytest_antipasta.report.suppressions import iter_remarks

        return next(iter_remarks(verdict, next(filter(attrgetter("fails"), verdict.suppressions))))
    row, *others = sort_rows(find_rows([verdict]))
    name = f"{make_printable(row.name)} " if row.name else ""
    worst = sort_numbers(row)[0]
    numbers = f"{look_up_metric(worst.metric).label} {format_beside_limit(worst)}"
    return f"{name}{numbers}{f', +{len(others)} more' if others else ''}"


def find_worst(verdict: Verdict) -> Violation:
    """Return the value that is farthest over its limit, of a file with violations; functions come first."""
    return sort_numbers(sort_rows(find_rows([verdict]))[0])[0]


def format_failures(
    verdicts: Sequence[Verdict], look: Look = PLAIN_LOOK, *, is_flat: bool = False
) -> Iterator[str]:
    """Yield the problems of failing files: errors, a line for each block over a limit, invalid comments.

    With ``is_flat``, each row begins with its path, which otherwise is above the rows of its file.
    """
    failed = [verdict for verdict in verdicts if verdict.failed]
    yield from fold_lines(iter_unmeasured(failed, look.show_path, look.paint), look.width)
    rows = find_rows(failed)
    yield from chain.from_iterable(format_flat(rows, look)) if is_flat else format_rows(rows, look)
    yield from fold_lines(iter_wrong_comments(failed, look.show_path), look.width)


def iter_unmeasured(verdicts: Sequence[Verdict], show_path: ShowPath, paint: Paint = PLAIN) -> Iterator[str]:
    """Yield why files could not be measured, by us or by an extension, and what to do about it."""
    for verdict in verdicts:
        for line, below in iter_errors(verdict, show_path):
            yield paint(line, "red")
            yield from below


def iter_errors(verdict: Verdict, show_path: ShowPath) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield a line for each reason why a file could not be measured, and the lines below it."""
    path, measurement = verdict.path, verdict.measurement
    for error in verdict.missing if verdict.error is None else (verdict.error,):
        known = format_known(measurement) if error is verdict.error else ""
        below = [f"    {known}"] if known else []
        yield (
            format_error_line(show_path(path), error),
            [*below, *iter_error_facts(path, error, measurement)],
        )


def iter_wrong_comments(verdicts: Sequence[Verdict], show_path: ShowPath) -> Iterator[str]:
    """Yield problems of comments in failing files."""
    for verdict in verdicts:
        if verdict.suppressions and verdict.error is None:
            from pytest_antipasta.report.suppressions import format_remarks

            yield from format_remarks(verdict, show_path, of_failure=True)


def iter_ranked(
    verdicts: Sequence[Verdict], rows: Sequence[Row], sort: str | None, top: int | None, look: Look
) -> Iterator[str]:
    """Yield why values are missing, and invalid comments, then functions and files over a limit.

    Args:
        verdicts: verdicts sorted by path.
        rows: the functions and files over a limit, sorted.
        sort: their order, as in :func:`sort_rows`.
        top: maximum number of functions, of files, and of files without values; ``None`` for all of them, in
            one list.
        look: how rows are displayed.
    """
    yield from fold_lines(_iter_others(verdicts, top, look), look.width)
    if top is None:
        yield from format_rows(rows, look)
        return
    (functions, files), (worst, worst_files) = part_rows(rows), part_rows(choose_worst(rows, top))
    if functions:
        title = _describe_shown(len(worst), len(functions), "function", sort)
        if worst != functions[:top]:
            title += ", inner functions left out"
        yield from format_title(title, look)
        yield from format_rows(worst, look)
    if files:
        yield from format_title(_describe_shown(len(worst_files), len(files), "file", sort), look)
        yield from chain.from_iterable(format_flat(worst_files, look))


def _iter_others(verdicts: Sequence[Verdict], top: int | None, look: Look) -> Iterator[str]:
    """Yield why values are missing in files that fail, and invalid comments."""
    others = [verdict for verdict in verdicts if verdict.failed and verdict.errors]
    yield from iter_unmeasured(others[:top], look.show_path, look.paint)
    if top is not None and len(others) > top:
        yield f"and {count(len(others) - top, 'more file')}"
    yield from iter_wrong_comments([item for item in verdicts if item.failed], look.show_path)


def _describe_shown(shown: int, number: int, noun: str, sort: str | None) -> str:
    over = f"{count(number, noun)} over a limit"
    if shown == number:
        return over
    number_shown = "" if shown == 1 else f"{shown:,} "
    return (
        f"the first {number_shown}of {over}"
        if sort in (None, BY_PATH)
        else f"the {number_shown}worst of {over}"
    )
