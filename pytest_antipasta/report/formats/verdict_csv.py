"""CSV with a row for each violation, each number that is tolerated, and each problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from pytest_antipasta.model import Tolerated, Verdict, Violation
from pytest_antipasta.report.csv_cells import format_cell_path, format_rows
from pytest_antipasta.report.formats.problems import Problem, iter_problems
from pytest_antipasta.report.wording import format_named

_NUMBERS = (
    "metric", "qualified_name", "line", "value", "comparison", "threshold", "before", "change", "recorded"
)  # fmt: skip
_COLUMNS = ("path", "status", *_NUMBERS, "fails", "message", "cell")


def write(verdicts: Sequence[Verdict], _run: Mapping[str, Any]) -> bytes:
    """Return the rows in the order of the paths; ``status`` is ``violation``, or says why it is none."""
    rows = ([format_cell_path(one.path), *row] for one in verdicts for row in _iter_rows(one))
    return format_rows(chain([_COLUMNS], rows))


def _iter_rows(verdict: Verdict) -> Iterator[Sequence[object]]:
    yield from map(_make_problem_row, iter_problems(verdict))
    for violation in (*verdict.violations, *verdict.tolerated):
        yield _make_row(verdict, violation)


def _make_row(verdict: Verdict, violation: Violation) -> Sequence[object]:
    status = violation.why if isinstance(violation, Tolerated) else "violation"
    line = violation.line
    cell, line = (verdict.find_cell(line) if line is not None else None) or (None, line)
    numbers = [line if name == "line" else getattr(violation, name) for name in _NUMBERS]
    return [status, *numbers, status == "violation", format_named(violation), cell]


def _make_problem_row(problem: Problem) -> Sequence[object]:
    gap: list[object] = [None] * (len(_NUMBERS) - 3)
    return [problem.rule, None, None, problem.line, *gap, problem.fails, problem.text, problem.cell]
