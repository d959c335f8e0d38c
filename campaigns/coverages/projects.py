"""The files of a project with code that coverage.py reads in its own way, and coverage.py's settings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

from campaigns.hunt.edits import SOURCE_EDITS, find_spans
from campaigns.hunt.trees import FOLDERS, SETTINGS
from campaigns.ways.projects import Table, choose_sources, make_source, write_table

Sections: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Settings of coverage.py by section and option."""

PLACES = ("/ci/build-1", "/ci/build-2", "C:\\ci\\build")
"""Folders in which tests may have run, which are nowhere now."""
_PATTERNS = (PLACES, ("/c?/build-[12]", "C:\\*\\build"), ("*/build-1", "*/build-2", "*\\build"))
_SNIPPETS = Path(__file__).with_name("functions.txt").read_text("utf-8").split("\f\n")
_EXCLUDED = (
    "raise NotImplementedError",
    "elif a == 2",
    "def inner",
    "if __debug__",
    r"^\s*assert\b",
    "else:",
)
_NAMED = ("f", "g", "m", "s1", "inner")
_PARTIAL = ("if a == 1", "while True", r"if f: break", "match a")


class Limits(NamedTuple):
    """The limits of ``crap``; ``None`` for no limit.

    Attributes:
        limit: of all functions.
        level: of that limit.
        folders: those of folders that have others.
        functions: those of functions that have others, by their names.
        critical: the names of functions in which nothing is tolerated.
        judge: whether a change is judged by what it changes, or by whole files.
    """

    limit: int
    level: str
    folders: Mapping[str, int | None]
    functions: Mapping[str, int | None]
    critical: Sequence[str]
    judge: str

    def find(self, path: str, name: str) -> int | None:
        """Return the limit of a function by its whole name."""
        found: int | None = self.folders.get(path.partition("/")[0], self.limit)
        return self.functions.get(_cut(name), found)

    def is_critical(self, name: str) -> bool:
        """Return whether nothing is tolerated in a function."""
        return _cut(name) in self.critical


def _cut(name: str) -> str:
    """Return the name of a function without those around it."""
    return re.sub(r"#\d+", "", name).rpartition(".")[2]


def make_sources(rng: Random) -> dict[str, str]:
    """Return some sources in some folders."""
    return choose_sources(rng, FOLDERS, 0.4, _join_snippets)


def _join_snippets(rng: Random) -> str:
    parts = [make_source(rng), *rng.choices(_SNIPPETS, k=rng.randint(1, 6))]
    named = (re.sub(r"\bs\(", f"s{rng.randint(0, 9)}(", part) for part in rng.sample(parts, len(parts)))
    head = rng.choice(("", "# A comment.\n", '"""Text."""\n'))
    tail = rng.choice(("", "\n\nif __name__ == '__main__':\n    f()\n"))
    return head + "\n\n".join(named) + tail


def suppress_crap(tree: dict[str, str], rng: Random) -> str:
    """Put a comment about untested complexity at a function."""
    spans = [span for span in find_spans(tree) if "#" not in span.lines[span.head]]
    if not spans:
        return ""
    span, most = rng.choice(spans), rng.choice(("", "<=3", "<=12.5", "<=90"))
    lines = [*span.lines]
    lines[span.head] += f"  # antipasta: ignore[crap{most}]"
    tree[span.path] = "\n".join(lines)
    return f"{span.path}: ignore[crap{most}] at {span.name}"


EDITS = (*SOURCE_EDITS, suppress_crap, suppress_crap, suppress_crap)
"""What may happen to the sources."""


def make_limits(rng: Random) -> Limits:
    """Return limits that many functions are over."""
    numbers = (None, 2, 5, 12, 40)
    folders = {folder: rng.choice(numbers) for folder in FOLDERS if rng.random() < 0.2}
    functions = {name: rng.choice(numbers) for name in _NAMED if rng.random() < 0.1}
    level, judge = rng.choice(("error",) * 4 + ("warning",)), rng.choice(("changed",) * 4 + ("all",))
    critical = [name for name in _NAMED if rng.random() < 0.1]
    return Limits(rng.choice((2, 3, 6, 20)), level, folders, functions, critical, judge)


def write_settings(limits: Limits | None, complexity: int | bool, sections: Sections) -> str:
    """Return our settings, below those of coverage.py."""
    thresholds: Table = {"cyclomatic_complexity": complexity, "cognitive_complexity": 9}
    table: Table = {"time_budget": 600, "file_timeout": 60, "thresholds": thresholds}
    if limits is not None:
        table |= {"judge": limits.judge, "critical_functions": limits.critical}
        thresholds["crap"] = {"limit": limits.limit, "level": limits.level}
        table["overrides"] = [
            *({"files": [f"{name}/"], "thresholds": _override(one)} for name, one in limits.folders.items()),
            *({"functions": [name], "thresholds": _override(one)} for name, one in limits.functions.items()),
        ]
    return _write_toml(sections, "tool.coverage.") + write_table(table)


def _override(limit: int | None) -> Table:
    return {"crap": False if limit is None else limit}


def make_sections(rng: Random, *, is_relative: bool, is_elsewhere: bool) -> dict[str, dict[str, Any]]:
    """Return settings of coverage.py: some lines are excluded, and tests may have run elsewhere."""
    report: dict[str, Any] = {}
    for name, patterns, odds in (
        ("exclude_lines", _EXCLUDED, 0.2),
        ("exclude_also", _EXCLUDED, 0.4),
        ("partial_branches", _PARTIAL, 0.1),
        ("partial_also", _PARTIAL, 0.3),
    ):
        if rng.random() < odds:
            report[name] = rng.sample(patterns, rng.randint(1, 2))
    sections: dict[str, dict[str, Any]] = {"report": report} if report else {}
    if is_relative:
        sections["run"] = {"relative_files": True}
    if is_elsewhere:
        sections["paths"] = {"source": [".", *rng.choice(_PATTERNS)]}
    return sections


def choose_place(sections: Sections, rng: Random) -> tuple[str, str]:
    """Return name and text of the file with coverage.py's settings; no text for that with ours."""
    name = rng.choice((SETTINGS, SETTINGS, ".coveragerc", "setup.cfg", "tox.ini"))
    if name == SETTINGS:
        return name, ""
    return name, _write_ini(sections, "" if name == ".coveragerc" else "coverage:")


def _write_toml(sections: Sections, prefix: str) -> str:
    lines: list[str] = []
    for name, options in sections.items():
        lines += [f"[{prefix}{name}]", *(f"{key} = {json.dumps(value)}" for key, value in options.items())]
    return "".join(f"{line}\n" for line in lines)


def _write_ini(sections: Sections, prefix: str) -> str:
    lines: list[str] = []
    for name, options in sections.items():
        lines += [f"[{prefix}{name}]", *(f"{key} ={_write_value(value)}" for key, value in options.items())]
    return "".join(f"{line}\n" for line in lines)


def _write_value(value: bool | Sequence[str]) -> str:
    return f" {value}" if isinstance(value, bool) else "".join(f"\n    {item}" for item in value)
