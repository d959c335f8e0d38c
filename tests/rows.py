"""Reads the lines of blocks in a text report back: each number by its metric's name, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

_ROW = re.compile(r" {2,}(?:(file)|(\d+)|(cell \d+:\d+))  (\S.*)")
_CELL = re.compile(
    r"(?P<label>[a-z][\w -]*?)(?: \((?P<distribution>[\w-]+)\))? (?P<value>-?\d[^ ,/]*(?: → [^ /,]+)?)"
    r"(?:/(?P<most>\S+)|, must be (?P<comparison>\S+) (?P<limit>\S+))(?P<words>(?: \([^)]*\))*)"
)
_FILE = re.compile(r"(\S+)  +(\S.*)")
_COMMENT = re.compile("^ {9}(?=the comment )")
_TITLE = re.compile(r"_{3,} (\S.*?) _{3,}")
_CHANGES = ("added", "modified", "renamed", "moved")
_POINTS = "complexity added and removed: "
_HISTORY = {
    "previously suppressed": "it was suppressed by a comment before",
    "previously in the baseline": "it was tolerated by the baseline before",
}


def spell_out(text: str) -> str:
    """Return a text with a line for each number, as ``a.py:1: f: lines_of_code is 5, must be <= 4 (added)``.

    All other lines are as they are, but for paths above blocks and a change's points, which go, and the last
    lines of a git hook, which follow its summary.
    """
    left = [line for line in text.splitlines() if not line.removeprefix("remote: ").startswith(_POINTS)]
    lines = "".join(f"{line}\n" for line in _iter_lines(left))
    return re.sub(r"\n(?=(?:simplify|allow|record)  )", "; ", lines)


def _iter_lines(lines: list[str]) -> Iterator[str]:
    path = ""
    # As git shows what a server's hook says.
    lines = [line[8:].rstrip() if line.startswith("remote: ") else line for line in lines]
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        path = _find_title(line) or path
        of_file = _FILE.fullmatch(line)
        if of_file and _find_row(f"   file  {of_file[2]}"):
            yield from _iter_row(of_file[1], f"   file  {of_file[2]}")
        elif _find_row(line):
            yield from _iter_row(path, line)
        elif _is_path(line) and _find_row(after):
            path = line.removeprefix("  ") if after.startswith(" " * 4) else line  # as prek has it
        else:
            yield _COMMENT.sub("    ", line)


def _find_title(line: str) -> str:
    title = _TITLE.fullmatch(line)
    return title[1] if title else ""


def _is_path(line: str) -> bool:
    return not line.startswith(("   ", "_", "["))


def _iter_row(path: str, line: str) -> Iterator[str]:
    if match := _find_row(line):
        yield from _iter_numbers(path, match)


def _find_row(line: str) -> re.Match[str] | None:
    match = _ROW.fullmatch(line)
    has_cells = match and any(map(_CELL.fullmatch, re.split(" {2,}", match[4])))
    return match if has_cells else None


def _iter_numbers(path: str, match: re.Match[str]) -> Iterator[str]:
    place = path if match[1] else f"{path}:{match[2] or match[3]}"
    parts = [part for part in re.split(" {2,}", match[4]) if part]
    name = "" if _CELL.fullmatch(parts[0]) else f"{parts.pop(0)}: "
    cells = [cell for cell in map(_CELL.fullmatch, parts) if cell]
    rest = parts[len(cells) :]
    change = "".join(f" ({part})" for part in rest if part.partition(" from ")[0] in _CHANGES)
    remarks = "".join(f", {part}" for part in rest if part.startswith("in `critical_functions`"))
    for cell in cells:
        yield f"{place}: {name}{_spell_cell(cell, change)}{remarks}"
    for part in rest[bool(change) + bool(remarks) :]:
        yield f"    {part}"


def _spell_cell(cell: re.Match[str], change: str) -> str:
    history = re.findall(r"\(([^)]*)\)", cell["words"])
    delta = f" ({history.pop(0)})" if " \u2192 " in cell["value"] else ""
    told = "".join(f"; {_HISTORY.get(words, words)}" for words in history)
    limit = f"{cell['comparison'] or '<='} {cell['limit'] or cell['most']}"
    metric = _name_metric(cell["label"], cell["distribution"])
    return f"{metric} {'' if delta else 'is '}{cell['value']}{delta}, must be {limit}{change}{told}"


def _name_metric(label: str, distribution: str | None) -> str:
    name = label.replace(" ", "_")
    if distribution is not None:
        return f"{distribution}:{name}"
    return f"{name}_complexity" if name in ("cyclomatic", "cognitive", "mccabe") else name
