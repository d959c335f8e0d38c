"""What ``explain`` is asked about: a file, a block of it by its name, or a line."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from pytest_antipasta.cli.operands import split_block
from pytest_antipasta.messages import list_names, suggest_block
from pytest_antipasta.metrics import ExplainedBlock, Explanation
from pytest_antipasta.model import UsageError

SEPARATOR = "::"
# The name of a file's item in pytest, so that a node id will do.
ITEM = "antipasta"
# As editors, compilers and our own messages print it, with a column or without.
_PLACE = re.compile(r"(?P<path>.+?):(?:cell (?P<cell>[0-9]+):)?(?P<line>[0-9]+)(?::[0-9]*)?:?")


class Line(NamedTuple):
    """A line of a file, or of a notebook's cell."""

    cell: int | None
    line: int


def parse_target(text: str) -> tuple[str, str | Line | None]:
    """Return the file and the block that are meant: its name, or a line of it.

    The node id of a file's item is the file.
    """
    if os.path.lexists(text):
        return text, None
    if SEPARATOR in text:
        path, name = split_block(text)
        return path, None if name == ITEM else name
    place = _PLACE.fullmatch(text)
    if place is None:
        return text, None
    cell = place["cell"]
    return place["path"], Line(None if cell is None else int(cell), int(place["line"]))


def find_block_at(path: str, parts: Explanation, wanted: Line) -> ExplainedBlock:
    """Return the innermost block that a line belongs to.

    Raises:
        UsageError: it is in none.
    """
    cell, line = wanted
    if parts.measurement.has_cells and cell is None:
        raise UsageError(f"{path}:{line}: name the cell as well, as in {path}:cell 3:{line}")
    start = 1 if cell is None else _find_start(parts, cell)
    line += start - 1
    around = [one for one in parts.blocks if one.block.line <= line <= one.block.end_line]
    if around and _find_cell(parts, line) == cell:
        return max(around, key=lambda one: (one.block.line, one.block.kind != "cell"))
    names = [one.block.qualified_name for one in parts.blocks]
    place = f"{path}:{wanted.line}" if cell is None else f"{path}:cell {cell}:{wanted.line}"
    raise UsageError(f"{place}: this line is outside any function or class; the file has {list_names(names)}")


def _find_start(parts: Explanation, cell: int) -> int:
    """Return the line of a cell's beginning; of one that has no code one that is in no block."""
    cells = (one.block.line for one in parts.blocks if one.block.kind == "cell")
    return next((line for line in cells if _find_cell(parts, line) == cell), len(parts.lines) + 1)


def _find_cell(parts: Explanation, line: int) -> int | None:
    place = parts.measurement.find_cell(line)
    return None if place is None else place[0]


def find_block(path: str, parts: Explanation, name: str) -> ExplainedBlock:
    """Return the block of a name.

    Raises:
        UsageError: there is none.
    """
    for one in (name, name.removesuffix("#1")):  # a notebook's first cell has the number in its name
        if one in parts.by_name:
            return parts.by_name[one]
    raise UsageError(f'{path}: no function or class "{name}"; {suggest_block(name, list(parts.by_name))}')
