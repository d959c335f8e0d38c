"""Options and arguments that several commands share: adding them to a parser, and acting on them."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.cli.log_options import add_log_options
from pytest_antipasta.cli.parser import OptionGroup
from pytest_antipasta.cli.profiling import add_profile_option
from pytest_antipasta.cli.stdout import ERRORS, VIOLATIONS, tell, write_bytes
from pytest_antipasta.engine import (
    Narrow,
    Rules,
    Run,
    Step,
    count_processors,
    find_warnings,
    iter_debug_lines,
    keep_all,
    open_run,
    read_rules,
    tell_nobody,
)
from pytest_antipasta.files import require_inside
from pytest_antipasta.messages import format_argument, format_value, make_printable
from pytest_antipasta.model import UsageError, Verdict
from pytest_antipasta.report import write_report
from pytest_antipasta.runtime import is_ci
from pytest_antipasta.settings import Find, Settings
from pytest_antipasta.store import find_cache_dir, find_shared_store

# Of a file: a node id or a block, or a line of it; or a block after one colon, as some tools have it.
_PART = re.compile(r"(?P<file>.+?)(?P<part>::.+|:[0-9]+(?::[0-9]*)?:?|:(?P<name>[^\W\d][^:/\\]*))")
# Seconds that nobody asks what a command is at.
_PATIENCE = 1.0


def add_settings_options(
    parser: argparse.ArgumentParser, config_help: str = "take the settings from this file"
) -> None:
    """Add what every command has that reads settings."""
    parser.add_argument("--config", type=Path, metavar="FILE", help=config_help)
    parser.add_argument("-q", "--quiet", action="store_true", help="leave out everything but the answer")


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that reads settings or the store."""
    add_settings_options(parser)
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="keep the store of measurements here")
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write the store")
    parser.add_argument(
        "--debug", action="store_true", help="tell on stderr what was decided and why, and how long it took"
    )
    add_log_options(parser)


def add_report_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to write reports."""
    parser.add_argument(
        "--report",
        dest="reports",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help="write a report besides, with - as PATH to standard output; repeatable",
    )


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that goes over files."""
    add_store_options(parser)
    parser.add_argument(
        "--jobs",
        type=_parse_jobs,
        default=None,
        metavar="N|auto",
        help="worker processes; auto is the default",
    )
    add_profile_option(parser)


def add_shared_store_option(parser: OptionGroup) -> None:
    """Add the option of commands that have many files to measure."""
    parser.add_argument(
        "--shared-store",
        metavar="URL",
        help="look up in this Redis, too, and write there; also: PYTEST_ANTIPASTA_SHARED_STORE",
    )


def add_no_ignore(parser: OptionGroup) -> None:
    """Add the option to judge without comments."""
    parser.add_argument("--no-ignore", action="store_true", help="judge as if no comment suppressed anything")


def load_rules(args: argparse.Namespace, find: Find = lambda _: None) -> Rules:
    """Return what files are judged by; a command without ``--no-baseline`` does not judge by a baseline.

    ``find`` gives what counts in place of the content of settings, and of a baseline.
    """
    rules = read_rules(
        Path.cwd(),
        args.config,
        getattr(args, "baseline", None),
        find,
        has_baseline=not getattr(args, "no_baseline", True),
        honours_suppressions=not getattr(args, "no_ignore", False),
    )
    if not (exclude := getattr(args, "exclude", None)):
        return rules
    from pytest_antipasta.settings import with_exclude  # here, because most runs have no need of it

    return replace(rules, settings=with_exclude(rules.settings, exclude))


def add_exclude_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to leave out more files than the settings do."""
    parser.add_argument(
        "--exclude", action="append", metavar="PATTERN", help="leave out such files, too; repeatable"
    )


def add_baseline_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that judges."""
    group = parser.add_mutually_exclusive_group()
    add_baseline_option(group)
    group.add_argument("--no-baseline", action="store_true", help="judge as if nothing was recorded")


def add_baseline_option(parser: OptionGroup) -> None:
    """Add the option to name a baseline."""
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="tolerate what is recorded in this file"
    )


def begin_run(args: argparse.Namespace, rules: Rules, paths: Iterable[str], narrow: Narrow = keep_all) -> Run:
    """Return a run over the paths, or over all source files, or over the shard that was asked for."""
    locations = locate_all(rules.settings, paths)
    if getattr(args, "exclude", None):
        rules = replace(rules, notes=(*rules.notes, *_iter_idle(rules.settings, len(args.exclude))))
    cache_dir = choose_cache_dir(args, rules.settings)
    shared = None
    if hasattr(args, "shared_store"):  # a commit asks none
        shared = find_shared_store(args.shared_store, "--shared-store")
    if shared is not None and args.command == "cache":
        shared = replace(shared, is_for_all=True)
    shard, is_brief = getattr(args, "shard", None), args.command == "check"
    return open_run(rules, locations, cache_dir, shard, narrow, shared, is_brief=is_brief)


def _iter_idle(settings: Settings, number: int) -> Iterator[str]:
    """Yield which of the last patterns of ``exclude``, those of the option, leave out nothing."""
    # Here, because most runs have no such option.
    from pytest_antipasta.files import find_idle_exclusions

    known, added = settings.exclude[:-number], settings.exclude[-number:]
    for pattern in find_idle_exclusions(replace(settings, exclude=known), added):
        yield f"--exclude: {format_value(pattern)} matches no source file"


def locate_all(settings: Settings, paths: Iterable[str]) -> list[str] | None:
    """Return what was named as absolute locations; ``None`` for all."""
    paths = list(paths)
    if missing := [path for path in paths if path and not os.path.lexists(path)]:
        raise UsageError("\n".join(map(describe_missing, missing)))
    locations = [locate(path) for path in paths]
    require_inside(settings, locations)
    return locations or None


def choose_cache_dir(args: argparse.Namespace, settings: Settings) -> Path | None:
    """Return the folder of the store, or ``None`` for a run without one."""
    return None if args.no_cache else find_cache_dir(args.cache_dir, settings.cache_dir)


def choose_exit_code(verdicts: Iterable[Verdict], *, is_complete: bool) -> int:
    """Return 1 where a file fails that has numbers, else 3 where something was not judged, else 0."""
    failed = [verdict for verdict in verdicts if verdict.failed]
    if not all(verdict.is_unmeasured for verdict in failed):
        return VIOLATIONS
    return 0 if is_complete and not failed else ERRORS


def judge_all(run: Run, args: argparse.Namespace) -> None:
    """Judge all files of a run in as many processes as asked for, or as they are worth."""
    jobs = args.jobs
    if jobs is None:
        jobs = run.schedule.choose_workers(run.open_tasks, count_processors()).number
    with follow(args.quiet) as step:
        run.judge_all(jobs, lambda _: step(len(run.tally.verdicts), len(run.tasks)))
    if args.debug:
        tell(iter_debug_lines(run.describe()))
        tell(line for traceback in run.tally.tracebacks for line in traceback.splitlines())


@contextmanager
def follow(
    quiet: bool,
    *noun: str,
    waited: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Step]:
    """Yield what is to be told how far the block is; a terminal shows it from the second second on.

    Nothing else may write to standard error or to the terminal in the block.

    Args:
        quiet: whether the user wants to see none of it.
        noun: what is counted, files if nothing else is named: see :func:`count`.
        waited: seconds that the user has waited before.
        clock: tells the time.
    """
    if quiet or not _is_watched():
        yield tell_nobody
        return
    line, began = None, clock()

    def step(done: int, total: int) -> None:
        nonlocal line
        if line is None and clock() < began + _PATIENCE - waited:
            return
        if line is None:
            # Here, because most runs end before.
            from pytest_antipasta.cli.progress import ProgressLine

            line = ProgressLine(sys.stderr, noun or ("file",), began, clock)
        line.draw(done, total)

    try:
        yield step
    finally:
        if line is not None:
            line.clear()


def _is_watched() -> bool:
    """Whether standard error is a terminal that takes a line back, with somebody in front of it."""
    if os.environ.get("TERM") == "dumb" or is_ci():
        return False
    return sys.stderr is not None and sys.stderr.isatty()


def tell_warnings(run: Run, args: argparse.Namespace) -> None:
    """Report what a summary would report, where there is none."""
    tell(f"warning: {warning}" for warning in find_warnings(run, is_brief=args.quiet))


def locate(path: str) -> str:
    """Return a path as an absolute location."""
    if not path:
        raise UsageError("a path is empty, perhaps a variable that is not set; leave it out for all files")
    location = os.path.abspath(path)
    if not os.path.lexists(location):
        raise UsageError(describe_missing(path))
    return location


def split_block(text: str) -> tuple[str, str]:
    """Return the file and the qualified name of ``FILE::BLOCK``.

    As pytest's users write it, that may be ``FILE::CLASS::METHOD``. The name of a file that is there may have
    colons as well.
    """
    path, _, name = text.rpartition("::")
    while "::" in path and not os.path.lexists(path):
        path, _, outer = path.rpartition("::")
        name = f"{outer}.{name}"
    return path, name


def describe_missing(path: str) -> str:
    """Say that a path is not there, and what to name where a block or a line of a file was."""
    text = f"no such file or folder: {make_printable(path)}"
    match = _PART.fullmatch(path)
    if match is None or not os.path.isfile(match["file"]):
        return text
    text += f"; name the whole file, {make_printable(match['file'])}"
    if match["part"] == "::antipasta":
        return text
    target = f"{match['file']}::{match['name']}" if match["name"] else path
    return f"{text}, or see `pytest-antipasta explain {make_printable(format_argument(target))}`"


def write_output(content: bytes, path: Path | None) -> None:
    """Write to a file, or to the terminal."""
    if path is None:
        write_bytes(content)
    else:
        write_report(path, content)


def _parse_jobs(text: str) -> int | None:
    """Return a number of processes, or ``None`` for as many as the work is worth."""
    if text == "auto":
        return None
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number from 1 or auto, got {text!r}")
    return int(text)
