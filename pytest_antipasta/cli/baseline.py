"""``pytest-antipasta baseline``: record violations, so that only new or worse ones fail."""

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from pytest_antipasta.baseline.file import (
    command_for,
    find_baseline,
    locate_baseline,
    parse_file,
    read_baseline,
)
from pytest_antipasta.baseline.text import SCHEMA_VERSION, format_baseline
from pytest_antipasta.baseline.update import Update
from pytest_antipasta.cli.command import Annotated, Operand, Option, add_actions, add_command
from pytest_antipasta.cli.options import JudgingOptions, RunOptions, TextOrJson
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import (
    choose_cache_dir,
    follow,
    judge_all,
    load_rules,
    locate,
    locate_all,
    name_in_reports,
    print_warnings,
)
from pytest_antipasta.cli.stdout import ERRORS, VIOLATIONS, print_to_stderr, write_bytes, write_lines
from pytest_antipasta.engine.baseline_recording import Recording
from pytest_antipasta.engine.executor.worker_count import find_jobs
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.opening import AskedFiles, open_run
from pytest_antipasta.engine.result import Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.selection import Selection
from pytest_antipasta.files.source import Source
from pytest_antipasta.git.links import is_in_checkout
from pytest_antipasta.git.process import reporting_git_errors
from pytest_antipasta.messages import count, format_path, make_printable_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.model.waivers import NO_REASON
from pytest_antipasta.report.baseline import format_entries, format_looser, format_update
from pytest_antipasta.report.records import encode
from pytest_antipasta.report.summary import format_nothing
from pytest_antipasta.report.wording import format_error_line
from pytest_antipasta.report.writing import write_parts
from pytest_antipasta.results.stats import make_stats
from pytest_antipasta.settings.patterns import make_path_filter
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.baseline.moved import RootState
    from pytest_antipasta.engine.measuring.measurer import Measurer
    from pytest_antipasta.gate.sides import Side


def _parse_reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the reason is empty")
    if text.strip() == NO_REASON:
        raise argparse.ArgumentTypeError(f"{NO_REASON} stands for a reason that you write")
    return text.strip()


class _BaselineOptions(RunOptions, frozen=True):
    paths: Annotated[Sequence[str], Operand("only these files and folders (default: all)", "PATH", "*")] = ()
    baseline: Annotated[Path | None, Option("path of the baseline", "FILE")] = None


class _UpdateOptions(_BaselineOptions, frozen=True):
    dry_run: Annotated[bool, Option("write nothing; report what would change")] = False


class WriteOptions(_UpdateOptions, frozen=True):
    """The options of ``baseline write``."""

    staged: Annotated[
        bool,
        Option("record the staged files instead; without PATH, those in which the commit has violations"),
    ] = False
    reason: Annotated[
        str | None,
        Option(
            "reason for entries that are new or allow more, and for those of PATH that have none",
            "TEXT",
            parse=_parse_reason,
        ),
    ] = None


class _ShowOptions(_BaselineOptions, frozen=True):
    format: TextOrJson = "text"


class _PruneOptions(_UpdateOptions, frozen=True):
    check: Annotated[bool, Option("write nothing; exit code 1 for unneeded entries")] = False


def add_parser(subparsers: SubParsers) -> None:
    """Add ``baseline`` with its actions to the command line."""
    actions = add_actions(subparsers, "baseline", "record violations; then only new or worse ones fail")
    text = "record current violations; without PATH, replace the whole baseline"
    add_command(actions, "write", text, WriteOptions, run_write)
    add_command(actions, "show", "print the recorded violations", _ShowOptions, _run_show)
    text = "remove unneeded entries, lower improved ones"
    add_command(actions, "prune", text, _PruneOptions, _run_prune)


def run_write(options: WriteOptions) -> int:
    """Record all violations of the working tree, or of staged files."""
    side = _open_index(options) if options.staged else None
    rules = _load_rules(options) if side is None else side.rules
    return _update(
        "write",
        options,
        rules,
        _read_recorded(options, rules.settings, side),
        lambda found: found.write(options.reason, has_named_files=bool(options.paths)),
        side=side,
    )


def _read_recorded(
    options: WriteOptions, settings: Settings, side: "Side | None"
) -> tuple[BaselineEntry, ...]:
    """Return the entries on disk; without a file, those of the index if that is recorded."""
    path = locate_baseline(settings, options.baseline)
    if os.path.lexists(path):
        return read_baseline(path)
    with reporting_git_errors():
        if side is None or side.files.read(path) is None:
            return ()
        return find_baseline(settings, options.baseline, side.files)[1] or ()


def _open_index(options: _BaselineOptions, *, has_baseline: bool = False) -> "Side":
    """Return the index with its settings."""
    from pytest_antipasta.gate.sides import open_after

    judging = JudgingOptions(options.baseline, no_baseline=not has_baseline)
    return open_after(Path.cwd(), None, partial(load_rules, options.config, judging))


def _run_prune(options: _PruneOptions) -> int:
    rules = _load_rules(options)
    _, recorded = find_baseline(rules.settings, options.baseline)
    if recorded is None:
        return _report_missing(options)
    return _update("prune", options, rules, recorded, Recording.prune, is_check=options.check)


def _run_show(options: _ShowOptions) -> int:
    settings = _load_rules(options).settings
    _, recorded = find_baseline(settings, options.baseline)
    if recorded is None and options.format == "text":
        return _report_missing(options)
    names = _name_paths(settings, recorded or (), options.paths)
    has = make_path_filter(tuple(names.values()) or None)
    entries = [entry for entry in recorded or () if has(entry.path)]
    if options.format == "json":
        record = {"schema_version": SCHEMA_VERSION, "entries": [*map(asdict, entries)]}
        write_bytes(encode(record))
    else:
        write_lines(*format_entries(entries))
    return 0


def _load_rules(options: _BaselineOptions) -> Rules:
    """Return rules that tolerate nothing."""
    return load_rules(options.config, JudgingOptions(options.baseline, no_baseline=True))


def _update(
    action: str,
    options: _UpdateOptions,
    rules: Rules,
    recorded: tuple[BaselineEntry, ...],
    plan: Callable[[Recording], Update],
    *,
    is_check: bool = False,
    side: "Side | None" = None,
) -> int:
    """Update the baseline, or with ``is_check`` fail for entries to be removed; return the exit code.

    ``side`` is the index, if that is recorded.
    """
    open_tree = None
    if side is None:
        ledger = _begin(options, rules, recorded)
    else:
        ledger, open_tree = _begin_staged(options, side, recorded)
    run = judge_all(ledger, options)
    with follow(options.quiet) as step, closing(Recording(run, recorded, step, open_tree)) as recording:
        update = plan(recording)
        hidden = recording.find_hidden(update)
    looser = 0
    if is_check:
        looser = _report_looser(options, rules.baseline_path, update)
    else:
        _write(action, options, rules, recorded, update)
        if action == "prune":
            _report_unseen(rules, recording)
    print_warnings(run, is_brief=options.quiet)
    _report_problems(run, recording, hidden)
    return looser or (ERRORS if any(verdict.fails_for_errors for verdict in run.verdicts.values()) else 0)


def _write(
    action: str, options: _UpdateOptions, rules: Rules, recorded: tuple[BaselineEntry, ...], update: Update
) -> None:
    """Write a baseline if it changes, unless the run is dry, and print how."""
    path = rules.baseline_path
    old = path.read_bytes() if os.path.lexists(path) else None
    content = format_baseline(update.entries, old)
    # A named baseline must exist, also without entries.
    is_needed = old is not None or any((update.entries, options.baseline, rules.settings.baseline))
    is_changed = is_needed and content != old
    if is_changed:
        _require_own_place(options, path, rules.settings, action)
        _require_unchanged(path, old, recorded)
        if not options.dry_run:
            write_parts(path, [content], "baseline")
    if not options.quiet:
        written = "not written (dry run)" if options.dry_run else "written"
        state = written if is_changed else "up to date"
        write_lines(*format_update(format_path(path), update, state if is_needed else None))


def _require_unchanged(path: Path, data: bytes | None, recorded: tuple[BaselineEntry, ...]) -> None:
    """Check that a baseline, if it exists, has the entries that were recorded when the run began."""
    if data is not None and parse_file(path, data) != recorded:
        raise UsageError(f"{format_path(path)}: changed during the run; nothing was written; run again")


def _report_looser(options: _BaselineOptions, path: Path, update: Update) -> int:
    """Report entries that allow more than the code needs; return the exit code."""
    if not (update.tighter or update.removed):
        return 0
    named = None if options.baseline is None else path
    command = command_for("prune", named, options.config)
    write_lines(*format_looser(format_path(path), update, command))
    if os.environ.get("PRE_COMMIT"):  # set by pre-commit and prek, which put unstaged changes aside
        staged = command_for("write --staged PATH", named, options.config)
        reason = "if that changes nothing, an unstaged change needs an entry"
        write_lines(f"{reason}; run `{staged}` for its file")
    return VIOLATIONS


def _require_own_place(options: _BaselineOptions, path: Path, settings: Settings, action: str) -> None:
    """Check that no settings of a project put its baseline elsewhere; the writer checks links."""
    if options.baseline is None and not is_in_checkout(path.absolute().parent, settings.root):
        raise UsageError(
            f"{format_path(path)}: this baseline is outside the repository; to write it there, pass "
            f"its path: `{command_for(action, path, options.config)}`"
        )


def _report_unseen(rules: Rules, recording: Recording) -> None:
    if kept := recording.count_unseen():
        is_single = kept == 1
        entries = "1 entry of a file that is" if is_single else f"{kept:,} entries of files that are"
        command = command_for("write", rules.named_baseline, rules.settings.source)
        remedy = f"fix the settings, or run `{command}` to remove {'it' if is_single else 'them'}"
        print_to_stderr([f"warning: kept {entries} not checked (excluded?); {remedy}"])


def _report_missing(options: _BaselineOptions) -> int:
    if not options.quiet:
        write_lines("no baseline found; create one with `pytest-antipasta baseline write`")
    return 0


def _report_problems(run: Result, recording: Recording, hidden: tuple[int, str] | None) -> None:
    """Report problems, even with ``--quiet``.

    ``hidden`` is how many entries stay, and the file that may contain their code.
    """
    problems = []
    if not run.selection.total and run.selection.narrowed_by is None:
        print_to_stderr([format_nothing(make_stats(run))])
    if hidden is not None:
        kept, place = hidden
        where = f"may have moved to {make_printable_path(place)}, which could not be measured"
        problems.append(
            f"kept {count(kept, 'entry', 'entries')} of code that {where}; fix or exclude that file"
        )
    problems += _iter_errors(run, recording)
    critical = "recorded but not tolerated, because it is in `critical_functions`"
    problems += (f"{critical}: {place}" for place in recording.find_critical())
    problems += (f"not recorded because it is outside the root: {path}" for path in recording.outside)
    print_to_stderr(f"warning: {problem}" for problem in problems)


def _iter_errors(run: Result, recording: Recording) -> Iterator[str]:
    """Yield why files could not be measured, and that their entries stay."""
    for verdict in run.sorted_verdicts():
        which = "its entries" if verdict.error is not None else "its entries for these values"
        stay = f"; {which} are unchanged" if recording.has_entries(verdict.path) else ""
        yield from (f"{format_error_line(verdict.path, error)}{stay}" for error in verdict.errors)


def _begin(options: _BaselineOptions, rules: Rules, recorded: Sequence[BaselineEntry]) -> Ledger:
    """Return a run over existing files; entries of missing files are included in the request."""
    settings = rules.settings
    names = _name_paths(settings, recorded, options.paths)
    there = [path for path in names if os.path.lexists(path)]

    def add_gone(selection: Selection, sources: list[Source]) -> tuple[Selection, list[Source]]:
        return selection._replace(narrowed_by=tuple(names.values())), sources if there else []

    asked = AskedFiles(locate_all(settings, there), None if len(there) == len(names) else add_gone)
    return open_run(rules, choose_cache_dir(options, settings), asked)


def _begin_staged(
    options: _UpdateOptions, side: "Side", recorded: Sequence[BaselineEntry]
) -> "tuple[Ledger, Callable[[Measurer], RootState]]":
    """Return a run over staged files, and what reads all files of the index.

    Without paths, those are recorded in which the commit has violations, as a hook judges it.
    """
    from pytest_antipasta.gate.staged_baseline import open_staged_run, open_tree

    settings = side.rules.settings
    names = {path: name_in_reports(settings, path) for path in options.paths}
    names = names or {path: path for path in _find_failing(options, settings, recorded)}
    cache_dir = choose_cache_dir(options, settings)
    ledger, missing = open_staged_run(side, tuple(names.values()), cache_dir)
    if missing := [
        path for path, name in names.items() if name in missing and not _is_recorded(name, recorded)
    ]:
        ledger.close()
        raise UsageError("\n".join(f"{make_printable_path(path)} is not staged" for path in missing))
    return ledger, partial(open_tree, side)


def _find_failing(
    options: _UpdateOptions, settings: Settings, recorded: Sequence[BaselineEntry]
) -> Sequence[str]:
    """Return the paths of files in which the commit has violations."""
    from pytest_antipasta.gate.staged_baseline import find_failing

    is_named = options.baseline is not None or settings.baseline is not None
    # A named baseline must exist. Without another one, a commit can lose what the one before allowed.
    judged = _open_index(options, has_baseline=bool(recorded) or not is_named)
    return find_failing(judged, choose_cache_dir(options, settings), find_jobs(options.jobs, settings))


def _name_paths(
    settings: Settings, recorded: Sequence[BaselineEntry], paths: Sequence[str]
) -> dict[str, str]:
    """Return the requested paths, with the names used in entries.

    Raises:
        UsageError: a path does not exist and has no entries.
    """
    names = {path: name_in_reports(settings, path) for path in paths}
    for path, name in names.items():
        if not _is_recorded(name, recorded):
            locate(path)
    return names


def _is_recorded(name: str, recorded: Iterable[BaselineEntry]) -> bool:
    """Return whether a file, or one of a folder, has entries."""
    return any(map(make_path_filter((name,)), (entry.path for entry in recorded)))
