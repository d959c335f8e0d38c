"""What to do about a blocked commit: simplify, allow or record; one line each, ready to copy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pytest_antipasta.baseline import locate_baseline
from pytest_antipasta.model import CELL, Suppression, Verdict, Violation
from pytest_antipasta.policy import is_critical
from pytest_antipasta.report.blocks import find_rows, sort_rows
from pytest_antipasta.report.next_step import Invocation
from pytest_antipasta.report.wording import format_place
from pytest_antipasta.settings import Settings

# For more files, comments are not proposed.
_MOST_COMMENTS = 3
# How a comment changes the line counts of its file, at the end of a line and on a line of its own.
_COUNTS_COMMENT = ("comment_lines",)
_COUNTS_LINE = ("comment_lines", "lines_of_code", "single_comment_lines")


def iter_ways_out(failed: Sequence[Verdict], settings: Settings, stand: Invocation) -> Iterator[str]:
    """Yield commands and edits that together resolve all violations.

    Args:
        failed: the failing files, with paths relative to the root.
        settings: settings of the check.
        stand: where the user runs commands.
    """
    over = [verdict for verdict in failed if verdict.violations]
    rows = sort_rows(find_rows(over))
    if not rows:
        return
    yield f"simplify  {stand.format_explain(rows[0].verdict.path, rows[0].name)}"
    if any(is_refused(row.verdict, row.name, settings) for row in rows):
        return
    if len(over) <= _MOST_COMMENTS and all(map(_find_mark, over)):
        yield from (f"allow     {_format_comment(verdict, stand)}" for verdict in over)
    reason = " --reason REASON" if settings.new_waivers == "reason" else ""
    record = (
        stand.format_command(f"baseline write{reason}", over),
        *stand.format_staging(locate_baseline(settings)),
    )
    yield f"record    {' && '.join(record)}"


def is_refused(verdict: Verdict, name: str | None, settings: Settings) -> bool:
    """Return whether neither a comment nor the baseline can allow a block, or the file for ``None``."""
    if settings.new_waivers == "fail":
        return True
    return name is not None and is_critical(settings.critical_functions, verdict.path, name)


def propose_comment(verdict: Verdict, name: str | None) -> str:
    """Return a comment that covers all violations of a block, or of a file and its blocks for ``None``."""
    ceilings = ", ".join(_iter_ceilings(verdict, name, _find_counting(verdict, name)))
    verb = "ignore" if name else "ignore-file"
    return f"{_find_mark(verdict)} antipasta: {verb}[{ceilings}] reason"


def _find_mark(verdict: Verdict) -> str:
    """Return the start of a comment in the language of a file; empty if unknown."""
    foreign = verdict.measurement.foreign
    return (foreign.comment or "") if foreign else "#"


def _format_comment(verdict: Verdict, stand: Invocation) -> str:
    """Return the comment that covers all violations of a file, after the place where to write it."""
    names = {violation.qualified_name for violation in verdict.violations}
    name = names.pop() if len(names) == 1 else None
    place = _find_place(verdict, name, stand.format_path(stand.root / verdict.path))
    return f"{place}  {propose_comment(verdict, name)}"


def _find_place(verdict: Verdict, name: str | None, path: str) -> str:
    """Return the place where to write a comment."""
    if (comment := find_own_comment(verdict, name)) is not None:
        return f"replace the comment in {format_place(path, *verdict.measurement.locate(comment.line))} with"
    if name is None:
        return f"on its own line in {path}"
    place = format_place(path, *verdict.measurement.locate(verdict.violations[0].line))
    return f"on its own line before {place}" if name.startswith(CELL) else f"add to {place}"


def find_own_comment(verdict: Verdict, name: str | None) -> Suppression | None:
    """Return the existing antipasta comment of a block, or of the file for ``None``."""
    own = ("antipasta", name)
    found = (
        suppression
        for suppression in verdict.suppressions
        if (suppression.tool, suppression.qualified_name) == own
    )
    return next(found, None)


def _find_counting(verdict: Verdict, name: str | None) -> Sequence[str]:
    """Return the metrics that a new comment would change."""
    if find_own_comment(verdict, name) is not None:
        return ()
    return _COUNTS_LINE if name is None or name.startswith(CELL) else _COUNTS_COMMENT


def _iter_ceilings(verdict: Verdict, name: str | None, counted: Sequence[str]) -> Iterator[str]:
    """Yield each metric with a ceiling that covers all of its values, including suppressed ones."""
    suppressed = [item for item in verdict.tolerated if item.why == "suppressed"]
    numbers: dict[str, list[Violation]] = {}
    for violation in (*verdict.violations, *suppressed):
        if name in (None, violation.qualified_name):
            numbers.setdefault(violation.metric, []).append(violation)
    yield from (_format_ceiling(found, int(metric in counted)) for metric, found in numbers.items())


def _format_ceiling(numbers: Sequence[Violation], more: int) -> str:
    metric, comparison = numbers[0].metric, numbers[0].comparison
    if comparison in ("==", "!="):
        return metric  # without a limit, any value is allowed
    values = [number.value for number in numbers]
    if comparison in (">", ">="):
        return f"{metric}>={math.floor(min(values))}"
    return f"{metric}<={math.ceil(max(values)) + more}"
