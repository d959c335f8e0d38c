"""What our ways in say of a change: which numbers fail, whatever words they have for it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from pytest_antipasta.cli import main
from pytest_antipasta.extension.metrics import judged_metrics

Number: TypeAlias = tuple[str, str | None, str]
"""Path, qualified name and metric; no name for a number of the file."""
_ROW = re.compile(r" +(?:(file)|cell \d+:\d+|\d+:1)  (.+)")
_CELL = re.compile(r"([a-z ]+?) -?\d.*")


class Said(NamedTuple):
    """What a run said.

    Attributes:
        code: its exit code.
        out: its output.
        err: what it said beside that.
    """

    code: int
    out: str
    err: str


class Verdict(NamedTuple):
    """What fails.

    Attributes:
        code: the exit code.
        failing: the numbers.
    """

    code: int
    failing: frozenset[Number]


def call(folder: Path, *arguments: str) -> Said:
    """Run the command line in this process, in a folder."""
    os.chdir(folder)
    output = io.BytesIO()
    said = io.TextIOWrapper(output, "utf-8")
    with redirect_stdout(said), redirect_stderr(io.StringIO()) as errors:
        code = main(arguments)
    said.flush()
    return Said(code, output.getvalue().decode(), errors.getvalue())


def call_safely(folder: Path, *arguments: str) -> Said:
    """Run the command line likewise; it must end as it says that it may.

    Raises:
        TroubleError: it has another exit code, or printed a traceback.
    """
    said = call(folder, *arguments)
    if "Traceback" in said.err or said.code not in (0, 1, 2, 3):
        raise TroubleError(said)
    return said


def hook(folder: Path, *files: str) -> Verdict:
    """Judge what is staged as a git hook does."""
    said = call(folder, "hook", *files)
    return _judge(said, frozenset(find_numbers(said.out)))


def find_numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of printed rows, which stand below the paths of their files."""
    metrics = {metric.label: name for name, metric in judged_metrics().items()}
    path = ""
    for line in text.split("\n"):
        if not (row := _ROW.fullmatch(line)):
            path = path if line.startswith("    ") else line
            continue
        parts = re.split(" {2,}", row[2])
        name = None if row[1] else parts.pop(0)
        for cell in filter(None, map(_CELL.fullmatch, parts)):
            if metric := metrics.get(cell[1]):  # else it is where a block was before
                yield path, name, metric


def check(folder: Path, *arguments: str) -> Verdict:
    """Judge by ``check``: all files, or a change."""
    said = call(folder, "check", "--format", "json", *arguments)
    return _judge(said, read_report(said.out) if said.code in (0, 1, 3) else frozenset())


def report_staged(folder: Path) -> dict[str, Any]:
    """Return the report of ``check`` on the staged change."""
    said = call(folder, "check", "--format", "json", "--staged")
    if said.code not in (0, 1, 3):
        raise TroubleError(said)
    report: dict[str, Any] = json.loads(said.out)
    return report


def run_pytest(folder: Path, *arguments: str) -> Verdict:
    """Judge what is staged in a process of pytest."""
    report = folder.parent / "report.json"
    done = start_pytest(folder, report, "-p", "no:cacheprovider", "--antipasta-staged", *arguments)
    code = 0 if done.returncode == 5 else done.returncode  # no file, no item
    said = Said(code, done.stdout, done.stderr)
    return _judge(said, read_report(report.read_text("utf-8")))


def start_pytest(folder: Path, report: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest over sources, with no plugins but ours and xdist, and have it write a JSON report."""
    report.unlink(missing_ok=True)
    options = ("-q", "-p", "antipasta", "-p", "xdist", "--antipasta-only")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--antipasta-report=json={report}", *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def read_report(text: str) -> frozenset[Number]:
    """Return what fails by a report."""
    files = json.loads(text)["files"]
    return frozenset(
        (file["path"], one["qualified_name"], one["metric"])
        for file in files
        for one in file.get("violations", ())
    )


def _judge(said: Said, failing: frozenset[Number]) -> Verdict:
    # Edits leave patterns without files.
    expected = ("baseline: ", "warning: overrides[", "warning: critical_functions[")
    has_trouble = any(not line.startswith(expected) for line in said.err.splitlines())
    if has_trouble or said.code not in (0, 1, 3) or (said.code == 1) != bool(failing):
        raise TroubleError(said)
    return Verdict(said.code, failing)


class TroubleError(Exception):
    """A run that warned, failed or contradicted itself."""

    def __init__(self, said: Said) -> None:
        """Keep what it said."""
        super().__init__(f"exit code {said.code}\n{said.out[-2000:]}{said.err[-2000:]}")


def differ(ways: dict[str, Verdict]) -> Sequence[str]:
    """Return what two ways say differently, a line for each number."""
    (first, expected), *others = ways.items()
    found = []
    for name, one in others:
        found += [f"{first} alone: {number}" for number in sorted(expected.failing - one.failing, key=str)]
        found += [f"{name} alone: {number}" for number in sorted(one.failing - expected.failing, key=str)]
        if one.code != expected.code:
            found.append(f"{first}: exit code {expected.code}, {name}: {one.code}")
    return found
