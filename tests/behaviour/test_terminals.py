"""Every command on a real terminal: colours are codes that it obeys, never text that it shows."""

from __future__ import annotations

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.cli.program import COMMANDS
from tests.trend.conftest import Past, function

if sys.platform == "win32":
    pytest.skip("Windows has no such terminals", allow_module_level=True)

from tests.terminals import iter_sent, open_terminal

COLOR = re.compile(r"\x1b\[[0-9;]*m")
ERASE = re.compile(r"\r|\x1b\[[0-9]*K")
"""What the progress line uses beside colours."""
CALLS = {
    "check": ["check"],
    "check of a change": ["check", "--diff", "HEAD~1"],
    "measure": ["measure"],
    "measure as a table": ["measure", "--format", "table"],
    "explain": ["explain", "a.py::f"],
    "fix": ["fix", "a.py::f", "--dry-run"],
    "baseline write": ["baseline", "write"],
    "baseline show": ["baseline", "show"],
    "trend": ["trend"],
    "trend of a block": ["trend", "a.py::f"],
    "trend of hotspots": ["trend", "--hotspots"],
    "report": ["report", "merge", "missing.json"],
    "config validate": ["config", "validate"],
    "config show": ["config", "show"],
    "cache status": ["cache", "status"],
    "hook": ["hook", "a.py"],
    "hooks": ["hooks", "status"],
}
COLORED = {
    "check",
    "check of a change",
    "explain",
    "report",
    "hook",
    "trend",
    "trend of a block",
    "trend of hotspots",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Past:
    """A repository with functions over their limits, and a name and a subject that would steer a terminal."""
    past = Past(tmp_path_factory.mktemp("terminals") / "project")
    past.record({"a.py": function(5), "\x1b[31mred.py": function(6)}, 0, "first \x1b[2J")
    past.record({"a.py": function(7)}, 10, "second")
    return past


def show(args: list[str], columns: int) -> str:
    """Run a command with a terminal as its standard output and error, and return what it is sent."""
    controller, terminal = open_terminal(columns)

    def read() -> bytes:
        return b"".join(iter_sent(controller))

    with ThreadPoolExecutor(1) as readers, pytest.MonkeyPatch.context() as patch:
        sent = readers.submit(read)
        with open(terminal, "w", encoding="utf-8") as stream:
            patch.setattr(sys, "stdout", stream)
            patch.setattr(sys, "stderr", stream)
            main(args)
        text = sent.result(timeout=30).decode()
    os.close(controller)
    return text


def test_every_command_is_shown() -> None:
    served = {"lsp"}  # which speaks to an editor, and not to a terminal
    assert {args[0] for args in CALLS.values()} == set(COMMANDS) - served


@pytest.mark.parametrize("name", CALLS)
def test_no_code_is_text_and_no_name_is_a_code(
    project: Past, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(project.path)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in ERASE.sub("", show(CALLS[name], 80)), "NO_COLOR is set"
    monkeypatch.delenv("NO_COLOR")
    text = show(CALLS[name], 80)
    assert bool(COLOR.search(text)) == (name in COLORED)
    plain = COLOR.sub("", ERASE.sub("", text))
    assert "\x1b" not in plain
    # The file's name and the subject are the only texts with an escape in them.
    assert not re.search(r"\\x1b\[(?!31mred|2J)", plain)
