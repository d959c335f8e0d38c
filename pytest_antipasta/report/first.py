"""What to fix first: the worst functions, and among these the ones that were edited lately."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from pytest_antipasta.model.finding import Finding, FunctionKey, Report
from pytest_antipasta.report.contents import read_measured
from pytest_antipasta.report.findings import find_failing
from pytest_antipasta.report.rows import leave_out_inner

MOST_FIRST = 10
"""How many functions and files reports list first."""
# Of so many of the worst, the edited ones come first.
_CONSIDERED = 50


def rank_to_fix(report: Report) -> list[list[Finding]]:
    """Return the groups of failing values to fix first: functions that were edited lately before others."""
    edited = {} if report.edits is None else report.edits.counts
    outer = leave_out_inner(
        find_failing(report.findings), find_key, lambda group: [finding.rule for finding in group]
    )
    considered = islice(outer, _CONSIDERED)
    return sorted(considered, key=lambda group: find_key(group) not in edited)[:MOST_FIRST]


def find_key(group: Sequence[Finding]) -> FunctionKey:
    """Return the function that a group of values belongs to; its name is empty for a file."""
    return group[0].path, group[0].block or ""


def list_lines(findings: Iterable[Finding], root: Path) -> Mapping[FunctionKey, tuple[int, int]]:
    """Return the first and the last lines of the worst functions, except those in notebooks.

    Functions of files that have changed on disk are left out.
    """
    considered = (group[0] for group in find_failing(findings)[:_CONSIDERED])
    return {
        (item.path, item.block): (item.line, item.end_line)
        for item in considered
        if item.block and item.cell is None and item.line and item.end_line
        if read_measured(root / item.path, item.digest) is not None
    }
