"""What complexipy would do about a function's cognitive complexity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pytest_antipasta.source import SourceError, decode_source

# complexipy ranks its plans; more than a few are no help in a failure's text.
_PLANS = 3


class Plan(NamedTuple):
    """One way to make a function simpler.

    Attributes:
        first_line: of the code to change.
        last_line: likewise.
        title: what to do.
        reduction: points that it saves; an estimate where complexipy could not try it out.
    """

    first_line: int
    last_line: int
    title: str
    reduction: int


def find_plans(data: bytes, def_lines: Iterable[int]) -> dict[int, tuple[Plan, ...]]:
    """Return complexipy's best plans by the lines of ``def`` keywords; nothing for bad source."""
    from complexipy import code_complexity

    try:
        functions = code_complexity(decode_source(data), no_ignore=True).functions
    except (SourceError, ValueError):
        return {}
    return {
        line: tuple(
            Plan(plan.line_start, plan.line_end, plan.title, plan.estimated_reduction)
            for plan in function.refactor_plans[:_PLANS]
        )
        for line in def_lines
        for function in functions
        if function.line_start <= line <= function.line_end
    }
