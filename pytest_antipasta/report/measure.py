"""The output of ``measure``: values without verdicts as tables or CSV, by path or ranked by a metric."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple, TextIO

from pytest_antipasta.extension.metrics import (
    default_thresholds,
    is_of_blocks,
    judged_metrics,
    look_up_metric,
)
from pytest_antipasta.messages import count, make_printable, printable_lines
from pytest_antipasta.model.measured import (
    BLOCK_METRICS,
    FILE_METRICS,
    FOREIGN,
    FUNCTION_METRICS,
    Block,
    FileMetrics,
    Measurement,
    Number,
    number_getter,
)
from pytest_antipasta.report.terminal import find_width, fold_line, fold_lines, measure_text, pad_text
from pytest_antipasta.report.wording import format_link, format_place, iter_error_lines, show_number

_GAP = "  "
# Longer names push their values to the right, or to the next line.
_LONGEST_NAME = 60
_SHARED = tuple(name for name in BLOCK_METRICS if name not in FUNCTION_METRICS)
_BLOCK_COLUMNS = ("path", "qualified_name", "kind", "line", "end_line", *_SHARED)
_FILE_COLUMNS = tuple(name for name in FILE_METRICS if name not in _BLOCK_COLUMNS)
# Metrics of functions alone follow, and those of extensions.
_SPREAD = ("median", "90th percentile", "worst")
_COLUMNS = (*_BLOCK_COLUMNS, *_FILE_COLUMNS, "error_kind", "error_message", "cell", *FUNCTION_METRICS)


class _Ranked(NamedTuple):
    """A value of a file, or of one of its blocks."""

    value: Number
    path: str
    measurement: Measurement
    block: Block | None = None

    def __str__(self) -> str:
        """Return the location as text."""
        line = None if self.block is None else self.block.line
        return format_place(self.path, *self.measurement.locate(line))


def make_measure_csv(measurements: Mapping[str, Measurement], metric: str | None, top: int | None) -> bytes:
    """Return CSV of the first files with their blocks, or of the worst by a metric; ``None`` for all.

    In a ranking, files without values come first. The row of a file has the kind ``file``, no name, and
    Halstead's values in the same columns as blocks. In a notebook, lines are counted within their cell.
    """
    from pytest_antipasta.report.csv_cells import format_rows

    shown: list[tuple[str, Measurement, Block | None]]
    if metric is None:
        kept = _sort(measurements, top).items()
        shown = [(path, item, block) for path, item in kept for block in (None, *item.blocks)]
    else:
        kept = _sort(measurements).items()
        shown = [(path, item, None) for path, item in kept if item.error is not None]
        worst = _find_worst(measurements, metric, top)
        shown += [(item.path, item.measurement, item.block) for item in worst]
    columns = (*_COLUMNS, *(name for name in judged_metrics() if FOREIGN in name))
    return format_rows(chain([columns], (map(_make_row(*item).get, columns) for item in shown)))


def _make_row(path: str, measurement: Measurement, block: Block | None = None) -> dict[str, object]:
    """Return the values of a block, or of the file, by column."""
    from pytest_antipasta.report.csv_cells import format_cell_path
    from pytest_antipasta.report.records import make_numbers

    if block is not None:
        cell, line = measurement.locate(block.line)
        place = {"cell": cell, "line": line, "end_line": line + block.end_line - block.line}
        return {**make_numbers(block), "path": format_cell_path(path), **place}
    row = {**make_numbers(measurement.metrics), "path": format_cell_path(path), "kind": "file"}
    if (error := measurement.error) is not None:
        row |= {"line": error.line, "error_kind": error.kind, "error_message": error.message}
        row["cell"] = error.cell
    return row


def make_measure_table(
    measurements: Mapping[str, Measurement],
    metric: str | None,
    top: int | None,
    stream: TextIO,
    *,
    is_brief: bool,
) -> str:
    """Return a table for a stream, with the distribution of all values unless it is to be brief."""
    width = find_width(stream)
    if metric is None:
        table = _iter_table(_sort(measurements, top), width)
    else:
        errors = (iter_error_lines(path, measurements[path]) for path in sorted(measurements))
        folded = fold_lines(chain.from_iterable(errors), width)
        table = chain(folded, _iter_ranking(_find_worst(measurements, metric, top), metric, width))
    spreads = () if is_brief else iter_spreads(measurements, default_thresholds(), width)
    return "".join(f"{line}\n" for line in chain(table, spreads))


def _sort(measurements: Mapping[str, Measurement], top: int | None = None) -> dict[str, Measurement]:
    """Return the measurements, or the first of them, by path."""
    return {path: measurements[path] for path in islice(sorted(measurements), top)}


def _find_worst(measurements: Mapping[str, Measurement], metric: str, top: int | None) -> list[_Ranked]:
    """Return the worst blocks by a metric of blocks, or the worst files by any other."""
    return _rank(measurements, metric, of_blocks=metric in BLOCK_METRICS or is_of_blocks(metric))[:top]


def _rank(measurements: Mapping[str, Measurement], metric: str, *, of_blocks: bool) -> list[_Ranked]:
    """Return values of a metric, worst first; equal values are sorted by path and line.

    Classes are left out, as their value is an average.
    """
    find, found = number_getter(metric), list[_Ranked]()
    for path, measurement in _sort(measurements).items():
        if measurement.error is not None:
            continue
        if not of_blocks and (value := find(measurement.metrics)) is not None:
            found.append(_Ranked(value, path, measurement))
        for block in measurement.blocks if of_blocks else ():
            if block.kind != "class" and (value := find(block)) is not None:
                found.append(_Ranked(value, path, measurement, block))
    sign = 1 if look_up_metric(metric).more_is_better else -1
    return sorted(found, key=lambda item: sign * item.value)


@printable_lines
def _iter_ranking(ranked: Sequence[_Ranked], metric: str, width: int | None) -> Iterator[str]:
    """Yield the metric, and a line for each value."""
    yield metric
    blocks = ((item, item.block) for item in ranked)
    names = [
        str(item) if block is None else f"{item}: {block.kind} {block.qualified_name}"
        for item, block in blocks
    ]
    values = [show_number(item.value) for item in ranked]
    yield from _iter_columns(names, values, width)


def _iter_table(measurements: Mapping[str, Measurement], width: int | None) -> Iterator[str]:
    """Yield each file with its index and number of lines, and each block with its complexities."""
    for path, measurement in measurements.items():
        if measurement.error is not None:
            yield from fold_lines(iter_error_lines(path, measurement), width)
            continue
        yield from fold_line(f"{path}: {_format_file(measurement.metrics)}", width)
        places = [format_link(measurement, block.line) for block in measurement.blocks]
        longest = max(map(len, places), default=0)
        names = [
            f"{_GAP}{place:>{longest}}{_GAP}{block.kind} {make_printable(block.qualified_name)}"
            for place, block in zip(places, measurement.blocks, strict=True)
        ]
        values = (
            f"cyclomatic {show_number(block.cyclomatic_complexity):>3}{_GAP}"
            f"cognitive {show_number(block.cognitive_complexity):>3}"
            for block in measurement.blocks
        )
        yield from _iter_columns(names, values, width)


def _iter_columns(names: Sequence[str], values: Iterable[str], width: int | None) -> Iterator[str]:
    """Yield names with values in a second column, which is on a line of its own where it does not fit."""
    shown = [*values]
    widest = max(map(len, shown), default=0)
    room = min(_LONGEST_NAME, _LONGEST_NAME if width is None else width - widest - len(_GAP))
    column = max((size for name in names if (size := measure_text(name)) <= room), default=0)
    for name, value in zip(names, shown, strict=True):
        line = f"{pad_text(name, column)}{_GAP}{value:>{widest}}"
        if width is None or measure_text(line) <= width:
            yield line
        else:
            yield from fold_line(name, width)
            yield f"{_GAP * 2}{value}"


def _format_file(metrics: FileMetrics) -> str:
    """Return a file's index and number of lines."""
    index, lines = metrics.maintainability_index, metrics.lines_of_code
    parts = ["no maintainability index" if index is None else f"maintainability index {show_number(index)}"]
    parts.append("lines not counted" if lines is None else count(lines, "line"))
    return ", ".join(parts)


@printable_lines
def iter_spreads(
    measurements: Mapping[str, Measurement], metrics: Iterable[str], width: int | None
) -> Iterator[str]:
    """Yield a table with a row for each metric that has several values, and where the worst one is.

    Values are those of functions for complexities, and of files for others. The median and the 90th
    percentile, or the 10th where more is better, are by nearest rank, so that each is a value in the code.
    """
    rows = list(filter(None, (_make_spread(measurements, metric) for metric in metrics)))
    if rows:
        yield from _align_spreads([("", *_SPREAD, ""), *rows], width)


def _make_spread(measurements: Mapping[str, Measurement], metric: str) -> tuple[str, ...]:
    """Return the row of a metric in a table; an empty one for less than two values."""
    of_blocks = is_of_blocks(metric)
    ranked = _rank(measurements, metric, of_blocks=of_blocks)
    if len(ranked) < 2:
        return ()
    facts, ordered = look_up_metric(metric), sorted(place.value for place in ranked)
    percents = (50, 10) if facts.more_is_better else (50, 90)
    median, tenth = (show_number(ordered[-(-len(ordered) * percent // 100) - 1]) for percent in percents)
    tenth += " (10th)" if facts.more_is_better else ""
    block = ranked[0].block
    where = str(ranked[0]) if block is None else f"{ranked[0]} {block.qualified_name}"
    values = count(len(ranked), "function" if of_blocks else "file")
    return f"{facts.label} of {values}", median, tenth, show_number(ranked[0].value), where


def _align_spreads(rows: Sequence[tuple[str, ...]], width: int | None) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers, where in rows:
        columns = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=False)]
        line = _GAP.join([name.ljust(widths[0]), *columns])
        if width is None or measure_text(f"{line}{_GAP}{where}") <= width:
            yield f"{line}{_GAP}{where}".rstrip()
        else:
            parts = (name, f"{_GAP * 2}{_GAP.join(numbers)}")  # the titles have no name
            yield from filter(None, (line,) if len(line) <= width else parts)
            yield from fold_line(f"{_GAP * 2}{where}", width) if where else ()
