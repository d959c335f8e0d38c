"""Parse the argument of ``explain``: a file, a block in it by name, or a line."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from pytest_antipasta.cli.operands import split_block
from pytest_antipasta.messages import list_names, suggest_block
from pytest_antipasta.metrics import ExplainedBlock, Explanation
from pytest_antipasta.model import UsageError

SEPARATOR = "::"
# The name of a file's item in pytest, so that node ids are accepted.
ITEM = "antipasta"
# As editors, compilers and our own messages print it, with or without a column.
_PLACE = re.compile(r"(?P<path>.+?):(?:cell (?P<cell>[0-9]+):)?(?P<line>[0-9]+)(?::[0-9]*)?:?")


class Line(NamedTuple):
    """A line of a file, or of a notebook's cell."""

    cell: int | None
    line: int


def parse_target(text: str) -> tuple[str, str | Line | None]:
    """Return the requested file and block: the name of the block, or a line in it.

    The node id of a file's item means the file.
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
    """Return the innermost block that contains a line.

    Raises:
        UsageError: the line is in no block.
    """
    cell, line = wanted
    if parts.measurement.has_cells and cell is None:
        raise UsageError(f"{path}:{line}: name the cell as well, as in {path}:cell 3:{line}")
    start = 1 if cell is None else _find_start(parts, cell)
    line += start - 1
    around = [block for block in parts.blocks if block.block.line <= line <= block.block.end_line]
    if around and parts.measurement.locate(line)[0] == cell:
        return max(around, key=lambda item: (item.block.line, item.block.kind != "cell"))
    names = [block.block.qualified_name for block in parts.blocks]
    place = f"{path}:{wanted.line}" if cell is None else f"{path}:cell {cell}:{wanted.line}"
    raise UsageError(f"{place}: this line is outside any function or class; the file has {list_names(names)}")


def _find_start(parts: Explanation, cell: int) -> int:
    """Return the first line of a cell; a line in no block if the cell has no code."""
    cells = (block.block.line for block in parts.blocks if block.block.kind == "cell")
    return next((line for line in cells if parts.measurement.locate(line)[0] == cell), len(parts.lines) + 1)


def find_block(path: str, parts: Explanation, name: str) -> ExplainedBlock:
    """Return the block with a name.

    Raises:
        UsageError: there is no such block.
    """
    for known in (name, name.removesuffix("#1")):  # a notebook's first cell has a number in its name
        if known in parts.by_name:
            return parts.by_name[known]
    raise UsageError(f'{path}: no function or class "{name}"; {suggest_block(name, list(parts.by_name))}')
