"""What makes functions over their limits simpler: plans that were applied, measured and proven, in words.

See :mod:`pytest_antipasta.advice` for the plans. Only functions over a limit of cyclomatic or cognitive
complexity have them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from itertools import chain, pairwise, repeat
from math import ceil, inf
from operator import or_
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from msgspec import Struct

from pytest_antipasta.extension.metrics import look_up_metric, rank_metric
from pytest_antipasta.messages import can_be_typed, count, make_printable
from pytest_antipasta.model.finding import FunctionKey, Row
from pytest_antipasta.model.judged import Threshold, Tolerated, Verdict, Violation
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import CELL, Block, Number
from pytest_antipasta.policy.limits import (
    allows,
    excess_ratio,
    find_block_threshold,
    is_critical,
    is_worse,
    satisfies,
    was_over,
)
from pytest_antipasta.report.terminal import Paint, clip_line

if TYPE_CHECKING:
    from pytest_antipasta.advice.aims import Aims, Scores
    from pytest_antipasta.advice.plan import Plan, Step

LOWERED = ("cognitive_complexity", "cyclomatic_complexity")
"""The metrics that plans lower, in the order of :class:`Scores`."""
# Metrics of which a new function can have more than the function that it is taken from.
_OF_NEW = ("parameters", "positional_parameters")
# The share of what is over a limit that a plan must remove to be shown without being requested.
_LEAST_SHARE = 0.25
MOST_TRIED = 10
"""How many functions of a run are tried, if no clock bounds it."""


Hints: TypeAlias = "Mapping[FunctionKey, Plan]"
"""The plans that were found for functions of a run."""
PLACEHOLDER = "NAME"
"""What commands have for the name of a new function, which the user chooses."""
NO_HINTS: Hints = {}
DIFF_COLORS = {"+": "green", "-": "red", "@": "cyan"}
"""Colours of a diff's lines, by their first characters."""


class Advice(Struct, frozen=True):
    """The proven steps for a function.

    Attributes:
        plan: the steps.
        text: the text of the file that they are for.
        command: the command that writes them, without the names of new functions.
    """

    plan: Plan
    text: str
    command: str


class PlanFinder(Protocol):
    """Finds plans, and keeps them."""

    def find(self, verdict: Verdict, name: str, aims: Aims) -> Plan | None:
        """Return a plan for a function of a file; ``None`` if nothing makes it simpler."""

    def close(self) -> None:
        """Keep what was found."""


def find_hints(
    rows: Iterable[Row],
    planner: PlanFinder,
    find_limits: Callable[[str], PathLimits],
    *,
    most: int | None = MOST_TRIED,
    seconds: float | None = None,
) -> Hints:
    """Try the functions among some rows, those that are least over their limits first.

    Args:
        rows: the rows, with paths relative to the root.
        planner: finds the plans; it is closed afterwards.
        find_limits: returns the limits of a file by its path.
        most: how many functions are tried; ``None`` for all.
        seconds: how long they may take, see :func:`has_time`; ``None`` for any time.
    """
    functions = sorted(filter(can_be_tried, rows), key=_rank)[:most]
    if not functions:
        return NO_HINTS
    plans: dict[FunctionKey, Plan] = {}
    times: list[float] = []
    with closing(planner):
        for row in functions:
            times.append(time.monotonic())
            if seconds is not None and not has_time(times, seconds):
                break
            path, name = row.key
            aims = select_aims(row.verdict, name, find_limits(path))
            if plan := planner.find(row.verdict, name, aims):
                plans[path, name] = plan
    return plans


def has_time(times: Sequence[float], seconds: float) -> bool:
    """Return whether there is time to try another function: as much as the longest one took.

    ``times`` are those when each was begun, and now. The first function is always tried.
    """
    longest = max((after - before for before, after in pairwise(times)), default=0.0)
    return times[-1] + longest <= times[0] + seconds


def select_aims(verdict: Verdict, name: str, limits: PathLimits) -> Aims:
    """Return the limits that a plan for a function, and the functions that it adds, must keep to.

    A limit that the function exceeds without being over it, such as that of a suppressed value, is left out
    for the function itself.

    Args:
        verdict: verdict on the file.
        name: qualified name of the function.
        limits: the limits of the file.
    """
    own = limits.for_content(verdict.measurement).keep((*LOWERED, *_OF_NEW))
    block = verdict.by_name[name]
    over = {number.metric for number in verdict.over_limits if number.qualified_name == name}
    found = _find_most(own.of(block))
    for metric, most in found.items():
        value = getattr(block, metric)
        if metric not in over and (value is None or value > most):
            found[metric] = inf
    return _make_aims(found)._replace(find_new=_NewLimits(own))


def describe_standing(verdict: Verdict, name: str) -> str:
    """Return whether a function is within its limits, and which it is over if plans lower none of these."""
    over = [number.metric for number in verdict.over_limits if number.qualified_name == name]
    if not over:
        return "within its limits"
    if any(metric in LOWERED for metric in over):
        return "still over the limit"
    return f"still over the limit of {', '.join(look_up_metric(metric).label for metric in over)}"


class _NewLimits(Struct, frozen=True, dict=True):
    """The limits of functions that a plan adds to a file.

    Attributes:
        limits: the limits of the file.
    """

    limits: PathLimits

    def __call__(self, name: str, decorators: tuple[str, ...]) -> Aims:
        """Return the limits of a function, by its qualified name and its decorators."""
        if (name, decorators) not in self._known:
            bare = name.rpartition(".")[2]
            block = Block(
                name=bare, qualified_name=name, kind="function", line=1, end_line=1, decorators=decorators
            )
            self._known[name, decorators] = _make_aims(_find_most(self.limits.of(block)))
        return self._known[name, decorators]

    @cached_property
    def _known(self) -> dict[tuple[str, tuple[str, ...]], Aims]:
        return {}


def _find_most(thresholds: Iterable[Threshold]) -> dict[str, float]:
    """Return the maximum of each metric that plans lower or could raise; ``inf`` without one."""
    found = dict.fromkeys((*LOWERED, *_OF_NEW), inf)
    for threshold in filter(None, map(find_block_threshold, thresholds)):
        if threshold.metric in found and threshold.comparison in ("<", "<="):
            is_allowed = threshold.comparison == "<="
            found[threshold.metric] = threshold.limit if is_allowed else ceil(threshold.limit) - 1
    return found


def _make_aims(most: Mapping[str, float]) -> Aims:
    from pytest_antipasta.advice.aims import Aims

    cognitive, cyclomatic = (most[metric] for metric in LOWERED)
    return Aims(cognitive, cyclomatic, min(most[metric] for metric in _OF_NEW))


def can_be_tried(row: Row) -> bool:
    """Return whether a row is a function in Python that a plan can make simpler."""
    measurement, name = row.verdict.measurement, row.name
    if name is None or name.startswith(CELL) or measurement.foreign is not None or measurement.has_cells:
        return False
    # Without points it is in another function, or complexipy can't parse the file.
    has_points = row.verdict.by_name[name].cognitive_complexity is not None
    return has_points and any(number.metric in LOWERED for number in row.numbers)


def _rank(row: Row) -> tuple[float, str, str]:
    return max(map(excess_ratio, row.numbers)), *row.key


def is_worth_showing(row: Row, plan: Plan, critical: Sequence[str]) -> bool:
    """Return whether a plan is enough to pass, or removes much of what is over a limit.

    In functions that the patterns ``critical`` select, nothing is tolerated.
    """
    after = _make_values(plan.after)
    numbers = [number for number in row.numbers if number.metric in after]
    saved = ((number.value - after[number.metric], number.value - number.threshold) for number in numbers)
    is_enough = plan.within or _name_tolerance(row, plan, critical) != ""
    return is_enough or any(_LEAST_SHARE * over <= less for less, over in saved)


def _name_tolerance(row: Row, plan: Plan, critical: Sequence[str]) -> str:
    """Return why the values that a plan leaves over their limits pass; an empty text if one does not."""
    if is_critical(critical, row.verdict.path, row.verdict.by_name.get(row.name)):
        return ""
    over = _list_left(row, plan)
    is_undone = [_is_undone(*pair) for pair in over]
    if over and all(is_undone):
        return ", no worse than before"
    # Values over their limits that are not in the row are tolerated, and no step raises them.
    is_tolerated = (_is_tolerated(row.verdict, *pair) for pair in over)
    return ", but tolerated" if all(map(or_, is_undone, is_tolerated)) else ""


def _name_unchanged(row: Row, plan: Plan) -> str:
    """Return which metric a plan leaves over its limit if each that it lowers is within its own."""
    left = _list_left(row, plan)
    names = [look_up_metric(number.metric).label for number, value in left if value == number.value]
    return f" of {', '.join(names)}" if names and len(names) == len(left) else ""


def _list_left(row: Row, plan: Plan) -> list[tuple[Violation, Number]]:
    """Return the numbers of a row that a plan leaves over their limits, with their values after it."""
    after = _make_values(plan.after)
    values = [(number, after.get(number.metric, number.value)) for number in row.numbers]
    return [pair for pair in values if not satisfies(pair[1], pair[0].comparison, pair[0].threshold)]


def _is_undone(number: Violation, value: Number) -> bool:
    """Return whether a value, over its limit before a change, would be no worse than it was."""
    if number.before is None or not was_over(number) or number.was_suppressed or number.was_recorded:
        return False
    return not is_worse(value, number.before, number.comparison, number.threshold)


def _is_tolerated(verdict: Verdict, number: Violation, value: Number) -> bool:
    """Return whether a value is tolerated, or would be: as recorded, or by the ceiling of a comment."""
    if isinstance(number, Tolerated):
        return True
    recorded = number.recorded
    if recorded is not None and not is_worse(value, recorded, number.comparison, number.threshold):
        return True
    comments = (item for _, item in verdict.find_allowances(number) if item.state == "exceeded")
    return any(allows(item, value) for item in comments)


def format_hint(row: Row, plan: Plan, command: str, critical: Sequence[str]) -> str:
    """Return where a plan gets a function, and the command that writes it.

    For example: ``→ cognitive 14 in 2 steps, proven equivalent: `pytest-antipasta fix a.py::f```.

    Args:
        row: the function.
        plan: its plan.
        command: the command without the names of new functions.
        critical: patterns of functions in which nothing is tolerated.
    """
    return (
        f"\N{RIGHTWARDS ARROW} {format_reach(row, plan, critical)}: `{format_command(plan.steps, command)}`"
    )


def format_reach(row: Row, plan: Plan, critical: Sequence[str]) -> str:
    """Return where a plan gets a function, such as ``cognitive 14 in 2 steps, proven equivalent``."""
    reach = f"{_format_values(row, plan)} in {count_steps(plan.steps)}"
    if plan.within:
        return reach
    return f"{reach}, still over the limit{_name_unchanged(row, plan)}{_name_tolerance(row, plan, critical)}"


def format_command(steps: Iterable[Step], command: str, given: Iterable[tuple[int, str]] = ()) -> str:
    """Return the command that writes steps, with names for new functions: those given by line, or NAME."""
    names = dict(given)
    lines = sorted(step.line for step in steps if step.helper)
    return command + "".join(f" --name {line}={names.get(line, PLACEHOLDER)}" for line in lines)


def count_steps(steps: Sequence[Step]) -> str:
    """Return the number of steps, and what is proven of them."""
    return f"{count(len(steps), 'step')}, {_format_proof(steps)}"


def _format_values(row: Row, plan: Plan) -> str:
    """Return the values over a limit that change, as they are in the end, each with that of all functions.

    For example: ``cyclomatic 9 (14 in all with the new function NAME), cognitive 4 (7 in all)``.
    """
    over = {number.metric for number in row.numbers}
    values = zip(LOWERED, plan.before, plan.after, plan.total, strict=True)
    shown = [
        (f"{look_up_metric(metric).label} {after}", str(total))
        for metric, before, after, total in sorted(values, key=lambda item: rank_metric(item[0]))
        if metric in over and before != after
    ]
    return join_values(shown, [PLACEHOLDER] * len(plan.helpers))


def join_values(shown: Sequence[tuple[str, str]], added: Sequence[str]) -> str:
    """Return values of a function, each with its sum over the function and the new ones, if there are any.

    For example: ``cyclomatic 9 (14 in all with the new function read), cognitive 4 (7 in all)``.

    Args:
        shown: the values and the sums.
        added: the names of the new functions.
    """
    if not added:
        return ", ".join(value for value, _ in shown)
    new = f"the new function {added[0]}" if len(added) == 1 else f"{len(added)} new functions"
    sides = zip(shown, chain([f" with {new}"], repeat("")), strict=False)
    return ", ".join(f"{value} ({total} in all{words})" for (value, total), words in sides)


def _format_proof(steps: Iterable[Step]) -> str:
    """Return what is proven of steps."""
    is_full = all(step.proven is True for step in steps)
    return "proven equivalent" if is_full else "proven equivalent if == and != are opposites"


def describe_no_plan() -> str:
    """Say that a function over its limit has no plan, and that none can have one with an unknown Python."""
    from pytest_antipasta.advice.proof.proof import knows_python, name_pythons

    if knows_python():
        return "no small, proven step makes it simpler"
    return f"no step is proven with this Python; {name_pythons()} can prove some"


def iter_plan(advice: Advice) -> Iterator[str]:
    """Yield where the steps for a function lead, the command that writes them, and the values after each."""
    plan = advice.plan
    end = "complexity within its limits in" if plan.within else "still over the limit after"
    command = format_command(plan.steps, advice.command)
    yield f"{end} {count_steps(plan.steps)}" + (f": `{command}`" if can_be_typed(command) else "")
    if choices := "; ".join(_iter_choices(plan)):
        yield f"  {choices}"
    yield from (f"  {line}" for line in iter_steps(plan))
    yield "  proven equivalent: on every path, the bytecode of both versions does the same"


def iter_diffs(path: str, advice: Advice, paint: Paint, width: int | None) -> Iterator[str]:
    """Yield each step for a function of a file as a diff of what the steps before it have made."""
    from pytest_antipasta.advice.edits import apply_edits, diff_edits

    text = advice.text
    for number, step in enumerate(advice.plan.steps, 1):
        yield f"step {number}: {step.kind}"
        for line in [*diff_edits(text, step.edits, path)][2:]:
            code = make_printable(line[1:].rstrip().expandtabs(4))
            shown = clip_line(f"  {line[:1]}{code}".rstrip(), width)
            yield paint(shown, DIFF_COLORS.get(line[:1], ""))
        text = apply_edits(text, step.edits)


def _iter_choices(plan: Plan) -> Iterator[str]:
    if plan.helpers:
        yield "choose each NAME; without it, its step is not written"
    if len(plan.steps) > 1:
        yield "`--steps 1` writes only the first step"


def format_step(step: Step) -> str:
    """Return what a step does, where, its values and what is proven.

    For example: ``leave early, line 3: cognitive 9 → 6, proven equivalent``.
    """
    return f"{_describe_step(step)}, {_format_proof([step])}"


def _describe_step(step: Step) -> str:
    place = f"line {step.line}" if step.line == step.end_line else f"lines {step.line}-{step.end_line}"
    return f"{step.kind}, {place}: {format_lowered(step.before, step.after)}"


def format_steps(plan: Plan) -> str:
    """Return the steps of a plan in short, such as ``2 steps: cognitive 9 → 4, proven equivalent``."""
    values = format_lowered(plan.before, plan.after)
    return f"{count(len(plan.steps), 'step')}: {values}, {_format_proof(plan.steps)}"


def format_lowered(before: Scores, after: Scores) -> str:
    """Return the values that steps change, such as ``cognitive 9 → 6``."""
    return ", ".join(
        f"{look_up_metric(metric).label} {old} \N{RIGHTWARDS ARROW} {new}"
        for metric, old, new in zip(LOWERED, before, after, strict=True)
        if old != new
    )


def iter_steps(plan: Plan) -> Iterator[str]:
    """Yield for each step of a plan what it does, where, its values, and then the function that it adds.

    What is proven is said of a step if it differs from what is said of the plan above.
    """
    said = _format_proof(plan.steps)
    for number, step in enumerate(plan.steps, 1):
        yield f"{number}. {_describe_step(step) if _format_proof([step]) == said else format_step(step)}"
        if helper := step.helper:
            own = f"cognitive {helper.numbers.cognitive}, cyclomatic {helper.numbers.cyclomatic}"
            yield f"   new function: {make_printable(helper.signature)} ({own})"


def make_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values."""
    return {
        "steps": [
            {
                "kind": step.kind,
                "line": step.line,
                "end_line": step.end_line,
                "before": _make_values(step.before),
                "after": _make_values(step.after),
                "proven": step.proven,
                "signature": step.helper and step.helper.signature,
            }
            for step in plan.steps
        ],
        "within": plan.within,
    }


def _make_values(numbers: Scores) -> dict[str, int]:
    """Return values by metric."""
    return dict(zip(LOWERED, numbers, strict=True))
