"""Open a run over the changes of a commit or a branch, for commands that otherwise check all files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import ReportProgress, ignore_progress
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.opening import Narrow, divide_sources, keep_all
from pytest_antipasta.engine.plan import Plan
from pytest_antipasta.files.locations import display_path, rebase
from pytest_antipasta.files.reading import UnreadableError, read_file
from pytest_antipasta.files.selection import Selection, iter_outside_notes
from pytest_antipasta.files.source import Source
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
from pytest_antipasta.gate.sides import Side, reporting_git_errors, split_range
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileError
from pytest_antipasta.model.run import GateVerdict, Shard
from pytest_antipasta.settings.patterns import make_path_filter
from pytest_antipasta.settings.values import Settings

_BEFORE = "the previous version could not be measured"


class AskedChange(NamedTuple):
    """A requested change, and the part of it that is reported.

    Attributes:
        ref: ``REF`` for the changes of the working tree, ``REF..REF`` for those of a branch, ``None`` for
            staged changes.
        locations: absolute paths of the only files and folders to report; ``None`` for all.
        narrow: leaves out some files before the shard is selected.
        shard: the part of the files to report; ``None`` for all.
    """

    ref: str | None = None
    locations: Sequence[str] | None = None
    narrow: Narrow = keep_all
    shard: Shard | None = None

    @property
    def is_of_worktree(self) -> bool:
        """Return whether the files after the change are those on disk."""
        return self.ref is not None and split_range(self.ref) is None


def open_change_run(
    side: Side,
    asked: AskedChange,
    cache_dir: Path | None,
    jobs: int | None = 0,
    report_progress: ReportProgress = ignore_progress,
    *,
    is_listed: bool = True,
    policy: PolicySource = OWN_POLICY,
) -> Ledger:
    """Return a run that has judged a change, ready to report.

    Args:
        side: the side after the change.
        asked: the change.
        cache_dir: the store's folder, or ``None`` for a run without a store.
        jobs: number of processes that measure; 0 for this process, ``None`` to choose by the amount of work.
        report_progress: called with the number of judged files and of all files.
        is_listed: whether a report may show the effect of the change on each block.
        policy: the sources of the policy and the limits.

    Raises:
        UsageError: a commit is unknown, or settings are invalid.
    """
    require_root_in(side.tree.repository, side.rules.settings)
    phases = Phases()
    with phases.time("open"):
        measurer = ContentMeasurer(side.rules, open_measurer(side.rules.settings, cache_dir), jobs)
    with phases.time("judge"), _closing_on_error(measurer.measurer):
        change_set = _find_changes(side, asked.ref)
        judged, changes = _judge(change_set, measurer, report_progress, policy, is_listed=is_listed)
    rules = change_set.after.rules
    rules = replace(rules, notes=(*rules.notes, *change_set.after.files.iter_notes()))
    settings = rules.settings
    verdicts, notes = _settle(judged, asked, settings)
    by_path = {verdict.path: verdict for verdict in verdicts}
    name = "--staged" if asked.ref is None else f"--diff {asked.ref}"
    # Files are filtered by name, not by location: the location of a name that can't be shown is unknown.
    locations = [rebase(settings.root, path) for path in asked.locations or ()]
    names = [display_path(settings.root, location) for location in locations]
    is_asked_for = make_path_filter(None if asked.locations is None else tuple(names))
    locate = partial(_locate, settings)
    sources = [Source(path, locate(path)) for path in filter(is_asked_for, by_path)]
    notes += iter_outside_notes(settings, locations)
    notebooks = tuple(map(locate, filter(is_asked_for, judged.notebooks)))
    selection = Selection([], len(verdicts), (name, *names), tuple(notes), notebooks=notebooks)
    changes = changes and changes.keep(is_asked_for)
    selection, sources = asked.narrow(selection, sources)
    sources, changes, part = divide_sources(sources, changes, asked.shard)
    plan = Plan(
        rules,
        selection,
        sources,
        "change",
        known={source.path: by_path[source.path] for source in sources},
        part=part,
        changes=changes,
        waivers=judged.waivers,
        unmoved=judged.unmoved,
        workers=measurer.workers,
    )
    return Ledger(plan, FileJudge(rules, measurer.measurer), phases)


def _judge(
    change_set: ChangeSet,
    measurer: ContentMeasurer,
    report_progress: ReportProgress,
    policy: PolicySource,
    *,
    is_listed: bool,
) -> tuple[GateVerdict, Changes | None]:
    """Return the verdict on a change, and its effect on each block."""
    gate = Gate(measurer, change_set, in_haste=False)
    if is_listed:  # needs the values of all files on both sides
        gate.sides.measure_all(report_progress)
    judged = gate.judge(report_progress)
    judged = replace(judged, waivers=gate.find_waivers(policy))
    changes = gate.list_changes(judged) if is_listed else None
    gate.sides.keep_bodies()
    return judged, changes


def require_root_in(repository: Repository, settings: Settings) -> None:
    """Reject a root in another repository: no change of the current one has a file there."""
    root = Path(os.path.realpath(settings.root))
    top = find_repository(root)
    if top is not None and top != repository.top and not repository.top.is_relative_to(root):
        raise UsageError(
            f"{format_path(settings.source or root)} is in another git repository than the current folder, "
            "whose changes were requested; run in its folder"
        )


@contextmanager
def _closing_on_error(measurer: Measurer) -> Iterator[None]:
    """Close the measurer if judging raises; finished measurements are stored.

    Raises:
        UsageError: a git command failed.
    """
    try:
        with reporting_git_errors():
            yield
    except BaseException:
        measurer.storage.finish()
        measurer.close()
        raise


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
        return error.error
    return NO_CONTENT


def _settle(judged: GateVerdict, asked: AskedChange, settings: Settings) -> tuple[list[Verdict], list[str]]:
    """Return the verdicts on all files, and a message for each file that passes without being checked."""
    verdicts = list(judged.verdicts)
    for path in judged.unreadable:
        error = _explain(_locate(settings, path)) if asked.is_of_worktree else NO_CONTENT
        verdicts.append(fail(path, error))
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
