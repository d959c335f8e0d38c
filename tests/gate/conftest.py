"""Repositories that our git hook guards."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.gate import measuring
from tests.conftest import Repository
from tests.forked import ForkedPython, Run, start
from tests.staging import commit_staged, stage_file
from tests.tables import ONE_LIMIT
from tests.windows import AND, decode_output

if TYPE_CHECKING:
    from tests.gate.tables import Table

MakeTable: TypeAlias = "Callable[[Mapping[str, Mapping[str, str]]], Table]"
HOOKS = Path(__file__).parents[2] / "hooks"
# What makes functions simpler is tried for some time, so it is not the same each time.
SETTINGS = f"[tool.pytest-antipasta]\nhints = false\n{{}}\n{ONE_LIMIT}"
_MORE_TIME = "run `pytest-antipasta check --{}`, which has no time limit, or set a higher `time_budget`\n"
MORE_TIME = f"    after the commit, {_MORE_TIME.format('diff HEAD~1')}"
"""What to do where the time was up, and the commit passes."""
BLOCKED = f"    {_MORE_TIME.format('staged')}"
"""What to do where the time was up, and the commit does not pass."""
_TITLE = re.compile("_+ (.*) _+")
_ROW = re.compile(r" +(file|cell \d+:\d+|\d+(?=:1))(?::1)?  .* \S+(/\S|, must be )")
# As pytest shows it.
_FLAT = re.compile(
    r"(?!(?:warning:|simplify|allow|record|unstaged) )(\S[^ ]*?)(?::((?:cell \d+:)?\d+): \S+)?"
    r"  .*\S+(/\S|, must be )"
)


class Said(NamedTuple):
    """What a program answered.

    Attributes:
        code: its exit code.
        out: what it printed.
        err: what it warned of.
    """

    code: int
    out: str
    err: str = ""

    def without_waivers(self) -> Said:
        """Return the same without the lines that list waivers."""
        return self._replace(out=strip_waivers(self.out))


def find_places(text: str) -> list[str]:
    """Return the places of printed rows, as ``a.py:1``; the path alone for a number of the file."""
    path, places = "", []
    for line in text.splitlines():
        if row := _ROW.match(line):
            places.append(path if row[1] == "file" else f"{path}:{row[1]}")
        elif row := _FLAT.match(line):
            places.append(f"{row[1]}:{row[2]}" if row[2] else row[1])
        elif not line.startswith("    "):
            path = _TITLE.sub(r"\1", line).strip()
    return places


def strip_waivers(text: str) -> str:
    """Return lines without those that list what a change allows."""
    lists = r"^ *\d+ waivers? added:.*\n(  +\S.*\n)*|^new baseline: .*\n"
    return re.sub(lists, "", text, flags=re.MULTILINE)


def join_commands(text: str) -> str:
    """Return an output with the commands after ``record`` in a line, as a shell takes them at once."""
    return text.replace(f"{AND}git ", " && git ")


def find_recording(said: Said) -> str:
    """Return the commands after ``record``."""
    (commands,) = re.findall(r"^record +(.*)", join_commands(said.out), re.MULTILINE)
    return str(commands)


def function(complexity: int, name: str = "f", end: str = "return a") -> str:
    """Return a function; the limit is 3."""
    body = "".join(f"    if a == {number}: a += 1\n" for number in range(complexity - 1))
    return f"def {name}(a):\n{body}    {end}\n"


class Guarded(Repository):
    """A repository with our hook and a limit of 3."""

    def __init__(
        self,
        path: Path,
        capsys: pytest.CaptureFixture[str] | None = None,
        run: Run = start,
        origin: Path | None = None,
    ) -> None:
        """Create it, or copy one."""
        if origin:
            self.path = shutil.copytree(origin, path)
        else:
            super().__init__(path)
        self._capsys, self._run = capsys, run

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def configure(self, lines: str = "") -> None:
        """Write the settings, and stage them, as a commit is judged by those."""
        self.stage("pyproject.toml", SETTINGS.format(lines))

    def stage(self, path: str, content: str | bytes) -> None:
        """Write a file and stage it."""
        self.write(path, content)
        if not stage_file(self.path, path):
            self.git("add", "--", path)

    def record(self, message: str = "no hook") -> str:
        """Commit what is staged past the hook."""
        if commit := commit_staged(self.path, message):
            return commit
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def record_all(self, message: str = "no hook") -> str:
        """Commit the working tree past the hook."""
        self.git("add", "--all")
        return self.record(message)

    def install(self, *names: str) -> None:
        """Install the plain scripts, under the names of git's hooks."""
        folder = self.path / self.git("rev-parse", "--git-path", "hooks").strip()
        folder.mkdir(exist_ok=True)
        for name in names:
            script = name if (HOOKS / name).exists() else "pre-commit"
            shutil.copy(HOOKS / script, folder / name)

    def run_git(self, *args: str, cwd: str | Path = ".", **environment: str) -> Said:
        """Run git with its hooks, which may fail."""
        done = subprocess.run(
            ["git", *args],
            cwd=self.path / cwd,
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
        )
        out, err = map(decode_output, (done.stdout, done.stderr))
        # git sends what its hooks print to its own error stream, and marks and pads that of a server.
        return Said(done.returncode, re.sub(r"^remote: (.*?) *$", r"\1", out + err, flags=re.MULTILINE))

    def commit(self, *args: str, cwd: str | Path = ".", **environment: str) -> Said:
        """Commit with the hook."""
        return self.run_git("commit", "--message", "a commit", *args, cwd=cwd, **environment)

    def run_program(self, *args: str, **environment: str) -> Said:
        """Run our command line as a program."""
        return self.run_module("pytest_antipasta", *args, **environment)

    def run_pytest(self, *args: str, cwd: str | Path = ".", **environment: str) -> Said:
        """Run pytest as a program, with no plugin but ours, and in UTF-8, as Windows has no arrows."""
        alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1", **environment}
        return self.run_module("pytest", "-p", "antipasta", "-p", "no:cacheprovider", *args, cwd=cwd, **alone)

    def run_module(self, module: str, *args: str, cwd: str | Path = ".", **environment: str) -> Said:
        """Run a module of Python as a program."""
        done = self._run(module, args, self.path / cwd, {**os.environ, **environment})
        out, err = map(decode_output, (done.stdout, done.stderr))
        return Said(done.returncode, out, err)

    def hook(self, *args: str, cwd: str | Path = ".") -> Said:
        """Run ``pytest-antipasta hook`` in this process."""
        return self.say("hook", *args, cwd=cwd)

    def say(self, *args: str, cwd: str | Path = ".") -> Said:
        """Run our command line in this process."""
        assert self._capsys
        self._capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.path / cwd)
            code = main(args)
        out, err = self._capsys.readouterr()
        return Said(code, out, err)


Prepare: TypeAlias = Callable[[Callable[[Guarded], object]], Guarded]


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch, forked_python: ForkedPython) -> None:
    """Let git's hooks find the program, in a forked Python."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.setenv("PATH", str(forked_python.make_program()), prepend=os.pathsep)


@pytest.fixture
def started_program(_path: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git's hooks find the program as it is installed, which is started each time."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time of a commit be over when something is to be measured; git has all of it."""
    clock = SimpleNamespace(monotonic=lambda: inf, perf_counter=time.perf_counter)
    monkeypatch.setattr(measuring, "time", clock)


@pytest.fixture(scope="session")
def _origin_of_empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    guarded = Guarded(tmp_path_factory.mktemp("origin") / "empty")
    guarded.configure()
    guarded.install("pre-commit")
    return guarded.path


@pytest.fixture(scope="session")
def _origin(_origin_of_empty: Path) -> Path:
    guarded = Guarded(_origin_of_empty.with_name("guarded"), origin=_origin_of_empty)
    guarded.stage("good.py", function(2))
    guarded.stage("old.py", function(5))
    guarded.record("initial")
    return guarded.path


@pytest.fixture
def empty(
    made_store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    forked_python: ForkedPython,
    _origin_of_empty: Path,
) -> Guarded:
    """A repository without a commit."""
    return Guarded(tmp_path / "repository", capsys, forked_python.run, _origin_of_empty)


@pytest.fixture
def guarded(
    made_store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    forked_python: ForkedPython,
    _origin: Path,
) -> Guarded:
    """A repository with a commit: a function that is good, and one that is over the limit."""
    return Guarded(tmp_path / "repository", capsys, forked_python.run, _origin)


@pytest.fixture(scope="session")
def _prepared() -> dict[str, Path]:
    return {}


@pytest.fixture
def prepare(
    guarded: Guarded, _prepared: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Prepare:
    """Return what prepares the repository by a function, of which each later test has a copy."""

    def copy(make: Callable[[Guarded], object]) -> Guarded:
        name = f"{make.__module__}.{make.__qualname__}"
        if name in _prepared:
            shutil.rmtree(guarded.path)
            shutil.copytree(_prepared[name], guarded.path, symlinks=True)
        else:
            make(guarded)
            kept = tmp_path_factory.mktemp("prepared") / "repository"
            _prepared[name] = shutil.copytree(guarded.path, kept, symlinks=True)
        return guarded

    return copy


@pytest.fixture(scope="session")
def make_table(
    tmp_path_factory: pytest.TempPathFactory, forked_python: ForkedPython, _origin_of_empty: Path
) -> MakeTable:
    """Return what makes a repository of what the rows of a table have before."""
    from tests.gate.tables import Table

    return lambda rows: Table(
        _origin_of_empty, tmp_path_factory.mktemp("table") / "repository", forked_python, rows
    )


@pytest.fixture(scope="session")
def _origin_of_server(_origin: Path) -> Path:
    server = _origin.with_name("server.git")
    Guarded(_origin.with_name("pushed"), origin=_origin).git("push", "--quiet", make_bare(server), "main")
    return server


def make_bare(folder: Path) -> str:
    """Make a bare repository, and return where it is."""
    subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)
    return str(folder)


@pytest.fixture
def server(guarded: Guarded, tmp_path: Path, _origin_of_server: Path) -> Path:
    """A bare repository that has main."""
    folder = shutil.copytree(_origin_of_server, tmp_path / "server.git")
    branches = "+refs/heads/*:refs/remotes/origin/*"
    with (guarded.path / ".git/config").open("a") as config:
        config.write(f'[remote "origin"]\n\turl = {folder.as_posix()}\n\tfetch = {branches}\n')
    main = guarded.path / ".git/refs/remotes/origin/main"
    main.parent.mkdir(parents=True)
    shutil.copy(folder / "refs/heads/main", main)
    return folder
