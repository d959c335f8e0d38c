"""Judge a change as a run: for commands and pytest, which otherwise check all files, and for hooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import ReportProgress, ignore_progress
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.opening import Narrow, divide_sources, narrow_files
from pytest_antipasta.engine.plan import RunPlan
from pytest_antipasta.files.locations import display_path, rebase
from pytest_antipasta.files.reading import UnreadableError, read_file
from pytest_antipasta.files.selection import Selection, iter_outside_notes
from pytest_antipasta.files.source import Source
from pytest_antipasta.gate.change_sets import (
    ChangeSet,
    committed_changes,
    staged_changes,
    worktree_changes,
)
from pytest_antipasta.gate.gate import Gate
from pytest_antipasta.gate.measuring import ContentMeasurer
from pytest_antipasta.gate.sides import Side, split_range
from pytest_antipasta.gate.trees import WorktreeTree
from pytest_antipasta.git.process import reporting_git_errors
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.git.time_budget import OutOfTimeError, SlowGitError, TimeBudget
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import NO_CONTENT, FileError
from pytest_antipasta.model.run import GateVerdict, Shard, Workers
from pytest_antipasta.settings.patterns import make_path_filter
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.engine.diagnostics import Diagnostics
    from pytest_antipasta.store.journal import RunKind

_BEFORE = "the previous version could not be measured"


class AskedChange(NamedTuple):
    """What to judge of a change, and what a report says about it.

    Attributes:
        only: the only paths to judge, from the repository's top; ``None`` for all.
        policy_from: the commit whose ``new_waivers`` counts; ``None`` for the commit before the change.
        lists: the changes whose effect on each block is listed. Unlike judging, this measures all files.
        in_haste: whether a commit waits for the verdict, see :class:`Gate`. The caller then decides what
            became of files that could not be judged; a report has an error for each.
        name: what reports name the change by.
        locations: absolute paths of the only files and folders to report; ``None`` for all.
        narrow: leaves out some files before the shard is selected; ``None`` for none.
        shard: the part of the files to report; ``None`` for all.
    """

    only: Container[str] | None = None
    policy_from: str | None = None
    lists: Literal["all", "failing", "none"] = "all"
    in_haste: bool = False
    name: str = "this change"
    locations: Sequence[str] | None = None
    narrow: Narrow | None = None
    shard: Shard | None = None


def open_change_run(
    side: Side,
    ref: str | None,
    asked: AskedChange,
    cache_dir: Path | None,
    jobs: int | None,
    report_progress: ReportProgress = ignore_progress,
) -> Ledger:
    """Return a run that has judged a requested change, ready to report.

    ``side`` and ``ref`` are the result and an argument of :func:`open_after`, and the others are arguments of
    :func:`judge_change`.

    Raises:
        UsageError: a commit is unknown, settings are invalid, or a git command failed.
    """
    phases, name = Phases(), "--staged" if ref is None else f"--diff {ref}"
    with reporting_git_errors():
        with phases.time("find"):
            change_set = _find_changes(side, ref)
        asked = asked._replace(name=name)
        return judge_change(change_set, asked, cache_dir, jobs, report_progress, phases=phases)


def judge_change(
    change_set: ChangeSet,
    asked: AskedChange,
    cache_dir: Path | None,
    jobs: int | None,
    report_progress: ReportProgress = ignore_progress,
    *,
    phases: Phases,
    budget: TimeBudget | None = None,
    diagnostics: Diagnostics | None = None,
) -> Ledger:
    """Return a run that has judged a change by the rules of the side after it; it knows all verdicts.

    Commands, pytest and hooks judge changes by this function alone.

    Args:
        change_set: the change.
        asked: what to judge and to report.
        cache_dir: the store's folder, or ``None`` for a run without a store.
        jobs: number of processes that measure; 0 for this process, ``None`` to choose by the amount of work.
        report_progress: called with the number of judged files and of all files.
        phases: duration of each phase so far.
        budget: the time of a commit; ``None`` for no limit. Files without a verdict by then are left out.
        diagnostics: receives warnings; ``None`` for a new one.

    Raises:
        UsageError: a policy is invalid, or the root of the settings is not in the repository.
        GitError: a git command failed.
        SlowGitError: git did not answer within the time budget.
    """
    rules, budget = change_set.after.rules, budget or TimeBudget()
    require_root_in(change_set.after.tree.repository, rules.settings)
    with phases.time("open"):
        measurer = open_measurer(rules.settings, cache_dir, budget=budget, diagnostics=diagnostics)
    with phases.time("judge"), ExitStack() as failing:
        failing.callback(measurer.close)
        failing.callback(measurer.storage.finish)  # measurements so far are stored
        contents = ContentMeasurer(rules, measurer, jobs, budget.deadline)
        gate_verdict = _judge(
            Gate(contents, change_set, asked.only, in_haste=asked.in_haste), asked, report_progress
        )
        failing.pop_all()
    plan = _plan(change_set, gate_verdict, asked, contents.workers)
    journal: RunKind = "hook" if asked.in_haste else "other"
    return Ledger(plan, FileJudge(rules, measurer), phases, journal=journal)


def _judge(gate: Gate, asked: AskedChange, report_progress: ReportProgress) -> GateVerdict:
    """Return the verdict on a change, with its waivers and its effect, if there is time for them."""
    if asked.lists == "all":  # in one batch
        gate.states.measure_all(report_progress)
    elif not asked.in_haste:
        gate.states.after.measure(report_progress=report_progress)
    gate_verdict = gate.judge()
    try:
        gate_verdict = replace(gate_verdict, waivers=gate.find_waivers(asked.policy_from))
    except OutOfTimeError as error:  # waivers can fail a change
        gate_verdict = note_lateness(gate_verdict, error)
    has_failed = any(verdict.failed for verdict in gate_verdict.verdicts)
    if asked.lists == "all" or (asked.lists == "failing" and has_failed):
        gate_verdict = _list_changes(gate, gate_verdict)
    gate.states.keep_bodies()
    return gate_verdict


def _list_changes(gate: Gate, gate_verdict: GateVerdict) -> GateVerdict:
    """Return the verdict with the effect of the change, if there is time for it."""
    try:
        return replace(gate_verdict, changes=gate.list_changes(gate_verdict))
    except SlowGitError as error:
        return note_lateness(gate_verdict, error)
    except OutOfTimeError:
        return gate_verdict  # the verdict stands without it


def note_lateness(gate_verdict: GateVerdict, error: OutOfTimeError) -> GateVerdict:
    """Return the verdict on a change that was not checked completely; the first cause counts."""
    return replace(gate_verdict, is_out_of_time=True, slow_git=gate_verdict.slow_git or str(error))


def _plan(
    change_set: ChangeSet, gate_verdict: GateVerdict, asked: AskedChange, workers: Workers | None
) -> RunPlan:
    """Return the plan of a run that reports a judged change, or the requested part of it."""
    rules = change_set.after.rules
    settings = rules.settings
    verdicts, notes = list(gate_verdict.verdicts), [*change_set.iter_path_notes()]
    if not asked.in_haste:
        is_of_worktree = isinstance(change_set.after.tree, WorktreeTree)
        verdicts, unchecked = _settle(gate_verdict, settings, is_of_worktree=is_of_worktree)
        notes += unchecked
    by_path = {verdict.path: verdict for verdict in verdicts}
    # Files are filtered by name, not by location: the location of a name that can't be shown is unknown.
    locations = [rebase(settings.root, path) for path in asked.locations or ()]
    names = [display_path(settings.root, location) for location in locations]
    is_asked_for = make_path_filter(None if asked.locations is None else tuple(names))
    locate = partial(_locate, settings)
    sources = [Source(path, locate(path)) for path in filter(is_asked_for, by_path)]
    notes += [*iter_outside_notes(settings, locations), *change_set.iter_excluded_notes(names)]
    notebooks = tuple(map(locate, filter(is_asked_for, gate_verdict.notebooks)))
    selection = Selection([], len(verdicts), (asked.name, *names), tuple(notes), notebooks=notebooks)
    listed = _narrow(gate_verdict.changes, change_set, asked, is_asked_for, names)
    selection, sources = narrow_files(asked.narrow, selection, sources)
    sources, listed, part = divide_sources(sources, listed, asked.shard)
    return RunPlan(
        replace(rules, notes=(*rules.notes, *change_set.after.iter_notes())),
        selection,
        sources,
        "change",
        known={source.path: by_path[source.path] for source in sources},
        part=part,
        gate_verdict=replace(gate_verdict, changes=listed),
        workers=workers,
    )


def _narrow(
    listed: Changes | None,
    change_set: ChangeSet,
    asked: AskedChange,
    is_asked_for: Callable[[str], bool],
    names: Container[str],
) -> Changes | None:
    """Return the effect on the requested files, and which of them the settings leave out."""
    if listed is None:
        return None
    listed = listed.keep(is_asked_for)
    if asked.lists != "all":
        return listed
    left_out = filter(is_asked_for, change_set.find_unchecked(asked.only))
    # What was named has a note of its own.
    return replace(listed, unchecked=tuple(path for path in left_out if path not in names))


def require_root_in(repository: Repository, settings: Settings) -> None:
    """Reject a root outside of a repository, or in another one: no change has a file there."""
    root, top = (Path(os.path.realpath(path)) for path in (settings.root, repository.top))
    other = find_repository(root)
    if other == repository.top or top.is_relative_to(root) or (other is None and root.is_relative_to(top)):
        return
    name = format_path(settings.source or root)
    if other is not None:
        raise UsageError(
            f"{name} is in another git repository than the current folder, whose changes were requested; run "
            "in its folder"
        )
    raise UsageError(
        f"{name} is outside of the git repository whose changes were requested; settings apply to files in "
        "their own folder: move them to that of the project"
    )


def _find_changes(side: Side, ref: str | None) -> ChangeSet:
    if ref is None:
        return staged_changes(side)
    ends = split_range(ref)
    return worktree_changes(side, ref) if ends is None else committed_changes(side, ends[0])


def _locate(settings: Settings, path: str) -> str:
    return os.path.normpath(settings.root / path)


def _explain(location: str) -> FileError:
    """Return why a file of the working tree can't be read."""
    try:
        read_file(location, float("inf"))
    except UnreadableError as error:
        # A sparse checkout leaves it out, and git does not have its content.
        return NO_CONTENT if error.error.kind == "missing" else error.error
    return NO_CONTENT


def _settle(
    gate_verdict: GateVerdict, settings: Settings, *, is_of_worktree: bool
) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts on all files, and a message for each file that passes without being checked."""
    verdicts = list(gate_verdict.verdicts)
    for path in gate_verdict.unreadable:
        error = _explain(_locate(settings, path)) if is_of_worktree else NO_CONTENT
        verdicts.append(Verdict.of(path, error))
    if settings.on_internal_error != "block":
        return verdicts, [
            f"{path}: not checked, {_BEFORE} ({error.kind}): {error.message}"
            for path, error in gate_verdict.not_compared
        ]
    errors = {
        path: Verdict.of(path, replace(error, message=f"{_BEFORE}: {error.message}"))
        for path, error in gate_verdict.not_compared
    }
    return [errors.get(verdict.path, verdict) for verdict in verdicts], []
