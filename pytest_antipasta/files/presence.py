"""Which files a root has: on disk, or left out of the working tree by a sparse checkout."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, cached_property, partial
from itertools import accumulate
from pathlib import Path

from pytest_antipasta.files.locations import display_path, list_names, spell
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.git.time_budget import OutOfTimeError, TimeBudget
from pytest_antipasta.runtime.fileio import is_link
from pytest_antipasta.settings.values import Settings

# Seconds that git has for its answers. `hook --whole` may ask, too.
_PATIENCE = 30.0


class RootFiles:
    """The files of a root, by their paths in reports; git is asked at the first one that is not on disk."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.root
        self._exists = cache(partial(_exists, settings, cache(list_names)))

    def has(self, path: str) -> bool:
        """Return whether there is a file, also one that a sparse checkout leaves out."""
        # Reports escape paths that are not UTF-8 with backslashes; escaped paths do not match files.
        return "\\" in path or self._exists(path) or path in self._sparse

    def leaves_out(self, path: str) -> bool:
        """Return whether a sparse checkout leaves a file out, so that nothing is known of its code."""
        return not self._exists(path) and path in self._sparse

    @cached_property
    def _sparse(self) -> frozenset[str]:
        top = find_repository(self._root)
        if top is None or not _may_be_sparse(top / ".git"):
            return frozenset()
        try:
            repository = Repository(self._root, TimeBudget(_PATIENCE))
            # The root may be reached through a link, and git's top has none.
            root = Path(os.path.realpath(self._root))
            names = repository.objects.list_sparse()
            return frozenset(display_path(root, f"{repository.top}{os.sep}{name}") for name in names)
        except (GitError, OutOfTimeError):
            return frozenset()


def is_named(settings: Settings, path: str) -> bool:
    """Return whether ``paths`` names a file or folder, or one below it, so that a link there is followed."""
    start, names = os.path.normpath(path), map(os.path.normpath, settings.paths)
    return any(name == start or name.startswith(start + os.sep) for name in names)


def _exists(settings: Settings, list_names: Callable[[str], frozenset[str]], path: str) -> bool:
    """Return whether there is a file, in this case: git and other systems tell names apart by case.

    A link in its place, or in that of a folder above, is not followed unless ``paths`` names it.
    """
    path, root = path.replace("/", os.sep), os.fspath(settings.root)
    places = [*accumulate(path.split(os.sep), os.path.join)]
    links = (place for place in places if is_link(os.path.join(root, place)))
    is_there = os.path.lexists(os.path.join(root, path)) and all(is_named(settings, link) for link in links)
    return is_there and spell(root, path, list_names) == path


def _may_be_sparse(folder: Path) -> bool:
    """Return whether git's folder has the patterns of a sparse checkout; that of a worktree is elsewhere."""
    return folder.is_file() or (folder / "info" / "sparse-checkout").is_file()
