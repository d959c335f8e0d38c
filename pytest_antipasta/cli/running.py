"""Common parts of commands over files: rules, a run, its progress, warnings and output."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.cli.operands import locate_all
from pytest_antipasta.cli.stdout import print_to_stderr, write_bytes
from pytest_antipasta.engine import (
    Narrow,
    ReportProgress,
    Rules,
    Run,
    ignore_progress,
    iter_debug_lines,
    keep_all,
    open_run,
    read_rules,
)
from pytest_antipasta.engine.executor import find_jobs
from pytest_antipasta.engine.stats import find_warnings
from pytest_antipasta.messages import format_value
from pytest_antipasta.model import UsageError
from pytest_antipasta.report import write_report
from pytest_antipasta.runtime import is_ci
from pytest_antipasta.settings import FindContent, Settings
from pytest_antipasta.store import find_cache_dir, find_shared_store

# Seconds before progress is shown.
_PATIENCE = 1.0


def load_rules(args: argparse.Namespace, find: FindContent = lambda _: None) -> Rules:
    """Return the rules to judge by; without the option ``--no-baseline``, a command uses no baseline.

    ``find`` returns content that replaces that of settings files and of a baseline.
    """
    rules = read_rules(
        Path.cwd(),
        args.config,
        getattr(args, "baseline", None),
        find,
        has_baseline=not getattr(args, "no_baseline", True),
        honours_suppressions=not getattr(args, "no_ignore", False),
        warnings_fail=getattr(args, "warnings_fail", False),
    )
    if (name := getattr(args, "limits_from", None)) is not None:
        from pytest_antipasta.gate import take_limits

        rules = take_limits(rules, Path.cwd(), name, args.config)
    if not (exclude := getattr(args, "exclude", None)):
        return rules
    from pytest_antipasta.settings import with_exclude

    return replace(rules, settings=with_exclude(rules.settings, exclude))


def begin_run(args: argparse.Namespace, rules: Rules, paths: Iterable[str], narrow: Narrow = keep_all) -> Run:
    """Return a run over the given paths, all source files, or the requested shard."""
    locations = locate_all(rules.settings, paths)
    if getattr(args, "exclude", None):
        rules = replace(rules, notes=(*rules.notes, *_iter_idle(rules.settings, len(args.exclude))))
    cache_dir = choose_cache_dir(args, rules.settings)
    shared = None
    if hasattr(args, "shared_store"):  # a commit does not use a shared store
        shared = find_shared_store(args.shared_store, "--shared-store")
    if shared is not None and args.command == "cache":
        shared = replace(shared, is_for_all=True)
    is_check, is_hook = args.command == "check", args.command == "hook"
    is_covered = getattr(args, "coverage", None) is not None  # changes need the values of all files
    lists_all = not is_hook and (not is_check or is_covered or _shows_all(args))
    return open_run(
        rules,
        locations,
        cache_dir,
        getattr(args, "shard", None),
        narrow,
        shared,
        leaves_numbers=is_check and not is_covered,
        lists_all=lists_all,
        takes_memo=not lists_all,
    )


def _shows_all(args: argparse.Namespace) -> bool:
    """Return whether a check shows files with nothing to report."""
    is_asked = args.top is not None or args.near is not None
    return is_asked or any(output.format.needs_all for output in args.outputs)


def _iter_idle(settings: Settings, number: int) -> Iterator[str]:
    """Yield the patterns of the option ``--exclude`` that exclude nothing."""
    from pytest_antipasta.files import find_idle_exclusions

    known, added = settings.exclude[:-number], settings.exclude[-number:]
    for pattern in find_idle_exclusions(replace(settings, exclude=known), added):
        yield f"--exclude: {format_value(pattern)} matches no source file"


def choose_cache_dir(args: argparse.Namespace, settings: Settings) -> Path | None:
    """Return the folder of the store, or ``None`` for a run without a store."""
    return None if args.no_cache else find_cache_dir(args.cache_dir, settings.cache_dir)


def judge_all(run: Run, args: argparse.Namespace) -> None:
    """Judge all files of a run in as many processes as requested, or as the work is worth."""
    try:
        jobs = find_jobs(args.jobs, run.rules.settings)
    except UsageError:
        run.close()
        raise
    with follow(args.quiet) as step:
        run.judge_all(jobs, lambda _: step(len(run.verdicts), len(run.tasks)))
    if args.debug:
        print_to_stderr(iter_debug_lines(run.describe()))
        print_to_stderr(line for traceback in run.tracebacks for line in traceback.splitlines())


@contextmanager
def follow(
    quiet: bool,
    *noun: str,
    waited: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[ReportProgress]:
    """Yield a function for reporting progress in the block; a terminal shows it after the first second.

    The block must not write to standard error or to the terminal.

    Args:
        quiet: whether progress is hidden.
        noun: noun for what is counted, see :func:`count`; default: files.
        waited: seconds that the user has already waited.
        clock: returns the time in seconds.
    """
    if quiet or not _is_watched():
        yield ignore_progress
        return
    line, began = None, clock()

    def step(done: int, total: int) -> None:
        nonlocal line
        if line is None and clock() < began + _PATIENCE - waited:
            return
        if line is None:
            from pytest_antipasta.cli.progress import ProgressLine

            line = ProgressLine(sys.stderr, noun or ("file",), began, clock)
        line.draw(done, total)

    try:
        yield step
    finally:
        if line is not None:
            line.clear()


def _is_watched() -> bool:
    """Return whether standard error is an interactive terminal that can clear a line."""
    if os.environ.get("TERM") == "dumb" or is_ci():
        return False
    return sys.stderr is not None and sys.stderr.isatty()


def print_warnings(run: Run, args: argparse.Namespace) -> None:
    """Report the warnings of a run that has no summary."""
    print_to_stderr(f"warning: {warning}" for warning in find_warnings(run, is_brief=args.quiet))


def write_output(content: bytes, path: Path | None) -> None:
    """Write to a file, or to standard output."""
    if path is None:
        write_bytes(content)
    else:
        write_report(path, content)
