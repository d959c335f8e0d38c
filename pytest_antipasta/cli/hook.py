"""``pytest-antipasta hook``: what git hooks run, and pre-commit's hook ids."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.cli.options import add_run_options, begin_run, choose_cache_dir, judge_all, load
from pytest_antipasta.engine import open_engine
from pytest_antipasta.gate import ChangeSet, Gate, GateVerdict, committed_changes, staged_changes
from pytest_antipasta.git import GitError
from pytest_antipasta.memory import Memory
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.commit import format_gate
from pytest_antipasta.revisions import Repository
from pytest_antipasta.settings import Settings

if TYPE_CHECKING:
    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]

_VIOLATIONS, _ERRORS = 1, 3


def add_parser(subparsers: SubParsers) -> None:
    """Add ``hook`` to the command line."""
    text = "judge what a commit changes; files that it does not change are judged whole"
    parser = subparsers.add_parser("hook", help=text, description=text.capitalize() + ".")
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="keep to these; without any, all that is staged"
    )
    parser.add_argument(
        "--whole", action="store_true", help="judge all files whole, whatever the commit changes"
    )
    add_run_options(parser)
    parser.set_defaults(run=run_hook)


def run_hook(args: argparse.Namespace) -> int:
    """Judge the commit and say what is wrong with it; what is wrong with ourselves lets it pass.

    Raises:
        UsageError: the settings are wrong.
    """
    settings = load(args)
    try:
        result = _judge(args, settings)
    except GitError as error:
        print(f"warning: antipasta did not judge this commit: {error}", file=sys.stderr)
        return _ERRORS if settings.on_internal_error == "block" else 0
    for line in format_gate(result):
        print(line)
    return _exit_code(result, settings)


def _judge(args: argparse.Namespace, settings: Settings) -> GateVerdict:
    named = {os.path.realpath(path) for path in args.files}
    if args.whole:
        return GateVerdict(tuple(_judge_whole(args, settings, named)))
    repository = Repository(Path.cwd())
    changes = _find_changes(repository)
    only = {os.path.relpath(path, repository.top).replace(os.sep, "/") for path in named}
    engine = open_engine(choose_cache_dir(args, settings))
    memory = Memory(settings.root, engine)
    try:
        result = Gate(settings, repository, engine, memory).judge(changes, only or None)
        memory.write()
    finally:
        engine.close()
    changed = {diff.path for diff in changes.parents[0]}
    untouched = {os.path.join(repository.top, path) for path in only - changed}
    if not untouched:
        return result
    whole = _judge_whole(args, settings, untouched)
    return GateVerdict((*result.verdicts, *whole), result.left_out, result.unreadable)


def _judge_whole(args: argparse.Namespace, settings: Settings, locations: set[str]) -> list[Verdict]:
    """Judge the files among the source files; those that the settings exclude are none."""
    run = begin_run(args, settings, ())
    if locations:
        run.keep_to(locations)
    judge_all(run, args.jobs)
    return run.sorted_verdicts()


def _find_changes(repository: Repository) -> ChangeSet:
    """Return what is staged, or the range that pre-commit names."""
    start, end = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    if start and end:
        return committed_changes(repository, start, end)
    return staged_changes(repository)


def _exit_code(result: GateVerdict, settings: Settings) -> int:
    if any(verdict.violations for verdict in result.verdicts):
        return _VIOLATIONS
    if any(verdict.failed for verdict in result.verdicts):
        return _ERRORS
    if result.left_out and settings.on_timeout == "block":
        return _ERRORS
    return _ERRORS if result.unreadable and settings.on_internal_error == "block" else 0
