"""``pytest-antipasta cache``: inspecting, checking, pruning and filling the store."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.cli.options import (
    add_run_options,
    add_store_options,
    begin_run,
    choose_cache_dir,
    judge_all,
    load_rules,
    write_output,
)
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.stdout import ERRORS, write_lines
from pytest_antipasta.engine import choose_bounds, find_warnings
from pytest_antipasta.errors import UsageError
from pytest_antipasta.report import encode
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.store import StoreError

if TYPE_CHECKING:
    from pytest_antipasta.settings import Settings
    from pytest_antipasta.store import LocalStore

Facts: TypeAlias = dict[str, object]
"""A command's answer, as it stands in its JSON."""

# Of `verify`, where entries are bad and stay.
_BAD = 1


def add_parser(subparsers: SubParsers) -> None:
    """Add ``cache`` with its actions to the command line."""
    text = "look at the store of measurements, and look after it"
    actions = add_command(subparsers, "cache", text).add_subparsers(dest="action", required=True)
    _add(actions, _run_status, "status", "show what the store has, where it is and what it found last")
    inspect = _add(actions, _run_inspect, "inspect", "show what the store has for a file")
    inspect.add_argument("file", metavar="FILE", help="its content is looked up")
    verify = _add(actions, _run_verify, "verify", "read every entry, and measure some files again")
    verify.add_argument("--repair", action="store_true", help="remove what is bad")
    prune = _add(actions, _run_prune, "prune", "remove what was not used for long, and what is too much")
    prune.add_argument(
        "paths", nargs="*", metavar="PATH", help="remove what the store has for these files and folders"
    )
    prune.add_argument("--days", type=_parse_days, metavar="N", help="instead of cache_max_age_days")
    _add(actions, _run_clear, "clear", "remove everything")
    warm = _add(actions, _run_warm, "warm", "measure what the store does not have yet; judge nothing")
    warm.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; without any, all")


def _add(
    actions: SubParsers, run: Callable[[argparse.Namespace], int], name: str, text: str
) -> argparse.ArgumentParser:
    parser = add_command(actions, name, text, run)
    (add_run_options if name == "warm" else add_store_options)(parser)
    parser.add_argument("--format", default="text", choices=("text", "json"), help="how to write the answer")
    return parser


def _run_status(args: argparse.Namespace) -> int:
    from pytest_antipasta.cli.cache_facts import describe_content, describe_place

    return _with_store(
        args,
        lambda store, settings: describe_place(store.directory.parent) | describe_content(store, settings),
        describe=describe_place,
    )


def _run_inspect(args: argparse.Namespace) -> int:
    from pytest_antipasta.cli.cache_facts import describe_file

    return _with_store(args, lambda store, settings: describe_file(store, args.file, settings))


def _run_verify(args: argparse.Namespace) -> int:
    """Read all of the store and measure a sample again; 1 where something is bad and stays."""
    from pytest_antipasta.cli.cache_facts import verify

    return _with_store(
        args,
        lambda store, settings: verify(store, settings, is_repair=args.repair),
        lambda facts: _BAD if (facts.get("bad") or facts.get("damage")) and not args.repair else 0,
    )


def _run_prune(args: argparse.Namespace) -> int:
    """Remove what the bounds do not allow, or what the store has for some files."""

    def prune(store: LocalStore, settings: Settings) -> Facts:
        from pytest_antipasta.cli.cache_facts import iter_digests
        from pytest_antipasta.store import count_entries, forget_contents, forget_unused, tidy

        if args.paths:
            removed = forget_contents(store, iter_digests(args.paths, settings), (args.days or 0) * 86400)
        else:
            bounds = choose_bounds(settings)
            age = bounds.max_age if args.days is None else args.days * 86400
            removed = forget_unused(store, age) + tidy(store, bounds, float("inf"))
        return {"removed": removed, "entries": count_entries(store)}

    return _with_store(args, prune)


def _run_clear(args: argparse.Namespace) -> int:
    def clear(store: LocalStore, _: Settings) -> Facts:
        from pytest_antipasta.store import clear, count_entries

        return {"removed": clear(store), "entries": count_entries(store)}

    return _with_store(args, clear)


def _run_warm(args: argparse.Namespace) -> int:
    """Measure what the store does not have; 3 for files without numbers."""
    rules = load_rules(args)
    settings = replace(rules.settings, thresholds={}, overrides=())
    _cache_dir(args, settings)
    run = begin_run(args, replace(rules, settings=settings), args.paths)
    judge_all(run, args)
    if run.memory.measurer.has_lost_store:
        raise UsageError("\n".join(find_warnings(run)))
    verdicts = run.tally.verdicts.values()
    errors = sum(verdict.measurement.error is not None for verdict in verdicts)
    known = sum(verdict.from_store for verdict in verdicts)
    facts: Facts = {"files": len(verdicts), "known": known, "measured": len(verdicts) - known - errors}
    return _answer(
        args, facts | {"errors": errors, "notes": list(find_warnings(run))}, ERRORS if errors else 0
    )


def _with_store(
    args: argparse.Namespace,
    ask: Callable[[LocalStore, Settings], Facts],
    choose_code: Callable[[Facts], int] = lambda _: 0,
    describe: Callable[[Path], Facts] = lambda cache_dir: {"location": str(cache_dir), "exists": False},
) -> int:
    """Open the store that is there and print what it answers; without one, what describes its place."""
    settings = load_rules(args).settings
    cache_dir = _cache_dir(args, settings)
    with trusted_first():
        from pytest_antipasta.store import LocalStore, is_there

    try:
        if not is_there(cache_dir):
            return _answer(args, describe(cache_dir), 0)
        with closing(LocalStore(cache_dir, settings.cache_journal)) as store:
            facts = ask(store, settings)
            facts["notes"] = list(store.notes)
    except StoreError as error:
        raise UsageError(f"the store can't be used: {error}") from error
    return _answer(args, facts, choose_code(facts))


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
        raise UsageError("this is about the store; leave out --no-cache")
    return cache_dir


def _parse_days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of days from 0, got {text!r}")
    return days
