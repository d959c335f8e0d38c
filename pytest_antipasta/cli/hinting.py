"""The hints below the functions that ``check`` and ``hook`` report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.cli.running import choose_cache_dir
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.messages import can_be_typed
from pytest_antipasta.model.finding import RecentEdits, Row
from pytest_antipasta.model.run import GateVerdict
from pytest_antipasta.policy.limits import is_critical
from pytest_antipasta.report.hints import (
    NO_HINTS,
    Hints,
    find_hints,
    format_hint,
    is_worth_showing,
    iter_steps,
)
from pytest_antipasta.report.next_step import Invocation
from pytest_antipasta.report.rows import Look, find_rows
from pytest_antipasta.report.wording import format_edits
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.cli.hook_parts import HookOptions
    from pytest_antipasta.git.time_budget import TimeBudget

# Seconds in which functions of a hook are tried, besides those that importing what tries them takes.
_PATIENCE = 0.06


def find_hook_hints(
    options: HookOptions, rules: Rules, gate_verdict: GateVerdict, budget: TimeBudget
) -> Hints:
    """Return the plans for functions that fail, as many as the hook has time for."""
    left, rows = min(_PATIENCE, budget.deadline - time.monotonic()), find_rows(gate_verdict.verdicts)
    settings = rules.settings
    is_unasked = options.quiet or options.receive
    if is_unasked or not rules.has_hints or left <= 0 or not rows:
        return NO_HINTS
    from pytest_antipasta.engine.planning import Planner
    from pytest_antipasta.report.contents import read_judged

    read = partial(read_judged, settings.root)  # as `fix` writes to the file on disk
    planner = Planner(read, settings, choose_cache_dir(options, settings))
    return find_hints(rows, planner, rules.thresholds.find, most=None, seconds=left)


def with_hints(
    look: Look, hints: Hints, stand: Invocation, settings: Settings, edits: RecentEdits | None = None
) -> Look:
    """Return a look whose rows have the hint and the steps of their plans, and further remarks.

    These say that nothing is tolerated in a function, and how often it was edited.
    """
    critical = settings.critical_functions

    def advise(row: Row) -> Sequence[str]:
        plan = hints.get(row.key)
        if plan is None or not is_worth_showing(row, plan, critical):
            return ()
        command = stand.format_function("fix", *row.key)
        if not can_be_typed(command):
            return ()
        return (format_hint(row, plan, command, critical), *iter_steps(plan))

    def remark(row: Row) -> str:
        block = row.verdict.by_name.get(row.name)
        is_strict = is_critical(critical, row.verdict.path, block)
        remarks = ("in `critical_functions`" if is_strict else "", format_edits(edits, row.key))
        return ", ".join(filter(None, remarks))

    return replace(look, advise=advise, remark=remark)
