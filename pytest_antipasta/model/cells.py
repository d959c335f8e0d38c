"""Find the cell of a notebook for a measured line; lines are counted through the code of all cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Protocol


class _Block(Protocol):
    """The attributes needed of a block."""

    @property
    def kind(self) -> str: ...

    @property
    def qualified_name(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def end_line(self) -> int: ...


def are_of_notebook(blocks: Sequence[_Block]) -> bool:
    """Return whether blocks belong to a notebook: then the first block is a cell, as all code is in cells."""
    return bool(blocks) and blocks[0].kind == "cell"


def find_cell(blocks: Sequence[_Block], line: int) -> tuple[int, int] | None:
    """Return the cell of a notebook that contains a line, and the line within the cell, both 1-based."""
    if not are_of_notebook(blocks):
        return None
    cells = _list_cells(blocks)
    place = bisect_right(cells, line, key=_first_line) - 1
    if place < 0 or line > cells[place].end_line:
        return None
    cell = cells[place]
    return int(cell.qualified_name.rpartition("#")[2]), line - cell.line + 1


# The last blocks, and the cells among them: reports ask for one line after the other.
_last: tuple[Sequence[_Block], list[_Block]] = ((), [])
_first_line = attrgetter("line")


def _list_cells(blocks: Sequence[_Block]) -> list[_Block]:
    global _last
    last = _last
    if last[0] is not blocks:
        _last = last = blocks, [block for block in blocks if block.kind == "cell"]
    return last[1]
