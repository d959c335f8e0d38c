"""Find settings of folders below a root in which git knows files, as a change may be about any."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol

from pytest_antipasta.git import Repository
from pytest_antipasta.settings import (
    SETTINGS_NAMES,
    FindContent,
    LoadedSettings,
    Settings,
    is_outside,
    with_projects,
)


class Staged(Protocol):
    """Contents of the index that differ from the working tree."""

    def look_at(self, names: Iterable[str]) -> FindContent:
        """Return a function that returns these contents for some paths from the top; all are read at once."""


def complete_settings(
    settings: Settings, repository: Repository, paths: Iterable[str] = (), staged: Staged | None = None
) -> LoadedSettings:
    """Return settings with all those below the root that are in the index, or above some paths.

    Args:
        settings: settings of the root.
        repository: repository that contains the root.
        paths: paths relative to the repository's top.
        staged: returns content that replaces that of the working tree; ``None`` to use the working tree.

    Raises:
        UsageError: settings are invalid.
        GitError: git fails.
    """
    if not settings.nested:
        return LoadedSettings(settings, ())
    names = repository.objects.list_names(SETTINGS_NAMES)
    find: FindContent = (lambda _: None) if staged is None else staged.look_at(names)
    # Folders are spelled like the root, which may be a link.
    root, top = os.path.realpath(settings.root), os.fspath(repository.top)
    inside = (os.path.relpath(os.path.join(top, path), root) for path in {*names, *paths})
    locations = [os.path.join(settings.root, path) for path in inside if not is_outside(path)]
    return with_projects(settings, locations, find)
