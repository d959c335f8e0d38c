"""The files of a project as text by path: small sources, and settings at the root and below it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

from campaigns.hunt.trees import BASELINE, SETTINGS, Tree, read_sources

Table: TypeAlias = dict[str, Any]
"""The table of our settings, as a TOML parser has it."""

YAML = ".antipasta.yaml"
FOLDERS = ("src", "src/inner", "legacy", "tests")
METRICS = ("cyclomatic_complexity", "cognitive_complexity", "lines_of_code", "maintainability_index")
NAMES = ("f", "g", "h", "A.m", "A.n")
_OFF = ("halstead_volume", "halstead_difficulty", "halstead_effort")
# Of the projects that have settings below the root.
_SHARE_NESTED = 1 / 3


def choose_sources(
    rng: Random, folders: Sequence[str], share: float, make: Callable[[Random], str]
) -> dict[str, str]:
    """Return some sources in some folders: a share of them real ones, and others as they are made."""
    tree: dict[str, str] = {}
    for number in range(rng.randint(2, 4)):
        folder = rng.choice(folders)
        if rng.random() < share:
            name, text = rng.choice(read_sources())
            tree[f"{folder}/{name}"] = text
        else:
            tree[f"{folder}/{'abcd'[number]}.py"] = make(rng)
    return tree


def make_project(rng: Random) -> dict[str, str]:
    """Return some sources in some folders, with limits that some functions are over."""
    tree = choose_sources(rng, FOLDERS, 0.3, make_source)
    table: Table = {"time_budget": 600, "file_timeout": 60, "thresholds": dict.fromkeys(_OFF, False)}
    table["thresholds"] |= make_limits(rng) | dict.fromkeys(METRICS[2:], False)
    if rng.random() < _SHARE_NESTED:
        table["nested"] = True
        for folder in rng.sample(FOLDERS, rng.randint(0, 2)):
            tree[f"{folder}/{rng.choice((SETTINGS, SETTINGS, YAML))}"] = ""
    tree[SETTINGS] = write_table(table)
    for path in find_settings(tree):
        tree[path] = make_settings(path, rng)
    return tree


def make_source(rng: Random) -> str:
    """Return functions and methods of few names, some of them several times."""
    parts = []
    for name in rng.choices(NAMES, k=rng.randint(2, 5)):
        body = "".join(f"    if a == {number}:\n        a += 1\n" for number in range(rng.randint(0, 6)))
        function = f"def {name.rpartition('.')[2]}(a):\n{body}    return a\n"
        if "." in name:
            inner = "".join(f"    {line}\n" for line in function.splitlines())
            function = f"class {name.partition('.')[0]}:\n{inner}"
        parts.append(function)
    return "\n\n".join(parts)


def make_limits(rng: Random) -> Table:
    """Return limits of blocks."""
    return {metric: rng.choice((2, 4, 7)) for metric in METRICS[:2]}


def make_settings(path: str, rng: Random) -> str:
    """Return settings of a folder below the root, of the kind that the file's name says."""
    limit, excluded = rng.choice((1, 3, 9)), rng.choice(("", "", "*.py", "inner/", "a.py", "/[a-m]*.py"))
    if path.endswith(YAML):
        metric = f"{{type: cyclomatic_complexity, threshold: {limit}, comparison: '<='}}"
        ignored = f"ignore_patterns:\n  - '{excluded}'\n" if excluded else ""
        return f"languages:\n  - name: python\n    metrics:\n      - {metric}\n{ignored}"
    table: Table = {"thresholds": dict.fromkeys((*_OFF, *METRICS[2:]), False) | make_limits(rng)}
    table["thresholds"]["cyclomatic_complexity"] = limit
    if excluded:
        table["exclude"] = [excluded]
    if rng.random() < 0.2:
        table["overrides"] = [make_override("*.py", rng)]
    return write_table(table)


def make_override(files: str, rng: Random) -> Table:
    """Return other limits for some files."""
    return {"files": [files], "thresholds": {rng.choice(METRICS[:2]): rng.choice((1, 3, 8, 30))}}


def find_settings(tree: Tree) -> list[str]:
    """Return the paths of the settings below the root."""
    return sorted(path for path in tree if path != SETTINGS and path.rpartition("/")[2] in (SETTINGS, YAML))


def read_table(tree: Tree) -> Table:
    """Return the table of the root's settings."""
    table: Table = tomllib.loads(tree[SETTINGS])["tool"]["pytest-antipasta"]
    return table


def write_table(table: Mapping[str, Any]) -> str:
    """Return a file with a table of our settings."""
    lines = [f"{key} = {_show(value)}" for key, value in sorted(table.items())]
    return "\n".join(["[tool.pytest-antipasta]", *lines, ""])


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_show(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_show, value)) + "]"
    return json.dumps(value)


def take_rules(tree: Tree, rules: Tree) -> dict[str, str]:
    """Return the sources of a tree with the settings and the baselines of another."""

    def is_rule(path: str) -> bool:
        return path.endswith((BASELINE, "other.json", SETTINGS, YAML))

    sources = {path: text for path, text in tree.items() if not is_rule(path)}
    return sources | {path: text for path, text in rules.items() if is_rule(path)}
