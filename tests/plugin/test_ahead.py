"""Under ``-n auto`` workers of ours measure ahead of pytest, where the files are worth it."""

from __future__ import annotations

import json
import re
from statistics import median
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.limits import LONG, WITH_PROCESSORS, find_children
from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, read_report, told

pytestmark = WITH_PROCESSORS
FILES = {f"m{number}.py": f"{PASSING}# {number}\n" for number in range(30)} | {"m7.py": FAILING}
WORTH_IT = {f"{name}.py": LONG + name.encode() for name in ("m3", "o0", "o1", "p")}
# The first may have done everything when the second has begun.
ONE_OR_TWO = (1, 2)
AUTO = ("--antipasta-only", "-n", "auto", "--antipasta-cache-dir=store")


@pytest.fixture
def tree(project: Project) -> Project:
    project.write({**FILES, **WORTH_IT})
    return project


def read_run(project: Project, *args: str) -> dict[str, Any]:
    project.run(*AUTO, "--antipasta-report=json=report.json", *args)
    run: dict[str, Any] = json.loads((project.path / "report.json").read_bytes())["run"]
    return run


@pytest.mark.slow
def test_it_is_as_if_one_process_had_measured(tree: Project) -> None:
    reports = [tree.path / f"{name}.json" for name in ("ahead", "alone")]
    result = tree.run(*AUTO, "-v", "-s", "--antipasta-debug", f"--antipasta-report=json={reports[0]}")
    assert "[gw0]" not in result.stdout.str()
    assert re.search(r"with (1 worker|2 workers) \(much to measure\)", "\n".join(told(result)))
    options = ("-n", "0", "-v", "--antipasta-no-cache", f"--antipasta-report=json={reports[1]}")
    alone = tree.run("--antipasta-only", *options)
    assert read_report(reports[0]) == read_report(reports[1])
    assert list(outcomes(result).items()) == list(outcomes(alone).items())
    assert len(outcomes(result)) == len(FILES | WORTH_IT)
    run = read_run(tree)
    assert (run["workers"], run["misses"], run["complete"]) == (0, 0, True)


@pytest.mark.slow
def test_workers_measure_what_is_selected(tree: Project) -> None:
    run = read_run(tree, "-k", "not m8 and not o1")
    assert (run["workers"] in ONE_OR_TWO, run["misses"]) == (True, len(FILES | WORTH_IT) - 2)
    assert read_run(tree)["misses"] == 2


@pytest.mark.slow
def test_the_first_failure_ends_them(tree: Project) -> None:
    run = read_run(tree, "-x")
    assert (run["workers"] in ONE_OR_TWO, run["complete"]) == (True, False)
    assert "stopping after 1 failure" in run["stopped"]
    assert find_children() == []


def test_not_more_of_them_than_asked_for(tree: Project) -> None:
    assert read_run(tree, "--maxprocesses", "1")["workers"] == 0


@pytest.mark.slow
def test_who_says_how_many_workers_has_those_of_xdist(tree: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")
    assert read_run(tree)["strategy"] == "2 requested, --dist load"


@pytest.mark.slow
def test_a_list_begins_none(tree: Project) -> None:
    log = ("--antipasta-log-file=runs.log", "--antipasta-log-level=debug")
    result = tree.run(*AUTO, *log, "--collect-only", "-q")
    assert f"{len(FILES | WORTH_IT)} tests collected" in result.stdout.str()
    assert " workers: " not in (tree.path / "runs.log").read_text()
    assert read_run(tree, *log)["misses"] == len(FILES | WORTH_IT)
    assert " worker-1 workers: begins\n" in (tree.path / "runs.log").read_text()


def test_to_show_pytests_cache_checks_nothing(tree: Project) -> None:
    result = tree.run(*AUTO, "--cache-show")
    result.stdout.fnmatch_lines("cache is empty")
    result.stdout.no_fnmatch_line("*= antipasta =*")


def test_few_that_are_selected_are_worth_no_workers(tree: Project) -> None:
    run = read_run(tree, "-k", "m8")
    assert (run["workers"], run["strategy"]) == (0, "little to measure")


@pytest.mark.slow
def test_the_time_of_a_file_is_that_of_measuring_it(tree: Project) -> None:
    """And not that of waiting for others, or for workers."""
    tree.run(*AUTO, "--junitxml=junit.xml")
    cases = ElementTree.parse(tree.path / "junit.xml").iter("testcase")
    seconds = {case.attrib["classname"]: float(case.attrib["time"]) for case in cases}
    assert len(seconds) == len(FILES | WORTH_IT)
    large = [seconds.pop(name.removesuffix(".py")) for name in WORTH_IT]
    # Not the longest of the small ones: the machine may have paused in one of them.
    assert min(large) > 2 * median(seconds.values())
