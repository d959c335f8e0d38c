"""The ways out of a commit that is blocked, in a line, for the worst of its violations."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_antipasta.baseline import locate_baseline
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import is_critical
from pytest_antipasta.report.next_step import Invocation, rank_violation
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
    found = [(verdict, violation) for verdict in failed for violation in verdict.violations]
    if not found:
        return []
    verdict, worst = max(found, key=lambda pair: rank_violation(pair[1]))
    name = worst.qualified_name
    explain = stand.format_explain(verdict, name)
    mend = "make it simpler" if name else "split the file, as all of it counts"
    ways = [f"ways out: {mend} (`{explain}` shows how)"]
    if name is None or not is_critical(settings.critical_functions, verdict.path, name):
        ways.append(_allow(verdict, name))
        stage = f"git add {stand.format_path(locate_baseline(settings))}"
        ways += [f"record it by `{stand.format_record([verdict])}` and `{stage}`"] * may_record
    return ways


def _allow(verdict: Verdict, name: str | None) -> str:
    """Return the comment that covers all numbers of a block, or of the file, and where it goes."""
    suppressed = (one for one in verdict.tolerated if one.why == "suppressed")
    numbers = [one for one in (*verdict.violations, *suppressed) if one.qualified_name == name]
    ceilings = ", ".join(dict.fromkeys(map(_format_ceiling, numbers)))
    where = "on the line of its `def`" if name else "on a line of its own"
    for comment in verdict.suppressions:
        if (comment.tool, comment.qualified_name) == ("antipasta", name):
            where = f"in place of the comment in line {comment.line}"
    return f"allow it by `# antipasta: {'ignore' if name else 'ignore-file'}[{ceilings}] reason` {where}"


def _format_ceiling(violation: Violation) -> str:
    is_least = violation.comparison in (">", ">=")
    ceiling = math.floor(violation.value) if is_least else math.ceil(violation.value)
    return f"{violation.metric}{'>=' if is_least else '<='}{ceiling}"
