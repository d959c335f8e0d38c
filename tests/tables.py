"""What tables of tests have in common: settings of projects, rows in files, and rows that take long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

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


def read_rows(path: Path) -> list[ParameterSet]:
    """Return the rows of a table of sources, each of which begins with a line `== what it is about`.

    A line `--` stands between what a row has before and after; words behind the dashes are a value, too.
    """
    _, *rows = re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [_parse_row(*row.split("\n", 1)) for row in rows]


def _parse_row(name: str, text: str) -> ParameterSet:
    before, words, after = re.split(r"^--(.*)\n", text, flags=re.MULTILINE)
    values = [before, *filter(None, [words.strip()]), f"{after.rstrip()}\n"]
    return pytest.param(*values, id=name)
