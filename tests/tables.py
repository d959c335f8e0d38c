"""What tables of tests have in common: settings of projects, and rows that take long."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

ONE_LIMIT = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
cognitive_complexity = false
maintainability_index = false
halstead_volume = false
halstead_difficulty = false
halstead_effort = false
"""
"""No limit but 3 for the cyclomatic complexity."""


def keep_quick(rows: Iterable[ParameterSet], *quick: str) -> list[ParameterSet]:
    """Return all rows of a table, of which those with other names run only where a change lands.

    For tables whose rows are variants of each other, and each of which takes processes.
    """
    kept = [row if row.id in quick else row._replace(marks=[*row.marks, pytest.mark.slow]) for row in rows]
    assert {*quick} <= {row.id for row in kept}
    return kept
