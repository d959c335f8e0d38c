"""Repositories inside a repository, such as submodules and clones, and virtual environments.

A walk skips them. A folder with files tracked by the outer repository belongs to that repository, as in git.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

from pytest_antipasta.files.gitignore import Ignored
from pytest_antipasta.files.locations import display_path, path_from, rebase
from pytest_antipasta.git import has_tracked_files, is_other_repository
from pytest_antipasta.messages import list_names
from pytest_antipasta.settings import is_outside

_ENVIRONMENT_MARK = "pyvenv.cfg"


class OtherRepositories:
    """Finds nested repositories and virtual environments during a walk."""

    def __init__(self, root: Path, starts: Container[str] = (), asked_for: Iterable[str] = ()) -> None:
        """Skip those that were not requested; ``starts`` and requested paths are absolute locations.

        A repository is included if it is among ``starts``, or contains the current folder or a requested
        path.
        """
        self._root = root
        self._starts = starts
        self._asked_for = asked_for
        self._left_out: set[str] = set()
        self._tracked: dict[str, bool] = {}
        self._in_environment = {"": False}

    def leave_out(self, folder: str, names: Container[str]) -> bool:
        """Return whether to skip a folder with entries of these names; a skipped repository is recorded."""
        if _ENVIRONMENT_MARK in names and self.is_environment(folder):
            return True
        if ".git" not in names or not is_other_repository(folder):
            return False
        if folder in self._starts or any(Path(wanted).is_relative_to(folder) for wanted in self._wanted):
            return False
        if self.is_tracked(folder):
            return False
        self._left_out.add(folder)
        return True

    def enter(self, outer: Ignored, prefix: str, folder: str, names: Container[str]) -> Ignored:
        """Return the ignore rules in a folder; the outer repository's if it tracks files there."""
        if ".git" in names and is_other_repository(folder) and self.is_tracked(folder):
            return outer
        return outer.enter(prefix, names)

    def is_environment(self, folder: str) -> bool:
        """Return whether a folder is a virtual environment in which the outer repository tracks no files."""
        return os.path.lexists(os.path.join(folder, _ENVIRONMENT_MARK)) and not self.is_tracked(folder)

    def is_in_environment(self, path: str) -> bool:
        """Return whether a folder between the root and a path is a virtual environment."""
        folder = path.rpartition("/")[0]
        below: list[str] = []
        while folder not in self._in_environment:
            below.append(folder)
            folder = folder.rpartition("/")[0]
        is_inside = self._in_environment[folder]
        for folder in reversed(below):
            is_inside = is_inside or self.is_environment(os.path.join(self._root, folder))
            self._in_environment[folder] = is_inside
        return is_inside

    def is_tracked(self, folder: str) -> bool:
        """Return whether the outer repository tracks files in a folder."""
        if folder not in self._tracked:
            self._tracked[folder] = has_tracked_files(folder)
        return self._tracked[folder]

    def describe(self, folders: Iterable[str] | None) -> Iterator[str]:
        """Yield a line that names the repositories skipped below some folders (``None``: all folders)."""
        starts = ("",) if folders is None else tuple(os.path.join(folder, "") for folder in folders)
        if found := sorted(folder for folder in self._left_out if folder.startswith(starts)):
            yield _format(self._root, found)

    @cached_property
    def _wanted(self) -> list[str]:
        wanted = list(self._asked_for)
        with suppress(FileNotFoundError):  # the current folder was deleted
            wanted.append(os.getcwd())
        return [rebase(self._root, location) for location in wanted]


def find_own_folders(root: Path, asked_for: Iterable[str]) -> tuple[str, ...] | None:
    """Return the prefixes that paths of files in some folders have; ``None`` if a root does not own a folder.

    A root owns no folder outside it, and none in another repository or a virtual environment below it.
    """
    names = [path_from(root, rebase(root, location)) for location in asked_for]
    if not all(map(partial(_is_own_folder, root), names)):
        return None
    # The root has all other folders.
    return ("",) if "." in names else tuple(f"{name}/" for name in names)


def _is_own_folder(root: Path, name: str) -> bool:
    if is_outside(name):
        return False
    parts = [] if name == "." else name.split("/")
    above = [os.path.join(root, *parts[: end + 1]) for end in range(len(parts))]
    marks = (".git", _ENVIRONMENT_MARK)
    return not any(os.path.lexists(os.path.join(folder, mark)) for folder in above for mark in marks)


def _format(root: Path, folders: Sequence[str]) -> str:
    names = [display_path(root, folder) for folder in folders]
    return (
        f"skipped because they are separate git repositories: {list_names(names)}; to check one, add "
        "it to `paths`; to silence this message, add it to `exclude`"
    )
