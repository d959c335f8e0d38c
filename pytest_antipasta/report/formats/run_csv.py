"""CSV with a row for each run: the figures that Prometheus' format has."""

from __future__ import annotations

from datetime import datetime, timezone

from pytest_antipasta.model import Number, Report
from pytest_antipasta.report.csv_cells import format_cell_path, format_rows
from pytest_antipasta.report.formats.run_figures import iter_figures
from pytest_antipasta.runtime import VERSION, python_minor


def write(report: Report) -> bytes:
    """Return the names of the columns, and the row of a run; what is not known is empty."""
    ended = datetime.fromtimestamp(report.facts.ended, timezone.utc).isoformat(timespec="seconds")
    row: dict[str, str | Number | None] = {
        "ended": ended,
        "root": format_cell_path(report.facts.root),
        "version": VERSION,
        "python": python_minor(),
    }
    for figure in iter_figures(report):
        for label, value in figure.values.items():
            row[f"{figure.name}.{label}" if label else figure.name] = value
    return format_rows([row.keys(), row.values()])
