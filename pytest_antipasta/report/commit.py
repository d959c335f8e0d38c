"""What the commit gate says: one line a number, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from pytest_antipasta.gate import GateVerdict
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.wording import (
    count,
    format_error_line,
    format_known,
    format_violation,
    format_violation_line,
)


def format_gate(result: GateVerdict) -> Iterator[str]:
    """Yield what is wrong with a change, what is tolerated, and what to do next; nothing when all is well."""
    for verdict in result.verdicts:
        yield from _format_file(verdict)
    if result.left_out:
        yield f"warning: not judged for want of time: {', '.join(result.left_out)} (see `time_budget`)"
    if result.unreadable:
        yield f"warning: not judged, git does not have them: {', '.join(result.unreadable)}"
    failed = [verdict for verdict in result.verdicts if verdict.failed]
    if failed:
        numbers = sum(len(verdict.violations) for verdict in failed)
        paths = " ".join(quote(verdict.path) for verdict in failed[:3])
        what = f"{count(numbers, 'number')} over the limit" if numbers else "not measured"
        where = f"{count(len(failed), 'file')} of this change"
        yield f"{what} in {where}; `pytest-antipasta check {paths}` shows more"


def _format_file(verdict: Verdict) -> Iterator[str]:
    error = verdict.measurement.error
    if error is not None:
        yield format_error_line(verdict.path, error)
        if known := format_known(verdict):
            yield f"    {known}"
    for violation in verdict.violations:
        yield format_violation_line(verdict.path, violation)
    of_file = [one for one in verdict.tolerated if one.qualified_name is None and one.value != one.before]
    if of_file:
        yield f"tolerated: {verdict.path}: over before: {'; '.join(map(format_violation, of_file))}"
    for tolerated in verdict.tolerated:
        if tolerated.qualified_name is not None:
            yield f"tolerated: {format_violation_line(verdict.path, tolerated)}, over before"
