"""Programs of Python in processes of their own that don't begin with the imports of others.

Half of what a process of pytest takes is imports, and tests begin hundreds of them. Here one process imports
what stands below us, and most of us, and forks another one for each run. That one has arguments, environment,
folder and output to itself, as any other. What it has not is an interpreter that was started for it: tests of
imports, of what Python does when it starts and of the processes that we begin have real ones.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import TypeAlias

Run: TypeAlias = Callable[[str, Sequence[str], Path, Mapping[str, str]], CompletedProcess[bytes]]
"""Runs a module as a program, with arguments, in a folder and an environment."""
# What Python reads when it starts, but PYTHONPATH, of which only a `sitecustomize` would be missed.
_STARTING = ("PYTHON", "LANG", "LC_", "LD_", "TZ")


def start(
    module: str,
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    python: str = sys.executable,
) -> CompletedProcess[bytes]:
    """Run it in a Python that is started for it."""
    command = [python, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )


class ForkedPython:
    """A Python that forks."""

    def __init__(self, python: str = sys.executable, environment: Mapping[str, str] = os.environ) -> None:
        """Take the program; it is started when it is needed."""
        self._python = python
        self._environment = {**environment}
        self._folder = TemporaryDirectory()
        self._address = str(Path(self._folder.name, "programs"))
        self._output = [Path(self._folder.name, name) for name in ("out", "err")]
        self._server: subprocess.Popen[str] | None = None

    def make_program(self) -> Path:
        """Return a folder for ``PATH`` with ``pytest-antipasta``, which is run as modules are here."""
        if not hasattr(os, "fork"):
            return Path(sysconfig.get_path("scripts"))
        folder = Path(self._folder.name, "bin")
        if not folder.exists():
            self._server = self._server or self._begin()
            folder.mkdir()
            program = folder / "pytest-antipasta"
            text = Path(__file__).with_name("program.py").read_text(encoding="utf-8")
            program.write_text(f"#!{self._python} -IS\n{text}\n\nmain({self._address!r})\n", encoding="utf-8")
            program.chmod(0o755)
        return folder

    def run(
        self, module: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> CompletedProcess[bytes]:
        """Run it in a process that is forked, or one that is started where that makes a difference."""
        if not hasattr(os, "fork") or _read_at_start(environment) != _read_at_start(self._environment):
            return start(module, arguments, folder, environment, self._python)
        for path in self._output:
            path.write_bytes(b"")
        request = {
            "module": module,
            "arguments": [*arguments],
            "folder": str(folder),
            "environment": {**environment},
            "output": [*map(str, self._output)],
        }
        code = self._ask(json.dumps(request))
        out, err = (path.read_bytes() for path in self._output)
        return CompletedProcess([self._python, "-m", module, *arguments], code, out, err)

    def close(self) -> None:
        """End it."""
        if self._server:
            self._server.communicate()
        self._folder.cleanup()

    def _ask(self, request: str) -> int:
        self._server = self._server or self._begin()
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(f"{request}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def _begin(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        with socket.socket(socket.AF_UNIX) as programs:  # who connects before it listens waits
            programs.bind(self._address)
            programs.listen()
            number = programs.fileno()
            command = [self._python, str(Path(__file__).with_name("server.py")), str(number)]
            server = subprocess.Popen(
                command, env=self._environment, stdin=pipe, stdout=pipe, text=True, pass_fds=[number]
            )
            server.wait()
        return server


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    names = {name for name in environment if name.startswith(_STARTING)} - {"PYTHONPATH"}
    return {name: environment[name] for name in names}
