"""``pytest-antipasta hook``: the command behind plain git hooks and pre-commit's hook ids."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.cli.options import (
    BASELINE_OPTIONS,
    COMMIT_OPTIONS,
    LIMITS,
    RUN_OPTIONS,
    JudgingOptions,
    RunOptions,
    add_command,
    add_options,
)
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import choose_cache_dir, judge_all, load_rules, locate, print_warnings
from pytest_antipasta.cli.stdout import (
    ERRORS,
    VIOLATIONS,
    WRONG_USAGE,
    choose_exit_code,
    print_lines,
    print_to_stderr,
)
from pytest_antipasta.engine import Outcome, Rules, Task, iter_debug_lines, keep_all, open_run
from pytest_antipasta.engine.executor import find_jobs
from pytest_antipasta.engine.measuring import open_measurer
from pytest_antipasta.engine.stats import describe_other_kernels
from pytest_antipasta.files import Selection, describe_missing_path, find_missing_paths, path_from
from pytest_antipasta.gate import (
    ChangeSet,
    CommitTree,
    ContentMeasurer,
    Gate,
    IndexTree,
    OutOfTimeError,
    PolicySource,
    Side,
    committed_changes,
    open_commit,
    open_received,
    open_side,
    pushed_changes,
    staged_changes,
)
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.logs import INFO, WARNING, Phases, is_logged, log_all, log_event, log_failure
from pytest_antipasta.messages import count, format_path
from pytest_antipasta.model import GateVerdict, UsageError, Verdict
from pytest_antipasta.report import Invocation, Paint, find_width, format_gate, has_color
from pytest_antipasta.runtime import describe_failure, format_failure
from pytest_antipasta.settings import (
    DISK,
    RuleFiles,
    Settings,
    find_faults,
    iter_nested_notes,
    load_settings,
)

_Opened: TypeAlias = tuple[Rules, ChangeSet | None]
"""The rules to judge by, and the change; ``None`` to judge whole files."""
_REMOTES = "refs/remotes"


class _HookOptions(RunOptions, frozen=True):
    files: Sequence[str]
    whole: bool
    push: bool
    receive: bool
    on_internal_error: Literal["block", "allow"] | None
    judging: JudgingOptions
    policy_from: str | None
    limits_from: str | None


def add_parser(subparsers: SubParsers) -> None:
    """Add ``hook`` to the command line."""
    text = "check what a commit changes; files it does not change are checked in full"
    parser = add_command(subparsers, "hook", text, _HookOptions, _run_hook)
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="only these files (default: all staged files)"
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--whole", action="store_true", help="check whole files, not only what the commit changes"
    )
    mode.add_argument("--push", action="store_true", help="check what git is about to push (from stdin)")
    mode.add_argument(
        "--receive", action="store_true", help="check what a server is about to receive (from stdin)"
    )
    parser.add_argument(
        "--on-internal-error",
        choices=("block", "allow"),
        help="with --receive, if a check fails (default: block)",
    )
    add_options(parser, {"": {"--no-ignore": None, **COMMIT_OPTIONS}, LIMITS: BASELINE_OPTIONS}, RUN_OPTIONS)


def _run_hook(options: _HookOptions) -> int:
    """Judge the commit and print violations; internal errors let it pass.

    A server rejects what it can't judge, unless an option says otherwise.
    """
    if options.on_internal_error is not None and not options.receive:
        raise UsageError(
            "--on-internal-error needs --receive; otherwise, set on_internal_error in the settings"
        )
    return _guard(options, None, lambda: _judge_parts(options))


def _judge_parts(options: _HookOptions) -> int:
    # Separately, so that an error in one reference hides nothing of the others.
    began = time.monotonic()
    parts = _find_parts(options)
    spent = time.monotonic() - began  # including the time budget, which each reference has for itself
    codes = [_guard(options, part.name, partial(_judge_part, options, part, spent)) for part in parts]
    # Violations take precedence over files that could not be measured.
    return max(codes, default=0, key=(0, ERRORS, WRONG_USAGE, VIOLATIONS).index)


def _guard(options: _HookOptions, name: str | None, judge: Callable[[], int]) -> int:
    """Return the exit code for a reference, or for the commit."""
    try:
        return judge()
    except GitError as error:
        return _give_up(options, name, str(error))
    except UsageError as error:
        if name is None or not options.receive:
            raise
        print_to_stderr(f"error: {line}" for line in str(error).split("\n"))
        return WRONG_USAGE
    except BrokenPipeError:
        raise
    except Exception as failure:  # an internal error must not block a commit
        log_failure(failure)
        if options.debug:
            print_to_stderr(format_failure(failure).splitlines())
        return _give_up(options, name, describe_failure(failure))


def _judge_part(options: _HookOptions, part: _Part, spent: float) -> int:
    began = time.monotonic() - spent
    if (opened := part.open()) is None:
        return 0
    rules, changes = opened
    named = (options.config, options.judging.baseline)
    config, baseline = (path and Path(os.path.abspath(path)) for path in named)
    here = Path.cwd()
    if (here / ".git").exists():  # git runs hooks at the repository's top; the user may be below
        here /= os.environ.get("GIT_PREFIX", "")
    stand = Invocation(here, rules.settings.root, config, baseline, _are_commits(options))
    if changes is None:
        return _report(options, rules, GateVerdict(tuple(_judge_whole(options, rules, options.files))), stand)
    result = _judge(options, rules, changes, began)
    print_to_stderr(f"warning: {note}" for note in _iter_notes(rules, changes, result))
    code = _report(options, rules, result, stand)
    if not (code or options.receive):
        with suppress(GitError):  # the verdict stands without a log
            print_to_stderr(_iter_baseline_notes(rules, changes, result, stand))
        print_to_stderr(_iter_better(rules, result))
    return code


def _report(options: _HookOptions, rules: Rules, result: GateVerdict, stand: Invocation) -> int:
    """Write the failures, and return the exit code."""
    faults = find_faults(rules.settings)
    print_to_stderr(f"error: {fault}" for fault in faults)
    settings = rules.settings
    is_complete = not faults and not _is_blocked(result, settings)
    code = choose_exit_code(result.verdicts, is_complete=is_complete, has_failing=result.waivers.fails)
    command = "check --staged"  # shows more of the result
    if options.whole or _are_commits(options):
        command = "check"
    elif os.environ.get("GIT_INDEX_FILE", "").endswith(".lock"):
        # For `commit -a` and `commit -- path` git uses a temporary index, deleted when the commit fails.
        command = "check --diff HEAD"
    try:
        paint, width = Paint(has_color(sys.stdout)), find_width(sys.stdout)
        print_lines(format_gate(result, command, settings, stand, paint, width, is_brief=options.quiet))
    except UsageError as error:
        if code:  # a failing commit must not pass because its failure can't be displayed
            raise
        print_to_stderr([f"warning: {error}"])
    return code


def _is_blocked(result: GateVerdict, settings: Settings) -> bool:
    """Return whether the settings block the commit because some files were not judged."""
    if result.is_out_of_time and settings.on_timeout == "block":
        return True
    return bool(result.unreadable or result.not_compared) and settings.on_internal_error == "block"


def _iter_notes(rules: Rules, changes: ChangeSet, result: GateVerdict) -> Iterator[str]:
    settings = rules.settings
    yield from _find_lost_paths(settings, changes)
    judged = (os.path.normpath(settings.root / verdict.path) for verdict in result.verdicts)
    yield from iter_nested_notes(settings, judged)
    yield from describe_other_kernels(result.verdicts)
    if settings.source is None:  # notes about the settings are left to a run over all files
        yield from rules.notes


def _iter_baseline_notes(
    rules: Rules, changes: ChangeSet, result: GateVerdict, stand: Invocation
) -> Iterator[str]:
    """Yield that a change passes only by a baseline that is not committed: it fails everywhere else."""
    path, is_pushed = rules.settings.baseline, stand.is_committed
    tolerated = (item.why for verdict in result.verdicts for item in verdict.tolerated)
    if path is None or "baseline" not in tolerated:
        return
    if not changes.after.has(path):
        what = "push" if is_pushed else "commit"
        commands = " and ".join(f"`{command}`" for command in stand.format_staging(path))
        name = format_path(path)
        yield f"warning: this {what} passes only with {name}, which is not part of it; run {commands}"


def _iter_better(rules: Rules, result: GateVerdict) -> Iterator[str]:
    """Yield that a change improves functions beyond their recorded values."""
    if not rules.recorded:
        return
    from pytest_antipasta.baseline import command_for, find_better
    from pytest_antipasta.settings import ThresholdFinder

    if better := find_better(rules.recorded, result.verdicts, ThresholdFinder(rules.settings).find):
        what = f"{count(len(better), 'value')} of this change {'is' if len(better) == 1 else 'are'}"
        command = command_for("prune", rules.named_baseline)
        yield f"baseline: {what} better than recorded; update it with `{command}`"


def _are_commits(options: _HookOptions) -> bool:
    """Return whether commits are judged, and not staged changes."""
    return options.push or options.receive or _named_range() is not None


def _judge(options: _HookOptions, rules: Rules, changes: ChangeSet, began: float) -> GateVerdict:
    top = changes.after.tree.repository.top
    named = {path_from(top, _locate(path)) for path in options.files}
    policy = _choose_policy(options, changes)
    jobs, cache_dir = find_jobs(options.jobs, rules.settings), choose_cache_dir(options, rules.settings)
    phases = Phases()
    with phases.time("open"):
        measurer = open_measurer(rules.settings, cache_dir)
    storage, deadline = measurer.storage, began + rules.settings.time_budget
    storage.kind = "hook"
    verdicts: tuple[Verdict, ...] = ()
    try:
        with phases.time("judge"):
            contents = ContentMeasurer(rules, measurer, jobs, deadline)
            judged_by = changes.after._replace(rules=rules)
            gate = Gate(contents, changes._replace(after=judged_by), named or None)
            result = gate.judge()
            result = replace(result, waivers=gate.find_waivers(policy))
            result = _list_changes(options, gate, result)
            gate.sides.keep_bodies()
        verdicts = result.verdicts
        for verdict in verdicts:
            storage.put(Outcome(verdict))
    finally:
        with phases.time("remember"):
            storage.finish()
            measurer.close()
        if options.debug or is_logged(INFO):
            from pytest_antipasta.engine import describe_commit

            reasons = storage.find_miss_reasons(rules.settings.cache_journal, verdicts)
            decisions = list(describe_commit(rules.settings, storage.cache_dir, verdicts, reasons, phases))
            log_all(INFO, decisions)
            print_to_stderr(iter_debug_lines(decisions if options.debug else ()))
        for warning in storage.diagnostics.take():
            log_event(WARNING, "warning", warning.text)
            print_to_stderr([f"warning: {warning.text}"])
    untouched = [os.path.join(top, path) for path in named - _find_changed(changes)]
    if not untouched:
        return result
    whole = _judge_whole(options, rules, untouched)
    return replace(result, verdicts=(*result.verdicts, *whole))


def _choose_policy(options: _HookOptions, changes: ChangeSet) -> PolicySource:
    config, own = options.config, None
    if options.receive:
        own = changes.after
        config = config and own.tree.repository.top / config
    return PolicySource(options.policy_from, config, has_limits=options.limits_from is not None, own=own)


def _list_changes(options: _HookOptions, gate: Gate, result: GateVerdict) -> GateVerdict:
    """Return the result of a failing change with the list of its changes, if there is time."""
    if not options.quiet and any(verdict.failed for verdict in result.verdicts):
        with suppress(OutOfTimeError):
            return replace(result, changes=gate.list_changes(result))
    return result


def _find_changed(changes: ChangeSet) -> set[str | None]:
    """Return the old and new paths of changed files."""
    return {path for diffs in changes.parents for diff in diffs for path in (diff.path, diff.old_path)}


def _judge_whole(options: _HookOptions, rules: Rules, files: Sequence[str]) -> list[Verdict]:
    """Judge those files that are source files; excluded ones are skipped."""
    for path in files:
        if os.path.isdir(locate(path)):
            raise UsageError(f"{path} is a folder; name files, or omit it to check all files")
    root, cache_dir = rules.settings.root, choose_cache_dir(options, rules.settings)
    top = os.path.realpath(root)
    named = {os.path.normpath(root / path_from(top, _locate(path))) for path in files}

    def keep_named(selection: Selection, tasks: list[Task]) -> tuple[Selection, list[Task]]:
        return selection, [task for task in tasks if task.location in named]

    run = open_run(rules, None, cache_dir, narrow=keep_named if files else keep_all, passing="counted")
    run.storage.kind = "hook"
    judge_all(run, options)
    if options.whole:
        print_warnings(run, is_brief=options.quiet)
    else:  # the commit has reported the others already
        print_to_stderr(f"warning: {note}" for note in run.selection.notes)
    return run.sorted_verdicts()


def _locate(path: str) -> str:
    """Return the location of a file, resolving links of its folders but not of itself."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def _give_up(options: _HookOptions, name: str | None, reason: str) -> int:
    """Report that a reference, or the commit, is not judged; return the exit code."""
    what = name or ("this push" if options.push or options.receive else "this commit")
    log_event(WARNING, "warning", f"{what} was not checked: {reason}")
    # Settings of the current folder do not apply on a server.
    is_blocking = (
        options.on_internal_error != "allow"
        if options.receive
        else load_settings(Path.cwd(), options.config).settings.on_internal_error == "block"
    )
    start = "error" if is_blocking else "warning"
    print_to_stderr(f"{start}: antipasta did not check {what}: {reason}".split("\n"))
    return ERRORS if is_blocking else 0


def _named_range() -> tuple[str, str] | None:
    """Return both ends of the range in pre-commit's variables, if set."""
    start, end = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    return (start, end) if start and end else None


def _find_lost_paths(settings: Settings, changes: ChangeSet) -> Iterator[str]:
    """Yield errors about paths in the settings whose files a change removes.

    Such a change has no violations, but every run over all files fails after it.
    """
    repository = changes.after.tree.repository
    missing = [] if repository.is_bare else find_missing_paths(settings)
    if not missing:
        return
    root = os.path.realpath(settings.root)
    before = {diff.old_path for diffs in changes.parents for diff in diffs if diff.old_path is not None}
    for path in missing:
        lost = os.path.normpath(os.path.join(root, path))
        if any((repository.top / name).is_relative_to(lost) for name in before):
            yield describe_missing_path(settings, path)


class _Part(NamedTuple):
    """A separately judged part: the commit, or one of the pushed references.

    Attributes:
        name: name of the reference; ``None`` for the commit.
        open: returns the rules, and the change unless whole files are judged; ``None`` if there is nothing to
            judge.
    """

    name: str | None
    open: Callable[[], _Opened | None]


def _find_parts(options: _HookOptions) -> list[_Part]:
    """Return the parts to judge.

    Raises:
        GitError: git fails, or does not list the push.
    """
    if options.whole:
        return [_Part(None, lambda: (_load_rules(options, DISK), None))]
    repository = Repository(Path.cwd())
    if options.push or options.receive:
        return _find_updates(options, repository)
    return [_Part(None, partial(_open_commit, options, repository))]


def _load_rules(options: _HookOptions, files: RuleFiles) -> Rules:
    return load_rules(options.config, options.judging, files, limits_from=options.limits_from)


def _open_commit(options: _HookOptions, repository: Repository) -> _Opened:
    here, load = Path.cwd(), partial(_load_rules, options)
    if (named := _named_range()) is None:
        return _report_notes(staged_changes(open_side(IndexTree(repository), here, load)))
    start, end = named
    side = open_commit(repository, end, here, load)
    if "PRE_COMMIT_REMOTE_NAME" in os.environ:  # a push, without commits on remote branches
        return _report_notes(pushed_changes(side, [start, *repository.history.list_heads(_REMOTES)]))
    return _report_notes(committed_changes(side, start))


def _report_notes(changes: ChangeSet) -> _Opened:
    """Return the rules of a change, and print which files of them differ from those on disk."""
    notes = changes.after.files.iter_notes()
    print_to_stderr(f"warning: {note}" for note in notes)
    return changes.after.rules, changes


def _find_updates(options: _HookOptions, repository: Repository) -> list[_Part]:
    """Return the references that git pushes or receives, from the standard input of its hook."""
    if sys.stdin is None:
        raise GitError("standard input is closed; git should pass the pushed refs there")
    heads = repository.history.list_heads(_REMOTES if options.push else "refs/heads")
    # Bytes: a name that is not UTF-8 must not prevent judging the others.
    lines = sys.stdin.buffer.read().split(b"\n")
    if options.receive and not any(lines):
        raise GitError(
            "standard input is empty; git should pass the pushed refs there (did another program read it?)"
        )
    return [_make_update(options, repository, heads, line) for line in lines if line]


def _make_update(options: _HookOptions, repository: Repository, heads: Sequence[str], line: bytes) -> _Part:
    # A pushed commit can be named by words of a message; the other fields contain no blanks.
    words = list(map(os.fsdecode, line.rsplit(b" ", 3) if options.push else line.split(b" ", 2)))
    if len(words) != (4 if options.push else 3):
        raise GitError(
            f"unexpected line on standard input: {os.fsdecode(line)!r}; expected git's list of pushed refs"
        )
    _, commit, name, *there = words
    return _Part(name, partial(_open_update, options, repository, commit, [*there, *heads]))


def _open_update(
    options: _HookOptions, repository: Repository, commit: str, known: Sequence[str]
) -> _Opened | None:
    """Return the change of a reference; ``None`` if the reference is deleted or is not a commit."""
    if not repository.history.has_commit(commit):
        return None
    if repository.is_bare or options.receive:
        changes = pushed_changes(_open_received(options, repository, commit), known, "HEAD")
        return _harden(options, changes.after.rules), changes
    side = open_commit(repository, commit, Path.cwd(), partial(_load_rules, options))
    return _report_notes(pushed_changes(side, known))


def _open_received(options: _HookOptions, repository: Repository, commit: str) -> Side:
    """Return the side of a pushed commit, with the rules of another one that an option names."""
    judging = options.judging

    def open_tree(name: str) -> Side:
        return open_received(
            CommitTree(repository, name),
            options.config,
            judging.baseline,
            has_baseline=not judging.no_baseline,
            honours_suppressions=not judging.no_ignore,
        )

    if options.limits_from is None:
        return open_tree(commit)
    other = open_tree(repository.history.resolve(options.limits_from)).complete(())
    # Settings of the pushed commit in folders below the root must not change those of the other one.
    settings = replace(other.rules.settings, nested=False)
    rules = replace(other.rules, settings=settings)
    return other._replace(tree=CommitTree(repository, commit), rules=rules)


def _harden(options: _HookOptions, rules: Rules) -> Rules:
    """Return the rules that a server judges by."""
    if not options.receive:
        return rules
    # A pushed commit must not choose whether the server judges it, nor how many processes do.
    settings = replace(
        rules.settings,
        time_budget=float("inf"),
        jobs="auto",
        fail_fast=False,
        on_error="fail",
        on_timeout="block",
        on_internal_error=options.on_internal_error or "block",
    )
    return replace(rules, settings=settings)
