"""Judging in workers: what becomes of files when workers don't do as they should."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.executor.judging import judge_many
from pytest_antipasta.engine.opening import open_run
from pytest_antipasta.engine.rules import read_rules
from pytest_antipasta.processes.limits import read_usage
from tests.limits import HEAVY, KILL, NEEDS_PROC, SLOW, find_children, find_cpu_seconds, wait_until
from tests.plugin.conftest import PASSING

# Valid, and 290 MB.
LARGE = b"x = [" + b"a, " * 150_000 + b"]\n"
KILLED = (
    "z.py: not measured (internal): the process measuring this file ended (SIGKILL); exclude the file "
    "and report a bug"
)

SILENT = (
    "z.py: not measured (internal): the process measuring the file did not respond for 2 s; run it "
    "again, or exclude the file"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that are soon measured, and one that is not."""
    monkeypatch.chdir(tmp_path)
    for number in range(50):
        (tmp_path / f"a{number}.py").write_text(f"x = {number:{number + 9}}\n{PASSING}")  # of different sizes
    (tmp_path / "z.py").write_bytes(SLOW)
    # A machine that is busy needs several times as long for it as others.
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-antipasta]\nfile_timeout = 60\n")
    return tmp_path


def kill_workers(times: int, events: Path | None = None, number: int = KILL) -> Callable[[], int]:
    """Kill the worker that is at the slow file, some times; return what tells how often that was done.

    As the system does where memory runs out, if that is to be told in a file; or stop it, by another signal.
    """
    killed: set[int] = set()
    is_over = threading.Event()

    def find_busy() -> list[int]:
        return [child for child in find_children() if child not in killed and find_cpu_seconds(child) > 0.7]

    def kill() -> None:
        while len(killed) < times and not is_over.is_set():
            time.sleep(0.01)
            for child in find_busy()[:1]:
                if events is not None:
                    events.write_text(f"pgfault 1000\noom_kill {3 + len(killed)}\n")
                os.kill(child, number)
                killed.add(child)

    killer = threading.Thread(target=kill)
    killer.start()

    def end() -> int:
        is_over.set()
        killer.join()
        return len(killed)

    return end


@NEEDS_PROC
@pytest.mark.slow
@pytest.mark.parametrize(
    ("times", "code", "lines"),
    [pytest.param(1, 0, [], id="once"), pytest.param(2, 3, [KILLED], id="twice")],
)
def test_a_worker_that_dies_costs_its_file_and_no_other(
    tree: Path, times: int, code: int, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    end = kill_workers(times)
    found = main(["check", "--jobs=2"])
    assert end() == times
    output = capsys.readouterr().out.splitlines()
    assert (found, [line for line in output if line.startswith("z.py")]) == (code, lines)
    checked = "50 files, 1 file not measured" if lines else "51 files"
    assert f"no violations in {checked}" in output
    assert find_children() == []


@NEEDS_PROC
@pytest.mark.slow
def test_a_worker_that_is_stopped_costs_its_file_and_no_other(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pytest_antipasta.processes.limits._SILENCE", 2.0)
    end = kill_workers(2, number=signal.SIGSTOP)
    assert main(["check", "--jobs=2"]) == 3
    assert end() == 2
    output = capsys.readouterr().out.splitlines()
    assert [line for line in output if line.startswith("z.py")] == [SILENT]
    assert "no violations in 50 files, 1 file not measured" in output
    assert find_children() == []


@NEEDS_PROC
@pytest.mark.slow
def test_who_takes_the_outcomes_slowly_leaves_the_limits_as_they_are(tree: Path) -> None:
    """The answers of one worker always lie ready while the other takes too much memory."""
    (tree / "z.py").write_bytes(HEAVY)
    (tree / "pyproject.toml").write_text("[tool.pytest-antipasta]\nmemory_limit_mb = 150\n")
    found = {}
    run = open_run(read_rules(tree), None)
    with closing(judge_many(run.plan.sources, run.judge, 2)) as outcomes:
        for outcome in outcomes:
            found[outcome.verdict.path] = outcome.verdict.error
            time.sleep(0.02)
    run.close()
    error = found.pop("z.py")
    assert error is not None
    assert (error.kind, len(found), {*found.values()}) == ("memory", 50, {None})


def test_without_workers_all_is_judged_here_and_reported_in_a_line(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "z.py").unlink()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert main(["check", "--jobs=2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "no violations in 50 files"
    assert lines[1].startswith("checked without workers: can't start them (")
    assert len(lines) == 3


def test_what_an_interpreter_prints_when_it_starts_is_not_an_answer(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "z.py").unlink()
    (tree / "site").mkdir()
    (tree / "site" / "sitecustomize.py").write_text("print('hello ' * 1000)\n")
    monkeypatch.setenv("PYTHONPATH", str(tree / "site"))
    assert main(["check", "--jobs=2"]) == 0
    output = capsys.readouterr().out
    assert ("no violations in 51 files" in output, "judged without workers" in output) == (True, False)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_threads_that_can_not_be_started_cost_no_file(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], most: int
) -> None:
    (tree / "z.py").unlink()
    started: list[object] = []

    def start(*args: Any) -> int:
        if len(started) >= most:
            raise RuntimeError("can't start new thread")
        started.append(args)
        return start_new_thread(*args)

    start_new_thread = _thread.start_new_thread
    monkeypatch.setattr(_thread, "start_new_thread", start)
    assert main(["check", "--jobs=2"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("no violations in 50 files\n")
    if most < 2:
        assert "checked without workers: can't start them (can't start new thread)" in output
    assert find_children() == []


@pytest.fixture
def leave_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Run on a machine that has so many megabytes left for our processes, beside a reserve of 64."""
    host = tmp_path / "meminfo"
    monkeypatch.setattr("pytest_antipasta.processes.cgroups._HOST", host)
    is_over = threading.Event()

    def keep(megabytes: int) -> None:
        while not is_over.is_set():
            used = sum(usage.megabytes for child in find_children() if (usage := read_usage(child)))
            left = max(0, int((megabytes + 64 - used) * 1e6 / 1024))
            (tmp_path / "new").write_text(f"MemAvailable: {left} kB\n")
            (tmp_path / "new").rename(host)
            time.sleep(0.01)

    keepers: list[threading.Thread] = []

    def leave(megabytes: int) -> None:
        keepers.append(threading.Thread(target=keep, args=(megabytes,)))
        keepers[0].start()
        wait_until(host.exists)

    yield leave
    is_over.set()
    keepers[0].join()


FEWER = "low memory: using 1 worker instead of 2"
SHORT = "not measured (out_of_memory): not enough free memory to measure it; free memory or exclude the file"


@NEEDS_PROC
@pytest.mark.slow
@pytest.mark.parametrize(
    ("megabytes", "code", "told"),
    [
        pytest.param(1200, 0, [], id="enough for both"),
        pytest.param(450, 0, [FEWER], id="enough for one of them"),
        pytest.param(0, 3, [f"y.py: {SHORT}", f"z.py: {SHORT}", FEWER], id="none"),
    ],
)
def test_with_less_memory_there_are_fewer_workers_before_a_file_is_given_up(
    tree: Path,
    leave_memory: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
    megabytes: int,
    code: int,
    told: list[str],
) -> None:
    for name in ("y.py", "z.py"):
        (tree / name).write_bytes(LARGE)
    leave_memory(megabytes)
    assert main(["check", "--jobs=2"]) == code
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "memory" in line and not line.startswith(" ")] == told
    assert f"no violations in {'50 files, 2 files not measured' if code else '52 files'}" in lines
    assert find_children() == []


def test_there_are_no_more_workers_than_there_is_memory_for(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "z.py").unlink()
    (tree / "meminfo").write_text("MemAvailable: 360000 kB\n")
    monkeypatch.setattr("pytest_antipasta.processes.cgroups._HOST", tree / "meminfo")
    begun: set[int] = set()
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.005):
            begun.update(find_children())

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert main(["check", "--jobs=3"]) == 0
    is_over.set()
    watcher.join()
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["no violations in 50 files", "low memory: using 2 workers instead of 3"]
    assert len(begun) == 2


@NEEDS_PROC
@pytest.mark.slow
def test_there_are_fewer_workers_once_others_take_the_memory(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(8):  # 95 MB each
        (tree / f"y{number}.py").write_bytes(b"x: int; y%d = [\n" % number + b"1,\n" * 40_000 + b"]\n")
    (tree / "z.py").unlink()
    monkeypatch.setattr("pytest_antipasta.processes.cgroups._HOST", tree / "meminfo")

    def take_memory() -> None:
        wait_until(lambda: any(find_cpu_seconds(child) > 0.7 for child in find_children()))
        (tree / "meminfo").write_text("MemAvailable: 0 kB\n")

    other = threading.Thread(target=take_memory)
    other.start()
    assert main(["check", "--jobs=2"]) == 0
    other.join()
    assert capsys.readouterr().out.splitlines()[:2] == ["no violations in 58 files", FEWER]


@NEEDS_PROC
@pytest.mark.slow
def test_a_worker_that_is_killed_for_its_memory_is_one_too_many(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    events = tree / "vmstat"
    events.write_text("oom_kill 2\n")
    monkeypatch.setattr("pytest_antipasta.processes.cgroups._EVENTS", events)
    (tree / "y.py").write_bytes(SLOW)
    end = kill_workers(1, events)
    assert main(["check", "--jobs=2"]) == 0
    assert end() == 1
    assert capsys.readouterr().out.splitlines()[:2] == ["no violations in 52 files", FEWER]
