"""Progress on a terminal: after per second, on one line, and gone without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from pytest_antipasta.cli import main, running
from tests.conftest import Repository

if sys.platform == "win32":
    pytest.skip("Windows has no such terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

from pytest_antipasta.cli.progress import ProgressLine, format_progress

FILES = 3


class Terminal:
    """A real terminal, and what somebody in front of it sees.

    Attributes:
        stream: what a program writes to.
    """

    def __init__(self) -> None:
        self._controller, self._file = pty.openpty()
        self.stream: TextIO = open(self._file, "w", encoding="utf-8")  # noqa: SIM115
        self.resize(80)

    @contextmanager
    def as_stderr(self) -> Iterator[None]:
        """Let it be standard error; here and not in a fixture, as pytest sets that before each test."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stderr", self.stream)
            yield

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self) -> str:
        """Return what was written since the last look, as it was."""
        os.write(self._file, b"\0")  # the kernel hands on what was written before in its own time
        written = b""
        while not written.endswith(b"\0"):
            written += os.read(self._controller, 65536)
        return written[:-1].decode()

    def close(self) -> None:
        self.stream.close()
        os.close(self._controller)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal, and an environment that is one of somebody in front of it."""
    opened = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("TF_BUILD", raising=False)
    yield opened
    opened.close()


class Clock:
    """Shows the time that it is given."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def show(written: str) -> list[str]:
    """Return the lines of a screen that shows what was written, without spaces at their ends."""
    lines = []
    for line in written.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


@pytest.mark.parametrize(
    ("done", "seconds", "expected"),
    [
        pytest.param(0, 1.0, "0 of 200 files", id="nothing yet"),
        pytest.param(50, 2.0, "50 of 200 files, 25 per second, 6 s left", id="many a second"),
        pytest.param(3, 4.0, "3 of 200 files", id="too few to tell"),
        pytest.param(4, 8.0, "4 of 200 files, 0.5 per second, 6 min left", id="few a second"),
        pytest.param(199, 1.0, "199 of 200 files, 199 per second, 1 s left", id="nearly done"),
        pytest.param(200, 8.0, "200 of 200 files, 25 per second, 0 s left", id="done"),
    ],
)
def test_it_says_how_many_how_quickly_and_how_long(done: int, seconds: float, expected: str) -> None:
    assert format_progress(done, 200, ("file",), seconds) == expected


def test_nothing_is_shown_in_the_first_second_and_nothing_is_left(terminal: Terminal, clock: Clock) -> None:
    with terminal.as_stderr(), running.follow(False, clock=clock) as step:
        step(1, 4)
        clock.now += 0.875
        step(2, 4)
        assert terminal.read() == ""
        clock.now += 0.125
        step(3, 4)
        assert show(terminal.read()) == ["3 of 4 files, 3.0 per second, 1 s left"]
        clock.now += 0.0625
        step(4, 4)
        assert terminal.read() == "", "it was drawn a moment ago"
        clock.now += 0.0625
        step(4, 4)
        drawn = terminal.read()
        assert show(drawn) == ["4 of 4 files, 3.6 per second, 0 s left"]
    assert show(drawn + terminal.read()) == [""]


def test_what_was_waited_before_counts(terminal: Terminal, clock: Clock) -> None:
    with terminal.as_stderr(), running.follow(False, "entry", "entries", waited=0.75, clock=clock) as step:
        clock.now += 0.25
        step(0, 2)
        assert show(terminal.read()) == ["0 of 2 entries"]


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"TERM": "dumb"}, id="a terminal that takes nothing back"),
        pytest.param({"CI": "true"}, id="most services"),
        pytest.param({"BUILD_NUMBER": "7"}, id="Jenkins"),
        pytest.param({"TF_BUILD": "True"}, id="Azure"),
    ],
)
def test_where_nobody_sees_it_nothing_is_shown(
    variables: dict[str, str], terminal: Terminal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with terminal.as_stderr(), running.follow(False, clock=clock) as step:
        clock.now += 5
        step(1, 2)
    assert terminal.read() == ""


def test_nothing_is_shown_when_quiet_or_without_a_terminal(
    terminal: Terminal, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(*, quiet: bool = False) -> None:
        with running.follow(quiet, clock=clock) as step:
            clock.now += 5
            step(1, 2)

    with terminal.as_stderr():
        run(quiet=True)
    assert terminal.read() == ""
    with (tmp_path / "log").open("w") as log:
        monkeypatch.setattr(sys, "stderr", log)
        run()
    assert (tmp_path / "log").read_text() == ""
    monkeypatch.setattr(sys, "stderr", None)
    run()


@pytest.mark.parametrize("columns", [0, 8, 38, 39, 200])
def test_it_keeps_to_the_width_of_the_terminal(terminal: Terminal, clock: Clock, columns: int) -> None:
    text = "3 of 4 files, 3.0 per second, 1 s left"
    assert len(text) == 38
    terminal.resize(columns)
    line = ProgressLine(terminal.stream, ("file",), clock.now - 1, clock)
    line.draw(3, 4)
    drawn = terminal.read()
    assert show(drawn) == [text[: (columns or 80) - 1].rstrip()]
    line.clear()
    written = drawn + terminal.read()
    assert show(written) == [""]
    assert max(map(len, written.split("\r"))) < (columns or 80), "a full line would begin the next one"


def test_a_terminal_that_gets_narrower_keeps_one_line(terminal: Terminal, clock: Clock) -> None:
    line = ProgressLine(terminal.stream, ("file",), clock.now - 1, clock)
    line.draw(3, 4)
    terminal.read()
    terminal.resize(12)
    clock.now += 1
    line.draw(4, 4)
    line.clear()
    written = terminal.read()
    assert "\r4 of 4 file\r" in written
    assert max(map(len, written.split("\r"))) < 12
    assert show(written) == [""]


def test_an_interrupt_leaves_a_clean_line(terminal: Terminal, clock: Clock) -> None:
    written = ""
    with (
        pytest.raises(KeyboardInterrupt),
        terminal.as_stderr(),
        running.follow(False, clock=clock) as step,
    ):
        clock.now += 1
        step(3, 4)
        terminal.stream.write("^C")  # as a terminal echoes it
        terminal.stream.flush()
        written = terminal.read()
        raise KeyboardInterrupt
    assert show(written)[0].endswith("left^C")
    assert show(written + terminal.read()) == [""]


def test_a_terminal_that_is_gone_ends_nothing(clock: Clock) -> None:
    controller, file = pty.openpty()
    with open(file, "w", encoding="utf-8") as stream:
        line = ProgressLine(stream, ("file",), clock.now - 1, clock)
        os.close(controller)
        line.draw(1, 2)
        line.clear()


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit, and files beside it that are over a limit; the current folder."""
    repository.git("commit", "--quiet", "--allow-empty", "--message=empty")
    for number in range(FILES):
        (repository.path / f"m{number}.py").write_text(f"def f{number}(a):\n    return a if a else 1\n")
    (repository.path / "pyproject.toml").write_text(
        "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\n"
    )
    monkeypatch.chdir(repository.path)
    return repository.path


COMMANDS = [
    pytest.param(["check", "--jobs", "1"], "of 3 files", id="check"),
    pytest.param(["check", "--jobs", "2"], "of 3 files", id="check in workers"),
    pytest.param(["check", "--diff", "HEAD"], "of 3 files", id="a change"),
    pytest.param(["check", "--report", "json=a.json", "--report", "csv=a.csv"], "of 2 reports", id="reports"),
    pytest.param(["measure", "--jobs", "1"], "of 3 files", id="measure"),
    pytest.param(["cache", "warm", "--jobs", "1"], "of 3 files", id="cache warm"),
    pytest.param(["cache", "verify"], "of 4 entries", id="cache verify"),
    pytest.param(["baseline", "write", "--jobs", "1"], "of 3 files", id="baseline write"),
]


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
def test_every_command_that_may_take_long_shows_it(
    command: list[str],
    expected: str,
    project: Path,
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main(["cache", "warm", "--quiet"])
    monkeypatch.setattr(running, "_PATIENCE", -1.0)
    with terminal.as_stderr():
        main(command)
        written = terminal.read()
        assert expected in written
        assert show(written) == [""], "nothing is left, and nothing was written into it"
        main([*command, "--quiet"])
    assert terminal.read() == ""


PROGRAM = """\
import sys
from pytest_antipasta.cli import main, running
running._PATIENCE = 1e9
main(["check", "m0.py"])
print("pytest_antipasta.cli.progress" in sys.modules)
"""


def test_what_is_not_shown_is_not_imported(project: Path, terminal: Terminal) -> None:
    """By a run that is soon done."""
    arguments = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=terminal.stream, check=True)
    assert done.stdout.split()[-1] == b"False"
    assert terminal.read() == ""
