"""``pytest-antipasta hook``: the command behind plain git hooks and pre-commit's hook ids."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.cli.hook_changes import Part, find_lost_paths, find_parts, named_range
from pytest_antipasta.cli.operands import locate
from pytest_antipasta.cli.options import (
    add_baseline_options,
    add_no_ignore,
    add_policy_options,
    add_run_options,
    make_policy_source,
)
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.running import (
    begin_run,
    choose_cache_dir,
    judge_all,
    print_warnings,
)
from pytest_antipasta.cli.stdout import (
    ERRORS,
    VIOLATIONS,
    WRONG_USAGE,
    choose_exit_code,
    print_lines,
    print_to_stderr,
)
from pytest_antipasta.engine import Narrow, Outcome, Rules, iter_debug_lines, keep_all
from pytest_antipasta.engine.executor import find_jobs
from pytest_antipasta.engine.measuring import open_measurer
from pytest_antipasta.engine.stats import describe_other_kernels
from pytest_antipasta.files import path_from
from pytest_antipasta.gate import ChangeSet, ContentMeasurer, Gate, OutOfTimeError, leaves_behind
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.logs import INFO, WARNING, Phases, is_logged, log_all, log_event, log_failure
from pytest_antipasta.messages import count, format_path
from pytest_antipasta.model import GateVerdict, UsageError, Verdict
from pytest_antipasta.report import Invocation, Paint, find_width, format_gate, has_color
from pytest_antipasta.runtime import describe_failure, format_failure
from pytest_antipasta.settings import Settings, iter_nested_notes, load_settings


def add_parser(subparsers: SubParsers) -> None:
    """Add ``hook`` to the command line."""
    text = "check what a commit changes; files it does not change are checked in full"
    parser = add_command(subparsers, "hook", text, _run_hook)
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="only these files (default: all staged files)"
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--whole", action="store_true", help="check whole files, not only what the commit changes"
    )
    mode.add_argument("--push", action="store_true", help="check what git is about to push (from stdin)")
    mode.add_argument(
        "--receive",
        action="store_true",
        help="check what a server is to receive (from stdin)",
    )
    parser.add_argument(
        "--on-internal-error",
        choices=("block", "allow"),
        help="with --receive, if a check fails (default: block)",
    )
    add_no_ignore(parser)
    add_baseline_options(parser)
    add_policy_options(parser)
    add_run_options(parser)


def _run_hook(args: argparse.Namespace) -> int:
    """Judge the commit and print violations; internal errors let it pass.

    A server rejects what it can't judge, unless an option says otherwise.
    """
    if args.on_internal_error is not None and not args.receive:
        raise UsageError(
            "--on-internal-error needs --receive; otherwise, set on_internal_error in the settings"
        )
    return _guard(args, None, lambda: _judge_parts(args))


def _judge_parts(args: argparse.Namespace) -> int:
    # Separately, so that an error in one reference hides nothing of the others.
    began = time.monotonic()
    parts = find_parts(args)
    spent = time.monotonic() - began  # including the time budget, which each reference has for itself
    codes = [_guard(args, part.name, partial(_judge_part, args, part, spent)) for part in parts]
    # Violations take precedence over files that could not be measured.
    return max(codes, default=0, key=(0, ERRORS, WRONG_USAGE, VIOLATIONS).index)


def _guard(args: argparse.Namespace, name: str | None, judge: Callable[[], int]) -> int:
    """Return the exit code for a reference, or for the commit."""
    try:
        return judge()
    except GitError as error:
        return _give_up(args, name, str(error))
    except UsageError as error:
        if name is None or not args.receive:
            raise
        print_to_stderr(f"error: {line}" for line in str(error).split("\n"))
        return WRONG_USAGE
    except BrokenPipeError:
        raise
    except Exception as failure:  # an internal error must not block a commit
        log_failure(failure)
        if args.debug:
            print_to_stderr(format_failure(failure).splitlines())
        return _give_up(args, name, describe_failure(failure))


def _judge_part(args: argparse.Namespace, part: Part, spent: float) -> int:
    began = time.monotonic() - spent
    if (opened := part.open()) is None:
        return 0
    rules, repository, changes = opened
    config, baseline = (path and Path(os.path.abspath(path)) for path in (args.config, args.baseline))
    stand = Invocation(_find_user(), rules.settings.root, config, baseline, _are_commits(args))
    if repository is None or changes is None:
        return _report(args, rules, GateVerdict(tuple(_judge_whole(args, rules, args.files))), stand)
    result = _judge(args, rules, repository, changes, began)
    print_to_stderr(f"warning: {note}" for note in _iter_notes(rules, repository, changes, result))
    code = _report(args, rules, result, stand)
    if not (code or args.receive):
        with suppress(GitError):  # the verdict stands without a log
            print_to_stderr(_iter_baseline_notes(rules, repository, changes, result, stand))
        print_to_stderr(_iter_better(rules, result))
    return code


def _report(args: argparse.Namespace, rules: Rules, result: GateVerdict, stand: Invocation) -> int:
    """Write the failures, and return the exit code."""
    faults = rules.find_faults()
    print_to_stderr(f"error: {fault}" for fault in faults)
    is_complete = not faults and not _is_blocked(result, rules.settings)
    code = choose_exit_code(result.verdicts, is_complete=is_complete, has_failing=result.waivers.fails)
    try:
        paint, width = Paint(has_color(sys.stdout)), find_width(sys.stdout)
        command = _choose_command(args)
        print_lines(
            format_gate(result, command, rules.settings, stand, paint, width, is_brief=args.quiet),
        )
    except UsageError as error:
        if code:  # a failing commit must not pass because its failure can't be displayed
            raise
        print_to_stderr([f"warning: {error}"])
    return code


def _iter_notes(
    rules: Rules, repository: Repository, changes: ChangeSet, result: GateVerdict
) -> Iterator[str]:
    settings = rules.settings
    yield from find_lost_paths(settings, repository, changes)
    judged = (os.path.normpath(settings.root / verdict.path) for verdict in result.verdicts)
    yield from iter_nested_notes(settings, judged)
    yield from describe_other_kernels(result.verdicts)
    if settings.source is None:  # notes about the settings are left to a run over all files
        yield from rules.notes


def _iter_baseline_notes(
    rules: Rules, repository: Repository, changes: ChangeSet, result: GateVerdict, stand: Invocation
) -> Iterator[str]:
    """Yield that a change passes only by a baseline that is not committed: it fails everywhere else."""
    path = rules.settings.baseline
    if path is None or not any(
        item.why == "baseline" for verdict in result.verdicts for item in verdict.tolerated
    ):
        return
    if not leaves_behind(repository, changes, path, is_staged=not stand.is_committed):
        what, commands = (
            "push" if stand.is_committed else "commit",
            " and ".join(f"`{item}`" for item in stand.format_staging(path)),
        )
        yield f"warning: {format_path(path)} is not part of this {what}, which fails without it: {commands}"


def _iter_better(rules: Rules, result: GateVerdict) -> Iterator[str]:
    """Yield that a change improves functions beyond their recorded values."""
    if not rules.recorded:
        return
    from pytest_antipasta.baseline import command_for, find_better
    from pytest_antipasta.settings import ThresholdFinder

    if better := find_better(rules.recorded, result.verdicts, ThresholdFinder(rules.settings).find):
        what = f"{count(len(better), 'value')} of this change {'is' if len(better) == 1 else 'are'}"
        yield f"baseline: {what} better than recorded; update it with `{command_for('prune', rules.named)}`"


def _are_commits(args: argparse.Namespace) -> bool:
    """Return whether commits are judged, and not staged changes."""
    return args.push or args.receive or named_range() is not None


def _choose_command(args: argparse.Namespace) -> str:
    """Return the command that shows more of the result."""
    if args.whole or _are_commits(args):
        return "check"
    # For `commit -a` and `commit -- path` git uses a temporary index, which is deleted when the commit fails.
    is_passing = os.environ.get("GIT_INDEX_FILE", "").endswith(".lock")
    return "check --diff HEAD" if is_passing else "check --staged"


def _find_user() -> Path:
    """Return the folder where the user called git, which runs hooks at the repository's top."""
    here = Path.cwd()
    return here / os.environ.get("GIT_PREFIX", "") if (here / ".git").exists() else here


def _list_changes(args: argparse.Namespace, gate: Gate, result: GateVerdict) -> GateVerdict:
    """Return the result of a failing change with the list of its changes, if there is time."""
    if not args.quiet and any(verdict.failed for verdict in result.verdicts):
        with suppress(OutOfTimeError):
            return replace(result, changes=gate.list_changes(result))
    return result


def _judge(
    args: argparse.Namespace, rules: Rules, repository: Repository, changes: ChangeSet, began: float
) -> GateVerdict:
    named = {path_from(repository.top, _locate(path)) for path in args.files}
    jobs, cache_dir = find_jobs(args.jobs, rules.settings), choose_cache_dir(args, rules.settings)
    phases = Phases()
    with phases.time("open"):
        measurer = open_measurer(rules.settings, cache_dir)
    storage, deadline = measurer.storage, began + rules.settings.time_budget
    storage.kind = "hook"
    verdicts: tuple[Verdict, ...] = ()
    try:
        with phases.time("judge"):
            contents = ContentMeasurer(rules, measurer, jobs, deadline)
            gate = Gate(rules, repository, contents, changes, named or None)
            result = gate.judge()
            result = replace(result, waivers=gate.find_waivers(make_policy_source(args)))
            result = _list_changes(args, gate, result)
        verdicts = result.verdicts
        for verdict in verdicts:
            storage.put(Outcome(verdict))
    finally:
        with phases.time("remember"):
            storage.finish()
            measurer.close()
        if args.debug or is_logged(INFO):
            from pytest_antipasta.engine import describe_commit

            reasons = storage.find_miss_reasons(rules.settings.cache_journal, verdicts)
            decisions = list(describe_commit(rules.settings, storage.cache_dir, verdicts, reasons, phases))
            log_all(INFO, decisions)
            print_to_stderr(iter_debug_lines(decisions if args.debug else ()))
        for warning in storage.diagnostics.take():
            log_event(WARNING, "warning", warning.text)
            print_to_stderr([f"warning: {warning.text}"])
    untouched = [os.path.join(repository.top, path) for path in named - _find_changed(changes)]
    if not untouched:
        return result
    whole = _judge_whole(args, rules, untouched)
    return replace(result, verdicts=(*result.verdicts, *whole))


def _find_changed(changes: ChangeSet) -> set[str | None]:
    """Return the old and new paths of changed files."""
    return {path for diffs in changes.parents for diff in diffs for path in (diff.path, diff.old_path)}


def _judge_whole(args: argparse.Namespace, rules: Rules, files: list[str]) -> list[Verdict]:
    """Judge those files that are source files; excluded ones are skipped."""
    for path in files:
        if os.path.isdir(locate(path)):
            raise UsageError(f"{path} is a folder; name files, or omit it to check all files")
    run = begin_run(args, rules, (), _keep_to(rules.settings.root, files) if files else keep_all)
    run.storage.kind = "hook"
    judge_all(run, args)
    if args.whole:  # otherwise the commit has reported this already
        print_warnings(run, args)
    return run.sorted_verdicts()


def _keep_to(root: Path, files: Iterable[str]) -> Narrow:
    top = os.path.realpath(root)
    named = {os.path.normpath(root / path_from(top, _locate(path))) for path in files}
    return lambda selection, tasks: (selection, [task for task in tasks if task.location in named])


def _locate(path: str) -> str:
    """Return the location of a file, resolving links of its folders but not of itself."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def _is_blocked(result: GateVerdict, settings: Settings) -> bool:
    """Return whether the settings block the commit because some files were not judged."""
    if result.is_out_of_time and settings.on_timeout == "block":
        return True
    return bool(result.unreadable or result.not_compared) and settings.on_internal_error == "block"


def _give_up(args: argparse.Namespace, name: str | None, reason: str) -> int:
    """Report that a reference, or the commit, is not judged; return the exit code."""
    what = name or ("this push" if args.push or args.receive else "this commit")
    log_event(WARNING, "warning", f"{what} was not checked: {reason}")
    # Settings of the current folder do not apply on a server.
    is_blocking = (
        args.on_internal_error != "allow"
        if args.receive
        else load_settings(Path.cwd(), args.config).settings.on_internal_error == "block"
    )
    start = "error" if is_blocking else "warning"
    print_to_stderr(f"{start}: antipasta did not check {what}: {reason}".split("\n"))
    return ERRORS if is_blocking else 0
