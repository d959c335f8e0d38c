"""CSV with a row for each run: the figures that Prometheus' format has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from pytest_antipasta.model import Number, Verdict
from pytest_antipasta.report.csv_cells import format_cell_path, format_rows
from pytest_antipasta.report.formats.run_figures import iter_figures
from pytest_antipasta.runtime import VERSION, python_minor


def write(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return the names of the columns, and the row of a run; what is not known is empty."""
    ended = datetime.fromtimestamp(run["ended"], timezone.utc).isoformat(timespec="seconds")
    row: dict[str, str | Number | None] = {
        "ended": ended,
        "root": format_cell_path(run["root"]),
        "version": VERSION,
        "python": python_minor(),
    }
    for figure in iter_figures(verdicts, run):
        for label, value in figure.values.items():
            row[f"{figure.name}.{label}" if label else figure.name] = value
    return format_rows([row.keys(), row.values()])
