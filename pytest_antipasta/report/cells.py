"""Convert lines of notebooks for reports to programs: each has its cell, and is counted within it."""

from __future__ import annotations

from typing import Any

from pytest_antipasta.model.measured import Measurement

_LINES = ("line", "first_line", "last_line", "end_line")


def add_cells(record: dict[str, Any], measurement: Measurement) -> dict[str, Any]:
    """Return the object of a file; if it is a notebook, each line has its cell."""
    if not measurement.has_cells:
        return record
    placed: dict[str, Any] = _place(record, measurement)
    return placed


def _place(part: Any, measurement: Measurement) -> Any:
    if isinstance(part, list):
        return [_place(item, measurement) for item in part]
    if not isinstance(part, dict):
        return part
    placed: dict[str, Any] = {}
    for name, value in part.items():
        cell, line = measurement.locate(value) if name in _LINES else (None, value)
        if cell is None:
            placed[name] = _place(value, measurement)
        else:
            placed |= {"cell": cell, name: line}
    return placed
