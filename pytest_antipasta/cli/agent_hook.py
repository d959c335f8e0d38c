"""``pytest-antipasta hook --agent``: check what a coding agent's task has changed, and answer its host.

A failing change blocks the end of the task once, with the reason. The next time the same state passes with a
warning: an agent that can't do better must not be sent back for ever, and CI checks the change again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from pytest_antipasta.cli.agent_event import EXPECTED, enter_folder, read_event
from pytest_antipasta.cli.agent_time import ending_in_time
from pytest_antipasta.cli.command_log import note_failure
from pytest_antipasta.cli.hinting import with_hints
from pytest_antipasta.cli.hook_parts import HookOptions, load_rules_in_time
from pytest_antipasta.cli.running import choose_cache_dir, judge_all
from pytest_antipasta.cli.stdout import SHOWN_BY_HOST, choose_exit_code, write_bytes
from pytest_antipasta.engine.executor.worker_count import find_jobs
from pytest_antipasta.engine.planning import Planner
from pytest_antipasta.engine.result import Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.storage.storage import open_storage
from pytest_antipasta.gate.change_sets import worktree_changes
from pytest_antipasta.gate.opening import AskedChange, judge_change
from pytest_antipasta.gate.sides import Side, open_side
from pytest_antipasta.gate.trees import WorktreeTree
from pytest_antipasta.git.process import reporting_git_errors
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.git.time_budget import OutOfTimeError, TimeBudget
from pytest_antipasta.logs.notes import WARNING, log_event
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.messages import format_argument
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.report.agent import format_agent
from pytest_antipasta.report.commit import format_unjudged
from pytest_antipasta.report.hints import MOST_TRIED, NO_HINTS, Hints, find_hints
from pytest_antipasta.report.next_step import Invocation, suggest_next
from pytest_antipasta.report.paths import show_from
from pytest_antipasta.report.rows import Look, find_rows, sort_rows
from pytest_antipasta.report.summary import format_summary
from pytest_antipasta.report.waivers import format_waivers
from pytest_antipasta.results.stats import make_stats
from pytest_antipasta.settings.rule_files import RuleFiles

_STDOUT, _STDERR = 1, 2
# The part of the remaining time that hints may take, and how many seconds must remain for any.
_HINTS, _LEAST = 0.4, 1.0
_UNCOMPARED = (
    "warning: only uncommitted changes were checked, as no default branch is known besides the current "
    "branch; to check commits of the task, name the commit where it began: `hook --agent --from REF`"
)


class _Checked(NamedTuple):
    """A change as it was checked.

    Attributes:
        run: the run.
        command: the command that checks the same.
        fails: whether the change fails.
        notes: what was not checked.
        head: the checked-out commit, if there was no branch to compare it with.
    """

    run: Result
    command: str
    fails: bool
    notes: Sequence[str]
    head: str | None


def run_agent_hook(options: HookOptions, budget: TimeBudget) -> int:
    """Answer the event on standard input within a time budget; return the exit code.

    Raises:
        UsageError: there is nothing to answer.
    """
    if options.files:
        raise UsageError("--agent checks all files of a change; name none")
    unread = f"error: {EXPECTED}; it did not end in time\n"
    with ending_in_time(budget, _STDERR, unread, SHOWN_BY_HOST):
        event = read_event()
    enter_folder(event)
    late = "this task was not checked: the time budget is exceeded; raise `time_budget` in the settings"
    with ending_in_time(budget, _STDOUT, _encode(_warn(late)), 0):
        answer = _answer(options, budget, is_repeated=event.stop_hook_active)
    write_bytes(_encode(answer).encode())
    return 0


def _encode(answer: dict[str, str]) -> str:
    return f"{msgspec.json.encode(answer).decode()}\n"


def _answer(options: HookOptions, budget: TimeBudget, *, is_repeated: bool) -> dict[str, str]:
    """Return the answer for the host; whatever prevents checking lets the task end, with a warning."""
    try:
        checked = _check(options, budget)
        if not checked.fails:
            notes = [*checked.notes, *_iter_waivers(checked, options), *_iter_uncompared(checked, options)]
            return _warn("\n".join(notes)) if notes else {}
        if is_repeated or _is_known(options, checked):
            text = _format(checked, NO_HINTS, options, has_step=False)
            lines = ("the task ends with these failures:", text, *_iter_uncompared(checked, options))
            return _warn("\n".join(lines))
        text = _format(checked, _find_hints(checked, budget), options, has_step=True)
        again = f"`{checked.command} --format agent` checks again"
        what = "fix this before you finish, or tell the user why it has to be so"
        return {"decision": "block", "reason": f"pytest-antipasta: {what}; {again}\n{text}"}
    except (UsageError, OutOfTimeError) as error:
        log_event(WARNING, "warning", f"this task was not checked: {error}")
        return _warn(f"this task was not checked: {error}")
    except Exception as failure:  # an internal error must not keep an agent busy
        text = note_failure(failure, has_traceback=options.debug)
        return _warn(f"this task was not checked: internal error: {text}")


def _warn(text: str) -> dict[str, str]:
    """Return an answer that lets the task end and shows the user a text."""
    return {"systemMessage": f"pytest-antipasta: {text}"}


def _check(options: HookOptions, budget: TimeBudget) -> _Checked:
    """Return the result of checking what the task has changed in the working tree.

    Raises:
        UsageError: settings are invalid, or a git command failed.
        OutOfTimeError: the time budget is used up.
    """
    with reporting_git_errors():
        repository = Repository(Path.cwd(), budget)
        branch = options.from_ref or repository.history.find_default_branch()
        ref, head = branch or "HEAD", None if branch else repository.history.resolve("HEAD")
        side = _open_side(options, repository, budget)
        change_set = worktree_changes(side, ref)
        settings = change_set.after.rules.settings
        cache_dir, jobs = choose_cache_dir(options, settings), find_jobs(options.jobs, settings)
        asked = AskedChange(
            policy_from=options.policy_from, lists="failing", in_haste=True, name=f"--diff {ref}"
        )
        ledger = judge_change(change_set, asked, cache_dir, jobs, phases=Phases(), budget=budget)
        run = judge_all(ledger, options)
    code = choose_exit_code(run.sorted_verdicts(), is_complete=True, has_failing=run.waivers.fails)
    assert run.gate_verdict is not None  # noqa: S101 - the run is of a change
    command = _find_stand(options, side.rules).format_command(_format_check(options, ref))
    unjudged = [*format_unjudged(run.gate_verdict, settings, f"run `{command}`"), *run.rules.faults]
    return _Checked(run, command, bool(code), unjudged, head)


def _format_check(options: HookOptions, ref: str) -> str:
    """Return the action that checks the same by the same rules."""
    sides = {"--limits-from": options.limits_from, "--policy-from": options.policy_from}
    given = (f"{option} {format_argument(commit)}" for option, commit in sides.items() if commit is not None)
    return " ".join((f"check --diff {format_argument(ref)}", *given))


def _find_stand(options: HookOptions, rules: Rules) -> Invocation:
    """Return where the agent runs commands."""
    named = (options.config, options.judging.baseline)
    has_other_limits = rules.has_other_limits
    return Invocation(Path.cwd(), rules.settings.root, *named, has_other_limits=has_other_limits)


def _open_side(options: HookOptions, repository: Repository, budget: TimeBudget) -> Side:
    """Return the working tree, with rules that list all failures and let pass what has no verdict."""

    def load(files: RuleFiles) -> Rules:
        rules = load_rules_in_time(options, budget, files)
        settings = replace(rules.settings, fail_fast=False, on_timeout="allow", on_internal_error="allow")
        return replace(rules, settings=settings)

    return open_side(WorktreeTree(repository), Path.cwd(), load)


def _is_known(options: HookOptions, checked: _Checked) -> bool:
    """Return whether a task was blocked in the same state before, and note that it is now."""
    run = checked.run
    failed = [verdict for verdict in run.sorted_verdicts() if verdict.failed]
    state = [(verdict.path, verdict.violations, verdict.errors, verdict.suppressions) for verdict in failed]
    return _is_recorded(options, run, b"agent", msgspec.json.encode((state, run.waivers)))


def _iter_waivers(checked: _Checked, options: HookOptions) -> Iterator[str]:
    """Yield what the task newly allows, which lets it pass; once for each set of waivers."""
    run, waivers = checked.run, checked.run.waivers
    if waivers.allows_more and not _is_recorded(options, run, b"agent-waivers", msgspec.json.encode(waivers)):
        yield from format_waivers(waivers, show_from(run.rules.settings.root))


def _iter_uncompared(checked: _Checked, options: HookOptions) -> Iterator[str]:
    """Yield a warning that commits were not checked; once for each checked-out commit.

    A host asks whenever its agent stops to answer, most often without a new commit.
    """
    head = checked.head
    if head is not None and not _is_recorded(options, checked.run, b"agent-uncompared", head.encode()):
        yield _UNCOMPARED


def _is_recorded(options: HookOptions, run: Result, kind: bytes, state: bytes) -> bool:
    """Return whether the store has a record of a state, and add one."""
    settings = run.rules.settings
    with closing(open_storage(settings, choose_cache_dir(options, settings))) as storage:
        key = storage.make_key(kind, state)
        if storage.find_value(key) is not None:
            return True
        storage.put_values({key: b"recorded"})
    return False


def _find_hints(checked: _Checked, budget: TimeBudget) -> Hints:
    """Return the plans for failing functions, as many as there is time for."""
    run, left = checked.run, budget.deadline - time.monotonic()
    rules = run.rules
    if left < _LEAST or not rules.has_hints:
        return NO_HINTS
    rows = sort_rows(find_rows(run.sorted_verdicts()))[:MOST_TRIED]
    planner = Planner(run.reread, rules.settings, run.store.cache_dir)
    return find_hints(rows, planner, rules.thresholds.find, seconds=left * _HINTS)


def _format(checked: _Checked, hints: Hints, options: HookOptions, *, has_step: bool) -> str:
    """Return the output for coding agents."""
    run, rules = checked.run, checked.run.rules
    verdicts, show_path = run.sorted_verdicts(), show_from(rules.settings.root)
    stand = _find_stand(options, rules)
    summary = [*format_summary(verdicts, make_stats(run), show_path), *checked.notes]
    step = suggest_next(verdicts, stand) if has_step else None
    look = with_hints(Look(show_path=show_path), hints, stand, rules.settings)
    rows = sort_rows(find_rows(verdicts))
    return "\n".join(format_agent(rows, verdicts, summary, step, look))
