"""Tables drawn by rich, where it is installed and the output is a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import Measurement
from pytest_antipasta.report.measure.ranking import RankedValue, format_file, format_head
from pytest_antipasta.report.terminal import find_width, has_color
from pytest_antipasta.report.wording import format_number, iter_error_lines
from pytest_antipasta.runtime import trusted_first

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_COLUMNS = {
    "cyclomatic": "cyclomatic_complexity",
    "cognitive": "cognitive_complexity",
    "volume": "halstead_volume",
}


def has_rich() -> bool:
    """Return whether rich can be imported."""
    try:
        with trusted_first():
            import rich  # noqa: F401
    except ImportError:
        return False
    return True


def draw_table(measurements: Mapping[str, Measurement]) -> str:
    """Return a table of files and blocks; files without values have the reason."""
    table = _make_table("", *_COLUMNS)
    for path in sorted(measurements):
        measurement = measurements[path]
        if measurement.error is not None:
            lines = "\n".join(iter_error_lines(path, measurement))
            table.add_row(_text(lines, "red"), end_section=True)
            continue
        table.add_row(_text(f"{path}: {format_file(measurement.metrics)}", "bold"))
        for block in measurement.blocks:
            cells = (format_number(getattr(block, name)) for name in _COLUMNS.values())
            table.add_row(_text(f"  {format_head(measurement, block)}"), *cells)
        table.add_section()
    return _render(table)


def draw_ranking(places: Sequence[RankedValue], metric: str) -> str:
    """Return a table of places ranked by a metric."""
    table = _make_table("", metric)
    for place in places:
        block = f" {place.kind} {make_printable(place.name)}" if place.name else ""
        table.add_row(_text(f"{place}{block}"), format_number(place.value))
    return _render(table)


def _make_table(first: str, *columns: str) -> Table:
    with trusted_first():
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column(first, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _text(text: str, style: str = "") -> Text:
    """Return text in which brackets are not markup."""
    with trusted_first():
        from rich.text import Text

    return Text(text, style)


def _render(table: Table) -> str:
    """Return the table as rendered for a terminal, in its width."""
    with trusted_first():
        from rich.console import Console

    text = io.StringIO()
    Console(file=text, force_terminal=has_color(sys.stdout), width=find_width(sys.stdout)).print(table)
    return text.getvalue()
