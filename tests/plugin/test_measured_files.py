"""How many files a run measures: those that it selects, and none behind the failure that ends it."""

from __future__ import annotations

import json

import pytest

from tests.plugin.conftest import FAILING, PASSING, Project, outcomes

FILES = 12
FAILS = 4
"""The number of the file that fails, in the order of names."""


@pytest.fixture
def tree(project: Project) -> Project:
    """Files that all differ, one of which fails."""
    files = {f"f{number:02}.py": f"x = {number}\n{PASSING}" for number in range(FILES)}
    project.write({**files, f"f{FAILS:02}.py": FAILING})
    return project


def count(tree: Project, *args: str, plugins: tuple[str, ...] = ()) -> int:
    """Return how many files all processes of a run measure; each is reported, and no other is."""
    report = tree.path / "counted.json"
    options = ("--antipasta-only", "--antipasta-no-cache", f"--antipasta-report=json={report}")
    result = tree.run(*options, *args, plugins=plugins)
    run = json.loads(report.read_bytes())["run"]
    measured: int = sum(process["measured"] for process in run["processes"])
    assert measured == run["misses"] == len(outcomes(result))
    return measured


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param([], FILES, id="all"),
        pytest.param(["-p", "no:xdist"], FILES, id="without pytest-xdist"),
        pytest.param(["-n", "2"], FILES, id="with workers", marks=pytest.mark.slow),
        pytest.param(["-k", "f0"], 10, id="-k"),
        pytest.param(["-k", "f0", "-n", "2"], 10, id="-k with workers", marks=pytest.mark.slow),
        pytest.param(["-x"], FAILS + 1, id="-x"),
        pytest.param(["-x", "-n", "0"], FAILS + 1, id="-x with -n 0"),
        pytest.param(["-x", "-p", "no:xdist"], FAILS + 1, id="-x without pytest-xdist"),
        pytest.param(["f02.py", "f11.py::antipasta"], 2, id="two that are named"),
    ],
)
def test_what_is_selected_is_measured(tree: Project, args: list[str], expected: int) -> None:
    assert count(tree, *args) == expected


def test_what_failed_last_is_measured_alone(tree: Project) -> None:
    assert [count(tree, "--lf"), count(tree, "--lf"), count(tree)] == [FILES, 1, FILES]


@pytest.mark.slow
def test_stepwise_measures_to_the_failure_and_goes_on_there(tree: Project) -> None:
    assert [count(tree, "--sw"), count(tree, "--sw")] == [FAILS + 1, 1]
    tree.write({f"f{FAILS:02}.py": PASSING})
    assert count(tree, "--sw") == FILES - FAILS


@pytest.mark.slow
def test_in_another_order_it_measures_all_or_to_the_failure(tree: Project) -> None:
    pytest.importorskip("pytest_randomly")
    assert count(tree, plugins=("randomly",)) == FILES
    found = {count(tree, "-x", f"--randomly-seed={seed}", plugins=("randomly",)) for seed in range(5)}
    assert len(found) > 1
    assert found <= set(range(1, FILES + 1))


@pytest.mark.slow
def test_workers_measure_little_behind_the_failure_that_ends_a_run(tree: Project) -> None:
    """Those that are at a file meanwhile, and those that wait in a worker."""
    more = {f"g{number:03}.py": f"y = {number}\n{PASSING}" for number in range(300)}
    tree.write(more)
    report = tree.path / "counted.json"
    tree.run("--antipasta-only", "-n", "2", "-x", f"--antipasta-report=json={report}")
    assert json.loads(report.read_bytes())["summary"]["files"] < len(more) / 2
