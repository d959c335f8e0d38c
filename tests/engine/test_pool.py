"""Judging in workers: what becomes of files when workers don't do as they should."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.limits import SLOW, find_children, find_cpu_seconds
from tests.plugin.conftest import PASSING

KILLED = (
    "z.py: not measured (internal): the process that measured it ended (SIGKILL); "
    "exclude the file, and report it"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that are soon measured, and one that is not."""
    monkeypatch.chdir(tmp_path)
    for number in range(50):
        (tmp_path / f"a{number}.py").write_text(f"x = {number}\n{PASSING}")
    (tmp_path / "z.py").write_bytes(SLOW)
    return tmp_path


def kill_workers(times: int) -> Callable[[], int]:
    """Kill the worker that is at the slow file, some times; return what tells how often that was done."""
    killed: set[int] = set()
    is_over = threading.Event()

    def kill() -> None:
        while len(killed) < times and not is_over.is_set():
            time.sleep(0.01)
            for child in find_children():
                if find_cpu_seconds(child) > 0.7:
                    os.kill(child, signal.SIGKILL)
                    killed.add(child)

    killer = threading.Thread(target=kill)
    killer.start()

    def end() -> int:
        is_over.set()
        killer.join()
        return len(killed)

    return end


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
    rest = "no violations" + (", 1 file not measured" if lines else "")
    assert f"51 files: {rest}" in output
    assert find_children() == []


def test_without_workers_all_is_judged_here_and_told_in_a_line(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "z.py").unlink()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert main(["check", "--jobs=2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "50 files: no violations"
    assert lines[1].startswith("judged without workers: they can't be started (")
    assert len(lines) == 3


def test_workers_that_end_at_once_are_none(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "z.py").unlink()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert main(["check", "--jobs=2"]) == 0
    assert "judged without workers: they can't be started (exit code 1)" in capsys.readouterr().out


def test_what_an_interpreter_prints_when_it_starts_is_no_answer(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "z.py").unlink()
    (tree / "site").mkdir()
    (tree / "site" / "sitecustomize.py").write_text("print('hello ' * 1000)\n")
    monkeypatch.setenv("PYTHONPATH", str(tree / "site"))
    assert main(["check", "--jobs=2"]) == 0
    output = capsys.readouterr().out
    assert ("51 files: no violations" in output, "judged without workers" in output) == (True, False)


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5])
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
    assert output.startswith("50 files: no violations\n")
    if most < 2:
        assert "judged without workers: they can't be started (can't start new thread)" in output
    assert find_children() == []
