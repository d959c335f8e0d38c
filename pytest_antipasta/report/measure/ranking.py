"""Rank blocks or files by one metric, worst first, for ``measure``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_antipasta.extension import is_of_blocks
from pytest_antipasta.messages import count, make_printable, printable_lines
from pytest_antipasta.model import BLOCK_METRICS, Block, FileMetrics, Measurement
from pytest_antipasta.report.measure.distribution import RankedValue, iter_places, sort_places
from pytest_antipasta.report.measure.rows import make_block_row, make_file_row, write_rows
from pytest_antipasta.report.wording import format_number, iter_error_lines

_WIDTH = 10


def rank(measurements: Mapping[str, Measurement], metric: str, top: int | None) -> list[RankedValue]:
    """Return blocks ranked by a metric of blocks, or files ranked by any other.

    Classes are left out, as their value is an average.
    """
    places = iter_places(measurements, metric, metric in BLOCK_METRICS or is_of_blocks(metric))
    return sort_places(places, metric)[:top]


@printable_lines
def iter_ranking_lines(places: Sequence[RankedValue], metric: str) -> Iterator[str]:
    """Yield the metric, and a line for each place."""
    yield metric
    for place in places:
        block = f" {place.kind} {place.name}" if place.name else ""
        yield f"{format_number(place.value):>{_WIDTH}}  {place}{block}"


def format_ranking_csv(measurements: Mapping[str, Measurement], places: Sequence[RankedValue]) -> bytes:
    """Return the rows of the places; files without values come first."""
    errors = (path for path in sorted(measurements) if measurements[path].error is not None)
    rows = [make_file_row(path, measurements[path]) for path in errors]
    blocks = {
        (path, block.qualified_name): block
        for path in {place.path for place in places if place.name}
        for block in measurements[path].blocks
    }
    for place in places:
        measurement = measurements[place.path]
        if place.name:
            rows.append(make_block_row(place.path, blocks[place.path, place.name], measurement))
        else:
            rows.append(make_file_row(place.path, measurement))
    return write_rows(iter(rows))


def iter_table(measurements: Mapping[str, Measurement]) -> Iterator[str]:
    """Yield each file with its index and number of lines, and each block with its complexities."""
    for path in sorted(measurements):
        measurement = measurements[path]
        if measurement.error is not None:
            yield from iter_error_lines(path, measurement)
            continue
        yield f"{path}: {format_file(measurement.metrics)}"
        for block in measurement.blocks:
            found = (block.cyclomatic_complexity, block.cognitive_complexity)
            cyclomatic, cognitive = ("-" if number is None else number for number in found)
            numbers = f"cyclomatic {cyclomatic:>3}  cognitive {cognitive:>3}"
            yield f"  {numbers}  {format_head(measurement, block)}"


def format_head(measurement: Measurement, block: Block) -> str:
    """Return the line and kind of a block; in a notebook, the line is within its cell."""
    cell, line = measurement.locate(block.line)
    name = make_printable(block.qualified_name)
    return f"{line if cell is None else f'cell {cell}:{line}'}: {block.kind} {name}"


def format_file(metrics: FileMetrics) -> str:
    """Return a file's index and number of lines."""
    index, lines = metrics.maintainability_index, metrics.lines_of_code
    parts = ["no maintainability index" if index is None else f"maintainability index {format_number(index)}"]
    parts.append("lines not counted" if lines is None else count(lines, "line"))
    return ", ".join(parts)
