"""Notebooks as pytest items."""

from __future__ import annotations

from tests.metrics.notebook.making import make_branches, make_notebook
from tests.plugin.conftest import SETTINGS, Project

NOTEBOOK = make_notebook("md:# Title", "x = 1", f"\n{make_branches(4)}")


def test_a_notebook_is_a_pytest_item_with_workers_too(project: Project, workers: list[str]) -> None:
    settings = f"[tool.pytest-antipasta]\nnotebooks = true\n{SETTINGS}"
    project.write({"pyproject.toml": settings, "a.ipynb": NOTEBOOK, "b.ipynb": make_notebook("x", "y = (")})
    result = project.run("--antipasta-only", "--tb=line", *workers)
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    assert "a.ipynb:cell 3:2: f cyclomatic 4/2" in text
    assert "b.ipynb:cell 2:1: not measured (syntax): '(' was never closed" in text
