"""Run a tool, and our check, and return what each reports: the file, the function and the metric."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.cli import main


class Reported(NamedTuple):
    """A function that is over a limit."""

    path: str
    function: str
    metric: str


class ToolError(Exception):
    """A tool refuses its settings."""


_CODES: Mapping[str, str] = {
    "C901": "mccabe_complexity",
    "R1260": "mccabe_complexity",
    **{
        f"{prefix}{code}": metric
        for prefix in ("PL", "")
        for code, metric in {
            "R0911": "returns",
            "R0912": "branches",
            "R0913": "parameters",
            "R0915": "statements",
            "R0916": "boolean_expressions",
            "R0917": "positional_parameters",
        }.items()
    },
}


def _call(name: str, *args: str, accepted: Sequence[int] = (0, 1)) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / name
    done = subprocess.run([program, *args], capture_output=True, text=True, check=False)
    if done.returncode not in accepted:
        raise ToolError(f"{name} {' '.join(args)}: {done.stdout}{done.stderr}")
    return done


def _find_functions(path: str) -> list[tuple[int, int, str]]:
    """Return the functions of a file from the innermost to the outermost: first line, last line, name."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return sorted(((node.lineno, node.end_lineno or 0, node.name) for node in found), reverse=True)


def _locate(path: str, line: int, metric: str) -> Reported:
    name = next(
        (name for first, last, name in _find_functions(path) if first <= line <= last), f"line {line}"
    )
    return Reported(path.removeprefix("./"), name, metric)


def _run_ruff(args: Sequence[str]) -> Iterator[Reported]:
    shown = _call("ruff", "check", "--no-cache", "--output-format=json", *args).stdout
    for record in json.loads(shown):
        if record["code"] in _CODES:
            path = str(Path(record["filename"]).relative_to(Path.cwd()))
            yield _locate(path, record["location"]["row"], _CODES[record["code"]])


def _run_flake8(args: Sequence[str]) -> Iterator[Reported]:
    shown = _call("flake8", "--format=%(path)s:%(row)d:%(code)s", "-j1", *args).stdout
    for path, line, code in (row.rsplit(":", 2) for row in shown.splitlines()):
        if code in _CODES:
            yield _locate(path, int(line), _CODES[code])


def _run_pylint(args: Sequence[str]) -> Iterator[Reported]:
    every = range(33)  # bits for each kind of message; 32 is an error of usage, or nothing to check
    done = _call("pylint", "--recursive=y", "--persistent=n", "-fjson", "-j1", *args, ".", accepted=every)
    if done.returncode == 32 and "No files to lint" not in done.stdout + done.stderr:
        raise ToolError(done.stdout + done.stderr)
    for record in json.loads(done.stdout) if done.returncode != 32 else ():
        if record["message-id"] in _CODES:
            yield _locate(record["path"], record["line"], _CODES[record["message-id"]])


def _run_xenon(args: Sequence[str]) -> Iterator[Reported]:
    for path, line, name in re.findall(r'block "(.*):(\d+) (.*)" has a rank', _call("xenon", *args).stderr):
        if name != "Class":  # whose rank is that of an average
            yield _locate(path, int(line), "cyclomatic_complexity")


def _run_radon(args: Sequence[str]) -> Iterator[Reported]:
    """Yield what radon shows that is over our default limit, as radon has none."""
    for path, blocks in json.loads(_call("radon", "cc", "--json", *args).stdout).items():
        for block in blocks:
            if block["complexity"] > 10 and block["type"] != "class":
                yield _locate(path, block["lineno"], "cyclomatic_complexity")


def _run_complexipy(args: Sequence[str]) -> Iterator[Reported]:
    output = Path("complexipy.out.json")
    _call("complexipy", *args, "--quiet", "--failed", "--output-format=json", f"--output={output}")
    for record in json.loads(output.read_text(encoding="utf-8")) if output.exists() else ():
        yield Reported(record["path"], record["function_name"].rsplit("::")[-1], "cognitive_complexity")


TOOLS: Mapping[str, Callable[[Sequence[str]], Iterator[Reported]]] = {
    "ruff": _run_ruff,
    "flake8": _run_flake8,
    "pylint": _run_pylint,
    "xenon": _run_xenon,
    "radon": _run_radon,
    "complexipy": _run_complexipy,
}


def run_check(output: Path) -> Iterator[Reported]:
    """Check the current folder; files that can't be measured are an error."""
    with contextlib.redirect_stdout(io.StringIO()):
        code = main(["check", "--format", "json", "--output", str(output), "--quiet"])
    if code not in (0, 1):
        raise AssertionError(f"check ends with {code}")
    for file in json.loads(output.read_text(encoding="utf-8"))["files"]:
        for found in file["violations"]:
            yield Reported(file["path"], (found["qualified_name"] or "").rsplit(".")[-1], found["metric"])
