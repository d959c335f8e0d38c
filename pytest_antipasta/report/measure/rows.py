"""CSV with the values of files and blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.model import (
    BLOCK_METRICS,
    FILE_METRICS,
    FOREIGN,
    FUNCTION_METRICS,
    Block,
    FileMetrics,
    Measurement,
    Number,
    find_number,
)
from pytest_antipasta.report.csv_cells import format_cell_path, format_rows
from pytest_antipasta.report.measure.ranking import RankedValue

_SHARED = tuple(name for name in BLOCK_METRICS if name not in FUNCTION_METRICS)
_BLOCK_COLUMNS = ("path", "qualified_name", "kind", "line", "end_line", *_SHARED)
_FILE_COLUMNS = tuple(name for name in FILE_METRICS if name not in _BLOCK_COLUMNS)
_COLUMNS = (*_BLOCK_COLUMNS, *_FILE_COLUMNS, "error_kind", "error_message", "cell")
_LINE = _BLOCK_COLUMNS.index("line")
_FILE = "file"


def format_measurements(measurements: Mapping[str, Measurement]) -> bytes:
    """Return a row for each file and each of its blocks, sorted by path and line.

    The row of a block ends after the block columns; in a notebook, its cell follows. The row of a file has
    the kind ``file``, no name, and Halstead's values in the same columns as blocks. Its other values follow,
    or its error. Metrics of functions alone, and of extensions, come last.
    """
    return _write_rows(_iter_rows(measurements))


def _iter_rows(measurements: Mapping[str, Measurement]) -> Iterator[Sequence[object]]:
    for path in sorted(measurements):
        measurement = measurements[path]
        yield _make_file_row(path, measurement)
        for block in measurement.blocks:
            yield _make_block_row(path, block, measurement)


def format_ranking_csv(measurements: Mapping[str, Measurement], places: Sequence[RankedValue]) -> bytes:
    """Return the rows of the places; files without values come first."""
    errors = (path for path in sorted(measurements) if measurements[path].error is not None)
    rows = [_make_file_row(path, measurements[path]) for path in errors]
    blocks = {
        (path, block.qualified_name): block
        for path in {place.path for place in places if place.name}
        for block in measurements[path].blocks
    }
    for place in places:
        measurement = measurements[place.path]
        if place.name:
            rows.append(_make_block_row(place.path, blocks[place.path, place.name], measurement))
        else:
            rows.append(_make_file_row(place.path, measurement))
    return _write_rows(rows)


def _write_rows(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows below the column names, each padded to the same number of cells."""
    columns = (*_COLUMNS, *_list_last())
    return format_rows(chain([columns], ([*row, *[None] * (len(columns) - len(row))] for row in rows)))


def _make_block_row(path: str, block: Block, measurement: Measurement) -> Sequence[object]:
    """Return the columns of a block; in a notebook, the cell follows the columns of files."""
    row = [format_cell_path(path), *(getattr(block, name) for name in _BLOCK_COLUMNS[1:])]
    cell, line = measurement.locate(block.line)
    if cell is not None:
        row[_LINE : _LINE + 2] = line, line + block.end_line - block.line
        row += [*[None] * (len(_COLUMNS) - len(row) - 1), cell]
    return _add_last(row, block)


def _make_file_row(path: str, measurement: Measurement) -> Sequence[object]:
    """Return all columns of a file."""
    error = measurement.error
    numbers = [getattr(measurement.metrics, name, None) for name in (*_SHARED, *_FILE_COLUMNS)]
    line = error.line if error else None
    row = [
        format_cell_path(path),
        None,
        _FILE,
        line,
        None,
        *numbers,
        error and error.kind,
        error and error.message,
        error and error.cell,
    ]
    return _add_last(row, measurement.metrics)


def _list_last() -> list[str]:
    """Return the metrics in the last columns: those of functions alone, and those of extensions."""
    return [*FUNCTION_METRICS, *(name for name in judged_metrics() if FOREIGN in name)]


def _add_last(row: list[object], numbers: Block | FileMetrics) -> list[object]:
    """Return a row extended by the values of the last columns."""
    gap = [None] * (len(_COLUMNS) - len(row))
    return [*row, *gap, *(_find_number(numbers, name) for name in _list_last())]


def _find_number(numbers: Block | FileMetrics, name: str) -> Number | None:
    is_missing = name in FUNCTION_METRICS and isinstance(numbers, FileMetrics)
    return None if is_missing else find_number(numbers, name)
