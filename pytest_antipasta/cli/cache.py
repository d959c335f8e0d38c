"""``pytest-antipasta cache``: inspect, verify, prune, fill, export and import the store."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.cli.command import Annotated, Operand, Option, add_actions, add_command
from pytest_antipasta.cli.options import RunOptions, SharedStoreOption, StoreOptions, TextOrJson
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import choose_cache_dir, judge_all, load_rules, locate_all
from pytest_antipasta.cli.stdout import ERRORS, WRONG_USAGE, write_bytes, write_lines
from pytest_antipasta.engine.opening import AskedFiles, open_run
from pytest_antipasta.engine.storage.storage import open_store
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.report.records import encode
from pytest_antipasta.results.stats import find_warnings
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.location import find_shared_store, locate_history_dir
from pytest_antipasta.store.protocol import StoreError

if TYPE_CHECKING:
    from pytest_antipasta.cli.cache_store import Facts
    from pytest_antipasta.store.local import LocalStore

_Answer: TypeAlias = "Callable[[LocalStore, Settings], Facts]"
# Exit code of `verify` for bad entries that were not removed.
_BAD = 1
# Facts about both stores that are added; lists are joined.
_ADDED = ("removed", "entries", "bad", "measured_again", "notes")


def _parse_time(text: str) -> float:
    """Return a date, or a date with a time, in seconds since the epoch; local time without a zone."""
    from pytest_antipasta.runtime.dates import parse_date

    try:
        return parse_date(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date such as 2026-11-21, got {text!r}") from None


def _parse_days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of days >= 0, got {text!r}")
    return days


class _CacheOptions(StoreOptions, frozen=True):
    format: TextOrJson = "text"


class _InspectOptions(_CacheOptions, frozen=True, kw_only=True):
    file: Annotated[str, Operand("file to look up (by its content)", "FILE")]


class _VerifyOptions(_CacheOptions, frozen=True):
    repair: Annotated[bool, Option("remove corrupt entries")] = False


class _RemoveOptions(_CacheOptions, frozen=True):
    dry_run: Annotated[bool, Option("remove nothing; report what would be")] = False


class _PruneOptions(_RemoveOptions, frozen=True):
    paths: Annotated[
        Sequence[str], Operand("remove the measurements of these files and folders", "PATH", "*")
    ] = ()
    days: Annotated[
        float | None, Option("maximum age; overrides cache_max_age_days", "N", parse=_parse_days)
    ] = None
    other_versions: Annotated[bool, Option("also remove what other versions have measured")] = False


class _ExportOptions(_CacheOptions, frozen=True, kw_only=True):
    path: Annotated[Path, Operand("output file; overwritten if it exists", "PATH")]
    since: Annotated[
        float, Option("only measurements stored or used since this date", "DATE", parse=_parse_time)
    ] = 0.0


class _ImportOptions(_CacheOptions, frozen=True, kw_only=True):
    path: Annotated[Path, Operand("file written by `export`", "PATH")]


class _WarmOptions(RunOptions, frozen=True):
    paths: Annotated[Sequence[str], Operand("files and folders (default: all)", "PATH", "*")] = ()
    format: TextOrJson = "text"
    shared_store: SharedStoreOption = None


def add_parser(subparsers: SubParsers) -> None:
    """Add ``cache`` with its actions to the command line."""
    actions = add_actions(subparsers, "cache", "show and maintain the measurement store")
    text = "show location, contents and recent hit rates"
    add_command(actions, "status", text, _CacheOptions, _run_status)
    text = "show the stored measurements of a file"
    add_command(actions, "inspect", text, _InspectOptions, _run_inspect)
    text = "read every entry; measure some files again to compare"
    add_command(actions, "verify", text, _VerifyOptions, _run_verify)
    text = "remove entries not used for long; reduce the store to its maximum size"
    add_command(actions, "prune", text, _PruneOptions, _run_prune)
    add_command(actions, "clear", "remove everything", _RemoveOptions, _run_clear)
    text = "write measurements to a file; for the store of another machine"
    add_command(actions, "export", text, _ExportOptions, _run_export)
    text = "import measurements from an exported file, all or none"
    add_command(actions, "import", text, _ImportOptions, _run_import)
    text = "measure files that are not in the store; check nothing"
    add_command(actions, "warm", text, _WarmOptions, _run_warm)


def _run_status(options: _CacheOptions) -> int:
    from pytest_antipasta.cli.cache_store import describe_history, describe_store

    return _print("status", _find_facts(options, describe_store, describe_history), options)


def _run_inspect(options: _InspectOptions) -> int:
    from pytest_antipasta.cli.cache_store import describe_file

    return _print("inspect", _find_facts(options, partial(describe_file, file=options.file)), options)


def _run_verify(options: _VerifyOptions) -> int:
    """Report bad entries; return 1 if some remain."""
    from pytest_antipasta.cli.cache_store import verify, verify_rows

    is_quiet, repair = options.quiet, options.repair
    answer = partial(verify, config=options.config, is_quiet=is_quiet, repair=repair)
    facts = _find_facts(options, answer, partial(verify_rows, is_quiet=is_quiet, repair=repair))
    remain = not repair and (facts.get("bad") or facts.get("damage"))
    return _print("verify", facts, options, _BAD if remain else 0)


def _run_prune(options: _PruneOptions) -> int:
    from pytest_antipasta.cli.cache_store import prune

    if options.other_versions and options.paths:
        raise UsageError("--other-versions can't be used with files; omit one of them")
    answer = partial(prune, paths=options.paths, days=options.days, other_versions=options.other_versions)
    of_history = partial(answer, is_history=True)
    facts = _find_facts(options, answer, of_history, is_dry=options.dry_run)
    return _print("prune", facts, options)


def _run_clear(options: _RemoveOptions) -> int:
    from pytest_antipasta.cli.cache_store import clear_all

    facts = _find_facts(options, clear_all, clear_all, is_dry=options.dry_run)
    return _print("clear", facts, options)


def _run_export(options: _ExportOptions) -> int:
    """Export the store; return 2 if there is none."""
    from pytest_antipasta.cli.cache_store import write_export

    facts = _find_facts(options, partial(write_export, path=options.path, since=options.since))
    return _print("export", facts, options, WRONG_USAGE if facts.get("exists") is False else 0)


def _run_import(options: _ImportOptions) -> int:
    from pytest_antipasta.cli.cache_store import read_export

    answer = partial(read_export, path=options.path)
    return _print("import", _find_facts(options, answer, creates=True), options)


def _ask(folder: Path, settings: Settings, answer: _Answer, *, is_dry: bool = False) -> "Facts":
    if is_dry:
        return _ask_copy(folder, settings, answer)
    with closing(open_store(folder, settings)) as store:
        facts = answer(store, settings)
        return {**facts, "notes": [*store.notes, *facts.get("notes", ())]}


def _ask_copy(folder: Path, settings: Settings, answer: _Answer) -> "Facts":
    """Return the answer about a temporary copy of a store."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as copy:
        with closing(open_store(folder, settings)) as store:
            store.copy_to(Path(copy))
        return {**_ask(Path(copy), settings, answer), "dry_run": True}


def _find_facts(
    options: _CacheOptions,
    answer: _Answer,
    of_history: "_Answer | None" = None,
    *,
    creates: bool = False,
    is_dry: bool = False,
) -> "Facts":
    """Return the answer about the store, joined with that about the store for contents of old commits.

    Without a store, return the facts about its folder, unless the action creates a store.
    """
    from pytest_antipasta.cli.cache_store import describe_place
    from pytest_antipasta.store.inventory import is_there

    settings = load_rules(options.config).settings
    cache_dir = _require_cache_dir(options, settings)
    try:
        place = describe_place(cache_dir)
        if not (place["exists"] or creates):
            return place
        facts = _ask(cache_dir, settings, answer, is_dry=is_dry)
        history = locate_history_dir(cache_dir)
        if of_history is None or not is_there(history):
            return facts
        others = _ask(history, settings, of_history, is_dry=is_dry)
    except StoreError as error:
        raise UsageError(f"the store can't be used: {error}") from error
    both = [name for name in _ADDED if name in facts and name in others]
    return {**facts, **others, **{name: facts[name] + others[name] for name in both}}


def _run_warm(options: _WarmOptions) -> int:
    """Measure files that are not in the store; return 3 for files without values."""
    rules = load_rules(options.config)
    settings = replace(rules.settings, thresholds={}, overrides=())
    cache_dir = _require_cache_dir(options, settings)
    locations = locate_all(settings, options.paths)
    shared = find_shared_store(options.shared_store, "--shared-store")
    if shared is not None:
        shared = replace(shared, is_for_all=True)
    ledger = open_run(replace(rules, settings=settings), cache_dir, AskedFiles(locations, shared=shared))
    run = judge_all(ledger, options)
    if not run.store.is_open:
        raise UsageError("\n".join(find_warnings(run)))
    verdicts = run.verdicts.values()
    errors = sum(verdict.error is not None for verdict in verdicts)
    known, misses, copies = run.found
    facts: Facts = {"files": len(verdicts), "known": known, "measured": misses - errors, "copies": copies}
    facts |= {"errors": errors, "notes": list(find_warnings(run))}
    return _print("warm", facts, options, ERRORS if errors else 0)


def _require_cache_dir(options: StoreOptions, settings: Settings) -> Path:
    cache_dir = choose_cache_dir(options, settings)
    if cache_dir is None:
        what = "--no-cache" if options.no_cache else "`cache = false` from the settings"
        raise UsageError(f"this command works on the store; remove {what}")
    return cache_dir


def _print(action: str, facts: "Facts", options: _CacheOptions | _WarmOptions, code: int = 0) -> int:
    """Print the answer of an action, and return the exit code."""
    if options.format == "json":
        write_bytes(encode({"schema_version": 1, **facts}))
    elif not options.quiet or code:
        from pytest_antipasta.cli.cache_text import format_facts

        write_lines(*format_facts(action, facts))
    return code
