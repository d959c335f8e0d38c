"""``--antipasta-log-file``: from all of a session's processes, and beside pytest's own logging."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.limits import LONG, WITH_PROCESSORS
from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, told

FILES = {f"a{number}.py": f"{PASSING}x = {number}\n" for number in range(12)}
JSON = ("--antipasta-log-file=runs.log", "--antipasta-log-format=json")


def read(project: Project) -> list[dict[str, Any]]:
    text = (project.path / "runs.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("args", "workers"),
    [
        pytest.param([], {"main"}, id="here"),
        pytest.param(["-n", "2"], {"gw0", "gw1"}, id="-n 2"),
        pytest.param(["-p", "no:xdist"], {"main"}, id="no xdist", marks=pytest.mark.slow),
    ],
)
def test_each_file_is_reported_with_the_worker_that_judged_it(
    project: Project, args: list[str], workers: set[str]
) -> None:
    project.write({**FILES, "bad.py": FAILING})
    project.run("--antipasta-only", *JSON, "--antipasta-log-level=debug", *args)
    notes = read(project)
    assert notes[0]["message"].startswith("pytest-antipasta ")
    assert notes[-1]["message"] == "exit code 1"
    files = {note["path"]: note for note in notes if note["kind"] == "file"}
    assert files.keys() == {*FILES, "bad.py"}
    assert {note["worker"] for note in files.values()} == workers
    processes = {(note["worker"], note["process"]) for note in files.values()}
    assert len({process for _, process in processes}) == len(processes) == len(workers)
    assert (notes[0]["process"] in {process for _, process in processes}) == (workers == {"main"})


def test_the_files_of_a_shard_are_counted_when_they_are_divided(project: Project, workers: list[str]) -> None:
    project.write(FILES)
    options = ("--antipasta-shard=1/3", "--ignore=a0.py")
    own = len(outcomes(project.run("--antipasta-only", *JSON, *options, *workers)))
    told = next(note["message"] for note in read(project) if note["kind"] == "files")
    assert told == f"{own} files of 12, limited to --ignore a0.py, shard 1/3"


@pytest.mark.slow
@WITH_PROCESSORS
def test_so_it_is_for_workers_of_ours(project: Project) -> None:
    project.write({**FILES, **{f"{name}.py": LONG + name.encode() for name in ("m", "n", "o", "p")}})
    project.run("--antipasta-only", *JSON, "--antipasta-log-level=debug", "-n", "auto")
    notes = read(project)
    begun = {(note["worker"], note["process"]) for note in notes if note["message"] == "begins"}
    assert {worker for worker, _ in begun} == {"worker-1", "worker-2"}
    files = [note for note in notes if note["kind"] == "file"]
    assert len(files) == 16
    assert {(note["worker"], note["process"]) for note in files} <= begun


def test_a_project_can_not_ask_for_it(project: Project) -> None:
    before = (project.path / "pyproject.toml").read_text()
    option = '["--antipasta-log-file=evil.log"]'
    project.write({**FILES, "pyproject.toml": f"{before}\n[tool.pytest.ini_options]\naddopts = {option}\n"})
    done = project.run("--antipasta-only")
    assert done.ret == 4
    done.stderr.fnmatch_lines(["ERROR: --antipasta-log-file is in the project's `addopts`, *"])
    assert not (project.path / "evil.log").exists()
    assert project.run("--antipasta-only", "--antipasta-log-file=own.log").ret == 0


@pytest.mark.skipif(pytest.version_tuple < (8, 2), reason="pytest 8.2 began to read arguments from files")
def test_a_file_of_arguments_is_the_users_own(project: Project) -> None:
    project.write({**FILES, "args.txt": "--antipasta-only\n@sub/more.txt\n"})
    project.write({"sub/more.txt": "--antipasta-log-file=own.log\n--antipasta-log-level\ninfo\n"})
    assert project.run("@args.txt").ret == 0
    assert (project.path / "own.log").exists()
    project.write({"pytest.ini": "[pytest]\naddopts = @args.txt\n"})
    done = project.run()
    assert done.ret == 4
    done.stderr.fnmatch_lines(["ERROR: --antipasta-log-file is in the project's `addopts`, *"])


def test_what_is_wrong_names_the_option_of_pytest(project: Project) -> None:
    project.write(FILES)
    done = project.run("--antipasta-only", "--antipasta-log-level=debug")
    assert done.ret == 4
    done.stderr.fnmatch_lines(
        ["ERROR: log level and log format need a log file: use --antipasta-log-file or *"]
    )


def test_wrong_usage_is_reported(project: Project) -> None:
    project.write(FILES)
    assert project.run("--antipasta-only", *JSON, "--antipasta-config=none.toml").ret == 4
    (note,) = [note for note in read(project) if note["kind"] == "error"]
    assert note["level"] == "error"


def test_a_user_can_ask_for_it_for_all_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project.write(FILES)
    monkeypatch.setenv("PYTEST_ANTIPASTA_LOG_FILE", str(tmp_path / "all.log"))
    for workers in ([], ["-n", "2"]):
        project.run("--antipasta-only", *workers)
    lines = (tmp_path / "all.log").read_text().splitlines()
    assert sum(line.endswith(" run: exit code 0") for line in lines) == 2
    assert len({line.split()[2] for line in lines}) == 2


@pytest.mark.parametrize("args", [[], pytest.param(["-p", "no:logging"], marks=pytest.mark.slow)])
def test_what_pytest_shows_is_what_it_was(project: Project, args: list[str]) -> None:
    """Neither sections of a failure nor live logs have anything of it."""
    project.write(
        {**FILES, "bad.py": FAILING, "broken.py": "def\n", "test_t.py": "def test(caplog): assert 0\n"}
    )
    live = [] if "no:logging" in args else ["-o", "log_cli=true"]
    project.run("--antipasta-only")
    without = project.run("--antipasta", *args, *live)
    beside = project.run("--antipasta", *JSON, "--antipasta-log-level=debug", *args, *live)
    assert outcomes(beside) == outcomes(without)
    assert without_times(beside) == without_times(without)
    assert "Captured log" not in str(beside.stdout)
    assert len([note for note in read(project) if note["kind"] == "file"]) == 15


def test_a_log_of_pytest_has_it_at_its_own_level(project: Project) -> None:
    project.write({**FILES, "broken.py": "def\n"})
    project.run("--antipasta-only", "--log-file=pytest.log", "--log-file-level=INFO")
    lines = (project.path / "pytest.log").read_text().splitlines()
    assert any("pytest_antipasta" in line and "broken.py" not in line for line in lines)
    project.run("--antipasta-only", "--log-file=pytest.log")
    assert (project.path / "pytest.log").read_text() == ""


def test_where_it_can_not_be_written_there_is_a_line_and_the_same_outcome(project: Project) -> None:
    project.write({**FILES, "bad.py": FAILING})
    (project.path / "runs.log").mkdir()
    done = project.run("--antipasta-only", *JSON)
    assert done.ret == 1
    assert outcomes(done) == outcomes(project.run("--antipasta-only"))
    assert "warning: can't write the log runs.log: Is a directory" in told(done) + done.outlines


@pytest.mark.slow
def test_a_worker_that_crashes_is_reported(project: Project) -> None:
    project.write({**FILES, "conftest.py": CRASH})
    project.run("--antipasta-only", *JSON, "-n", "2")
    (note,) = [note for note in read(project) if note["message"] == "crashed while checking this file"]
    assert (note["kind"], note["path"], note["level"]) == ("workers", "a3.py", "warning")
    assert note["worker"] in {"gw0", "gw1"}


def without_times(result: pytest.RunResult) -> list[str]:
    return [re.sub(r"[0-9.]+ ?s\b|0x[0-9a-fA-F]+", "…", line) for line in result.outlines]


CRASH = """\
import os

def pytest_runtest_logstart(nodeid):
    if nodeid == "a3.py::antipasta" and os.environ.get("PYTEST_XDIST_WORKER") in ("gw0", "gw1"):
        os._exit(1)
"""
