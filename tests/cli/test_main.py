"""The program: how it starts, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from tests.plugin.conftest import FAILING, PASSING

PROGRAM = (sys.executable, "-m", "pytest_antipasta")


def start(folder: Path, *args: str, program: Sequence[str] = PROGRAM) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*program, *args],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_both_names_of_the_program_are_one(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("pytest-antipasta")
    for program in (PROGRAM, (str(script),)):
        with start(tmp_path, "--version", program=program) as process:
            output, errors = process.communicate(timeout=30)
        assert (output.decode(), errors) == (f"pytest-antipasta {pytest_antipasta.__version__}\n", b"")


@pytest.mark.parametrize(
    "args", [["--help"], ["check", "--help"], ["measure", "--help"], ["config", "--help"]]
)
def test_help_is_there(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: pytest-antipasta")


@pytest.mark.parametrize("args", [[], ["chek"], ["config"]])
def test_a_missing_or_unknown_command_is_wrong_usage(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: pytest-antipasta")


def test_an_interrupted_program_says_so_and_nothing_else(tmp_path: Path) -> None:
    with start(tmp_path, "measure", "-") as process:
        assert process.stdin
        process.stdin.write(b"x = 1\n")
        process.stdin.flush()
        deadline = time.monotonic() + 20
        while not is_waiting_for_input(process.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (130, b"", b"interrupted\n")


def is_waiting_for_input(pid: int) -> bool:
    """Whether a process waits in a read of a pipe; from then on Python has all its handlers."""
    try:
        return Path(f"/proc/{pid}/wchan").read_text() in ("pipe_read", "anon_pipe_read", "pipe_wait_readable")
    except OSError:
        return False


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_has_had_enough_is_no_trouble(
    tmp_path: Path, form: str, unbuffered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    for number in range(300):
        (tmp_path / f"a{number}.py").write_text(FAILING.replace("decide", "decide" * 50))
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\n"
    )
    with start(tmp_path, "check", "--format", form) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    # As a shell reports a program that the closed pipe ended: violations must not become a success.
    assert process.returncode == 141


def test_a_current_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    command = f"rmdir {folder}; exec {sys.executable} -m pytest_antipasta check"
    environment = os.environ | {"PYTHONPATH": str(Path(pytest_antipasta.__file__).parents[1])}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == b"error: the current folder is not there any more\n"


def test_a_terminal_that_knows_only_ascii_gets_utf8(tmp_path: Path) -> None:
    (tmp_path / "ünïcode.py").write_text(PASSING)
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(
        [*PROGRAM, "measure"], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode().startswith("ünïcode.py: ")
    done = subprocess.run(
        [*PROGRAM, "check", "nö.py"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)
