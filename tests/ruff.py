"""ruff as the oracle of what it counts: with limits of 0, its messages have every number above 0."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracles import Difference

VERSION = "0.17.6"
"""Whose numbers ours are."""
RULES: Mapping[str, str] = {
    "PLR0913": "parameters",
    "PLR0917": "positional_parameters",
    "PLR0912": "branches",
    "PLR0911": "returns",
    "PLR0915": "statements",
    "C901": "mccabe_complexity",
    "PLR0916": "boolean_expressions",
}
_LIMITS = (
    "pylint.max-args",
    "pylint.max-positional-args",
    "pylint.max-branches",
    "pylint.max-returns",
    "pylint.max-statements",
    "mccabe.max-complexity",
    "pylint.max-bool-expr",
)
_NUMBER = re.compile(r"\((\d+) > 0\)")
_FILES = 100
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Numbers = dict[str, int]


class Message(NamedTuple):
    """What ruff says of one place: the metric, the number, and the line where it stands."""

    metric: str
    number: int
    line: int


def is_installed() -> bool:
    """Whether there is a ruff beside this Python, which can start it; WebAssembly starts no process."""
    return sys.platform != "emscripten" and importlib.util.find_spec("ruff") is not None


def find_version() -> str:
    """Return the version of the ruff that is installed beside this Python."""
    return _run("--version").removeprefix("ruff ").strip()


def count(paths: Sequence[Path]) -> dict[Path, dict[int, Numbers]]:
    """Return ruff's numbers of the functions in files, by the line of the ``def``."""
    messages: dict[Path, list[Message]] = {path: [] for path in paths}
    for start in range(0, len(paths), _FILES):
        for record in _check(paths[start : start + _FILES]):
            if record["code"] in RULES:  # and not of syntax
                found = _NUMBER.search(record["message"])
                assert found, record
                message = Message(RULES[record["code"]], int(found[1]), record["location"]["row"])
                messages[Path(record["filename"])].append(message)
    return {path: _sum_up(path, found) for path, found in messages.items()}


def _check(paths: Iterable[Path]) -> Any:
    config = [f"--config=lint.{limit}=0" for limit in _LIMITS]
    select = f"--select={','.join(RULES)}"
    options = (
        "--isolated",
        "--preview",
        "--ignore-noqa",
        "--no-cache",
        "--exit-zero",
        "--target-version=py313",
    )
    return json.loads(_run("check", *options, select, *config, "--output-format=json", *map(str, paths)))


def _run(*args: str) -> str:
    command = [sys.executable, "-m", "ruff", *args]
    return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout


def _sum_up(path: Path, messages: Sequence[Message]) -> dict[int, Numbers]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is nothing to us
        tree = ast.parse(path.read_bytes())
    numbers: dict[int, Numbers] = {}
    owners = dict(_iter_owners(tree, None))
    defs = sorted(node.lineno for node in ast.walk(tree) if isinstance(node, _FUNCTIONS))
    for metric, number, line in messages:
        # Other messages stand at the name, and nothing is defined between a `def` and its name.
        is_condition = metric == "boolean_expressions"
        place = owners[line] if is_condition else defs[bisect_right(defs, line) - 1]
        if place is not None:
            own = numbers.setdefault(place, {})
            own[metric] = max(number, own.get(metric, 0))
    return numbers


def _iter_owners(node: ast.AST, owner: int | None) -> Iterator[tuple[int, int | None]]:
    """Yield the lines in which the tests of ``if`` begin, with that of the function that they are in."""
    for child in ast.iter_child_nodes(node):
        inside = owner
        if isinstance(child, _FUNCTIONS):
            inside = child.lineno
        elif isinstance(child, ast.ClassDef):
            inside = None
        elif isinstance(child, ast.If):
            yield child.test.lineno, owner
        yield from _iter_owners(child, inside)


def find_differences(path: str, blocks: Iterable[Any], theirs: Mapping[int, Numbers]) -> Iterator[Difference]:
    """Yield what differs in the functions of a file; a function of which ruff says nothing has 0."""
    for block in blocks:
        for metric in RULES.values():
            ours = getattr(block, metric)
            expected = theirs.get(block.line, {}).get(metric, 0) if block.kind != "class" else None
            if ours != expected:
                yield Difference(path, block.qualified_name, metric, ours, expected)
