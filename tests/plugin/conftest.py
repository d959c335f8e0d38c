"""A project to run pytest in."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.conftest import fail_for_user_store, without_other_plugins
from tests.forked import ForkedPython, Run, start

PASSING = "def add(a, b):\n    return a + b\n"
FAILING = """\
def decide(a, b):
    if a:
        if b:
            return 1
    return 0
"""
SETTINGS = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 2
"""
# What Python writes in a UTF-8 locale. Windows has a code page, without most characters.
_UTF8 = "utf-8:surrogateescape"
_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR|RERUN|SKIPPED) (\S+)(?: - .*)?$")


class Project:
    """A folder with settings that let ``PASSING`` pass and ``FAILING`` fail."""

    def __init__(self, pytester: pytest.Pytester, run: Run = start) -> None:
        """Take the folder, and what runs pytest."""
        self.path = pytester.path
        self._run = run
        self.write({"pyproject.toml": SETTINGS})

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, and the folders that they are in."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, *args: str, folder: str = ".", plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run pytest in a process of its own, with no plugins but ours, xdist and those that are named."""
        if "-n" in args and find_spec("xdist") is None:
            pytest.skip("pytest-xdist is not installed")
        options = (f"--basetemp={self.path / 'basetemp'}", *(() if "no:terminal" in args else ("-rA",)))
        added = {"PYTEST_ADDOPTS": without_other_plugins(plugins), "PYTHONIOENCODING": _UTF8}
        begun = time.perf_counter()
        done = self._run("pytest", (*options, *args), self.path / folder, {**os.environ, **added})
        seconds = time.perf_counter() - begun
        out, err = done.stdout.decode(), done.stderr.decode()
        sys.stdout.write(out)
        sys.stderr.write(err)
        return pytest.RunResult(done.returncode, out.splitlines(), err.splitlines(), seconds)

    def call(self, *args: str) -> CompletedProcess[bytes]:
        """Run ``pytest-antipasta`` in a process of its own."""
        return self._run("pytest_antipasta", args, self.path, os.environ)

    def check(self, *args: str, folder: str = ".") -> dict[str, str]:
        """Run pytest with the checker and without tests; return the outcome of each item."""
        return outcomes(self.run("--antipasta-only", *args, folder=folder))

    def report(self, *args: str) -> dict[str, Any]:
        """Run pytest with the checker and return the JSON report without what may differ."""
        path = self.path / "report.json"
        path.unlink(missing_ok=True)
        self.run(f"--antipasta-report=json={path}", *args)
        return read_report(path)


def read_report(path: Path) -> dict[str, Any]:
    """Return a JSON report without what may differ between two runs."""
    report: dict[str, Any] = json.loads(path.read_bytes())
    del report["run"]
    return report


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    """Return the outcome of each item, in lower case.

    On Windows, pytest writes backslashes where the current folder is another than its root.
    """
    matches = map(_OUTCOME.match, result.outlines)
    return {match[2].replace(os.sep, "/"): match[1].lower() for match in matches if match}


COST = re.compile(r"checked [\d,]+ files?(, [\d,]+ unchanged)?, in \d+\.\d\d s")
"""What our section ends with."""


def told(result: pytest.RunResult) -> list[str]:
    """Return the lines of our section of the summary, without what the run cost."""
    lines = result.outlines
    start = next(number for number, line in enumerate(lines) if line.strip("= ") == "antipasta") + 1
    length = next(number for number, line in enumerate(lines[start:]) if line.startswith("=="))
    return [line for line in lines[start : start + length] if line and not COST.fullmatch(line)]


@pytest.fixture(params=["inactive", "-n 2", "absent"])
def xdist_args(request: pytest.FixtureRequest) -> list[str]:
    """Arguments for pytest-xdist installed and idle, at work, and not installed.

    For what could go by whether it is there: options, hooks, the summary. All else has ``workers``.
    """
    return {"inactive": [], "-n 2": ["-n", "2"], "absent": ["-p", "no:xdist"]}[request.param]


@pytest.fixture
def project(pytester: pytest.Pytester, forked_python: ForkedPython) -> Iterator[Project]:
    """A project without files."""
    yield Project(pytester, forked_python.run)
    fail_for_user_store(pytester.path)  # pytester makes its folder the home


@pytest.fixture
def started_project(pytester: pytest.Pytester) -> Iterator[Project]:
    """The same, with a Python that is started for each run, as a child of this process."""
    yield Project(pytester)
    fail_for_user_store(pytester.path)
