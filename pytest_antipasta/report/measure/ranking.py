"""Values of ``measure`` as text: ranked by one metric, in a table, and their distribution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_antipasta.extension import default_comparison, is_of_blocks
from pytest_antipasta.messages import count, make_printable, printable_lines
from pytest_antipasta.model import BLOCK_METRICS, Block, FileMetrics, Measurement, Number, number_getter
from pytest_antipasta.report.wording import format_number, format_place, iter_error_lines

_WIDTH = 10


class RankedValue(NamedTuple):
    """A value of a file or a block.

    Attributes:
        value: the value.
        path: path of the file.
        line: line of the block; ``None`` for the file.
        name: qualified name of the block; empty for the file.
        kind: kind of the block; empty for the file.
        cell: cell of a notebook that contains the line.
    """

    value: Number
    path: str
    line: int | None = None
    name: str = ""
    kind: str = ""
    cell: int | None = None

    def __str__(self) -> str:
        """Return the location as text."""
        return format_place(self.path, self.cell, self.line)


def rank(measurements: Mapping[str, Measurement], metric: str, top: int | None) -> list[RankedValue]:
    """Return blocks ranked by a metric of blocks, or files ranked by any other.

    Classes are left out, as their value is an average.
    """
    return _rank(measurements, metric, metric in BLOCK_METRICS or is_of_blocks(metric))[:top]


def _rank(measurements: Mapping[str, Measurement], metric: str, of_blocks: bool) -> list[RankedValue]:
    """Return values of a metric, worst first; equal values are sorted by path and line."""
    sign = 1 if default_comparison(metric) == ">=" else -1
    return sorted(_iter_places(measurements, metric, of_blocks), key=lambda place: sign * place.value)


def _iter_places(
    measurements: Mapping[str, Measurement], metric: str, of_blocks: bool
) -> Iterator[RankedValue]:
    """Yield the values of all blocks except classes, or of all measured files, sorted by path."""
    find = number_getter(metric)
    for path in sorted(path for path in measurements if measurements[path].error is None):
        measurement = measurements[path]
        if not of_blocks:
            value = find(measurement.metrics)
            if value is not None:
                yield RankedValue(value, path)
            continue
        for block in measurement.blocks:
            value = find(block)
            if value is not None and block.kind != "class":
                cell, line = measurement.locate(block.line)
                yield RankedValue(value, path, line, block.qualified_name, block.kind, cell)


@printable_lines
def iter_ranking_lines(places: Sequence[RankedValue], metric: str) -> Iterator[str]:
    """Yield the metric, and a line for each place."""
    yield metric
    for place in places:
        block = f" {place.kind} {place.name}" if place.name else ""
        yield f"{format_number(place.value):>{_WIDTH}}  {place}{block}"


def iter_table(measurements: Mapping[str, Measurement]) -> Iterator[str]:
    """Yield each file with its index and number of lines, and each block with its complexities."""
    for path in sorted(measurements):
        measurement = measurements[path]
        if measurement.error is not None:
            yield from iter_error_lines(path, measurement)
            continue
        yield f"{path}: {format_file(measurement.metrics)}"
        for block in measurement.blocks:
            cyclomatic = format_number(block.cyclomatic_complexity)
            cognitive = format_number(block.cognitive_complexity)
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


@printable_lines
def iter_distributions(measurements: Mapping[str, Measurement], metrics: Iterable[str]) -> Iterator[str]:
    """Yield a line for each metric with several values: complexities of functions, others of files.

    The median and the 90th percentile are by nearest rank, so that each is a value in the code.
    """
    for metric in metrics:
        of_blocks = is_of_blocks(metric)
        ranked = _rank(measurements, metric, of_blocks)
        if len(ranked) > 1:
            # Sorted from worst to best: skip this many values; the next one is the best of the rest.
            places = (ranked[len(ranked) * worse // 100] for worse in (50, 10, 0))
            median, ninetieth, worst = (format_number(place.value) for place in places)
            numbers = f"median {median}, 90th percentile {ninetieth}, worst {worst}"
            where = " ".join(filter(None, (str(ranked[0]), ranked[0].name)))
            values = count(len(ranked), "function" if of_blocks else "file")
            yield f"{metric} of {values}: {numbers} ({where})"
