"""``pytest-antipasta baseline``: record violations, so that only new or worse ones fail."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from pytest_antipasta.baseline import (
    SCHEMA_VERSION,
    Update,
    command_for,
    describe,
    find_baseline,
    format_baseline,
    give_reason,
    locate_baseline,
    read_baseline,
)
from pytest_antipasta.cli.operands import locate
from pytest_antipasta.cli.options import add_baseline_option, add_run_options
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.running import (
    begin_run,
    follow,
    judge_all,
    load_rules,
    print_warnings,
    write_output,
)
from pytest_antipasta.cli.stdout import ERRORS, VIOLATIONS, print_to_stderr, write_lines
from pytest_antipasta.engine import Recording, Rules, Run, Task
from pytest_antipasta.files import Selection, display_path, rebase
from pytest_antipasta.git import is_in_checkout
from pytest_antipasta.messages import count, format_path, make_printable_path
from pytest_antipasta.model import BaselineEntry, UsageError
from pytest_antipasta.report import (
    encode,
    format_entries,
    format_error_line,
    format_looser,
    format_update,
    write_report,
)
from pytest_antipasta.settings import Settings, make_path_filter

Plan: TypeAlias = Callable[[Recording], Update]


def add_parser(subparsers: SubParsers) -> None:
    """Add ``baseline`` with its actions to the command line."""
    text = "record violations; then only new or worse ones fail"
    actions = add_command(subparsers, "baseline", text).add_subparsers(dest="action", required=True)
    text = "record current violations; without PATH, replace the whole baseline"
    write = add_command(actions, "write", text, run_write)
    show = add_command(actions, "show", "print the recorded violations", _run_show)
    show.add_argument("--format", default="text", choices=("text", "json"), help="output format")
    text = "remove unneeded entries, lower improved ones"
    prune = add_command(actions, "prune", text, _run_prune)
    write.add_argument(
        "--reason",
        type=_parse_reason,
        metavar="TEXT",
        help="reason for entries that are new or allow more",
    )
    prune.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit code 1 for unneeded entries",
    )
    for parser in (write, show, prune):
        parser.add_argument(
            "paths", nargs="*", metavar="PATH", help="only these files and folders (default: all)"
        )
        add_baseline_option(parser, "path of the baseline")
        add_run_options(parser)


def _parse_reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the reason is empty")
    return text.strip()


def run_write(args: argparse.Namespace) -> int:
    """Record all violations."""
    rules = load_rules(args)
    path = locate_baseline(rules.settings, args.baseline)
    recorded = read_baseline(path) if os.path.lexists(path) else ()
    reason = getattr(args, "reason", None)
    return _update(args, rules, recorded, lambda recording: give_reason(recording.write(), reason))


def _run_prune(args: argparse.Namespace) -> int:
    rules = load_rules(args)
    _, recorded = find_baseline(rules.settings, args.baseline)
    if recorded is None:
        return _report_missing(args)
    return _update(args, rules, recorded, Recording.prune)


def _run_show(args: argparse.Namespace) -> int:
    settings = load_rules(args).settings
    _, recorded = find_baseline(settings, args.baseline)
    if recorded is None and args.format == "text":
        return _report_missing(args)
    names = _name_paths(settings, recorded or (), args.paths)
    has = make_path_filter(tuple(names.values()) or None)
    entries = [entry for entry in recorded or () if has(entry.path)]
    if args.format == "json":
        record = {"schema_version": SCHEMA_VERSION, "entries": [describe(entry) for entry in entries]}
        write_output(encode(record), None)
    else:
        write_lines(*format_entries(entries))
    return 0


def _update(args: argparse.Namespace, rules: Rules, recorded: tuple[BaselineEntry, ...], plan: Plan) -> int:
    run = _begin(args, rules, recorded)
    judge_all(run, args)
    with follow(args.quiet) as step, closing(Recording(run, recorded, step)) as recording:
        update = plan(recording)
        hidden = recording.find_hidden(update)
    path = locate_baseline(rules.settings, args.baseline)
    content = format_baseline(update.entries)
    is_new = not os.path.lexists(path)
    is_needed = bool(update.entries) or not is_new
    is_changed = is_needed and (is_new or path.read_bytes() != content)
    if vars(args).get("check"):
        return _report_looser(args, path, update)
    _write_changed(args, rules.settings, path, content if is_changed else None)
    if args.action == "prune":
        _report_unseen(rules.named, recording)
    print_warnings(run, args)
    _report_hidden(hidden)
    _report_problems(run, recording)
    if not args.quiet:
        write_lines(*format_update(format_path(path), update, is_needed, is_changed))
    return ERRORS if any(run.verdicts[name].failed for name in recording.unmeasured) else 0


def _write_changed(args: argparse.Namespace, settings: Settings, path: Path, content: bytes | None) -> None:
    """Write a baseline; ``None`` leaves the file unchanged."""
    if content is not None:
        _require_own_place(settings, args, path)
        write_report(path, content, "baseline")


def _report_looser(args: argparse.Namespace, path: Path, update: Update) -> int:
    """Report entries that allow more than the code needs; return the exit code."""
    if not (update.tighter or update.removed):
        return 0
    named = None if args.baseline is None else path
    write_lines(*format_looser(format_path(path), update, command_for("prune", named)))
    return VIOLATIONS


def _require_own_place(settings: Settings, args: argparse.Namespace, path: Path) -> None:
    """Check that no settings of a project put its baseline elsewhere; the writer checks links."""
    if args.baseline is None and not is_in_checkout(path.absolute().parent, settings.root):
        raise UsageError(
            f"{format_path(path)}: this baseline is outside the repository; to write it there, pass "
            f"its path: `{command_for(args.action, path)}`"
        )


def _report_unseen(named: Path | None, recording: Recording) -> None:
    if kept := recording.count_unseen():
        entries = "1 entry of a file" if kept == 1 else f"{kept} entries of files"
        print_to_stderr(
            [
                (
                    f"warning: kept {entries} that are not checked (excluded?); fix the settings, or run "
                    f"`{command_for('write', named)}` to remove them"
                )
            ]
        )


def _report_hidden(hidden: tuple[int, str] | None) -> None:
    """Report how many entries stay, and the file that may contain their code."""
    if hidden is None:
        return
    kept, place = hidden
    where = f"may have moved to {make_printable_path(place)}, which could not be measured"
    print_to_stderr(
        [f"warning: kept {count(kept, 'entry', 'entries')} of code that {where}; fix or exclude that file"]
    )


def _report_missing(args: argparse.Namespace) -> int:
    if not args.quiet:
        write_lines("no baseline found; create one with `pytest-antipasta baseline write`")
    return 0


def _report_problems(run: Run, recording: Recording) -> None:
    """Report problems, even with ``--quiet``."""
    for path in recording.unmeasured:
        error = run.verdicts[path].measurement.error
        if error is not None:
            stay = "; its entries are unchanged" if recording.has_entries(path) else ""
            print_to_stderr([f"warning: {format_error_line(path, error)}{stay}"])
    for place in recording.find_critical():
        print_to_stderr(
            [f"warning: recorded but not tolerated, because it is in `critical_functions`: {place}"]
        )
    for path in recording.outside:
        print_to_stderr([f"warning: not recorded because it is outside the root: {path}"])


def _begin(args: argparse.Namespace, rules: Rules, recorded: Sequence[BaselineEntry]) -> Run:
    """Return a run over existing files; entries of missing files are included in the request."""
    names = _name_paths(rules.settings, recorded, args.paths)
    there = [path for path in names if os.path.lexists(path)]

    def add_gone(selection: Selection, tasks: list[Task]) -> tuple[Selection, list[Task]]:
        if len(there) == len(names):
            return selection, tasks
        return selection._replace(narrowed_by=tuple(names.values())), tasks if there else []

    return begin_run(args, rules, there, add_gone)


def _name_paths(
    settings: Settings, recorded: Iterable[BaselineEntry], paths: Iterable[str]
) -> dict[str, str]:
    """Return the requested paths, with the names used in entries.

    Raises:
        UsageError: a path does not exist and has no entries.
    """
    names = {
        path: display_path(settings.root, rebase(settings.root, os.path.abspath(path))) for path in paths
    }
    for path, name in names.items():
        if not path or not any(map(make_path_filter((name,)), (entry.path for entry in recorded))):
            locate(path)
    return names
