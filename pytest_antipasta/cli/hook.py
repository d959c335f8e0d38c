"""``pytest-antipasta hook``: the command behind plain git hooks and pre-commit's hook ids."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from pytest_antipasta.cli.command import add_command
from pytest_antipasta.cli.command_log import note_failure
from pytest_antipasta.cli.hinting import find_hook_hints, with_hints
from pytest_antipasta.cli.hook_parts import HookOptions, JudgedPart, Opened, find_named_range, find_parts
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import choose_cache_dir, iter_stale, judge_all, locate, print_warnings
from pytest_antipasta.cli.stdout import (
    ERRORS,
    VIOLATIONS,
    WRONG_USAGE,
    choose_exit_code,
    print_error,
    print_lines,
    print_to_stderr,
)
from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.executor.worker_count import find_jobs
from pytest_antipasta.engine.opening import AskedFiles, keep_files, open_run
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.locations import list_names, path_from, spell
from pytest_antipasta.files.selection import iter_notebook_notes
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.gate.change_sets import ChangeSet
from pytest_antipasta.gate.opening import AskedChange, judge_change, note_lateness
from pytest_antipasta.gate.sides import Side
from pytest_antipasta.gate.trees import CommitTree
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.git.time_budget import OutOfTimeError, SlowGitError, TimeBudget
from pytest_antipasta.logs.notes import WARNING, log_event
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import GateVerdict, JudgedState
from pytest_antipasta.report.commit import describe_unjudged, format_gate
from pytest_antipasta.report.hints import Hints
from pytest_antipasta.report.next_step import Invocation
from pytest_antipasta.report.paths import show_from
from pytest_antipasta.report.rows import Look
from pytest_antipasta.report.terminal import find_width, make_paint
from pytest_antipasta.results.stats import describe_other_kernels
from pytest_antipasta.settings.load import has_other_settings, iter_nested_notes, load_settings
from pytest_antipasta.settings.values import TIME_BUDGET, Settings

_Answer = TypeVar("_Answer")


def add_parser(subparsers: SubParsers) -> None:
    """Add ``hook`` to the command line."""
    text = "check what a commit changes; files it does not change are checked in full"
    add_command(subparsers, "hook", text, HookOptions, _run_hook)


def _run_hook(options: HookOptions) -> int:
    """Judge the commit and print violations; internal errors let it pass.

    A server rejects what it can't judge, unless an option says otherwise. It has no limit of time.
    """
    if options.agent:
        from pytest_antipasta.cli.agent_hook import run_agent_hook

        return run_agent_hook(options, TimeBudget(TIME_BUDGET))
    if options.from_ref is not None:
        raise UsageError("--from needs --agent")
    if options.policy_from is not None and options.whole:
        raise UsageError("--policy-from needs a change; remove --whole")
    budget = TimeBudget() if options.receive else TimeBudget(TIME_BUDGET)
    if options.on_internal_error is not None and not options.receive:
        raise UsageError(
            "--on-internal-error needs --receive; otherwise, set on_internal_error in the settings"
        )
    return _check_parts(options, budget)


def _check_parts(options: HookOptions, budget: TimeBudget) -> int:
    """Judge and report the commit, or each reference of a push; return the worst exit code."""
    try:
        parts = find_parts(options, budget)
    except Exception as error:
        return _fail(options, None, None, error)
    spent = time.monotonic() - budget.began
    codes = []
    for part in parts:
        budget.restart(spent)  # each reference has the time for itself
        # Separately, so that an error in one reference hides nothing of the others.
        codes.append(code := _check_part(options, part, budget))
        if code and len(parts) > 1:  # git rejects all, and does not say which one failed; a part says why
            print_to_stderr([f"blocked by pytest-antipasta: {part.name}"])
    # Once for all references.
    print_to_stderr({part.advice for part, code in zip(parts, codes, strict=True) if code and part.advice})
    # Violations take precedence over files that could not be measured.
    return max(codes, default=0, key=(0, ERRORS, WRONG_USAGE, VIOLATIONS).index)


def _check_part(options: HookOptions, part: JudgedPart, budget: TimeBudget) -> int:
    """Read a part from git, judge and report it; return the exit code."""
    settings = None
    try:
        if (opened := part.open()) is None:
            return 0
        rules = opened.after.rules if isinstance(opened, ChangeSet) else opened
        settings = rules.settings
        return _check_opened(options, opened, rules, budget)
    except Exception as error:
        return _fail(options, part.name, settings, error)


def _check_opened(options: HookOptions, opened: Opened, rules: Rules, budget: TimeBudget) -> int:
    """Judge and report a change, or whole files; return the exit code."""
    stand = _find_stand(options, rules)
    if not isinstance(opened, ChangeSet):
        stand = replace(stand, is_whole=not (options.files or rules.has_other_limits))
        gate_verdict = _judge_whole(options, rules, options.files)
        return _report(
            options, rules, gate_verdict, stand, find_hook_hints(options, rules, gate_verdict, budget)
        )
    change_set, gate_verdict = opened, _judge_change(options, opened, budget)
    if gate_verdict.waivers.fails or any(
        verdict.failed for verdict in gate_verdict.verdicts
    ):  # commands are advised
        stand = _complete_stand(options, change_set, gate_verdict, stand)
    print_to_stderr(f"warning: {note}" for note in _iter_notes(options, change_set, gate_verdict))
    if not options.receive:
        gate_verdict, left_behind = _find_left_behind(change_set, gate_verdict, stand)
    hints = find_hook_hints(options, rules, gate_verdict, budget)
    code = _report(options, rules, gate_verdict, stand, hints, change_set)
    if not (code or options.receive):
        print_to_stderr(left_behind)
        print_to_stderr(iter_stale(rules, gate_verdict.verdicts, stand, " in checked files"))
    return code


def _find_stand(options: HookOptions, rules: Rules) -> Invocation:
    """Return where the user runs commands; on a server, that is not known."""
    named = (options.config, options.judging.baseline)
    config, baseline = (path and Path(os.path.abspath(path)) for path in named)
    folder, settings = _find_user_folder(), rules.settings
    if config is None and has_other_settings(settings, folder):
        config = settings.source
    top = None if options.receive else find_repository(folder)
    return Invocation(
        folder,
        settings.root,
        config,
        baseline,
        _choose_state(options),
        top=top,
        honours_suppressions=rules.honours_suppressions,
        reads_baseline=rules.has_baseline and options.limits_from is None,
    )


def _complete_stand(
    options: HookOptions, change_set: ChangeSet, gate_verdict: GateVerdict, stand: Invocation
) -> Invocation:
    """Return where the user runs commands about a failing change, and what those read."""
    has_other_limits = change_set.after.rules.has_other_limits and options.limits_from is None
    stand = replace(stand, has_other_limits=has_other_limits)
    if stand.judged == "index":
        if _fails_outside(options, change_set, gate_verdict):
            return replace(stand, judged="working tree")
        return replace(stand, is_whole=_is_whole(options, change_set, gate_verdict))
    if stand.judged != "commits" or options.receive:
        return stand
    tree = change_set.after.tree
    if tree.repository.is_bare:
        return replace(stand, is_elsewhere=True)
    head = _ask(tree.repository.history.head, None)
    return replace(stand, is_elsewhere=isinstance(tree, CommitTree) and head not in (None, tree.commit))


def _fails_outside(options: HookOptions, change_set: ChangeSet, gate_verdict: GateVerdict) -> bool:
    """Return whether only named files fail that a commit does not change; these are read from disk."""
    untouched = _name_files(options, change_set) - _find_changed(change_set)
    if not untouched:
        return False
    paths = SourcePaths(change_set.after.rules.settings, change_set.after.tree.repository.top)
    failed = {verdict.path for verdict in gate_verdict.verdicts if verdict.failed}
    return bool(failed) and failed <= set(map(paths.name, untouched))


def _ask(question: Callable[[], _Answer], otherwise: _Answer) -> _Answer:
    """Return git's answer; another one if git fails, or does not answer in time."""
    try:
        return question()
    except (GitError, OutOfTimeError):
        return otherwise


def _report(
    options: HookOptions,
    rules: Rules,
    gate_verdict: GateVerdict,
    stand: Invocation,
    hints: Hints,
    change_set: ChangeSet | None = None,
) -> int:
    """Write the failures, and return the exit code."""
    print_to_stderr(f"error: {fault}" for fault in rules.faults)
    settings = rules.settings
    is_complete = not rules.faults and not describe_unjudged(gate_verdict, settings)
    code = choose_exit_code(
        gate_verdict.verdicts, is_complete=is_complete, has_failing=gate_verdict.waivers.fails
    )
    try:
        show_path = show_from(stand.root, stand.folder)
        look = Look(make_paint(sys.stdout, stand.folder), find_width(sys.stdout), show_path)
        look = with_hints(look, hints, stand, settings)
        read = change_set and partial(_read_changed, change_set)
        is_first = False
        if gate_verdict.is_out_of_time and change_set is not None:  # as far as git says in time
            is_first = not _ask(partial(change_set.after.tree.repository.history.knows, "HEAD"), True)
        advice = _advise_check(options, stand, change_set, is_blocked=bool(code), is_first=is_first)
        print_lines(
            format_gate(gate_verdict, advice, settings, stand, look, read=read, is_brief=options.quiet)
        )
    except UsageError as error:
        if code:  # a failing commit must not pass because its failure can't be displayed
            raise
        print_to_stderr([f"warning: {error}"])
    return code


def _advise_check(
    options: HookOptions, stand: Invocation, change_set: ChangeSet | None, *, is_blocked: bool, is_first: bool
) -> str:
    """Return when to run which command that checks the same without a limit of time, or all files."""
    action, when = "check --diff HEAD", ""
    if change_set is not None and change_set.range is not None:
        action = f"check --diff {change_set.range}"
    elif options.whole or stand.judged == "commits":
        action = "check"
    elif not is_blocked:  # git commits what is staged, and then nothing differs from HEAD
        action, when = "check" if is_first else "check --diff HEAD~1", "after the commit, "
    elif stand.judged == "index":
        action = "check --staged"
    return f"{when}run `{stand.format_command(action)}`"


def _read_changed(change_set: ChangeSet, verdict: Verdict) -> bytes | None:
    """Return the content of a file after a change; ``None`` if git does not have it, or not in time."""
    tree = change_set.after.tree
    name = tree.repository.name(change_set.after.rules.settings.root / verdict.path)

    def read() -> bytes | None:
        entry = tree.find([name]).get(name)
        return entry and tree.read({name: entry.blob}).get(name)

    return _ask(read, None)


def _iter_notes(options: HookOptions, change_set: ChangeSet, gate_verdict: GateVerdict) -> Iterator[str]:
    rules = change_set.after.rules
    settings = rules.settings
    judged = (os.path.normpath(settings.root / verdict.path) for verdict in gate_verdict.verdicts)
    yield from iter_nested_notes(settings, judged)
    yield from describe_other_kernels(gate_verdict.verdicts)
    yield from () if options.quiet else iter_notebook_notes(gate_verdict.notebooks)
    if settings.source is None:  # notes about the settings are left to a run over all files
        yield from rules.notes


def _find_left_behind(
    change_set: ChangeSet, gate_verdict: GateVerdict, stand: Invocation
) -> tuple[GateVerdict, list[str]]:
    """Return the result, which git may not complete in time, and notes about files that a change needs."""
    if any(verdict.failed for verdict in gate_verdict.verdicts):
        return gate_verdict, []
    try:
        loose = [*change_set.after.iter_loose_settings()]
        notes = [f"warning: {note}; {_format_staging(stand, path)}" for path, note in loose]
        return gate_verdict, [*notes, *_iter_baseline_notes(change_set, gate_verdict, stand)]
    except GitError:  # the verdict stands without a note
        return gate_verdict, []
    except SlowGitError as error:
        return note_lateness(gate_verdict, error), []


def _iter_baseline_notes(
    change_set: ChangeSet, gate_verdict: GateVerdict, stand: Invocation
) -> Iterator[str]:
    """Yield that a change needs a baseline that is not committed: it fails everywhere else.

    It needs that by which it passes, and one that the settings name.
    """
    after = change_set.after
    path = after.rules.settings.baseline
    if path is None:
        return
    if any(item.why == "baseline" for verdict in gate_verdict.verdicts for item in verdict.tolerated):
        is_lacking = not after.has(path)
    else:
        is_lacking = after.files.is_only_on_disk(path) and _is_named(after)
    if is_lacking:
        what = "push" if stand.judged == "commits" else "commit"
        state = "committed" if stand.judged == "commits" else "staged"
        lacks = f"this {what} needs {format_path(path)}, which is not {state}"
        yield f"warning: {lacks}; {_format_staging(stand, path)}"


def _is_named(after: Side) -> bool:
    """Return whether the settings name the baseline, so that it must be there."""
    from pytest_antipasta.settings.origins import DEFAULT, find_origins  # few commits lack a baseline

    if after.rules.named_baseline is not None:
        return False  # an option names it
    return find_origins(after.rules.settings, after.files).find("baseline") != DEFAULT


def _format_staging(stand: Invocation, path: Path) -> str:
    """Return what to run so that git has a file."""
    commands = " and ".join(f"`{command}`" for command in stand.format_staging(path))
    return f"run {commands}" + (f" and {stand.format_naming(path)}" if stand.judged == "named files" else "")


def _find_user_folder() -> Path:
    """Return the user's folder: git, pre-commit and prek run hooks at the top or in that of a project."""
    here = Path.cwd()
    top = find_repository(here)
    if (prefix := os.environ.get("GIT_PREFIX")) is not None:
        return (top or here) / prefix  # a working tree need not contain its repository
    if top is None:
        return here
    # A program that changes its folder leaves it; the shell's may be a link, from which `..` leads elsewhere.
    shell = Path(os.path.realpath(os.environ.get("PWD", here)))
    return shell if shell.is_dir() and shell.is_relative_to(top) and os.environ.get("PRE_COMMIT") else here


def _choose_state(options: HookOptions) -> JudgedState:
    """Return what is judged.

    For ``git commit -a`` and ``git commit -- FILE`` git uses a temporary index, which it deletes when the
    commit fails. The content is that of the working tree. No other command knows the index of an editor
    that has its own, either.
    """
    if options.push or options.receive or find_named_range() is not None:
        return "commits"
    index = os.path.basename(os.environ.get("GIT_INDEX_FILE") or "index")
    if index not in ("index", "index.lock"):
        return "named files"
    return "index" if index == "index" and not options.whole else "working tree"


def _judge_change(options: HookOptions, change_set: ChangeSet, budget: TimeBudget) -> GateVerdict:
    """Judge what a commit changes, and named files that it does not change as a whole."""
    rules = change_set.after.rules
    top = change_set.after.tree.repository.top
    named = _name_files(options, change_set)
    jobs, cache_dir = find_jobs(options.jobs, rules.settings), choose_cache_dir(options, rules.settings)
    asked = AskedChange(
        named or None, options.policy_from, "none" if options.quiet else "failing", in_haste=True
    )
    diagnostics = Diagnostics()
    try:
        ledger = judge_change(
            change_set, asked, cache_dir, jobs, phases=Phases(), budget=budget, diagnostics=diagnostics
        )
        # All is judged: this stores what is new, closes the store, and returns the warnings.
        warnings = judge_all(ledger, options).warnings
        notes = ledger.plan.selection.notes
        print_to_stderr(f"warning: {line}" for line in (*warnings, *notes))
    finally:  # those of a change that could not be judged
        for warning in diagnostics.take():
            log_event(WARNING, "warning", warning.text)
            print_to_stderr([f"warning: {warning.text}"])
    gate_verdict = ledger.plan.gate_verdict
    assert gate_verdict is not None  # noqa: S101 - the plan of a change
    untouched = [os.path.join(top, path) for path in named - _find_changed(change_set)]
    if not untouched:
        return gate_verdict
    whole = _judge_whole(options, rules, untouched)
    return replace(
        gate_verdict,
        verdicts=(*gate_verdict.verdicts, *whole.verdicts),
        notebooks=(*gate_verdict.notebooks, *whole.notebooks),
    )


def _find_changed(change_set: ChangeSet) -> set[str | None]:
    """Return the old and new paths of changed files."""
    return {
        path for diffs in change_set.diffs_by_parent for diff in diffs for path in (diff.path, diff.old_path)
    }


def _is_whole(options: HookOptions, change_set: ChangeSet, gate_verdict: GateVerdict) -> bool:
    """Return whether the staged files were judged, and no others, by the limits that other commands have."""
    if change_set.after.rules.has_other_limits:
        return False
    settings, top = change_set.after.rules.settings, change_set.after.tree.repository.top
    changed = SourcePaths(settings, top).find_new(change_set.iter_changed())
    named = _name_files(options, change_set)
    has_all = not named or all(diff.path in named for diff in changed.values())
    return has_all and all(verdict.path in changed for verdict in gate_verdict.verdicts)


def _name_files(options: HookOptions, change_set: ChangeSet) -> set[str]:
    """Return the paths of named files from the repository's top."""
    return {*_iter_names(change_set.after.tree.repository.top, options.files)}


def _judge_whole(options: HookOptions, rules: Rules, files: Sequence[str]) -> GateVerdict:
    """Judge those files that are source files; excluded ones are skipped."""
    for path in files:
        if os.path.isdir(locate(path)):
            raise UsageError(f"{path} is a folder; name files, or omit it to check all files")
    root, cache_dir = rules.settings.root, choose_cache_dir(options, rules.settings)
    top = os.path.realpath(root)
    named = {os.path.normpath(root / name) for name in _iter_names(top, files)}
    narrow = partial(keep_files, named.__contains__) if files else None
    asked = AskedFiles(narrow=narrow, passing="counted", journal="hook")
    run = judge_all(open_run(rules, cache_dir, asked), options)
    if options.whole:
        print_warnings(run, is_brief=options.quiet)
    else:  # the commit has reported the others already
        print_to_stderr(f"warning: {note}" for note in run.selection.notes)
    return GateVerdict(tuple(run.sorted_verdicts()), notebooks=run.selection.notebooks)


def _iter_names(top: str | Path, paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths of files from a folder as git spells them; links of their folders are resolved."""
    list_once = cache(list_names)
    for path in paths:
        folder, name = os.path.split(os.path.abspath(path))
        found = path_from(top, os.path.join(os.path.realpath(folder), name))
        yield spell(os.fspath(top), os.path.normpath(found), list_once).replace(os.sep, "/")


def _fail(options: HookOptions, name: str | None, settings: Settings | None, error: Exception) -> int:
    """Report that a reference, or the commit, is not judged; return the exit code.

    An error of usage is raised unless it is of a single reference that a server receives.

    Args:
        options: the options of the command.
        name: name of the reference.
        settings: settings of the commit; ``None`` to read those of the current folder.
        error: why it is not judged; an internal error must not block a commit.
    """
    if isinstance(error, UsageError) and options.receive and name is not None:
        return print_error(error)
    if isinstance(error, UsageError | BrokenPipeError):
        raise error
    is_of_git = isinstance(error, GitError | SlowGitError)
    reason = str(error) if is_of_git else note_failure(error, has_traceback=options.debug)
    what = name or f"this {'push' if options.push or options.receive else 'commit'}"
    log_event(WARNING, "warning", f"{what} was not checked: {reason}")
    code = _choose_code(options, settings, error)
    print_to_stderr(f"{'error' if code else 'warning'}: antipasta did not check {what}: {reason}".split("\n"))
    return code


def _choose_code(options: HookOptions, settings: Settings | None, error: Exception) -> int:
    """Return the exit code for what could not be judged."""
    if options.receive:  # settings of the current folder do not apply on a server
        return 0 if options.on_internal_error == "allow" else ERRORS
    settings = settings or load_settings(Path.cwd(), options.config).settings
    setting = settings.on_timeout if isinstance(error, SlowGitError) else settings.on_internal_error
    return ERRORS if setting == "block" else 0
