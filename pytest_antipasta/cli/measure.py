"""``pytest-antipasta measure``: numbers only, no judgement."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from pytest_antipasta.cli.options import (
    add_run_options,
    begin_run,
    judge_all,
    load,
    tell_troubles,
    write_output,
)
from pytest_antipasta.errors import UsageError
from pytest_antipasta.model import BLOCK_METRICS, FileMetrics, Measurement
from pytest_antipasta.report.records import encode, make_measurements
from pytest_antipasta.report.wording import count, format_error_line, format_number
from pytest_antipasta.run import Run

if TYPE_CHECKING:
    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]

_STDIN = "-"
_ERRORS = 3
_COLUMNS = ("path", "qualified_name", "kind", "line", "end_line", *BLOCK_METRICS)


def add_parser(subparsers: SubParsers) -> None:
    """Add ``measure`` to the command line."""
    text = "print the numbers of source files; exit code 3 for files without numbers"
    parser = subparsers.add_parser("measure", help=text, description=text.capitalize() + ".")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders, or - for standard input")
    parser.add_argument("--format", default="table", choices=tuple(_FORMATS), help="how to write the numbers")
    add_run_options(parser)
    parser.set_defaults(run=run_measure)


def run_measure(args: argparse.Namespace) -> int:
    """Measure the files and write their numbers.

    Raises:
        UsageError: settings or paths are wrong.
    """
    measurements = _measure_stdin(args) if _STDIN in args.paths else _measure_files(args)
    write_output(_FORMATS[args.format](measurements), None)
    return _ERRORS if any(measurement.error for measurement in measurements.values()) else 0


def _measure_stdin(args: argparse.Namespace) -> dict[str, Measurement]:
    if args.paths != [_STDIN]:
        raise UsageError("`-` stands for standard input and can't be mixed with files")
    from pytest_antipasta.guard import measure_once

    return {_STDIN: measure_once(sys.stdin.buffer.read())}


def _measure_files(args: argparse.Namespace) -> dict[str, Measurement]:
    run = begin_run(args, load(args), args.paths)
    try:
        judge_all(run, args)
    except KeyboardInterrupt:
        if args.format == "table":  # what reads the others would take half of it for the whole
            write_output(_format_table(_find_measurements(run)), None)
        raise
    tell_troubles(run)
    return _find_measurements(run)


def _find_measurements(run: Run) -> dict[str, Measurement]:
    return {path: verdict.measurement for path, verdict in run.verdicts.items()}


def _format_json(measurements: Mapping[str, Measurement]) -> bytes:
    return encode(make_measurements(measurements))


def _format_csv(measurements: Mapping[str, Measurement]) -> bytes:
    """Return a row a block; the numbers of files are in the JSON only."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for path in sorted(measurements):
        for block in measurements[path].blocks:
            writer.writerow([path, *(getattr(block, name) for name in _COLUMNS[1:])])
    return text.getvalue().encode()


def _format_table(measurements: Mapping[str, Measurement]) -> bytes:
    return "".join(f"{line}\n" for line in _iter_table(measurements)).encode()


def _iter_table(measurements: Mapping[str, Measurement]) -> Iterator[str]:
    """Yield each file with its index and lines, and each block with its complexities."""
    for path in sorted(measurements):
        measurement = measurements[path]
        if measurement.error is not None:
            yield format_error_line(path, measurement.error)
            continue
        yield f"{path}: {_format_file(measurement.metrics)}"
        for block in measurement.blocks:
            cognitive = "-" if block.cognitive_complexity is None else block.cognitive_complexity
            numbers = f"cyclomatic {block.cyclomatic_complexity:>3}  cognitive {cognitive:>3}"
            yield f"  {numbers}  {block.line}: {block.kind} {block.qualified_name}"


def _format_file(metrics: FileMetrics) -> str:
    index, lines = metrics.maintainability_index, metrics.lines_of_code
    parts = ["no maintainability index" if index is None else f"maintainability index {format_number(index)}"]
    parts.append("lines not counted" if lines is None else count(lines, "line"))
    return ", ".join(parts)


_FORMATS: Mapping[str, Callable[[Mapping[str, Measurement]], bytes]] = {
    "table": _format_table,
    "json": _format_json,
    "csv": _format_csv,
}
