"""The cyclic collector is left as it was found, but in processes of pytest's own without tests."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys

import pytest

from pytest_antipasta.runtime.garbage import gc_paused
from tests.plugin.conftest import PASSING, Project

SCRIPT = shutil.which("pytest", path=os.path.dirname(sys.executable)) or "pytest"
LOOK = """\
import atexit, gc

def pytest_runtest_logreport(report):
    note(f"{report.nodeid} {report.when}", gc.isenabled(), gc.get_threshold()[0] > 100_000)

def note(*what):
    with open("collector", "a") as file:
        print(*what, file=file)

atexit.register(lambda: note("exit", gc.isenabled(), gc.get_freeze_count() > 1000))
"""
TEST = "def test_nothing():\n    pass\n"
CALL = """\
import gc, pytest

def test_it():
    before = gc.get_threshold()
    pytest.main(["--antipasta-only", "--antipasta-no-cache", "-q", "a.py"])
    assert (gc.get_threshold(), gc.isenabled(), gc.get_freeze_count() < 1000) == (before, True, True)

if __name__ == "__main__":
    test_it()
"""


@pytest.mark.parametrize("enabled", [True, False])
def test_a_pause_ends_with_what_was_before(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        with pytest.raises(ValueError, match="inside"), gc_paused():
            assert not gc.isenabled()
            raise ValueError("inside")
        assert gc.isenabled() == enabled
    finally:
        gc.enable() if before else gc.disable()


def run(command: list[str], project: Project) -> subprocess.CompletedProcess[bytes]:
    """Run it as if no test did."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return subprocess.run(command, cwd=project.path, env=environment, capture_output=True, check=False)


MODULE = [sys.executable, "-m", "pytest"]
ALONE, BESIDE = ("--antipasta-only", True), ("--antipasta", False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "option", "rests", "workers"),
    [
        # How pytest is started its workers don't know.
        pytest.param(MODULE, *ALONE, ["-n", "1"], id="source files alone in a worker"),
        pytest.param(MODULE, *BESIDE, ["-n", "1"], id="beside tests in a worker"),
        pytest.param([SCRIPT], *ALONE, [], id="source files alone by the script"),
        pytest.param([SCRIPT], *BESIDE, [], id="beside tests by the script"),
    ],
)
def test_it_rests_only_in_processes_of_pytests_without_tests(
    project: Project, start: list[str], option: str, rests: bool, workers: list[str]
) -> None:
    project.write({"a.py": PASSING, "test_a.py": TEST, "conftest.py": LOOK})
    assert run([*start, option, *workers], project).returncode == 0
    seen = sorted((project.path / "collector").read_text().splitlines())
    processes = 2 if workers else 1
    assert [line for line in seen if line.startswith("exit")] == [f"exit True {rests}"] * processes
    judged = [line for line in seen if line.startswith("a.py::antipasta call")]
    assert judged == [f"a.py::antipasta call True {rests}"] * processes


@pytest.mark.slow
@pytest.mark.parametrize(
    "start",
    [pytest.param([], id="a program"), pytest.param(["-m", "pytest"], id="a test")],
)
def test_who_calls_pytest_has_the_collector_back(project: Project, start: list[str]) -> None:
    project.write({"a.py": PASSING, "test_call.py": CALL})
    done = run([sys.executable, *start, "test_call.py"], project)
    assert (done.returncode, b"1 passed" in done.stdout) == (0, True)
