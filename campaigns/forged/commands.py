"""Every command that reads the store, in a process of its own, and what it must not do."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import signal
import sys
import time
import traceback
import unicodedata
from collections.abc import Callable
from importlib import import_module
from io import StringIO
from pathlib import Path
from pkgutil import walk_packages
from typing import NamedTuple
from xml.etree import ElementTree

import pytest_antipasta
from pytest_antipasta.cli import main

# A command takes some hundredths of a second.
_HANGING = 30
_MEMORY = 3 * 2**30
_CRASHED = re.compile(r"internal error|Traceback \(most recent call last\)|please report")
# What a line of a log must not begin with, and where a name is the only thing that could have it so.
_ORDER = re.compile(r"^\s*::(?!error |warning |notice )|^::\w+ ::x", re.MULTILINE)
_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_EXIT_CODES, _WRONG_USAGE = (0, 1, 2, 3), 2


def import_all() -> None:
    """Import what commands import, so that none of the processes has to."""
    for module in walk_packages(pytest_antipasta.__path__, "pytest_antipasta."):
        if not module.name.startswith(("pytest_antipasta.__main__", "pytest_antipasta.plugin")):
            import_module(module.name)


class Command(NamedTuple):
    """A command line.

    Attributes:
        words: of it.
        check: says what is wrong with its standard output; raises where it is not what it should be.
        file: that it writes and that is looked at in place of standard output.
    """

    words: tuple[str, ...]
    check: Callable[[str], object] | None = None
    file: str = ""

    @property
    def name(self) -> str:
        """Its words."""
        return " ".join(self.words)

    def run(self, root: Path, folder: Path) -> str:
        """Run it in a folder; return what it did that it must not, nothing where it did not."""
        output, errors = folder / "output", folder / "errors"
        code = _wait(_fork(self.words, root, (output, errors)))
        answer, told = (path.read_bytes().decode("utf-8", "surrogateescape") for path in (output, errors))
        text = told + answer
        if code is None:
            return f"hung\n{text}"
        if code not in _EXIT_CODES or _CRASHED.search(text):
            return f"crashed, exit code {code}\n{text}"
        if self.file and code != _WRONG_USAGE:
            answer = (root / self.file).read_text(errors="surrogateescape")
        return _find_steering(told) or _find_steering(answer) or self._find_damage(answer)

    def _find_damage(self, answer: str) -> str:
        if self.check is not None and answer:
            try:
                self.check(answer)
            except (ValueError, ElementTree.ParseError, csv.Error) as error:
                return f"ill-formed: {error!r}\n{answer}"
        return ""


def _find_steering(text: str) -> str:
    bad = next((one for one in text if one != "\n" and unicodedata.category(one) in _STEERING), None)
    if bad is not None:
        return f"steers: U+{ord(bad):04X}\n{text!r}"
    return f"begins a line with an order\n{text}" if _ORDER.search(text) else ""


def _fork(words: tuple[str, ...], root: Path, outputs: tuple[Path, Path]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.chdir(root)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        for stream, path in enumerate(outputs, 1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        code = main(words)
        sys.stdout.flush()
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 70
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _wait(pid: int) -> int | None:
    """Return the exit code of a process; ``None`` of one that hangs, which is ended."""
    until = time.monotonic() + _HANGING
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def _lines(text: str) -> None:
    list(csv.reader(StringIO(text), strict=True))


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


_FORMATS: dict[str, Callable[[str], object] | None] = {
    "json": json.loads, "sarif": json.loads, "gitlab": json.loads, "github": None,
    "junit": ElementTree.fromstring, "markdown": None, "html": None, "csv": _lines, "prometheus": None,
}  # fmt: skip
_TEXTS = (
    "check", "check --debug", "check --all --sort path", "check --top 3", "check --list-suppressions",
    "check --no-ignore", "check --jobs 2", "check --staged", "check --diff HEAD~1",
    "check --diff HEAD~2..HEAD",
    "check --limit cyclomatic_complexity=1 --metric cyclomatic_complexity", "hook", "hook plain.py silent.py",
    "measure", "explain plain.py", "explain complex.py", "explain complex.py::worst",
    "explain nested.py::B.C.m",
    "explain silent.py::quiet", "explain notebook.ipynb", "explain notebook.ipynb:1:2",
    "trend", "trend --hotspots", "trend plain.py::f", "trend complex.py::worst",
    "trend --metric cognitive_complexity", "cache status", "cache verify", "cache inspect complex.py",
    "cache inspect notebook.ipynb", "cache export dump", "cache prune --days 1", "cache warm",
    "check --baseline recorded.json", "check --baseline recorded.json --staged",
    "baseline show --baseline recorded.json", "report merge one.shard two.shard",
    "baseline write --baseline written.json", "baseline prune --baseline written.json",
)  # fmt: skip
FORGED = ("recorded.json", "one.shard", "two.shard")
"""Files that are changed, too."""
FIRST = tuple(
    Command(_words(line))
    for line in (
        "check", "trend", "trend --hotspots", "hook", "baseline write --baseline recorded.json",
        "check --shard 1/2 --format shard --output one.shard",
        "check --shard 2/2 --format shard --output two.shard",
    )
)  # fmt: skip
"""What fills the stores, and writes those files."""
COMMANDS = (
    *(Command(_words(line)) for line in _TEXTS),
    *(
        Command(("check", f"--format={name}", "--quiet", "--output=out"), check, "out")
        for name, check in _FORMATS.items()
    ),
    Command(_words("measure --format json --quiet"), json.loads),
    Command(_words("measure --format csv --quiet"), _lines),
    Command(_words("explain complex.py --format json --quiet"), json.loads),
    Command(_words("trend --format json --quiet"), json.loads),
    Command(_words("trend --format csv --quiet"), _lines),
    Command(_words("cache inspect complex.py --format json --quiet"), json.loads),
    Command(_words("trend --html out --quiet"), None, "out"),
    *(
        Command(_words(f"report merge one.shard two.shard --report {name}=out --quiet"), check, "out")
        for name, check in _FORMATS.items()
    ),
)  # fmt: skip
