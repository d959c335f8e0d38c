"""The text about failing files: measuring errors, violations, and invalid comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_antipasta.extension import find_metric
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.blocks import find_rows, format_rows, sort_rows
from pytest_antipasta.report.error_kinds import iter_error_facts
from pytest_antipasta.report.terminal import PLAIN, Paint, fold_line
from pytest_antipasta.report.wording import format_beside_limit, format_error_line, iter_error_lines


def format_headline(verdict: Verdict) -> str:
    """Return the failure in one line without the path: the worst value, and the number of others."""
    error = verdict.error
    if error is not None:
        return make_printable(f"not measured ({error.kind}): {error.message}")
    if not verdict.violations:
        if verdict.is_unmeasured:
            return make_printable(verdict.missing[0].message)
        return _format_failing_suppression(verdict)
    row = sort_rows(find_rows([verdict]))[0]
    name = f"{make_printable(row.name)} " if row.name else ""
    more = len(verdict.violations) - 1
    numbers = f"{find_metric(row.worst.metric).label} {format_beside_limit(row.worst)}"
    return f"{name}{numbers}{f', +{more} more' if more else ''}"


def _format_failing_suppression(verdict: Verdict) -> str:
    from pytest_antipasta.report.suppressions import iter_remarks

    failing = (suppression for suppression in verdict.suppressions if suppression.fails)
    return next(iter_remarks(verdict, next(failing)))


def format_failures(
    verdicts: Sequence[Verdict], paint: Paint = PLAIN, width: int | None = None, *, has_paths: bool = True
) -> Iterator[str]:
    """Yield problems of files: missing values, a line for each block over a limit, invalid comments.

    Args:
        verdicts: verdicts with paths as displayed; passing ones are skipped.
        paint: adds colours.
        width: width of the terminal; ``None`` for lines of any length.
        has_paths: whether the lines of blocks follow the path of their file.
    """
    failed = [verdict for verdict in verdicts if verdict.failed]
    for line in iter_unmeasured(failed, paint):
        yield from fold_line(line, width)
    yield from format_rows(find_rows(failed), paint, width, has_paths=has_paths)
    for line in iter_wrong_comments(failed):
        yield from fold_line(line, width)


def iter_unmeasured(verdicts: Sequence[Verdict], paint: Paint = PLAIN) -> Iterator[str]:
    """Yield why files could not be measured, by us or by an extension, and what to do about it."""
    for verdict in verdicts:
        if (error := verdict.error) is not None:
            first, *known = iter_error_lines(verdict.path, verdict.measurement)
            yield paint(first, "red")
            yield from known
            yield from iter_error_facts(verdict.path, error, verdict.measurement)
        else:
            for missing in verdict.missing:
                yield paint(format_error_line(verdict.path, missing), "red")
                yield from iter_error_facts(verdict.path, missing, verdict.measurement)


def iter_wrong_comments(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield problems of comments in failing files."""
    for verdict in verdicts:
        if verdict.suppressions and verdict.error is None:
            from pytest_antipasta.report.suppressions import format_failing

            yield from format_failing(verdict)
