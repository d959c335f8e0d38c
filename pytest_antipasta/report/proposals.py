"""How to lower the values of the functions that a report lists first: plans that are found as it is written.

They depend on the report, the sources on disk and the Python that writes it, and not on time. So the report
of one run and the one that is merged from shards are the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from pytest_antipasta.messages import format_argument, make_printable
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.report.blocks import Row, find_rows
from pytest_antipasta.report.contents import read_measured
from pytest_antipasta.report.hints import (
    FunctionKey,
    can_be_tried,
    find_function_limits,
    format_command,
    format_reach,
    iter_steps,
)
from pytest_antipasta.report.records import PathLimits

if TYPE_CHECKING:
    from pytest_antipasta.advice.module import Module
    from pytest_antipasta.advice.plan import Plan

MOST_PROPOSED = 10
"""How many functions of a report are tried."""


class Proposal(Struct, frozen=True):
    """The plan for a function, in words.

    Attributes:
        reach: where it gets the function, such as ``cognitive 14 in 2 steps, proven``.
        command: the command that writes its steps, run in the root of the project.
        steps: lines about its steps.
        is_within: whether it gets the function within its limits.
    """

    reach: str
    command: str
    steps: tuple[str, ...]
    is_within: bool


def find_proposals(report: Report, functions: Iterable[FunctionKey]) -> Mapping[FunctionKey, Proposal]:
    """Return the plans for some functions of a report, at most :data:`MOST_PROPOSED` of them.

    Args:
        report: the report.
        functions: paths and names of functions over a limit, in the order in which they are tried.
    """
    if not report.advises:
        return {}
    limits = PathLimits(report.facts)
    modules: dict[str, Module | None] = {}
    found: dict[FunctionKey, Proposal] = {}
    for path, name in [*dict.fromkeys(functions)][:MOST_PROPOSED]:
        row = _find_row(_find_verdict(report, path), name)
        if row is None or not can_be_tried(row):
            continue
        if path not in modules:
            modules[path] = _read_module(Path(report.facts.root, path), row.verdict)
        plan = _find_plan(modules[path], row, limits.find(path))
        if plan is not None and (proposal := _propose(row, plan)) is not None:
            found[path, name] = proposal
    return found


def _find_verdict(report: Report, path: str) -> Verdict:
    """Return the verdict on a file; the verdicts are sorted by path, and reading all takes long."""
    return report.files[bisect_left(report.files, path, key=attrgetter("path"))]


def _find_row(verdict: Verdict, name: str) -> Row | None:
    """Return the row of a function with its values over limits."""
    rows = find_rows([verdict], attrgetter("over_limits"))
    return next((row for row in rows if row.name == name and name in verdict.by_name), None)


def _read_module(path: Path, verdict: Verdict) -> Module | None:
    from pytest_antipasta.advice.module import Module

    text = read_measured(path, verdict.digest)
    return None if text is None else Module.parse(text)


def _find_plan(module: Module | None, row: Row, thresholds: Iterable[Threshold]) -> Plan | None:
    from pytest_antipasta.advice.aims import MOST_POINTS, choose_taste
    from pytest_antipasta.advice.search import find_plan

    name = row.name or ""
    if module is None:
        return None
    limits = find_function_limits(row.verdict, name, thresholds)
    points = row.verdict.by_name[name].cognitive_complexity
    try:
        return find_plan(module, name, limits, choose_taste(points, MOST_POINTS))
    except Exception:  # an internal error in a plan must not cost the report
        return None


def _propose(row: Row, plan: Plan) -> Proposal | None:
    """Return a plan in words; ``None`` if its command can't be typed."""
    target = format_argument(f"{row.verdict.path}::{row.name}")
    command = format_command(plan, f"pytest-antipasta fix {target}")
    if make_printable(command) != command:
        return None
    return Proposal(
        format_reach(row, plan), command, tuple(chain.from_iterable(iter_steps(plan))), plan.within
    )
