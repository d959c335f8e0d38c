"""``pytest-antipasta measure``: values without verdicts."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import Literal

from msgspec.structs import replace

from pytest_antipasta.cli.command import Annotated, Option, add_command
from pytest_antipasta.cli.options import FileOptions, Top, parse_metric, require_measured, require_text
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import (
    adjust,
    begin_run,
    begin_stdin_run,
    is_stdin,
    judge_all,
    load_rules,
    print_warnings,
)
from pytest_antipasta.cli.stdout import ERRORS, print_to_stderr, write_bytes
from pytest_antipasta.engine.result import Result
from pytest_antipasta.model.measured import Measurement
from pytest_antipasta.report.paths import show_from
from pytest_antipasta.report.records import encode, make_measurements
from pytest_antipasta.results.stats import make_stats

_BY_PATH = "path"
# Metric for --top without another option.
_FIRST_METRIC = "cyclomatic_complexity"


class _MeasureOptions(FileOptions, frozen=True):
    format: Annotated[Literal["table", "json", "csv"], Option("output format")] = "table"
    top: Top = None
    sort: Annotated[
        str | None,
        Option(
            "sort order of functions, or of files for a metric of files",
            "path|METRIC",
            parse=partial(parse_metric, others=(_BY_PATH,)),
        ),
    ] = None


def add_parser(subparsers: SubParsers) -> None:
    """Add ``measure`` to the command line."""
    text = "print the values of source files; exit code 3 if a file could not be measured"
    add_command(subparsers, "measure", text, _MeasureOptions, _run_measure)


def _run_measure(options: _MeasureOptions) -> int:
    require_text(options.format, ("table", "csv"), options.top, options.sort)
    require_measured([options.sort] if options.sort else [], "measure")
    has_stdin = is_stdin(options)
    rules = load_rules(options.config)
    rules = replace(rules, settings=adjust(rules.settings, exclude=options.exclude))
    ledger = begin_stdin_run(options, rules) if has_stdin else begin_run(options, rules)
    try:
        run = judge_all(ledger, options)
    except KeyboardInterrupt:
        if options.format == "table":  # a reader could take a partial result for a complete one
            _write(ledger.make_result(), options)
        raise
    print_warnings(run, is_brief=options.quiet)
    if not run.verdicts and not options.quiet:
        from pytest_antipasta.report.summary import format_nothing

        print_to_stderr([format_nothing(make_stats(run), "measured")])
    return _write(run, options)


def _write(run: Result, options: _MeasureOptions) -> int:
    """Write the values and return the exit code."""
    show_path = show_from(run.rules.settings.root) if options.format == "table" else str
    measurements = {show_path(verdict.path): verdict.measurement for verdict in run.verdicts.values()}
    if options.format == "json":
        content = encode(make_measurements(measurements, run.rules.thresholds.find))
    else:
        content = _format_rows(measurements, options)
    write_bytes(content)
    has_all = not any(measurement.errors for measurement in measurements.values())
    return 0 if has_all and not run.rules.faults else ERRORS


def _format_rows(measurements: Mapping[str, Measurement], options: _MeasureOptions) -> bytes:
    from pytest_antipasta.report.measure import make_measure_csv, make_measure_table

    metric = options.sort or (_BY_PATH if options.top is None else _FIRST_METRIC)
    order = None if metric == _BY_PATH else metric
    if options.format == "csv":
        return make_measure_csv(measurements, order, options.top)
    return make_measure_table(measurements, order, options.top, sys.stdout, is_brief=options.quiet).encode()
