"""Settings of folders below a root, wherever git knows of files in them: a change may be about any."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol

from pytest_antipasta.git import Repository
from pytest_antipasta.settings import (
    SETTINGS_NAMES,
    Find,
    LoadedSettings,
    Settings,
    is_outside,
    with_projects,
)


class Staged(Protocol):
    """Contents of the index that the worktree has others of."""

    def look_at(self, names: Iterable[str]) -> Find:
        """Return what gives them, of files by their paths from the repository's top, all read at once."""


def complete_settings(
    settings: Settings, repository: Repository, paths: Iterable[str] = (), staged: Staged | None = None
) -> LoadedSettings:
    """Return settings with all of those below the root that are in the index, or above some paths.

    Args:
        settings: of the root.
        repository: that the root is in.
        paths: relative to the repository's top.
        staged: gives what counts in place of what the worktree has; ``None`` where that counts.

    Raises:
        UsageError: some of them are wrong.
        GitError: git refuses.
    """
    if not settings.nested:
        return LoadedSettings(settings, ())
    names = repository.objects.list_names(SETTINGS_NAMES)
    find: Find = (lambda _: None) if staged is None else staged.look_at(names)
    # The folders are named as the root is, which may be by way of a link.
    root, top = os.path.realpath(settings.root), os.fspath(repository.top)
    inside = (os.path.relpath(os.path.join(top, path), root) for path in {*names, *paths})
    locations = [os.path.join(settings.root, path) for path in inside if not is_outside(path)]
    return with_projects(settings, locations, find)
