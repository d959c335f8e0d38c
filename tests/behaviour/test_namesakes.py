"""No module is imported because it has the name of one that we need, wherever Python would find it first.

Each file here has the name of a module of the standard library or of a dependency.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from pytest_antipasta.model.formats import OUR_NAMES
from tests.conftest import Repository

BAD = "def f(a):\n" + "    if a: pass\n" * 12
SETTINGS = "[tool.pytest-antipasta]\npaths = ['src']\nnotebooks = true\n"
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
TRAP = """\
import os
with open(os.path.join({folder!r}, __name__), "w"):
    pass
raise SystemExit(f"imported {{__name__}}")
"""
# Several commands in one process, of which Python imports each module once.
CALLS = """\
import sys
from pytest_antipasta.cli import main
sys.path.insert(0, "")
for words in {words!r}:
    print(main(words.split()), words, sep="|", file=sys.stderr)
"""
CALL = """\
import pytest_antipasta, sys
import pytest_antipasta.runtime.imports
sys.path.insert(0, "")
pytest_antipasta.{call}
"""
# Has pytest look for modules in its folder first, and write down which there are at the end.
CONFTEST = """\
import sys
def pytest_unconfigure():
    print("modules:", *sys.modules)
"""
COMMANDS = (
    "check --no-cache --jobs 2",
    "check --debug",
    "check --format agent",
    "check --staged --near 0.5",
    "check --diff HEAD",
    "check --log-file log",
    "check --list-suppressions",
    *(f"check --quiet --report {name}={name}.report" for name in OUR_NAMES),
    "hook",
    "measure",
    "measure --format json src",
    "explain src/a.py::f",
    "explain src/a.py::f --format json",
    "fix src/a.py",
    "trend",
    "trend --html trend.html",
    "report merge 1.shard",
    "config show",
    "config schema",
    "config init",
    "config migrate",
    "cache status",
    "cache verify",
    "cache export measurements",
    "cache clear",
    "hooks status",
    "hooks install --dry-run",
    "baseline write",
    "baseline show",
    "lsp",
)
# There is nothing to merge, nothing to migrate, and settings are there already. Windows takes its null device
# for a terminal, from which no editor writes.
WRONG = ["report merge 1.shard", "config init", "config migrate", *["lsp"] * (sys.platform == "win32")]
SESSIONS = (
    "--antipasta",
    "--antipasta-only",
    "--antipasta-only --antipasta-no-cache",
    "--antipasta-only --antipasta-staged",
    "--antipasta-only --antipasta-diff HEAD --antipasta-debug",
    "--antipasta-only --antipasta-near 0.5 --antipasta-log-file log",
    f"--antipasta-only {' '.join(f'--antipasta-report={name}=report.{name}' for name in OUR_NAMES)}",
    "--antipasta-only -n auto",
    "--antipasta -n 2 --antipasta-no-cache",
)


@cache
def find_names() -> set[str]:
    """Return the names of modules, without those of other systems, which Python looks for in vain."""
    names = {*sys.stdlib_module_names, *packages_distributions()} - {"pytest_antipasta", "__main__"}
    return {name for name in names if name.isidentifier() and PathFinder.find_spec(name) is not None}


class Trapped:
    """A repository whose folder is full of traps."""

    def __init__(self, repository: Repository, marks: Path) -> None:
        """Make it, with a staged change."""
        self.path, self.marks = repository.path, marks
        marks.mkdir()
        (self.path / "src").mkdir()
        for number, source in enumerate(("x = 1\n", BAD)):
            (self.path / "src" / "a.py").write_text(source)
            repository.git("add", "src")
            if not number:
                repository.git("commit", "--quiet", "--message", "begin")
        (self.path / "pyproject.toml").write_text(SETTINGS)
        repository.git("add", "pyproject.toml")
        (self.path / "src" / "b.ipynb").write_text(NOTEBOOK)
        (self.path / "src" / "script").write_text("#!/usr/bin/env python3\n")

    def write(self, names: Iterable[str]) -> None:
        """Set traps."""
        for name in names:
            (self.path / f"{name}.py").write_text(TRAP.format(folder=str(self.marks)))

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder; nothing may be imported from it."""
        command = [sys.executable, *words]
        done = subprocess.run(
            command,
            cwd=self.path,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            stdin=subprocess.DEVNULL,
        )
        assert (sorted(os.listdir(self.marks)), done.stdout, done.stderr) == ([], done.stdout, done.stderr)
        return done


@pytest.fixture
def trapped(repository: Repository, tmp_path: Path) -> Trapped:
    return Trapped(repository, tmp_path / "marks")


@pytest.mark.slow
def test_commands_import_nothing_of_the_current_folder(trapped: Trapped) -> None:
    trapped.write(find_names())
    lines = trapped.run("-P", "-c", CALLS.format(words=COMMANDS)).stderr.splitlines()
    codes = {command: int(code) for code, _, command in (line.partition("|") for line in lines) if command}
    assert tuple(codes) == COMMANDS
    assert [command for command, code in codes.items() if code > 1] == WRONG


@pytest.mark.slow
def test_nor_does_the_package_as_a_program(trapped: Trapped) -> None:
    needed = subprocess.run(
        [sys.executable, "-c", "import pytest_antipasta, runpy, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
    )
    trapped.write(find_names() - {*needed.stdout.split()})
    assert trapped.run("-m", "pytest_antipasta", "check").returncode == 1


@pytest.mark.parametrize(
    "call",
    [
        "check()",
        "check(jobs=2, use_store=False)",
        *(
            pytest.param(call, marks=pytest.mark.slow)
            for call in ("measure(b'x = 1')", "check(staged=True)", "check(diff='HEAD')")
        ),
    ],
)
def test_nor_does_a_program_that_calls_us(trapped: Trapped, call: str) -> None:
    trapped.write(find_names())
    done = trapped.run("-P", "-c", CALL.format(call=call))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("options", SESSIONS)
def test_nor_does_pytest_whose_conftest_is_there(
    trapped: Trapped, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (trapped.path / "conftest.py").write_text(CONFTEST)
    (trapped.path / "test_b.py").write_text("def test_b(): pass\n")
    pytest_words = ["-P", "-m", "pytest", "-p", "pytest_antipasta.plugin"]
    if "-n" in options:
        pytest.importorskip("xdist")
        pytest_words += ["-p", "xdist"]
    alone = trapped.run(*pytest_words, *(["-n", "1"] if "-n" in options else []))
    (own,) = (line.split() for line in alone.stdout.splitlines() if line.startswith("modules:"))
    trapped.write(find_names() - {*own})
    done = trapped.run(*pytest_words, *options.split())
    assert (done.returncode, "1 failed" in done.stdout) == (1, True)
