"""The ways out of a commit that is blocked, in a line, for the worst of its violations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pytest_antipasta.baseline import locate_baseline
from pytest_antipasta.model import CELL, Verdict, Violation
from pytest_antipasta.policy import is_critical
from pytest_antipasta.report.next_step import Invocation
from pytest_antipasta.report.ranking import BY_EXCESS, sort_violations
from pytest_antipasta.report.wording import format_line
from pytest_antipasta.settings import Settings


def format_ways_out(
    failed: Sequence[Verdict], settings: Settings, stand: Invocation, *, may_record: bool
) -> list[str]:
    """Return what can be done about the worst violation: mend it, allow it, or record it.

    Args:
        failed: the files that fail.
        settings: by which they do.
        stand: where the user will run commands.
        may_record: whether to say how it is recorded, which may have been said.
    """
    found = sort_violations(failed, BY_EXCESS, 1)
    if not found:
        return []
    verdict, worst = found[0]
    name = worst.qualified_name
    explain = stand.format_explain(verdict.path, name)
    mend = "make it simpler" if name else "split the file, as all of it counts"
    ways = [f"ways out: {mend} (`{explain}` shows how)"]
    if name is None or not is_critical(settings.critical_functions, verdict.path, name):
        ways += _allow(verdict, name)
        record = f"`{stand.format_command('baseline write', [verdict])}`"
        *others, last = record, *stand.format_staging(locate_baseline(settings))
        ways += [f"record it by {', '.join(others)} and {last}"] * may_record
    return ways


def _allow(verdict: Verdict, name: str | None) -> Iterator[str]:
    """Yield the comment that covers all numbers of a block, or of the file, and where it goes.

    Nothing where the language of the file has none.
    """
    foreign = verdict.measurement.foreign
    if mark := foreign.comment if foreign else "#":
        verb = "ignore" if name else "ignore-file"
        comment = f"{mark} antipasta: {verb}[{_format_ceilings(verdict, name)}] reason"
        yield f"allow it by `{comment}` {_find_place(verdict, name)}"


def _find_place(verdict: Verdict, name: str | None) -> str:
    """Return where the comment goes."""
    for comment in verdict.suppressions:
        if (comment.tool, comment.qualified_name) == ("antipasta", name):
            return f"in place of the comment in {format_line(comment.line, verdict)}"
    if name is None:
        return "on a line of its own"
    if name.startswith(CELL):
        return "on a line of its own before all code of the cell"
    return "on its first line" if verdict.measurement.foreign else "on the line of its `def`"


def _format_ceilings(verdict: Verdict, name: str | None) -> str:
    suppressed = (one for one in verdict.tolerated if one.why == "suppressed")
    numbers = [one for one in (*verdict.violations, *suppressed) if one.qualified_name == name]
    return ", ".join(dict.fromkeys(map(_format_ceiling, numbers)))


def _format_ceiling(violation: Violation) -> str:
    if violation.comparison in ("==", "!="):
        return violation.metric  # no number is the most that these allow
    is_least = violation.comparison in (">", ">=")
    ceiling = math.floor(violation.value) if is_least else math.ceil(violation.value)
    return f"{violation.metric}{'>=' if is_least else '<='}{ceiling}"
