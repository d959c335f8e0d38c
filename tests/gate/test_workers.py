"""A change is measured in workers where that is asked for, with the same verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.gate.conftest import Guarded, function
from tests.limits import SLOW, find_children
from tests.windows import NEEDS_PROCESSOR_TIME

FILES = 60


@pytest.fixture
def changed(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """A repository in which many files are staged: new, edited, moved, deleted, and one that is broken."""
    monkeypatch.chdir(guarded.path)
    guarded.configure("time_budget = 60")
    for number in range(FILES):
        guarded.write(f"m{number}.py", f"{function(1 + number % 5)}# {number}\n")
    guarded.record_all()
    for number in range(0, FILES, 3):
        guarded.write(f"m{number}.py", f"{function(2 + number % 6)}# {number}\n")
    for number in range(20):
        guarded.write(f"new{number}.py", function(number))
    guarded.write("broken.py", "def f(:\n")
    guarded.git("mv", "m1.py", "moved.py")
    guarded.git("rm", "--quiet", "m2.py")
    guarded.git("add", ".")
    return guarded


FAILING_THERE = """\
import ast

def parse(source, *args, **kwargs):
    if "# 7" in source:
        raise ZeroDivisionError("of a worker")
    return known(source, *args, **kwargs)

known, ast.parse = ast.parse, parse
"""


def check(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a report of what is staged, and what differs from run to run."""
    assert main(["check", "--staged", "--no-cache", "--format=json", *args]) == 1
    report = json.loads(capsys.readouterr().out)
    return report, report.pop("run")


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--jobs=2"], id="all"),
    ],
)
def test_the_verdict_is_that_of_one_process(
    changed: Guarded, capsys: pytest.CaptureFixture[str], args: Sequence[str]
) -> None:
    here, _ = check(capsys, *args, "--jobs=1")
    report, run = check(capsys, *args)
    assert report == here
    assert run["workers"] > 0
    assert run["strategy"] == f"{args[0].removeprefix('--jobs=')} requested"
    assert {one["kind"] for one in run["processes"]} == {"main", "worker"}
    assert len(run["processes"]) <= 1 + int(args[0].removeprefix("--jobs=")), "none for the side before"
    assert find_children() == []


def test_the_hook_measures_in_workers_too(changed: Guarded, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    log = changed.path.parent / "log"
    for jobs in ("1", "2"):
        logged = (f"--log-file={log}", "--log-level=debug")
        assert main(["hook", "--no-cache", "--jobs", jobs, *logged]) == 1
        found[jobs] = capsys.readouterr().out
    assert found["2"] == found["1"]
    assert log.read_text().count(" workers: begins\n") == 2, "none for further batches of so few files"
    assert find_children() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "workers"),
    [
        pytest.param(["-n", "2"], 2, id="as many as xdist's"),
        pytest.param(["-n", "auto"], 3, id="as many as the settings say"),
    ],
)
def test_pytest_measures_a_change_in_workers(
    changed: Guarded, capsys: pytest.CaptureFixture[str], args: list[str], workers: int
) -> None:
    pytest.importorskip("xdist")
    expected, _ = check(capsys, "--jobs=1")
    path = changed.path.parent / "report.json"
    options = ("--antipasta-only", "--antipasta-staged", "--antipasta-no-cache")
    report = f"--antipasta-report=json={path}"
    said = changed.run_pytest("-p", "xdist", *options, report, *args, PYTEST_ANTIPASTA_JOBS="3")
    assert said.code == 1, said
    report = json.loads(path.read_bytes())
    kinds = [one["kind"] for one in report.pop("run")["processes"]]
    assert report == expected
    assert kinds.count("worker") == workers


@pytest.mark.slow
def test_a_budget_ends_in_workers_as_it_does_here(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(guarded.path)
    guarded.configure("time_budget = 1\nfile_timeout = 60")
    for number in range(6):
        guarded.write(f"slow{number}.py", SLOW * 4 + b"# %d" % number)
    guarded.git("add", ".")
    assert main(["hook", "--no-cache", "--jobs", "2"]) == 0
    said = capsys.readouterr().out
    assert "not checked, time_budget of" in said
    assert "bug" not in said and "mistake" not in said
    assert find_children() == []


@pytest.mark.slow
@NEEDS_PROCESSOR_TIME
def test_what_workers_say_of_a_content_names_its_file(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both states of a file, each of which takes too long, are told apart by their contents."""
    monkeypatch.chdir(guarded.path)
    guarded.configure("time_budget = 60\nfile_timeout = 0.2")
    guarded.stage("slow.py", SLOW)
    guarded.record()
    guarded.stage("slow.py", SLOW + b"# edited\n")
    log = guarded.path.parent / "log"
    assert (
        main(["check", "--staged", "--no-cache", "--jobs=2", f"--log-file={log}", "--log-format=json"]) == 3
    )
    assert "slow.py: not measured" in capsys.readouterr().out
    notes = [json.loads(line) for line in log.read_text().splitlines()]
    ended = [note for note in notes if note["kind"] == "workers" and "ended (timeout)" in note["message"]]
    assert [note["path"] for note in ended] == ["slow.py"] * 2
    assert find_children() == []


def test_a_wrong_number_of_jobs_is_an_error_of_usage(guarded: Guarded) -> None:
    pytest.importorskip("xdist")
    said = guarded.run_pytest("-p", "xdist", "--antipasta-only", "-n", "auto", PYTEST_ANTIPASTA_JOBS="many")
    assert (said.code, said.out) == (4, "")
    assert "PYTEST_ANTIPASTA_JOBS: expected a number >= 1 or auto, got 'many'" in said.err
    assert "Traceback" not in said.err


@pytest.mark.slow
def test_what_fails_by_a_mistake_of_ours_in_a_worker_is_measured_here(
    changed: Guarded,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one process it is this one that decides what an internal error does."""
    here, _ = check(capsys, "--jobs=1")
    site = tmp_path_factory.mktemp("site")
    (site / "sitecustomize.py").write_text(FAILING_THERE)
    monkeypatch.setenv("PYTHONPATH", str(site))
    report, run = check(capsys, "--jobs=2")
    assert run["workers"] > 0
    assert report == here
