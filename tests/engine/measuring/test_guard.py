"""A file may take only so much, wherever it is measured."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_antipasta import measure
from pytest_antipasta.cli import main
from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.measuring.guard import SERVER, Guard
from pytest_antipasta.engine.measuring.measurement import measure as measure_here
from pytest_antipasta.model.measured import FileError, FileMetrics
from pytest_antipasta.processes.child import LoneChild
from pytest_antipasta.processes.limits import ResourceLimits
from tests.limits import (
    DEEP,
    HEAVY,
    KILL,
    LARGE,
    NEEDS_PROC,
    ODD,
    SLOW,
    find_children,
    find_cpu_seconds,
    is_there,
    wait_until,
)
from tests.windows import NEEDS_SCRIPTS

LIMITS = ResourceLimits(5, 500)
TIMEOUT = "it used more than {} s of CPU time; raise file_timeout or exclude the file"
SHORT = "not enough free memory to measure it; free memory or exclude the file"
KILLED = "the process measuring this file ended (SIGKILL); exclude the file and report a bug"
MEMORY = "it used more than {} MB of memory; raise memory_limit_mb or exclude the file"


@pytest.fixture
def diagnostics() -> Diagnostics:
    return Diagnostics()


@pytest.fixture
def guard(diagnostics: Diagnostics) -> Iterator[Guard]:
    guard = Guard(LIMITS, diagnostics)
    yield guard
    guard.close()
    assert find_children() == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LARGE, id="more than a megabyte"),
        pytest.param(ODD, id="much for radon's tokenizer", marks=pytest.mark.slow),
        pytest.param(b"\xff" * 1_100_000, id="much that is no text"),
    ],
)
def test_what_may_take_long_has_the_same_numbers_from_another_process(guard: Guard, data: bytes) -> None:
    assert guard.measure(data) == measure_here(data)
    assert len(find_children()) == 1


@NEEDS_PROC
@pytest.mark.slow
def test_a_system_that_tells_nothing_of_memory_has_no_limit_and_that_is_reported_once(
    guard: Guard, diagnostics: Diagnostics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert guard.measure(LARGE) == measure_here(LARGE)
    assert diagnostics.take() == ()
    monkeypatch.setattr("pytest_antipasta.processes.limits._PROC", tmp_path)
    for _ in range(2):
        guard.close()
        assert guard.measure(LARGE) == measure_here(LARGE)
    assert [warning.text for warning in diagnostics.take()] == [
        "memory_limit_mb is ignored: without /proc, the memory of a process can't be measured"
    ]


def test_what_is_small_needs_no_other_process(guard: Guard) -> None:
    guard.measure(b"x: int; y = 1\n" * 3_000)
    assert find_children() == []


@NEEDS_PROC
def test_a_time_that_the_system_can_not_limit_is_no_limit(diagnostics: Diagnostics) -> None:
    guard = Guard(ResourceLimits(1e19, 500), diagnostics)
    assert guard.measure(LARGE) == measure_here(LARGE)
    assert len(find_children()) == 1
    guard.close()
    assert diagnostics.take() == ()


def test_one_process_measures_many(guard: Guard) -> None:
    guard.measure(LARGE)
    first = find_children()
    guard.measure(ODD)
    assert find_children() == first


@NEEDS_PROC
@pytest.mark.parametrize("data", [DEEP, SLOW, HEAVY], ids=["inside C", "inside Python", "a valid file"])
def test_what_takes_too_long_is_given_up(diagnostics: Diagnostics, data: bytes) -> None:
    guard = Guard(ResourceLimits(0.05, 500), diagnostics)
    measured = guard.measure(data)
    assert measured.error == FileError("timeout", TIMEOUT.format(0.05))
    assert (find_children(), diagnostics.take()) == ([], ())


@NEEDS_PROC
def test_a_short_time_holds_for_what_is_small(diagnostics: Diagnostics) -> None:
    guard = Guard(ResourceLimits(0.1, 500), diagnostics)
    found = guard.measure(b"a\n" * 200_000)  # which takes eight times as long
    assert find_children() == []
    guard.close()
    assert (found.error and found.error.kind, diagnostics.take()) == ("timeout", ())


@NEEDS_PROC
def test_what_takes_too_much_memory_is_given_up(diagnostics: Diagnostics) -> None:
    guard = Guard(ResourceLimits(5, 64), diagnostics)
    assert guard.measure(HEAVY).error == FileError("memory", MEMORY.format(64))
    assert (find_children(), diagnostics.take()) == ([], ())


@NEEDS_PROC
@pytest.mark.slow
def test_where_little_memory_is_left_it_is_that(
    diagnostics: Diagnostics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "meminfo").write_text("MemAvailable: 0 kB\n")
    monkeypatch.setattr("pytest_antipasta.processes.cgroups._HOST", tmp_path / "meminfo")
    guard = Guard(LIMITS, diagnostics)
    assert guard.measure(HEAVY).error == FileError("out_of_memory", SHORT)
    assert guard.measure(LARGE) == measure_here(LARGE)
    guard.close()


@NEEDS_PROC
@pytest.mark.slow
def test_the_next_file_is_measured_after_one_was_given_up(diagnostics: Diagnostics) -> None:
    guard = Guard(ResourceLimits(0.5, 500), diagnostics)
    assert guard.measure(DEEP).error
    assert guard.measure(LARGE).error is None
    guard.close()


def test_nothing_begins_after_its_deadline(guard: Guard) -> None:
    measured = guard.measure(DEEP, deadline=0.0)
    message = "the time budget ran out before this file; raise time_budget or exclude the file"
    assert measured.error == FileError("timeout", message)
    assert measured.metrics == FileMetrics()


@NEEDS_SCRIPTS
def test_a_process_that_is_slow_to_begin_is_waited_for_until_the_deadline(
    guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(slow))
        measured = guard.measure(DEEP, deadline=time.monotonic() + 0.2)
    assert measured.error is not None
    assert measured.error.message.startswith("the time budget ran out before this file")
    assert find_children() == []
    assert guard.measure(LARGE).error is None  # the next has its own process


def test_a_process_that_dies_is_begun_again(guard: Guard) -> None:
    guard.measure(LARGE)
    (child,) = find_children()
    os.kill(child, KILL)
    wait_until(lambda: not is_there(child))
    assert guard.measure(LARGE).error is None


@NEEDS_PROC
@pytest.mark.slow
@pytest.mark.parametrize(
    ("is_told", "error"),
    [
        pytest.param(False, FileError("internal", KILLED), id="for no known reason"),
        pytest.param(True, FileError("out_of_memory", SHORT), id="for its memory"),
    ],
)
def test_a_file_over_which_it_is_killed_twice_is_an_error(
    guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_told: bool, error: FileError
) -> None:
    events = tmp_path / "vmstat"
    monkeypatch.setattr("pytest_antipasta.processes.cgroups._EVENTS", events)

    def kill_children() -> None:
        killed: set[int] = set()
        while len(killed) < 2:
            time.sleep(0.01)
            # One that is still beginning has not been given the file.
            for child in find_children():
                if child not in killed and find_cpu_seconds(child) > 0.6:
                    if is_told:
                        events.write_text(f"pgfault 9\noom_kill {len(killed) + 1}\n")
                    os.kill(child, KILL)
                    killed.add(child)

    killer = threading.Thread(target=kill_children)
    killer.start()
    assert guard.measure(DEEP).error == error
    killer.join()


def test_ending_a_process_again_waits_for_nothing() -> None:
    child = LoneChild(SERVER, 5.0)
    os.kill(child.pid, KILL)
    child.end()
    assert child.describe_end() == ("exit code 15" if sys.platform == "win32" else "SIGKILL")
    again = threading.Thread(target=child.end)
    again.start()
    again.join(timeout=5)  # half of what it may wait for an answer that is still being read
    assert not again.is_alive()


@pytest.mark.slow
def test_without_processes_it_is_measured_here_and_reported_once(
    guard: Guard, diagnostics: Diagnostics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    for _ in range(2):
        assert guard.measure(ODD).metrics.lines_of_code == 20_002
    ((line, _),) = diagnostics.take()
    assert line.startswith(
        "time and memory limits are disabled for this run: can't start a process for them ("
    )


def test_the_api_leaves_no_process() -> None:
    assert measure(LARGE).metrics.lines_of_code == 2
    assert find_children() == []


@pytest.fixture
def hard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a file that takes much, and one that is fine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hard.py").write_bytes(SLOW)
    (tmp_path / "fine.py").write_text("x = 1\n")
    return tmp_path


@NEEDS_PROC
@pytest.mark.parametrize(
    ("jobs", "setting", "reason"),
    [
        pytest.param("1", "file_timeout = 0.1", f"(timeout): {TIMEOUT.format(0.1)}", id="time"),
        pytest.param(
            "2",
            "memory_limit_mb = 64",
            f"(memory): {MEMORY.format(64)}",
            id="memory, in workers",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_check_names_what_it_gives_up(
    hard: Path, jobs: str, setting: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (hard / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{setting}\n")
    assert main(["check", "--jobs", jobs, "--quiet"]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [f"hard.py: not measured {reason}"]
    assert find_children() == []
    assert main(["check", "--debug"]) == 3
    assert "store: 1 hit, 1 miss" in capsys.readouterr().out  # it was not stored
