"""``pytest-antipasta cache``: inspect, verify, prune, fill, export and import the store."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.cli.options import add_run_options, add_shared_store_option, add_store_options
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.running import begin_run, choose_cache_dir, judge_all, load_rules, write_output
from pytest_antipasta.cli.stdout import ERRORS, WRONG_USAGE, write_lines
from pytest_antipasta.engine.stats import find_warnings
from pytest_antipasta.engine.storage import open_store
from pytest_antipasta.model import UsageError
from pytest_antipasta.report import encode
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import StoreError

if TYPE_CHECKING:
    from pytest_antipasta.cli.cache_facts import Facts

# Exit code of `verify` for bad entries that were not removed.
_BAD = 1


def add_parser(subparsers: SubParsers) -> None:
    """Add ``cache`` with its actions to the command line."""
    text = "show and maintain the measurement store"
    actions = add_command(subparsers, "cache", text).add_subparsers(dest="action", required=True)
    _add(actions, "status", "show location, contents and recent hit rates")
    inspect = _add(actions, "inspect", "show the stored measurements of a file")
    inspect.add_argument("file", metavar="FILE", help="file to look up (by its content)")
    verify = _add(actions, "verify", "read every entry; measure some files again to compare")
    verify.add_argument("--repair", action="store_true", help="remove corrupt entries")
    prune = _add(
        actions,
        "prune",
        "remove entries not used for long; reduce the store to its maximum size",
    )
    prune.add_argument(
        "paths", nargs="*", metavar="PATH", help="remove the measurements of these files and folders"
    )
    prune.add_argument(
        "--days", type=_parse_days, metavar="N", help="maximum age; overrides cache_max_age_days"
    )
    _add(actions, "clear", "remove everything")
    export = _add(actions, "export", "write measurements to a file; for the store of another machine")
    export.add_argument("path", type=Path, metavar="PATH", help="output file; overwritten if it exists")
    export.add_argument(
        "--since",
        type=_parse_time,
        default=0.0,
        metavar="DATE",
        help="only measurements stored or used since this date",
    )
    import_ = _add(actions, "import", "import measurements from an exported file, all or none")
    import_.add_argument("path", type=Path, metavar="PATH", help="file written by `export`")
    warm = _add(actions, "warm", "measure files that are not in the store; check nothing")
    add_shared_store_option(warm)
    warm.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: all)")


def _add(actions: SubParsers, name: str, text: str) -> argparse.ArgumentParser:
    parser = add_command(actions, name, text, _run_warm if name == "warm" else _run_on_store)
    (add_run_options if name == "warm" else add_store_options)(parser)
    parser.add_argument("--format", default="text", choices=("text", "json"), help="output format")
    return parser


def _run_on_store(args: argparse.Namespace) -> int:
    """Open the existing store and print an action's result; return 1 for remaining bad entries."""
    with trusted_first():
        from pytest_antipasta.cli.cache_exchange import read_export, write_export
        from pytest_antipasta.cli.cache_facts import ANSWERS, describe_place
        from pytest_antipasta.cli.cache_history import answer_for_history, merge

    settings = load_rules(args).settings
    cache_dir = _cache_dir(args, settings)
    try:
        facts = describe_place(cache_dir)
        if not facts["exists"] and args.action != "import":
            return _answer(args, facts, WRONG_USAGE if args.action == "export" else 0)
        answers = {**ANSWERS, "export": write_export, "import": read_export}
        with closing(open_store(cache_dir, settings.cache_journal)) as store:
            facts = answers[args.action](store, settings, args)
            facts["notes"] = list(store.notes)
        facts = merge(facts, answer_for_history(cache_dir, settings, args))
    except StoreError as error:
        raise UsageError(f"the store can't be used: {error}") from error
    stays = args.action == "verify" and not args.repair
    return _answer(args, facts, _BAD if stays and (facts.get("bad") or facts.get("damage")) else 0)


def _run_warm(args: argparse.Namespace) -> int:
    """Measure files that are not in the store; return 3 for files without values."""
    rules = load_rules(args)
    settings = replace(rules.settings, thresholds={}, overrides=())
    _cache_dir(args, settings)
    run = begin_run(args, replace(rules, settings=settings), args.paths)
    judge_all(run, args)
    if run.storage.has_lost_store:
        raise UsageError("\n".join(find_warnings(run)))
    verdicts = run.verdicts.values()
    errors = sum(verdict.error is not None for verdict in verdicts)
    known = sum(not verdict.is_miss for verdict in verdicts)
    facts: Facts = {"files": len(verdicts), "known": known, "measured": len(verdicts) - known - errors}
    return _answer(
        args, facts | {"errors": errors, "notes": list(find_warnings(run))}, ERRORS if errors else 0
    )


def _answer(args: argparse.Namespace, facts: Facts, code: int) -> int:
    if args.format == "json":
        write_output(encode({"schema_version": 1, **facts}), None)
    elif not args.quiet or code:
        from pytest_antipasta.cli.cache_text import format_facts

        write_lines(*format_facts(args.action, facts))
    return code


def _cache_dir(args: argparse.Namespace, settings: Settings) -> Path:
    cache_dir = choose_cache_dir(args, settings)
    if cache_dir is None:
        raise UsageError("this command works on the store; remove --no-cache")
    return cache_dir


def _parse_time(text: str) -> float:
    from pytest_antipasta.cli.cache_exchange import parse_time

    return parse_time(text)


def _parse_days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of days >= 0, got {text!r}")
    return days
