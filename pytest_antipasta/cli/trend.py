"""``pytest-antipasta trend``: the history of values, from git and the store."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from pytest_antipasta.cli.command import Annotated, Operand, Option, add_command
from pytest_antipasta.cli.options import (
    LimitsOption,
    Metrics,
    RunOptions,
    parse_number,
    require_measured,
)
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import (
    adjust,
    choose_cache_dir,
    follow,
    load_rules,
    name_in_reports,
    split_block,
)
from pytest_antipasta.cli.stdout import ERRORS, print_to_stderr, write_bytes, write_output
from pytest_antipasta.engine.diagnostics import ReportProgress
from pytest_antipasta.engine.executor.worker_count import find_jobs
from pytest_antipasta.engine.run_log import describe_phases, describe_places, iter_debug_lines
from pytest_antipasta.extension.metrics import is_of_blocks
from pytest_antipasta.logs.notes import INFO, log_all
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.messages import can_be_typed, format_argument, name_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.measured import BLOCK_METRICS, LASTING_ERRORS
from pytest_antipasta.model.trend import Life, Trend
from pytest_antipasta.report.formats.outputs import parse_path
from pytest_antipasta.report.inputs import require_no_input
from pytest_antipasta.report.terminal import Paint, find_width, fold_lines, has_color
from pytest_antipasta.settings.unmeasured import find_faults, find_judged
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.trend.opening import Past

_SEPARATOR = "::"


class _TrendOptions(RunOptions, frozen=True):
    paths: Annotated[Sequence[str], Operand("files and folders, or one FILE::BLOCK", "PATH", "*")] = ()
    since: Annotated[
        str | None,
        Option("start at a date as for `git log --since`, a commit or a tag", "DATE|REF"),
    ] = None
    commits: Annotated[
        int | None,
        Option("examine at most the last N commits", "N", parse=parse_number),
    ] = None
    every: Annotated[
        Literal["commit", "day", "week"], Option("every commit, or the last one of each day or week")
    ] = "commit"
    ref: Annotated[str, Option("last commit of the history (first parents only)")] = "HEAD"
    format: Annotated[Literal["text", "json", "csv"], Option("output format")] = "text"
    hotspots: Annotated[bool, Option("list complex and often changed files and functions")] = False
    html: Annotated[str | None, Option("also write an HTML page; - for only the page", "PATH")] = None
    metrics: Metrics = None
    limits: LimitsOption = None


def add_parser(subparsers: SubParsers) -> None:
    """Add ``trend`` to the command line."""
    text = "show the history of the values, commit by commit; check nothing"
    add_command(subparsers, "trend", text, _TrendOptions, _run_trend)


def _run_trend(options: _TrendOptions) -> int:
    settings = _load_settings(options)
    if (block := _find_block(options)) is not None:
        return _run_life(options, settings, (_name(settings, block[0]), block[1]))
    from pytest_antipasta.trend.run import measure_trend

    paths = [_name(settings, path) for path in options.paths]
    with _open(options, settings, paths) as (past, step):
        trend = measure_trend(past, options.metrics, step, follows_blocks=options.hotspots)
    settings = past.settings
    faults = find_faults(settings)
    trend = replace(trend, warnings=[*faults, *past.contents.warnings])
    _require_files(trend, paths)
    judged = find_judged(settings)
    means = options.metrics or [metric for metric in trend.metrics if metric in judged]
    page = partial(_make_page, trend, means, settings.root)
    _write(options, trend.warnings, page, _iter_parts(trend, means, settings.root, options))
    # A history may contain much content that this Python can't parse.
    return ERRORS if faults or trend.unmeasured.keys() - LASTING_ERRORS else 0


@contextmanager
def _open(
    options: _TrendOptions, settings: Settings, paths: Sequence[str] = ()
) -> "Iterator[tuple[Past, ReportProgress]]":
    """Open the requested history, and yield it with a function for reporting progress."""
    from pytest_antipasta.trend.opening import open_past
    from pytest_antipasta.trend.plan import Range

    asked = Range(options.ref, options.since, options.commits, options.every, tuple(paths) or None)
    cache_dir, phases, jobs = choose_cache_dir(options, settings), Phases(), find_jobs(options.jobs, settings)
    with (
        follow(options.quiet, "commit") as step,
        open_past(settings, asked, cache_dir, Path.cwd(), jobs, phases) as past,
    ):
        if past.plan.since is not None and not options.quiet:
            # Windows has no zone for a local time on the first day of the epoch.
            date = datetime.fromtimestamp(past.plan.since, UTC).astimezone()
            print_to_stderr([f"--since {options.since}: {date:%Y-%m-%d %H:%M %z}"])
        yield past, step
    decisions = (*describe_places(settings, cache_dir), describe_phases(phases))
    log_all(INFO, decisions)
    print_to_stderr(iter_debug_lines(decisions) if options.debug else ())


def _load_settings(options: _TrendOptions) -> Settings:
    require_measured((*(options.metrics or ()), *dict(options.limits or ())), "trend")
    if options.hotspots and (options.format == "csv" or options.metrics):
        raise UsageError("--hotspots has its own table; remove --metric and --format csv")
    if options.html is not None and (path := parse_path(options.html)) is not None:
        require_no_input(path)
    return adjust(load_rules(options.config).settings, options.limits)


def _find_block(options: _TrendOptions) -> tuple[str, str] | None:
    """Return the requested file and block, if any."""
    named = [path for path in options.paths if _SEPARATOR in path and not os.path.lexists(path)]
    if not named:
        return None
    if len(options.paths) > 1 or options.hotspots:
        hint = "remove the other paths and --hotspots"
        raise UsageError(f"{named[0]} is a function or class; to show its history, {hint}")
    return split_block(named[0])


def _name(settings: Settings, path: str) -> str:
    """Return the path in reports; the file need not exist any more."""
    first, dots, last = path.partition("..")
    last = last.removeprefix(".")
    if first and dots and not os.path.lexists(path) and os.path.basename(path) == path:
        ref = f" --ref {format_argument(last)}" if last not in ("", "HEAD") else ""
        command = f"pytest-antipasta trend --since {format_argument(first)}{ref}"
        raise UsageError(f"{path} is a range of commits, not a path; did you mean `{command}`?")
    return name_in_reports(settings, path)


def _require_files(trend: Trend, paths: Sequence[str]) -> None:
    """Raise UsageError if no commit has a source file in the requested paths, as after a typing error."""
    if paths and trend.commits and not _has_files(trend):
        hint = "" if any(map(os.path.lexists, paths)) else "; for a function, write FILE::NAME"
        raise UsageError(f"none of the commits examined has a source file in {', '.join(paths)}{hint}")


def _has_files(trend: Trend) -> bool:
    return any(commit.files for commit in trend.commits)


def _write(
    options: _TrendOptions, warnings: Sequence[str], make_page: Callable[[], bytes], parts: Iterable[bytes]
) -> None:
    """Write the HTML page and the parts of the result; on standard output, the page replaces the result."""
    if options.format != "text":  # which has the warnings
        print_to_stderr(f"warning: {warning}" for warning in warnings)
    if options.html is not None:
        path = parse_path(options.html)
        write_output(make_page(), path)
        if path is None:
            return
    for part in parts:
        write_bytes(part)


def _make_page(trend: Trend, means: Sequence[str], root: Path) -> bytes:
    from pytest_antipasta.report.formats.html_page.assembly import write_trend_page

    return write_trend_page(trend, means, name_path(root.as_posix()))


def _iter_parts(trend: Trend, means: Sequence[str], root: Path, options: _TrendOptions) -> Iterator[bytes]:
    """Yield the parts of the result, none of which is made before it is written."""
    from pytest_antipasta.report.trend_data import iter_trend_json, make_trend_csv

    if options.format == "json":
        yield from iter_trend_json(trend)
    elif options.format == "csv":
        yield make_trend_csv(trend)
    else:
        width = find_width(sys.stdout)
        lines = _iter_lines(trend, means, root, options, width)
        yield from (f"{line}\n".encode() for line in fold_lines(lines, width))


def _iter_lines(
    trend: Trend, means: Sequence[str], root: Path, options: _TrendOptions, width: int | None
) -> Iterator[str]:
    from pytest_antipasta.report.next_step import Invocation
    from pytest_antipasta.report.trend_text import (
        find_worst,
        iter_hotspot_lines,
        iter_trend_lines,
        iter_trend_notes,
    )

    paint = Paint(has_color(sys.stdout))
    if not trend.commits:
        yield f"no commit since {options.since}"
    elif not _has_files(trend):
        yield "no commit has a source file in these paths"
    elif options.hotspots:
        yield from iter_hotspot_lines(trend, paint, width)
    else:
        yield from iter_trend_lines(trend, means, paint, width)
        yield from _iter_left_out(options)
    yield from iter_trend_notes(trend)
    if options.ref != "HEAD" or options.hotspots:
        return
    # A command that shows more of the worst function, if it exists and its name can be typed.
    worst = next(iter(find_worst(trend)), None)
    if worst is not None and os.path.lexists(root / worst.path):
        stand = Invocation(Path.cwd(), root, options.config)
        command = stand.format_function("explain", worst.path, worst.violation.qualified_name)
        if can_be_typed(command):
            yield f"next: `{command}` shows how its values are calculated"


def _run_life(options: _TrendOptions, settings: Settings, block: tuple[str, str]) -> int:
    """Print the history of a block, by the path of its file in reports and its qualified name."""
    from pytest_antipasta.trend.life import measure_life

    for metric in options.metrics or ():
        if metric not in BLOCK_METRICS and not is_of_blocks(metric):
            raise UsageError(f"--metric {metric}: not measured for functions and classes")
    with _open(options, settings) as (past, step):
        life = measure_life(past, block, options.metrics, step)
    life = replace(life, warnings=past.contents.warnings)
    _write(options, life.warnings, partial(_make_life_page, life), _iter_life_parts(life, options))
    return ERRORS if life.unmeasured.keys() - LASTING_ERRORS else 0


def _make_life_page(life: Life) -> bytes:
    from pytest_antipasta.report.formats.html_page.assembly import write_life_page

    return write_life_page(life)


def _iter_life_parts(life: Life, options: _TrendOptions) -> Iterator[bytes]:
    from pytest_antipasta.report.records import encode
    from pytest_antipasta.report.trend_data import make_life, make_life_csv
    from pytest_antipasta.report.trend_text import iter_life_lines

    if options.format == "json":
        yield encode(make_life(life))
    elif options.format == "csv":
        yield make_life_csv(life)
    else:
        width = find_width(sys.stdout)
        lines = iter_life_lines(life, Paint(has_color(sys.stdout)), width)
        lines = fold_lines((*lines, *_iter_left_out(options)), width)
        yield "".join(f"{line}\n" for line in lines).encode()


def _iter_left_out(options: _TrendOptions) -> Iterator[str]:
    """Yield a note that ``--every`` leaves out commits."""
    if options.every != "commit":
        yield (
            f"--every {options.every}: each commit is the last one of its {options.every}; "
            "an earlier commit may have made its changes"
        )
