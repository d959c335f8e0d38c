"""Open a history: its commits, and the contents of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pytest_antipasta.files.nearer_settings import complete_settings
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.process import RefusalError, reporting_git_errors
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.settings.patterns import make_path_filter
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings, select_settings
from pytest_antipasta.trend.contents import Contents
from pytest_antipasta.trend.plan import ChosenCommits, Range, make_plan

KeepSources: TypeAlias = Callable[[Iterable[FileDiff]], list[FileDiff]]
"""Returns the selected source files among some differences, with their paths in reports."""


class Past(NamedTuple):
    """An open history.

    Attributes:
        settings: settings of the root; source files and limits of every commit depend on them.
        asked: selected commits and files.
        phases: receives the duration of each phase.
        repository: the repository.
        plan: the commits to examine.
        contents: contents of their files.
        keep_sources: returns the selected source files of a change.
    """

    settings: Settings
    asked: Range
    phases: Phases
    repository: Repository
    plan: ChosenCommits
    contents: Contents
    keep_sources: KeepSources

    def list_changes(self, start: int, end: int, *, needs_contents: bool = True) -> list[list[FileDiff]]:
        """Return the source files that some commits change, each compared with the previous one.

        Paths are those in reports. The first commit of the history has no changes. If a content is missing,
        as in a partial clone, that is an error; or a file that is renamed and edited is deleted and added.
        """
        names = [commit.name for commit in self.plan.commits[max(0, start - 1) : end]]
        try:
            changes = list(self.repository.diffs.along(names))
        except RefusalError:
            if needs_contents:
                raise
            changes = list(self.repository.diffs.along(names, reads_contents=False))
        return [[]] * (start == 0) + list(map(self.keep_sources, changes))


@contextmanager
def open_past(
    settings: Settings, asked: Range, cache_dir: Path | None, folder: Path, jobs: int | None, phases: Phases
) -> Iterator[Past]:
    """Open the selected history, and store new measurements at the end, even after an interruption.

    Args:
        settings: settings of the root.
        asked: selected commits and files.
        cache_dir: folder of the stores, or ``None`` for a run without stores.
        folder: a folder in the repository.
        jobs: number of measuring processes; ``None`` for automatic.
        phases: receives the duration of each phase.

    Raises:
        UsageError: there is no repository, or git does not know a commit.
    """
    with reporting_git_errors("could not read the history"):
        with phases.time("open"):
            repository = Repository(folder)
            plan = make_plan(repository, asked)
            settings = _complete(settings, repository)
            contents = Contents(settings, repository, cache_dir, jobs)
        try:
            keep_sources = _make_filter(settings, repository, asked)
            yield Past(settings, asked, phases, repository, plan, contents, keep_sources)
        finally:
            with phases.time("remember"):
                contents.close()


def _complete(settings: Settings, repository: Repository) -> Settings:
    """Return settings with those of folders below the root, if these apply; new ones may be untracked."""
    if not settings.nested or repository.is_bare:
        return settings
    untracked = (diff.path or "" for diff in repository.diffs.of_untracked().files)
    found = repository.objects.list_names(SETTINGS_NAMES).union(select_settings(untracked))
    return complete_settings(settings, repository.top, found).settings


def _make_filter(settings: Settings, repository: Repository, asked: Range) -> KeepSources:
    find_path = SourcePaths(settings, repository.top).find
    is_asked_for = make_path_filter(asked.paths)

    def find(path: str | None, *, is_script: bool) -> str | None:
        found = None if path is None else find_path(path, is_script=is_script)
        return found if found is not None and is_asked_for(found) else None

    def keep_sources(change: Iterable[FileDiff]) -> list[FileDiff]:
        found = (
            diff._replace(
                path=find(diff.path, is_script=diff.is_script),
                old_path=find(diff.old_path, is_script=diff.was_script),
            )
            for diff in change
        )
        return [diff for diff in found if diff.path is not None or diff.old_path is not None]

    return keep_sources
