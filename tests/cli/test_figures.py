"""The figures of a run in the JSON report: they add up, and are what happened."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program, Repository
from tests.limits import LONG, WITH_PROCESSORS, find_children
from tests.report.shape import check_verdicts

Capture = pytest.CaptureFixture[str]
SOURCE = "def f{0}(a):\n    return a + {0}\n"
# Some tenths of a second, so that what is between the parts can be told from a pause of the machine.
LARGE = "".join(f"def f{number}(a, b):\n    return a if b else {number}\n" for number in range(300))


DEEP = "def g(a):\n" + "    if a: print()\n" * 11


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with six files of which two are equal and one is wrong."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    for number in range(4):
        (folder / f"f{number}.py").write_text(SOURCE.format(number))
    (folder / "same.py").write_text(SOURCE.format(0))
    (folder / "bad.py").write_text("def f(:\n")
    return folder


def run_check(program: Program, *args: str) -> dict[str, Any]:
    """Return the ``run`` of a report whose sums agree."""
    report = json.loads(program("check", "--format", "json", *args, code=None).out)
    check_verdicts(report)
    run: dict[str, Any] = report["run"]
    return run


def execute(cache_dir: Path, statement: str) -> None:
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database, database:
        database.execute(statement)


def find_store(cache_dir: Path, run: dict[str, Any]) -> tuple[int, int, int, dict[str, int]]:
    return run["hits"], run["misses"], run["coalesced"], run["missed"]


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_every_file_is_found_or_measured_or_a_copy(
    project: Path, cache_dir: Path, jobs: str, program: Program
) -> None:
    cold, warm = (run_check(program, "--jobs", jobs) for _ in range(2))
    assert find_store(cache_dir, cold) == (0, 5, 1, {"new": 4, "error": 1})
    assert find_store(cache_dir, warm) == (5, 1, 0, {"error": 1})
    assert cold["errors"] == warm["errors"] == {"syntax": 1}
    without = run_check(program, "--jobs", jobs, "--no-cache")
    assert find_store(cache_dir, without) == (0, 5, 1, {"no_store": 5})
    assert without["store"] is None


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "UPDATE Cache SET key = CAST(substr(key, 1, 32) || 'others!!' AS BLOB) WHERE length(key) = 40",
            "other_versions",
        ),
        ("DELETE FROM Cache WHERE length(key) = 40", "forgotten"),
        ("UPDATE Cache SET value = x'00' WHERE length(key) = 40", "unreadable"),
        ("DELETE FROM Cache", "new"),
    ],
)
def test_it_says_why_files_were_measured(
    project: Path,
    cache_dir: Path,
    statement: str,
    reason: str,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_time = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real_time() + 10**10)  # files count as old enough
    # What is within all limits by its worst numbers is not looked up.
    Path("pyproject.toml").write_text("[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 0\n")
    run_check(program)
    execute(cache_dir, statement)
    run = run_check(program)
    assert run["missed"] == {reason: 4, "error": 1}
    assert run_check(program)["missed"] == {"error": 1}


def test_what_a_search_for_moved_code_measured_is_no_copy(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry may have followed its function from a file that comes later."""
    monkeypatch.chdir(tmp_path)
    Path("z.py").write_text(DEEP)
    program("baseline", "write", "--no-cache")
    Path("a.py").write_text(DEEP.replace("g", "f"))
    run = run_check(program)
    assert (run["hits"], run["misses"], run["coalesced"]) == (0, 2, 0)


def test_what_is_staged_has_figures_as_well(project: Path, program: Program) -> None:
    Repository(project)
    subprocess.run(["git", "add", "f0.py", "same.py", "bad.py"], check=True)
    run = run_check(program, "--staged")
    assert (run["hits"], run["misses"], run["coalesced"]) == (0, 2, 1)
    assert run["slowest"] == []
    assert run["store"]["reads"]["number"] > 0
    assert [(one["busy"], one["utilisation"]) for one in run["processes"]] == [(None, None)]


def test_the_store_says_what_it_took(project: Path, cache_dir: Path, program: Program) -> None:
    for jobs in ("1", "2"):
        store = run_check(program, "--jobs", jobs)["store"]
        assert store["reads"]["number"] > 1
        for spread in (store["reads"], store["writes"]):
            if spread["number"]:
                assert 0 < spread["median"] <= spread["p95"] <= spread["worst"] <= spread["seconds"]
        assert store["size"] == (cache_dir / "v1" / "cache.db").stat().st_size
    assert store["max_size"] == 100e6


def test_the_slowest_files_come_first(project: Path, program: Program) -> None:
    (project / "large.py").write_text(LARGE)
    for number in range(12):
        (project / f"g{number}.py").write_text(SOURCE.format(number + 10))
    run = run_check(program, "--jobs", "1")
    assert len(run["slowest"]) == 10
    assert "large.py" in [file["path"] for file in run["slowest"][:3]]
    seconds = [file["seconds"] for file in run["slowest"]]
    assert seconds == sorted(seconds, reverse=True)
    assert {file["pid"] for file in run["slowest"]} == {run["processes"][0]["pid"]}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts processor time in 64ths of a second")
@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_the_parts_add_up_to_the_run(
    project: Path, jobs: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timed by this process's own clock, which stands still where other processes have the processor."""
    monkeypatch.setattr(time, "perf_counter", time.process_time)
    for number in range(20):
        (project / f"large{number}.py").write_text(f"{LARGE}# {number}\n")
    for run in [run_check(program, "--jobs", jobs) for _ in ("cold", "warm")]:
        assert run["processor"].keys() == run["phases"].keys()
        assert sum(run["phases"].values()) == pytest.approx(run["seconds"], rel=0.05, abs=0.005)


@WITH_PROCESSORS
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_the_processes_are_those_that_were_seen(project: Path, cache_dir: Path) -> None:
    for number in range(5):
        (project / f"long{number}.py").write_bytes(LONG + b"%d" % number)
    command = ["check", "--jobs", "2", "--report=json=report.json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest_antipasta", *command], stdout=subprocess.DEVNULL
    )
    seen = watch(process)
    report = json.loads(Path("report.json").read_bytes())
    check_verdicts(report)
    run = report["run"]
    main_process, *others = run["processes"]
    assert main_process["pid"] == process.pid
    assert {one["pid"] for one in others} == seen
    assert len(others) == 2
    for one in run["processes"]:
        assert 10e6 < one["peak_memory"] < 1e9
        assert 0 < one["processor"] <= one["seconds"] * 2
        assert one["utilisation"] <= 1
    assert all(one["busy"] > 0 for one in others if one["files"])
    # Half a second is far more than what a busy machine takes between two parts.
    assert sum(run["phases"].values()) == pytest.approx(run["seconds"], rel=0.05, abs=0.5)


def read_command_line(pid: int) -> bytes:
    """Return the words of a process, each with a NUL behind it; nothing where there is none any more."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def watch(process: subprocess.Popen[bytes]) -> set[int]:
    """Return the processes of Python that one has begun until it ends."""
    seen: set[int] = set()
    others: set[int] = set()
    while process.poll() is None:
        for pid in set(find_children(process.pid)) - seen - others:
            program = read_command_line(pid)
            words = program.split(b"\0")
            # What is to be git has the command line of its parent until it is. The parent has none itself
            # as long as it is being started, though it has been begun.
            own = read_command_line(process.pid)
            if len(words) > 2 and b"python" in words[0] and program != own:
                seen.add(pid)
            elif words[0].endswith(b"git"):
                others.add(pid)
        time.sleep(0.005)
    return seen


def test_a_hook_has_no_workers_and_is_noted(
    project: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, program: Program
) -> None:
    monkeypatch.delenv("CI", raising=False)
    for name in ("BUILD_NUMBER", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)
    Repository(project)
    subprocess.run(["git", "add", "f0.py", "f1.py", "same.py"], check=True)
    for kind in ("hook", "ci"):
        main(["hook"])
        monkeypatch.setenv("CI", "true")
        capsys.readouterr()
        status = json.loads(program("cache", "status", "--format", "json").out)
        assert status["last_run"]["kind"] == kind
    runs = [{name: run[name] for name in ("kind", "hits", "misses", "coalesced")} for run in status["runs"]]
    assert runs == [
        {"kind": "ci", "hits": 3, "misses": 0, "coalesced": 0},
        {"kind": "hook", "hits": 0, "misses": 2, "coalesced": 1},
    ]
    assert status["recent"] == {
        "days": 30, "runs": 2, "hit_rate": 0.6, "hook": {"runs": 1, "hit_rate": 0.0},
        "ci": {"runs": 1, "hit_rate": 1.0}, "other": {"runs": 0, "hit_rate": None},
    }  # fmt: skip
    lines = program("cache", "status").out.splitlines()
    assert lines[4].startswith("last run: 100.0 % found (3 hits, 0 missing), ")
    assert lines[4].endswith(" s, in CI")
    assert lines[5].startswith("before: 0.0 % found (0 hits, 2 missing), ")
    assert (
        lines[6]
        == "2 runs in 30 days: 60.0 % found (1 run in CI: 100.0 % found, 1 run by a hook: 0.0 % found)"
    )


def test_the_journal_does_not_mention_what_editors_ask(
    project: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    run_check(program)
    journal = cache_dir / "v1" / "runs.jsonl"
    before = journal.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SOURCE.encode())))
    main(["check", "-", "--stdin-filename", "f0.py"])
    main(["explain", "f1.py"])
    assert journal.read_bytes() == before


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_files_that_are_looked_at_again_count_once(
    project: Path, cache_dir: Path, jobs: str, program: Program
) -> None:
    (project / "long.py").write_text(DEEP)
    main(["baseline", "write", "--quiet", "--no-cache"])
    (project / "long.py").rename(project / "new.py")
    run = run_check(program, "--jobs", jobs)
    judged = {one["kind"]: one["files"] for one in run["processes"] if one["files"]}
    assert judged == {"worker" if jobs == "2" else "main": 7}
    (noted,) = (json.loads(line) for line in (cache_dir / "v1" / "runs.jsonl").read_text().split())
    assert noted["hits"] + noted["misses"] + noted["coalesced"] == 7


def test_the_journal_has_no_name_of_a_file(project: Path, cache_dir: Path, program: Program) -> None:
    run_check(program)
    text = (cache_dir / "v1" / "runs.jsonl").read_text()
    assert "f0" not in text
    assert str(project) not in text
