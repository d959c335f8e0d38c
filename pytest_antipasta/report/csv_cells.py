"""Rows of CSV that no spreadsheet works out, and no terminal and no CI service obeys."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pytest_antipasta.messages import make_printable, show_name

# What a cell begins with that a spreadsheet works out, which can run programs (CWE-1236); some read the wide
# signs of East Asia as the others.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def format_cell_path(path: str) -> str:
    """Return a path that no spreadsheet takes for a formula, and that looks like no other one."""
    return show_name(f"./{path}" if path.startswith(_FORMULA) else path)


def format_rows(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows as CSV, all cells in quotes: a spreadsheet may divide what has none at a semicolon."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows(map(_neutralise, row) for row in rows)
    return text.getvalue().encode()


def _neutralise(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return make_printable(f"'{cell}" if cell.startswith(_FORMULA) else cell)
