"""Notebooks as pytest items."""

from __future__ import annotations

import pytest

from tests.metrics.notebook.making import make_branches, make_notebook
from tests.plugin.conftest import SETTINGS, Project

SKIPPED = "a notebook with a kernel other than Python: R"
NOTEBOOK = make_notebook("md:# Title", "x = 1", f"\n{make_branches(4)}")


def test_a_notebook_is_a_pytest_item_with_workers_too(project: Project, workers: list[str]) -> None:
    settings = f"[tool.pytest-antipasta]\nnotebooks = true\n{SETTINGS}"
    project.write({"pyproject.toml": settings, "a.ipynb": NOTEBOOK, "b.ipynb": make_notebook("x", "y = (")})
    result = project.run("--antipasta-only", "--tb=line", *workers)
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    assert "a.ipynb:cell 3:2: f cyclomatic 4/2" in text
    assert "b.ipynb:cell 2:1: not measured (syntax): '(' was never closed" in text


@pytest.mark.parametrize("options", [(), ("--durations=1", "--setup-show")], ids=["a report", "phases"])
def test_a_notebook_in_another_language_is_skipped(
    project: Project, workers: list[str], options: tuple[str, ...]
) -> None:
    settings = f"[tool.pytest-antipasta]\nnotebooks = true\n{SETTINGS}"
    project.write({"pyproject.toml": settings, "a.ipynb": make_notebook("x <- 1", language="R")})
    project.write({"b.py": "x = 1\n"})
    result = project.run("--antipasta-only", "-rs", "--junitxml=junit.xml", *options, *workers)
    result.assert_outcomes(passed=1, skipped=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"SKIPPED [[]1] *a.ipynb*: {SKIPPED}"])
    assert f'message="{SKIPPED}"' in (project.path / "junit.xml").read_text()
