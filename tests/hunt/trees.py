"""The files of a commit as text by path, and the real sources that they are made of."""

from __future__ import annotations

import ast
import functools
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Tree: TypeAlias = Mapping[str, str]
"""The text of each file by its path."""

SETTINGS, BASELINE, ATTRIBUTES = "pyproject.toml", "antipasta-baseline.json", ".gitattributes"
FOLDERS = ("src", "legacy", "tests")
BLOCK_METRICS = ("cyclomatic_complexity", "cognitive_complexity")
FILE_METRICS = ("lines_of_code", "maintainability_index")
_OFF = ("halstead_volume", "halstead_difficulty", "halstead_effort")
_SMALLEST, _LARGEST = 400, 5_000


@functools.cache
def read_sources() -> tuple[tuple[str, str], ...]:
    """Return name and text of small modules of the standard library, those with functions alone."""
    found = []
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        data = file.read_bytes()
        if _SMALLEST <= len(data) <= _LARGEST and data.isascii() and b"\f" not in data and b"def " in data:
            ast.parse(data)
            found.append((file.name, data.decode().replace("\r\n", "\n")))
    return tuple(found)


def make_tree(rng: Random) -> dict[str, str]:
    """Return some sources in some folders, with limits that some functions are over."""
    tree = {
        f"{rng.choice(FOLDERS)}/{name}": text for name, text in rng.sample(read_sources(), rng.randint(2, 4))
    }
    tree[SETTINGS] = write_settings(_choose_limits(rng), _choose_folders(rng))
    if rng.random() < 0.3:
        tree[ATTRIBUTES] = f"{BASELINE} merge=union\n"
    return tree


def _choose_limits(rng: Random) -> dict[str, int | bool]:
    return {
        "cyclomatic_complexity": rng.choice((2, 4, 7)),
        "cognitive_complexity": rng.choice((2, 5, 10)),
        "lines_of_code": rng.choice((False, 60, 150)),
        "maintainability_index": rng.choice((False, False, 50)),
    }


def _choose_folders(rng: Random) -> dict[str, dict[str, int]]:
    return {
        folder: {rng.choice(BLOCK_METRICS): rng.choice((1, 15))} for folder in FOLDERS if rng.random() < 0.4
    }


def write_settings(limits: Mapping[str, int | bool], folders: Mapping[str, Mapping[str, int]]) -> str:
    """Return the settings with limits, and those of folders."""
    patience = "[tool.pytest-antipasta]\ntime_budget = 600\nfile_timeout = 60"
    lines = [patience, "[tool.pytest-antipasta.thresholds]", *(f"{metric} = false" for metric in _OFF)]
    lines += [f"{metric} = {str(limit).lower()}" for metric, limit in limits.items()]
    for folder, overrides in folders.items():
        lines += ["[[tool.pytest-antipasta.overrides]]", f'files = ["{folder}/"]']
        lines += [f"thresholds.{metric} = {limit}" for metric, limit in overrides.items()]
    return "\n".join(lines) + "\n"


@functools.lru_cache(maxsize=1000)
def read_settings(text: str) -> tuple[dict[str, int | bool], dict[str, dict[str, int]]]:
    """Return what ``write_settings`` wrote."""
    table: dict[str, Any] = tomllib.loads(text)["tool"]["pytest-antipasta"]
    limits = {metric: limit for metric, limit in table["thresholds"].items() if metric not in _OFF}
    folders = {one["files"][0].rstrip("/"): one["thresholds"] for one in table.get("overrides", ())}
    return limits, folders


def sources_of(tree: Tree) -> dict[str, str]:
    """Return the Python files."""
    return {path: text for path, text in sorted(tree.items()) if path.endswith(".py")}
