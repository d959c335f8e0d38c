"""The files of a commit as text by path, and the real sources that they are made of."""

from __future__ import annotations

import ast
import functools
import json
import re
import sysconfig
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

Tree: TypeAlias = Mapping[str, str]
"""The text of each file by its path."""

SETTINGS, BASELINE, ATTRIBUTES = "pyproject.toml", "antipasta-baseline.json", ".gitattributes"
FOLDERS = ("src", "legacy", "tests")
BLOCK_METRICS = ("cyclomatic_complexity", "cognitive_complexity")
FILE_METRICS = ("lines_of_code", "maintainability_index")
_OFF = ("halstead_volume", "halstead_difficulty", "halstead_effort")
_SMALLEST, _LARGEST = 400, 5_000


class Warned(int):
    """A limit over which files are warned of, and nothing fails."""


class Settings(NamedTuple):
    """What settings say.

    Attributes:
        limits: by metric; ``False`` for none.
        folders: the limits of folders that have others.
        functions: those of functions that have others, by a pattern of their names; ``False`` for none.
        excluded: the folders that are not measured.
        strict_files: whether a file's numbers must not get worse.
        critical: patterns of the functions in which nothing is tolerated.
    """

    limits: Mapping[str, int | bool]
    folders: Mapping[str, Mapping[str, int]]
    functions: Mapping[str, Mapping[str, int | bool]]
    excluded: tuple[str, ...] = ()
    strict_files: bool = False
    critical: tuple[str, ...] = ()

    def find_limits(self, path: str, name: str | None) -> dict[str, int | bool]:
        """Return the limits of a function by its whole name, or of a file."""
        found = {**self.limits, **self.folders.get(path.partition("/")[0], {})}
        whole = re.sub(r"#\d+", "", name or "")
        for pattern, others in self.functions.items():
            # A pattern with a dot is one of whole names.
            if fnmatchcase(whole if "." in pattern else whole.rpartition(".")[2], pattern):
                found |= others
        return found


def is_script(path: str) -> bool:
    """Return whether a file is executable, as those without a suffix are here."""
    return "." not in path.rpartition("/")[2]


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
    limits, folders = _choose_limits(rng), _choose_folders(rng)
    tree[SETTINGS] = write_settings(Settings(limits, folders, {}, strict_files=rng.random() < 0.3))
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


def write_settings(settings: Settings) -> str:
    """Return the file of settings."""
    patience = "[tool.pytest-antipasta]\ntime_budget = 600\nfile_timeout = 60"
    lines = [patience, f"exclude = {json.dumps([f'{folder}/' for folder in settings.excluded])}"]
    lines += ["strict_files = true"] if settings.strict_files else []
    lines += [f"critical_functions = {json.dumps(settings.critical)}"] if settings.critical else []
    lines += ["[tool.pytest-antipasta.thresholds]", *(f"{metric} = false" for metric in _OFF)]
    for metric, limit in settings.limits.items():
        level = "warning" if isinstance(limit, Warned) else "error"
        table = f'{{ limit = {limit}, level = "{level}" }}'
        lines.append(f"{metric} = {'false' if limit is False else table}")
    for folder, overrides in settings.folders.items():
        lines += ["[[tool.pytest-antipasta.overrides]]", f'files = ["{folder}/"]']
        lines += [f"thresholds.{metric} = {limit}" for metric, limit in overrides.items()]
    for pattern, others in settings.functions.items():
        lines += ["[[tool.pytest-antipasta.overrides]]", f'functions = ["{pattern}"]']
        lines += [f"thresholds.{metric} = {str(limit).lower()}" for metric, limit in others.items()]
    return "\n".join(lines) + "\n"


@functools.lru_cache(maxsize=1000)
def read_settings(text: str) -> Settings:
    """Return what ``write_settings`` wrote."""
    table: dict[str, Any] = tomllib.loads(text)["tool"]["pytest-antipasta"]
    limits = {metric: _read_limit(one) for metric, one in table["thresholds"].items() if metric not in _OFF}
    overrides = table.get("overrides", ())
    folders = {one["files"][0].rstrip("/"): one["thresholds"] for one in overrides if "files" in one}
    functions = {one["functions"][0]: one["thresholds"] for one in overrides if "functions" in one}
    excluded = tuple(pattern.rstrip("/") for pattern in table["exclude"])
    critical = tuple(table.get("critical_functions", ()))
    return Settings(limits, folders, functions, excluded, table.get("strict_files", False), critical)


def _read_limit(one: Any) -> int | bool:
    if one is False:
        return False
    return Warned(one["limit"]) if one["level"] == "warning" else int(one["limit"])


def sources_of(tree: Tree) -> dict[str, str]:
    """Return the Python files."""
    return {path: text for path, text in sorted(tree.items()) if path.endswith(".py")}


def measured_of(tree: Tree, settings: str) -> dict[str, str]:
    """Return the Python files that settings don't exclude."""
    excluded = read_settings(settings).excluded
    sources = sources_of(tree)
    return {path: text for path, text in sources.items() if path.partition("/")[0] not in excluded}
