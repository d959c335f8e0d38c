r"""A notebook as one Python source: a header that identifies cells, then the code of all cells in order.

The header contains NULs, which no valid Python source has, and no line feed, so that line numbers are those
of the code. Decoding skips it: values, bodies and points are those of the code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pytest_antipasta.model import JOINED

_CELLS = JOINED + b"cells "
_KERNEL = JOINED + b"kernel "
_END = b"\0"
_FEED = "\n"


class Cell(NamedTuple):
    """A code cell of a notebook.

    Attributes:
        number: number of the cell among cells of all kinds, 1-based.
        line: its first line in the source, 1-based.
        end_line: its last line.
    """

    number: int
    line: int
    end_line: int


def encode_joined(cells: Iterable[tuple[int, str]]) -> bytes:
    r"""Return the source of some cells, given as numbers and texts with ``\n`` at the end of their lines."""
    cells = list(cells)
    head = " ".join(f"{number}:{text.count(_FEED) + 1}" for number, text in cells)
    code = "".join(f"{text}\n" for _, text in cells)
    return b"".join((_CELLS, head.encode(), _END, code.encode()))


def encode_kernel(name: str) -> bytes:
    """Return the content for a notebook that is not Python, with the name of its language."""
    return b"".join((_KERNEL, name.encode("ascii", "replace").replace(_END, b"?"), _END))


def is_joined(data: bytes) -> bool:
    """Return whether a content is that of a notebook."""
    return data.startswith(JOINED)


def find_kernel(data: bytes) -> str | None:
    """Return the language of a notebook that is not Python; ``None`` for any other content."""
    return data[len(_KERNEL) : -1].decode() if data.startswith(_KERNEL) else None


def strip_head(data: bytes) -> bytes:
    """Return the code of a Python notebook."""
    return data[data.index(_END, 1) + 1 :]


def find_cells(data: bytes) -> tuple[Cell, ...]:
    """Return the cells of a notebook in order; empty for any other content."""
    if not data.startswith(_CELLS):
        return ()
    cells: list[Cell] = []
    end = 0
    for part in data[len(_CELLS) : data.index(_END, 1)].split():
        number, _, lines = part.partition(b":")
        line, end = end + 1, end + int(lines)
        cells.append(Cell(int(number), line, end))
    return tuple(cells)
