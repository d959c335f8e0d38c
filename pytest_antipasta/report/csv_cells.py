"""Paths in cells of CSV."""

from __future__ import annotations

from pytest_antipasta.messages import show_name

FORMULA = ("=", "+", "-", "@")
"""What a cell begins with that a spreadsheet works out, which can run programs (CWE-1236)."""


def format_cell_path(path: str) -> str:
    """Return a path that no spreadsheet takes for a formula and no terminal for an order."""
    return show_name(f"./{path}" if path.startswith(FORMULA) else path)
