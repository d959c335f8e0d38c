"""A real repository with real files, and our program in it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import sysconfig
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from typing import NamedTuple

from pytest_antipasta.cli import main
from tests.hunt.edits import Files
from tests.hunt.oracle import LIMIT, METRICS, OVERRIDES

BASELINE = "antipasta-baseline.json"
# Small modules of many shapes, which every Python has.
_MODULES = (
    "abc", "bisect", "calendar", "cmd", "code", "codeop", "colorsys", "contextlib", "copy", "csv", "fnmatch",
    "genericpath", "getopt", "glob", "graphlib", "heapq", "hmac", "keyword", "linecache", "netrc", "numbers",
    "operator", "pprint", "queue", "quopri", "reprlib", "sched", "secrets", "shelve", "shlex", "stat",
    "stringprep", "symtable", "textwrap", "token", "trace", "types", "wave", "weakref",
)  # fmt: skip
_GIT = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


class Said(NamedTuple):
    """What our program answered.

    Attributes:
        code: its exit code.
        failing: the numbers that fail, as it names them.
        text: all of it.
    """

    code: int
    failing: frozenset[str]
    text: str


class Project:
    """A repository that is edited."""

    def __init__(self, folder: Path, random: Random, *, has_baseline: bool) -> None:
        """Create it, with some modules of the standard library."""
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self._write("pyproject.toml", _make_settings())
        self._write(".gitattributes", f"{BASELINE} merge=union\n" if random.random() < 0.5 else "")
        for name in random.sample(_MODULES, 8):
            source = Path(sysconfig.get_path("stdlib"), f"{name}.py")
            target = random.choice(("", "src/", "src/", "tests/", "legacy/"))
            self._write(f"{target}real_{name}.py", source.read_text(encoding="utf-8"))
        if has_baseline:
            self.say("baseline", "write", "--quiet")
        self.commit("begin")

    def _write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def git(self, *args: str, check: bool = True) -> str:
        """Run git and return what it prints."""
        done = subprocess.run(
            ["git", *args], cwd=self.folder, env={**os.environ, **_GIT}, capture_output=True, check=check
        )
        return done.stdout.decode()

    def commit(self, message: str) -> None:
        """Commit all that is staged or not, past every hook."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)

    def read(self) -> Files:
        """Return the sources."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.folder.rglob("*.py"))
        }

    def stage(self, files: Files) -> None:
        """Have these sources and no others, staged."""
        old = self.read()
        for path in old.keys() - files.keys():
            (self.folder / path).unlink()
        for path, text in files.items():
            if old.get(path) != text:
                self._write(path, text)
        self.git("add", "--all")

    def read_recorded(self) -> list[dict[str, object]]:
        """Return the entries of the baseline; none where there is none, or it is broken."""
        try:
            found = json.loads((self.folder / BASELINE).read_text())
        except (FileNotFoundError, ValueError):
            return []
        return [entry for entry in found["entries"] if entry is not None]

    def say(self, *args: str) -> Said:
        """Run our command line in this process."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(args)
        finally:
            os.chdir(here)
        said, warned = (file.buffer.getvalue().decode() for file in (out, err))
        return Said(code, _find_failing(said), said + warned)

    def say_pytest(self, *args: str) -> Said:
        """Run pytest over what is staged."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
        command += ["--antipasta-only", "--antipasta-staged", *args]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        # It has no test to run where no source file has changed.
        return Said(0 if done.returncode == 5 else done.returncode, _find_failing(done.stdout), done.stdout)


def _make_settings() -> str:
    limits = "\n".join(f"{metric} = {LIMIT}" for metric in METRICS)
    others = ("maintainability_index", "halstead_volume", "halstead_difficulty", "halstead_effort")
    text = f"[tool.pytest-antipasta]\ntime_budget = 600\n[tool.pytest-antipasta.thresholds]\n{limits}\n"
    text += "".join(f"{metric} = false\n" for metric in others)
    for folder, limit in OVERRIDES.items():
        values = ", ".join(f"{metric} = {limit}" for metric in METRICS)
        text += f'[[tool.pytest-antipasta.overrides]]\nfiles = ["{folder}"]\nthresholds = {{{values}}}\n'
    return text


def _find_failing(text: str) -> frozenset[str]:
    """Return path, name and metric of each number that fails."""
    lines = (line for line in text.splitlines() if ", must be " in line and not line.startswith("tolerated"))
    return frozenset(" ".join(line.split(": ")[:2] + line.split(": ")[2].split()[:1]) for line in lines)
