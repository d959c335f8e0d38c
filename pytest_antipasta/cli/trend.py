"""``pytest-antipasta trend``: the history of values, from git and the store."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.cli.metric_options import (
    add_metric_options,
    find_judged,
    parse_number,
    require_measured,
)
from pytest_antipasta.cli.operands import split_block
from pytest_antipasta.cli.options import add_run_options
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.running import choose_cache_dir, follow, load_rules, write_output
from pytest_antipasta.cli.stdout import ERRORS, is_ascii, print_to_stderr, write_bytes
from pytest_antipasta.engine import ReportProgress, describe_phases, describe_places, iter_debug_lines
from pytest_antipasta.engine.executor import find_jobs
from pytest_antipasta.extension import is_of_blocks
from pytest_antipasta.files import display_path, rebase
from pytest_antipasta.logs import INFO, Phases, log_all
from pytest_antipasta.messages import name_path
from pytest_antipasta.model import BLOCK_METRICS, LASTING_ERRORS, Life, Trend, UsageError
from pytest_antipasta.report.formats import parse_path, require_no_source
from pytest_antipasta.settings import Settings, find_faults

if TYPE_CHECKING:
    from pytest_antipasta.trend import Past

_SEPARATOR = "::"


def add_parser(subparsers: SubParsers) -> None:
    """Add ``trend`` to the command line."""
    text = "show the history of the values, commit by commit; check nothing"
    parser = add_command(subparsers, "trend", text, _run_trend)
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files and folders, or one FILE::BLOCK",
    )
    parser.add_argument(
        "--since",
        metavar="DATE|REF",
        help="start at a date, `6 months ago`, a commit or a tag",
    )
    parser.add_argument(
        "--commits", type=parse_number, metavar="N", help="examine at most the last N commits"
    )
    parser.add_argument(
        "--every",
        default="commit",
        choices=("commit", "day", "week"),
        help="every commit, or the last one of each day or week",
    )
    parser.add_argument("--ref", default="HEAD", help="last commit of the history (first parents only)")
    parser.add_argument("--format", default="text", choices=("text", "json", "csv"), help="output format")
    parser.add_argument(
        "--hotspots",
        action="store_true",
        help="list complex and often changed files and functions",
    )
    parser.add_argument(
        "--html",
        metavar="PATH",
        help="also write an HTML page; - for only the page",
    )
    add_metric_options(parser)
    add_run_options(parser)


def _run_trend(args: argparse.Namespace) -> int:
    from pytest_antipasta.trend import measure_trend

    require_measured(args.metrics, "trend")
    settings = _load(args)
    if (block := _find_block(args)) is not None:
        return _run_life(args, _open(args, settings), (_name(settings, block[0]), block[1]))
    paths = [_name(settings, path) for path in args.paths]
    with _open(args, settings, paths) as (past, step):
        trend = measure_trend(past, args.metrics, step, follows_blocks=args.hotspots)
    settings = past.settings
    faults = find_faults(settings)
    trend = replace(trend, warnings=[*faults, *past.warnings])
    _require_files(trend, paths)
    if args.format != "text":
        print_to_stderr(f"warning: {warning}" for warning in trend.warnings)
    _write(trend, settings, args)
    # A history may contain much content that this Python can't parse.
    return ERRORS if faults or trend.unmeasured.keys() - LASTING_ERRORS else 0


@contextmanager
def _open(
    args: argparse.Namespace, settings: Settings, paths: Sequence[str] = ()
) -> Iterator[tuple[Past, ReportProgress]]:
    """Open the requested history, and yield it with a function for reporting progress."""
    from pytest_antipasta.trend import Range, open_past

    asked = Range(args.ref, args.since, args.commits, args.every, tuple(paths) or None)
    cache_dir, phases = choose_cache_dir(args, settings), Phases()
    with (
        follow(args.quiet, "commit") as step,
        open_past(settings, asked, cache_dir, Path.cwd(), find_jobs(args.jobs, settings), phases) as past,
    ):
        yield past, step
    decisions = (*describe_places(settings, cache_dir), describe_phases(phases))
    log_all(INFO, decisions)
    print_to_stderr(iter_debug_lines(decisions) if args.debug else ())


def _load(args: argparse.Namespace) -> Settings:
    if args.hotspots and (args.format == "csv" or args.metrics):
        raise UsageError("--hotspots has its own table; remove --metric and --format csv")
    if args.html is not None and (path := parse_path(args.html)) is not None:
        require_no_source(path)
    settings = load_rules(args).settings
    if not args.limits:
        return settings
    from pytest_antipasta.settings import with_limits

    return with_limits(settings, dict(args.limits))


def _find_block(args: argparse.Namespace) -> tuple[str, str] | None:
    """Return the requested file and block, if any."""
    named = [path for path in args.paths if _SEPARATOR in path and not os.path.lexists(path)]
    if not named:
        return None
    if len(args.paths) > 1 or args.hotspots:
        hint = "remove the other paths and --hotspots"
        raise UsageError(f"{named[0]} is a function or class, and its history is shown alone; {hint}")
    return split_block(named[0])


def _name(settings: Settings, path: str) -> str:
    """Return the path in reports; the file need not exist any more."""
    if not path:
        raise UsageError("a path is empty (unset variable?); to check all files, omit it")
    return display_path(settings.root, rebase(settings.root, os.path.abspath(path)))


def _require_files(trend: Trend, paths: Iterable[str]) -> None:
    """Raise UsageError if no commit has a source file in the requested paths, as after a typing error."""
    if paths and trend.commits and not _has_files(trend):
        raise UsageError(f"none of the commits examined has a source file in {', '.join(paths)}")


def _has_files(trend: Trend) -> bool:
    return any(commit.files for commit in trend.commits)


def _write(trend: Trend, settings: Settings, args: argparse.Namespace) -> None:
    """Write the result and the HTML page; on standard output, the page replaces the result."""
    if args.html is not None:
        _write_page(trend, settings, args)
        if parse_path(args.html) is None:
            return
    for part in _iter_parts(trend, settings, args):
        write_bytes(part)


def _write_page(trend: Trend, settings: Settings, args: argparse.Namespace) -> None:
    from pytest_antipasta.report.formats import write_trend_page

    page = write_trend_page(trend, _choose_means(trend, settings, args), name_path(settings.root.as_posix()))
    write_output(page, parse_path(args.html))


def _choose_means(trend: Trend, settings: Settings, args: argparse.Namespace) -> Sequence[str]:
    judged = find_judged(settings)
    return args.metrics or [metric for metric in trend.metrics if metric in judged]


def _iter_parts(trend: Trend, settings: Settings, args: argparse.Namespace) -> Iterable[bytes]:
    from pytest_antipasta.report.trend import iter_trend_csv, iter_trend_json

    if args.format == "json":
        return iter_trend_json(trend)
    if args.format == "csv":
        return iter_trend_csv(trend)
    from pytest_antipasta.report import find_width, fold_line

    lines, width = _iter_lines(trend, settings, args), find_width(sys.stdout)
    return (f"{part}\n".encode() for line in lines for part in fold_line(line, width))


def _iter_lines(trend: Trend, settings: Settings, args: argparse.Namespace) -> Iterable[str]:
    from pytest_antipasta.report import Paint, has_color
    from pytest_antipasta.report.trend import iter_hotspot_lines, iter_trend_notes

    if not _has_files(trend):
        yield (
            "no commit has a source file in these paths" if trend.commits else f"no commit since {args.since}"
        )
    elif args.hotspots:
        yield from iter_hotspot_lines(trend, Paint(has_color(sys.stdout)))
    else:
        yield from _iter_tables(trend, settings, args)
    yield from iter_trend_notes(trend)
    if args.ref == "HEAD" and not args.hotspots:
        yield from _iter_next(trend, settings, args)


def _iter_tables(trend: Trend, settings: Settings, args: argparse.Namespace) -> Iterable[str]:
    from pytest_antipasta.report import Paint, has_color
    from pytest_antipasta.report.trend import iter_trend_lines

    means = _choose_means(trend, settings, args)
    return iter_trend_lines(trend, means, Paint(has_color(sys.stdout)), is_ascii=is_ascii())


def _iter_next(trend: Trend, settings: Settings, args: argparse.Namespace) -> Iterable[str]:
    """Yield commands that show more of the worst function, if it exists and its name can be typed."""
    from pytest_antipasta.report import Invocation
    from pytest_antipasta.report.trend import find_worst

    worst = next(iter(find_worst(trend)), None)
    if worst is None or not os.path.lexists(settings.root / worst.path):
        return
    stand = Invocation(Path.cwd(), settings.root, args.config)
    command = stand.format_explain(worst.path, worst.violation.qualified_name)
    if command.isprintable():
        yield f"next: `{command}` shows how its values are calculated"


def _run_life(
    args: argparse.Namespace,
    opening: AbstractContextManager[tuple[Past, ReportProgress]],
    block: tuple[str, str],
) -> int:
    """Print the history of a block, by the path of its file in reports and its qualified name."""
    from pytest_antipasta.trend import measure_life

    for metric in args.metrics or ():
        if metric not in BLOCK_METRICS and not is_of_blocks(metric):
            raise UsageError(f"--metric {metric}: not measured for functions and classes")
    with opening as (past, step):
        life = measure_life(past, block, args.metrics, step)
    life = replace(life, warnings=past.warnings)
    if args.format != "text":
        print_to_stderr(f"warning: {warning}" for warning in life.warnings)
    _write_life(life, args)
    return ERRORS if life.unmeasured.keys() - LASTING_ERRORS else 0


def _write_life(life: Life, args: argparse.Namespace) -> None:
    """Write the result and the HTML page; on standard output, the page replaces the result."""
    if args.html is not None:
        from pytest_antipasta.report.formats import write_life_page

        write_output(write_life_page(life), parse_path(args.html))
        if parse_path(args.html) is None:
            return
    write_bytes(_format_life(life, args.format))


def _format_life(life: Life, kind: str) -> bytes:
    from pytest_antipasta.report import Paint, has_color
    from pytest_antipasta.report.trend import iter_life_lines, make_life_csv, make_life_json

    if kind == "json":
        return make_life_json(life)
    if kind == "csv":
        return make_life_csv(life)
    lines = iter_life_lines(life, Paint(has_color(sys.stdout)), is_ascii=is_ascii())
    return "".join(f"{line}\n" for line in lines).encode()
