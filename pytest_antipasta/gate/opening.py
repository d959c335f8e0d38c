"""Open a run over the changes of a commit or a branch, for commands that otherwise check all files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from pytest_antipasta.engine import (
    Narrow,
    Outcome,
    ReportProgress,
    Rules,
    Run,
    Task,
    divide_tasks,
    ignore_progress,
    keep_all,
)
from pytest_antipasta.engine.executor import GivenOutcomes
from pytest_antipasta.engine.measuring import Measurer, open_measurer
from pytest_antipasta.files import (
    Selection,
    SourcePaths,
    UnreadableError,
    display_path,
    iter_outside_notes,
    read_file,
    rebase,
    select_files,
)
from pytest_antipasta.gate.change_sets import (
    ChangeSet,
    committed_changes,
    fail,
    staged_changes,
    worktree_changes,
)
from pytest_antipasta.gate.gate import NO_CONTENT, Gate
from pytest_antipasta.gate.measuring import ContentMeasurer
from pytest_antipasta.gate.side_rules import OWN_POLICY, PolicySource
from pytest_antipasta.gate.staged_settings import StagedSettings, complete_rules
from pytest_antipasta.git import GitError, Repository, Untracked
from pytest_antipasta.logs import Phases
from pytest_antipasta.model import (
    Changes,
    FileError,
    GateVerdict,
    Shard,
    UsageError,
    Verdict,
)
from pytest_antipasta.settings import Settings, make_path_filter

_BEFORE = "the previous version could not be measured"


class AskedChange(NamedTuple):
    """A requested change, and the part of it that is reported.

    Attributes:
        folder: a folder in the repository.
        ref: ``REF`` for the changes of the working tree, ``REF..REF`` for those of a branch, ``None`` for
            staged changes.
        locations: absolute paths of the only files and folders to report; ``None`` for all.
        narrow: leaves out some files before the shard is selected.
        shard: the part of the files to report; ``None`` for all.
    """

    folder: Path
    ref: str | None = None
    locations: Sequence[str] | None = None
    narrow: Narrow = keep_all
    shard: Shard | None = None

    @property
    def is_of_worktree(self) -> bool:
        """Return whether the files after the change are those on disk."""
        return self.ref is not None and ".." not in self.ref


def open_change_run(
    rules: Rules,
    asked: AskedChange,
    cache_dir: Path | None,
    jobs: int | None = 0,
    report_progress: ReportProgress = ignore_progress,
    *,
    is_listed: bool = True,
    policy: PolicySource = OWN_POLICY,
) -> Run:
    """Return a run that has judged a change, ready to report.

    Args:
        rules: the rules of the root.
        asked: the change.
        cache_dir: the store's folder, or ``None`` for a run without a store.
        jobs: number of processes that measure; 0 for this process, ``None`` to choose by the amount of work.
        report_progress: called with the number of judged files and of all files.
        is_listed: whether a report may show the effect of the change on each block.
        policy: the sources of the policy and the limits.

    Raises:
        UsageError: there is no repository, or a commit is unknown.
    """
    phases = Phases()
    with phases.time("open"):
        measurer = ContentMeasurer(rules, open_measurer(rules.settings, cache_dir), jobs)
    with phases.time("judge"), _closing_on_error(measurer.measurer):
        rules, judged, changes = _judge(rules, asked, measurer, report_progress, policy, is_listed=is_listed)
    settings = rules.settings
    verdicts, notes = _settle(judged, asked, settings)
    given = GivenOutcomes(
        list(map(Outcome, verdicts)), judged.unmoved, measurer.storage.diagnostics, measurer.workers
    )
    name = "--staged" if asked.ref is None else f"--diff {asked.ref}"
    # Files are filtered by name, not by location: the location of a name that can't be shown is unknown.
    locations = [rebase(settings.root, path) for path in asked.locations or ()]
    names = [display_path(settings.root, location) for location in locations]
    is_asked_for = make_path_filter(None if asked.locations is None else tuple(names))
    paths = [verdict.path for verdict in verdicts if is_asked_for(verdict.path)]
    tasks = [Task(path, os.path.normpath(settings.root / path)) for path in paths]
    notes += iter_outside_notes(settings, locations)
    selection = Selection([], len(verdicts), (name, *names), tuple(notes))
    changes = changes and changes.keep(is_asked_for)
    selection, tasks = asked.narrow(selection, tasks)
    tasks, changes, part = divide_tasks(tasks, changes, asked.shard)
    run = Run(rules, measurer.measurer, given, phases, selection, tasks, "change", changes, part)
    run.waivers = judged.waivers
    return run


def _judge(
    rules: Rules,
    asked: AskedChange,
    measurer: ContentMeasurer,
    report_progress: ReportProgress,
    policy: PolicySource,
    *,
    is_listed: bool,
) -> tuple[Rules, GateVerdict, Changes | None]:
    """Return the rules for a change, the verdict on it, and its effect on each block."""
    repository = Repository(asked.folder)
    change_set = _find_changes(rules.settings, repository, asked.ref)
    staged = StagedSettings(repository, asked.folder) if asked.ref is None else None
    rules = complete_rules(rules, repository, change_set, staged)
    if staged is not None:
        rules = replace(rules, notes=(*rules.notes, *staged.iter_notes()))
    gate = Gate(rules, repository, measurer, change_set, in_haste=False)
    if is_listed:  # needs the values of all files on both sides
        gate.sides.measure_all(report_progress)
    judged = gate.judge(report_progress)
    judged = replace(judged, waivers=gate.find_waivers(policy))
    changes = gate.list_changes(judged) if is_listed else None
    gate.sides.keep_bodies()
    return rules, judged, changes


@contextmanager
def _closing_on_error(measurer: Measurer) -> Iterator[None]:
    """Close the measurer if judging raises; finished measurements are stored.

    Raises:
        UsageError: a git command failed.
    """
    try:
        yield
    except BaseException as error:
        measurer.storage.finish()
        measurer.close()
        if isinstance(error, GitError):
            raise UsageError(f"could not determine the changes: {error}") from error
        raise


def _find_changes(settings: Settings, repository: Repository, asked: str | None) -> ChangeSet:
    if asked is None:
        return staged_changes(repository)
    base, dots, commit = asked.partition("..")
    if dots:
        commit = commit.removeprefix(".")
        if not base and not commit:  # variables of a CI service that are empty
            raise UsageError(f"--diff {asked} names no commit; write REF or REF..REF")
        return committed_changes(repository, base or "HEAD", commit or "HEAD")
    return worktree_changes(repository, base, partial(_keep_sources, settings, repository.top))


def _keep_sources(settings: Settings, top: Path, untracked: Untracked) -> Untracked:
    """Return the untracked files and the closed folders that a check of all files selects."""
    paths = SourcePaths(settings, top)
    named = {diff: paths.find(diff.path or "") for diff in untracked.files}
    if not (untracked.closed or any(named.values())):
        return Untracked([], [])
    walked = {file.path for file in select_files(settings).files}
    closed = [folder for folder in untracked.closed if paths.name(folder) in walked]
    return Untracked([diff for diff, name in named.items() if name in walked], closed)


def _explain(location: str) -> FileError:
    """Return why a file of the working tree can't be read."""
    try:
        read_file(location, float("inf"))
    except UnreadableError as error:
        return error.error
    return NO_CONTENT


def _settle(judged: GateVerdict, asked: AskedChange, settings: Settings) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts on all files, and a message for each file that passes without being checked."""
    verdicts = list(judged.verdicts)
    for path in judged.unreadable:
        location = os.path.normpath(settings.root / path)
        verdicts.append(fail(path, _explain(location) if asked.is_of_worktree else NO_CONTENT))
    if settings.on_internal_error != "block":
        return verdicts, [
            f"{path}: not checked, {_BEFORE} ({error.kind}): {error.message}"
            for path, error in judged.not_compared
        ]
    errors = {
        path: fail(path, replace(error, message=f"{_BEFORE}: {error.message}"))
        for path, error in judged.not_compared
    }
    return [errors.get(verdict.path, verdict) for verdict in verdicts], []
