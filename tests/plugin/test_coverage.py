"""``--antipasta-coverage``: what pytest-cov has measured, at the end of the same session."""

from __future__ import annotations

import json

import pytest

from tests.coverage.conftest import SETTINGS, SHOP, run_coverage
from tests.coverage.test_reading import HOSTILE
from tests.plugin.conftest import Project

TEST = "from shop import label\n\ndef test_label():\n    assert label('tea') == 'Tea'\n"
BETTER = f"{TEST}\ndef test_price():\n    from shop import price\n    assert price(1, 0, 0, 0) == 1\n"


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with a test that leaves a function out."""
    project.write({"shop.py": SHOP, "test_shop.py": TEST, "pyproject.toml": SETTINGS})
    return project


def run(shop: Project, *options: str) -> pytest.RunResult:
    return shop.run(*options, plugins=("pytest_cov",))


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(["--cov-branch"], id="branches, alone", marks=pytest.mark.slow),
        pytest.param(["-n", "2"], id="lines, with two workers", marks=pytest.mark.slow),
    ],
)
def test_a_limit_fails_the_session(shop: Project, how: list[str]) -> None:
    options = ["--antipasta", "--cov=shop", "--antipasta-coverage=.coverage"]
    done = run(shop, *options, "--antipasta-report=json=r.json", *how)
    out = done.stdout.str()
    assert done.ret == 1, out
    assert "FAILED shop.py:1: price: crap 30/29" in out
    assert "coverage: 5 points of cyclomatic complexity in functions that no test reached (1)" in out
    assert "3 passed" in out  # two files and a test
    assert "--lf" not in out, "items that have passed are not among the last failed ones"
    report = json.loads((shop.path / "r.json").read_bytes())
    (file,) = [file for file in report["files"] if file["path"] == "shop.py"]
    assert [(one["metric"], one["value"]) for one in file["violations"]] == [("crap", 30.0)]
    assert report["coverage"]["unreached_points"] == 5
    shop.write({"test_shop.py": BETTER})
    done = run(shop, *options, *how)
    assert done.ret == 0, done.stdout.str()
    assert "coverage: 0 points" in done.stdout.str()


def test_lf_is_suggested_where_an_item_has_failed(shop: Project) -> None:
    shop.write({"pyproject.toml": f"{SETTINGS}cyclomatic_complexity = 1\n"})
    out = run(shop, "--antipasta", "--cov=shop", "--antipasta-coverage=.coverage").stdout.str()
    assert "FAILED shop.py:1: price: crap 30/29" in out
    assert "--lf" in out


def test_data_that_can_not_be_read_is_an_error(shop: Project) -> None:
    done = run(shop, "--antipasta", "-p", "no:cov", "--antipasta-coverage", "data")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = (line for line in done.outlines if line.startswith("error: "))
    assert "data" in line
    assert "Traceback" not in done.stdout.str() + done.stderr.str()


@pytest.mark.parametrize(
    ("test", "options", "code"),
    [
        pytest.param("def test_it():\n    assert 0\n", ["-x"], pytest.ExitCode.TESTS_FAILED, id="-x"),
        pytest.param("1 / 0\n", [], pytest.ExitCode.INTERRUPTED, id="while it collects"),
    ],
)
def test_a_session_that_stops_early_has_no_data(
    shop: Project, test: str, options: list[str], code: int
) -> None:
    shop.write({"test_shop.py": test})
    done = run(shop, "--antipasta", "--cov=shop", "--antipasta-coverage=.coverage", *options)
    assert done.ret == code
    start = "no coverage, as the session was stopped early: coverage data not found: "
    assert [line for line in done.outlines if line.startswith(start)]


def test_settings_of_a_project_run_nothing(shop: Project) -> None:
    """The data is there before a plugin is named, as coverage.py itself would run it."""
    run_coverage(shop.path, "run", "--branch", "shop.py")
    (shop.path / "hostile.py").write_text(HOSTILE)
    (shop.path / ".coveragerc").write_text("[run]\nplugins = hostile\n")
    done = run(shop, "--antipasta-only", "-p", "no:cov", "--antipasta-coverage", ".coverage")
    assert done.ret == 1, done.stdout.str()
    assert "coverage.py's settings name plugins (hostile), which are not loaded" in done.stdout.str()
    assert not (shop.path / "was_run").exists()
    run_coverage(shop.path, "report")
    assert (shop.path / "was_run").exists()


def test_it_needs_the_check(shop: Project) -> None:
    done = run(shop, "--antipasta-coverage", ".coverage")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert "--antipasta-coverage needs --antipasta or --antipasta-only" in done.stderr.str()
