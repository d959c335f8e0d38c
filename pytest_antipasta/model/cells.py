"""Places in notebooks, whose measured lines are counted through the code of all cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class _Block(Protocol):
    """What is asked of blocks."""

    @property
    def kind(self) -> str: ...

    @property
    def qualified_name(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def end_line(self) -> int: ...


def are_of_notebook(blocks: Sequence[_Block]) -> bool:
    """Whether blocks are those of a notebook, of which no code is before the first cell."""
    return bool(blocks) and blocks[0].kind == "cell"


def find_cell(blocks: Sequence[_Block], line: int) -> tuple[int, int] | None:
    """Return the cell of a notebook that a line is in, and the line in the cell, both 1-based."""
    if are_of_notebook(blocks):
        for block in blocks:
            if block.kind == "cell" and block.line <= line <= block.end_line:
                return int(block.qualified_name.rpartition("#")[2]), line - block.line + 1
    return None
