"""Find the git program and the repository of a folder."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_NAME = "git.exe" if os.name == "nt" else "git"


def find_repository(folder: Path) -> Path | None:
    """Return the nearest folder upwards that contains ``.git``, without asking git."""
    for candidate in (folder, *folder.parents):
        if os.path.exists(candidate / ".git"):  # false, if the folder may not be entered
            return candidate
    return None


def is_other_repository(folder: str) -> bool:
    """Return whether a nested repository begins in a folder, such as a submodule or a clone."""
    return _is_top(folder) and find_repository(Path(folder).parent) is not None


def is_in_repository(folder: Path) -> bool:
    """Return whether git would look for its answers in a repository here or above, even a damaged one."""
    return any(map(_is_top, (folder, *folder.parents)))


def _is_top(folder: str | Path) -> bool:
    mark = os.path.join(folder, ".git")
    # A folder without HEAD is not a repository to git either, which continues upwards.
    return os.path.isfile(mark) or os.path.lexists(os.path.join(mark, "HEAD"))


def find_program(folder: Path) -> str | None:
    """Return the location of git for questions about a folder; ``None`` if PATH has none.

    A program in the current folder or in an inspected repository is not trusted. PATH can contain such
    folders, and Windows searches the current folder before PATH.
    """
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the current folder was deleted
        here = folder
    tops = {os.path.realpath(top) for top in map(find_repository, (here, folder)) if top is not None}
    return _look_along(os.environ.get("PATH", os.defpath), os.path.realpath(here), frozenset(tops))


@cache
def _look_along(path: str, here: str, tops: frozenset[str]) -> str | None:
    # In a container, the top may be that of the file system, which contains the system's git.
    tops = frozenset(top for top in tops if top != os.path.dirname(top))
    for entry in filter(os.path.isabs, path.split(os.pathsep)):
        folder = os.path.realpath(entry)
        program = os.path.join(entry, _NAME)
        is_ours = folder == here or any(Path(folder).is_relative_to(top) for top in tops)
        if not is_ours and os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None
