"""complexipy's plans: edits that would lower a function's cognitive complexity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pytest_antipasta.metrics.cognitive import load_complexipy
from pytest_antipasta.metrics.source import SourceError, decode_source
from pytest_antipasta.model import Number


class Plan(NamedTuple):
    """One way to make a function simpler.

    Attributes:
        first_line: of the code to change.
        last_line: likewise.
        title: what to do.
        reduction: points that it saves; an estimate where complexipy could not try it out.
        is_measured: whether it could.
        rule: complexipy's name for it.
        help: how to do it.
    """

    first_line: int
    last_line: int
    title: str
    reduction: int
    is_measured: bool = False
    rule: str = ""
    help: str = ""


def find_plans(data: bytes, points: Mapping[int, Number]) -> dict[int, tuple[Plan, ...]]:
    """Return complexipy's plans for functions, the best first; nothing for bad source.

    Args:
        data: the source.
        points: cognitive complexity by the lines of ``def`` keywords. A function that has other points
            there is another one: the source is not any more what was measured.

    Returns:
        The plans by line.
    """
    try:
        functions = load_complexipy()(decode_source(data), no_ignore=True).functions
    except (SourceError, ValueError):
        return {}
    return {
        line: tuple(
            Plan(
                plan.line_start,
                plan.line_end,
                plan.title,
                plan.estimated_reduction,
                plan.reduction_is_measured,
                plan.rule_id,
                plan.help or plan.description,
            )
            for plan in function.refactor_plans
        )
        for line, number in points.items()
        for function in functions
        if function.line_start <= line <= function.line_end and function.complexity == number
    }
