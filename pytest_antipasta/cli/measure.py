"""``pytest-antipasta measure``: values without verdicts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping

from pytest_antipasta.cli.metric_options import add_ranking_options, require_measured, require_text
from pytest_antipasta.cli.options import add_exclude_option, add_run_options, add_shared_store_option
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.running import begin_run, judge_all, load_rules, print_warnings, write_output
from pytest_antipasta.cli.stdin import add_stdin_options, begin_stdin_run, is_stdin
from pytest_antipasta.cli.stdout import ERRORS, print_to_stderr
from pytest_antipasta.engine import Run
from pytest_antipasta.engine.stats import make_stats
from pytest_antipasta.model import Measurement, Threshold
from pytest_antipasta.report import encode, make_measurements, place_verdicts
from pytest_antipasta.settings import ThresholdFinder

_BY_PATH = "path"
# Metric for --top without another option.
_FIRST_METRIC = "cyclomatic_complexity"


def add_parser(subparsers: SubParsers) -> None:
    """Add ``measure`` to the command line."""
    text = "print the values of source files; exit code 3 if a file could not be measured"
    parser = add_command(subparsers, "measure", text, _run_measure)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders, or - for standard input")
    parser.add_argument("--format", default="table", choices=("table", "json", "csv"), help="output format")
    add_ranking_options(
        parser,
        (_BY_PATH,),
        "sort order of functions, or of files for a metric of files",
    )
    add_exclude_option(parser)
    add_stdin_options(parser)
    add_run_options(parser)
    add_shared_store_option(parser)


def _run_measure(args: argparse.Namespace) -> int:
    require_text(args, ("table", "csv"))
    require_measured([args.sort] if args.sort else None, "measure")
    has_stdin = is_stdin(args)
    rules = load_rules(args)
    run = begin_stdin_run(args, rules) if has_stdin else begin_run(args, rules, args.paths)
    try:
        judge_all(run, args)
    except KeyboardInterrupt:
        if args.format == "table":  # a reader could take a partial result for a complete one
            _write(run, args)
        raise
    print_warnings(run, args)
    if not run.verdicts and not args.quiet:
        from pytest_antipasta.report import format_nothing

        print_to_stderr([format_nothing(make_stats(run), "measured")])
    return _write(run, args)


def _write(run: Run, args: argparse.Namespace) -> int:
    """Write the values and return the exit code."""
    verdicts = run.sorted_verdicts()
    if args.format == "table":
        verdicts = place_verdicts(verdicts, run.rules.settings.root)
    measurements = {verdict.path: verdict.measurement for verdict in verdicts}
    find_limits = ThresholdFinder(run.rules.settings).find
    write_output(_format(measurements, args, find_limits), None)
    has_all = not any(measurement.errors for measurement in measurements.values())
    return 0 if has_all and not run.rules.find_faults() else ERRORS


def _format(
    measurements: Mapping[str, Measurement],
    args: argparse.Namespace,
    find_limits: Callable[[str], Iterable[Threshold]],
) -> bytes:
    if args.format == "json":
        return encode(make_measurements(measurements, find_limits))
    metric = args.sort or (_BY_PATH if args.top is None else _FIRST_METRIC)
    order = None if metric == _BY_PATH else metric
    from pytest_antipasta.report.measure import make_measure_csv, make_measure_table

    if args.format == "csv":
        return make_measure_csv(measurements, order, args.top)
    return make_measure_table(measurements, order, args.top, sys.stdout, is_brief=args.quiet).encode()
