"""``--antipasta-coverage``: what pytest-cov has measured, at the end of the same session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import without_other_plugins
from tests.coverage.conftest import SETTINGS, SHOP, run_coverage
from tests.coverage.test_reading import HOSTILE

TEST = "from shop import label\n\ndef test_label():\n    assert label('tea') == 'Tea'\n"
BETTER = f"{TEST}\ndef test_price():\n    from shop import price\n    assert price(1, 0, 0, 0) == 1\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a test that leaves a function out."""
    for name, text in (("shop.py", SHOP), ("test_shop.py", TEST), ("pyproject.toml", SETTINGS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def run(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a process of its own, as pytest-cov measures all of one."""
    command = [sys.executable, "-m", "pytest", *options]
    environment = {**os.environ, "PYTEST_ADDOPTS": without_other_plugins(("pytest_cov",))}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    "how", [["--cov-branch"], ["-n", "2"]], ids=["branches, alone", "lines, with two workers"]
)
def test_a_limit_fails_the_session(project: Path, how: list[str]) -> None:
    options = ["--antipasta", "--cov=shop", "--antipasta-coverage", ".coverage", *how]
    done = run(project, *options)
    assert done.returncode == 1, done.stdout
    assert "FAILED shop.py:1: price: crap is 30, must be <= 29" in done.stdout
    assert "coverage: 5 points of cyclomatic complexity in functions that no test reached (1)" in done.stdout
    assert "3 passed" in done.stdout  # two files and a test
    (project / "test_shop.py").write_text(BETTER)
    done = run(project, *options)
    assert done.returncode == 0, done.stdout
    assert "coverage: 0 points" in done.stdout


def test_reports_have_it(project: Path) -> None:
    options = ["--cov=shop", "--antipasta-coverage=.coverage", "--antipasta-report=json=r.json"]
    run(project, "--antipasta", *options)
    report = json.loads((project / "r.json").read_bytes())
    (shop,) = [file for file in report["files"] if file["path"] == "shop.py"]
    assert [(one["metric"], one["value"]) for one in shop["violations"]] == [("crap", 30.0)]
    assert report["coverage"]["unreached_points"] == 5


@pytest.mark.parametrize("content", [None, "", "text"], ids=["missing", "empty", "other"])
def test_data_that_can_not_be_read_is_an_error(project: Path, content: str | None) -> None:
    if content is not None:
        (project / "data").write_text(content)
    done = run(project, "--antipasta", "-p", "no:cov", "--antipasta-coverage", "data")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "error: " in done.stdout
    assert "data" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(("limit", "fails"), [(10, False), (1, True)], ids=["coverage", "an item"])
def test_lf_is_suggested_where_an_item_has_failed(project: Path, limit: int, fails: bool) -> None:
    """Items that have passed are not among the last failed ones."""
    with (project / "pyproject.toml").open("a") as settings:
        settings.write(f"cyclomatic_complexity = {limit}\n")
    done = run(project, "--antipasta", "--cov=shop", "--antipasta-coverage=.coverage")
    assert "FAILED shop.py:1: price: crap is 30, must be <= 29" in done.stdout
    assert ("--lf" in done.stdout) == fails


def test_settings_of_a_project_run_nothing(project: Path) -> None:
    """The data is there before a plugin is named, as coverage.py itself would run it."""
    run_coverage(project, "run", "--branch", "-m", "pytest", "-q", "-p", "no:antipasta")
    (project / "hostile.py").write_text(HOSTILE)
    (project / ".coveragerc").write_text("[run]\nplugins = hostile\n")
    done = run(project, "--antipasta-only", "-p", "no:cov", "--antipasta-coverage", ".coverage")
    assert done.returncode == 1, done.stdout
    assert "coverage.py's settings name plugins (hostile), which are not loaded" in done.stdout
    assert not (project / "was_run").exists()
    run_coverage(project, "report")
    assert (project / "was_run").exists()


def test_it_needs_the_check(project: Path) -> None:
    done = run(project, "--antipasta-coverage", ".coverage")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--antipasta-coverage needs --antipasta or --antipasta-only" in done.stderr
