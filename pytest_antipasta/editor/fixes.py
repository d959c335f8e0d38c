"""Fixes for a function over a limit: the steps of its proven plan, as edits of the buffer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_antipasta.editor.actions import Action, Replacement, iter_blocks
from pytest_antipasta.editor.buffers import JudgedBuffer
from pytest_antipasta.engine.planning import Planner
from pytest_antipasta.files.words import find_use
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.report.hints import find_hints, format_step, format_steps
from pytest_antipasta.report.rows import find_rows

if TYPE_CHECKING:
    from pytest_antipasta.advice.plan import Plan, Step

# Behind each line end of the protocol.
_NEXT_LINE = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


def find_fixes(judged: JudgedBuffer, first: int, last: int) -> Iterator[Action]:
    """Yield the fixes of the functions in some lines, which are 1-based: the first step, then all steps."""
    for block in iter_blocks(judged, first, last):
        name = block.qualified_name
        if (plan := _find_plan(judged, name)) is None:
            continue
        yield _make_fix(judged, name, _format_title(plan.steps[0]), plan.steps[:1])
        if len(plan.steps) > 1:
            yield _make_fix(judged, name, f"All {format_steps(plan)}", plan.steps)


def _find_plan(judged: JudgedBuffer, name: str) -> Plan | None:
    """Return the plan for a function of a buffer, which is searched once; ``None`` if it has none."""
    if name not in judged.plans:
        judged.plans[name] = _search_plan(judged, name)
    return judged.plans[name]


def _search_plan(judged: JudgedBuffer, name: str) -> Plan | None:
    rules = judged.rules
    rows = [row for row in find_rows([judged.verdict]) if row.name == name] if rules.has_hints else []
    if not rows:
        return None
    planner = Planner(lambda _: judged.data, rules.settings, None)
    hints = find_hints(rows, planner, rules.thresholds.find)
    plan = hints.get((judged.verdict.path, name))
    return None if plan is None or _has_used_name(judged, plan) else plan


def _has_used_name(judged: JudgedBuffer, plan: Plan) -> bool:
    """Return whether another file uses the name of a new method: a base or a subclass may have it."""
    heads = [helper.signature.partition("(")[0] for helper in plan.helpers if helper.is_method]
    methods = [head.rpartition(" ")[2] for head in heads]
    try:
        return find_use(judged.rules.settings, methods, judged.verdict.path) is not None
    except UsageError:  # the settings name a path that does not exist
        return True


def _format_title(step: Step) -> str:
    """Return what a step does, with its values and the function that it adds."""
    text = format_step(step)
    text = f"{text[0].upper()}{text[1:]}"
    return f"{text}: {make_printable(step.helper.signature)}" if step.helper else text


def _make_fix(judged: JudgedBuffer, name: str, title: str, steps: tuple[Step, ...]) -> Action:
    from pytest_antipasta.advice.edits import apply_edits

    edits = (edit for step in steps for edit in step.edits)
    return Action(title, name, _compare(judged.text, apply_edits(judged.text, edits)))


def _compare(before: str, after: str) -> Replacement:
    """Return the edit of whole lines that makes one text of another, which differs."""
    old, new = _NEXT_LINE.split(before), _NEXT_LINE.split(after)
    most = min(len(old), len(new))
    start = next((index for index in range(most) if old[index] != new[index]), most)
    end = next((index for index in range(most - start) if old[-1 - index] != new[-1 - index]), most - start)
    stop = len(old) - end
    text = "".join(new[start : len(new) - end])
    if end:
        return Replacement(start, 0, 0, text, stop)
    return Replacement(start, 0, len(old[-1]), text, stop - 1)
