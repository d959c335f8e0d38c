"""Opening a history: its commits, and the contents of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pytest_antipasta.files import SourcePaths, complete_settings
from pytest_antipasta.git import GitError, Repository
from pytest_antipasta.logs import Phases
from pytest_antipasta.model import UsageError
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, make_path_filter
from pytest_antipasta.trend.contents import Contents
from pytest_antipasta.trend.plan import Plan, Range, make_plan

Find: TypeAlias = Callable[[str | None], str | None]


class Past(NamedTuple):
    """A history that is open.

    Attributes:
        settings: of the root; they say what is a source file in every commit, and what the limits are.
        asked: the commits and files to look at.
        phases: to which the time of each part is added.
        repository: that has it.
        plan: the commits to look at.
        contents: of their files.
        find: gives the path that a file of git's is reported under; ``None`` where it is not asked for.
    """

    settings: Settings
    asked: Range
    phases: Phases
    repository: Repository
    plan: Plan
    contents: Contents
    find: Find

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the stores, a line each; complete when they are closed."""
        return list(dict.fromkeys(self.contents.warnings))


@contextmanager
def open_past(
    settings: Settings, asked: Range, cache_dir: Path | None, folder: Path, jobs: int | None, phases: Phases
) -> Iterator[Past]:
    """Open the history that is asked for, and keep what was measured at the end, an interruption included.

    Args:
        settings: of the root.
        asked: the commits and files to look at.
        cache_dir: the folder of the stores, or ``None`` for a run without them.
        folder: in the repository.
        jobs: processes that measure; ``None`` for as many as that is worth.
        phases: to which the time of each part is added.

    Raises:
        UsageError: there is no repository, or git does not know a commit.
    """
    try:
        with phases.time("open"):
            repository = Repository(folder)
            plan = make_plan(repository, asked)
            settings = _complete(settings, repository)
            contents = Contents(settings, repository, cache_dir, jobs)
        try:
            find = _make_find(settings, repository, asked)
            yield Past(settings, asked, phases, repository, plan, contents, find)
        finally:
            with phases.time("remember"):
                contents.close()
    except GitError as error:
        raise UsageError(f"could not read the history: {error}") from error


def _complete(settings: Settings, repository: Repository) -> Settings:
    """Return settings with those of folders below the root, where these count; new ones may be untracked."""
    if not settings.nested or repository.is_bare:
        return settings
    untracked = (diff.path or "" for diff in repository.diffs.of_untracked())
    found = (path for path in untracked if path.endswith(SETTINGS_NAMES))
    return complete_settings(settings, repository, found).settings


def _make_find(settings: Settings, repository: Repository, asked: Range) -> Find:
    find_path = cache(SourcePaths(settings, repository.top).find)
    is_asked_for = make_path_filter(asked.paths)

    def find(path: str | None) -> str | None:
        found = None if path is None else find_path(path)
        return found if found is not None and is_asked_for(found) else None

    return find
