"""Rows of CSV without text that spreadsheets evaluate, or that terminals and CI services interpret."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pytest_antipasta.messages import make_printable, show_name

# Spreadsheets evaluate cells with these first characters as formulas, which can run programs (CWE-1236); some
# treat full-width characters of East Asia in the same way.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def format_cell_path(path: str) -> str:
    """Return a path that spreadsheets do not evaluate, different for each path."""
    return show_name(f"./{path}" if path.startswith(_FORMULA) else path)


def format_rows(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows as CSV with all cells quoted, as spreadsheets may split unquoted cells at semicolons."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows(map(_neutralise, row) for row in rows)
    return text.getvalue().encode()


def _neutralise(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    return make_printable(f"'{cell}" if cell.startswith(_FORMULA) else cell)
