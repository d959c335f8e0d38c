"""Map git's paths to paths of source files in reports."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache
from itertools import filterfalse
from pathlib import Path

from pytest_antipasta.files.locations import display_path, path_from
from pytest_antipasta.git import FileDiff
from pytest_antipasta.settings import Projects, Settings, compile_file_patterns, compile_patterns, is_outside


class SourcePaths:
    """Maps paths in a repository to paths of source files in reports.

    The rules are those of a walk over the root, except for those that need a working tree.

    Attributes:
        name: returns the path of a file in reports.
        find: returns the path of a file in reports; ``None`` if it is not a source file.
    """

    def __init__(self, settings: Settings, top: Path) -> None:
        """Use the settings of a root, and the top of its repository."""
        self._top = os.fspath(top)
        self._root = Path(os.path.realpath(settings.root))
        self._starts = [os.path.normpath(self._root / start) for start in settings.paths]
        self._include = compile_file_patterns(settings.source_patterns)
        self._exclude = compile_patterns(settings.exclude) if settings.exclude else None
        self._projects = Projects(settings) if settings.projects else None
        # The same paths are requested for every side of a change.
        self.find = cache(self._find)
        self.name = cache(self._name)

    def select(self, paths: Iterable[str]) -> list[str]:
        """Return those of many paths that :attr:`find` finds, in a fraction of its time.

        Only for a root that is the top of its repository, without other ``paths`` and without settings below.
        """
        files = list(filter(self._include, paths))
        return files if self._exclude is None else list(filterfalse(self._exclude, files))

    def _name(self, path: str) -> str:
        return display_path(self._root, os.path.join(self._top, path))

    def find_changed(
        self, parents: Sequence[Sequence[FileDiff]], only: Container[str] | None
    ) -> dict[str, FileDiff]:
        """Return the source files that differ from every parent, by path in reports.

        Args:
            parents: files that differ from each parent.
            only: paths relative to the repository's top to include; ``None`` for all.
        """
        first, *others = ({diff.path: diff for diff in diffs if diff.path is not None} for diffs in parents)
        return {
            path: diff
            for name, diff in first.items()
            if all(name in other for other in others)
            and (only is None or name in only)
            and (path := self.find(name)) is not None
        }

    def has(self, name: str) -> bool:
        """Return whether a path in reports would be a source file of the repository."""
        path = path_from(self._top, os.fspath(self._root / name))
        return self.is_inside(name) and self.find(path) is not None

    def is_inside(self, name: str) -> bool:
        """Return whether a path in reports is in the repository."""
        location = os.path.normpath(self._root / name)
        return Path(location).is_relative_to(self._top)

    def _find(self, path: str) -> str | None:
        name = self.name(path)
        location = os.path.normpath(os.path.join(self._top, path))
        if location in self._starts:
            # As in a run over all files: a file among the settings' paths is always included.
            return name
        # As in a run over all files: patterns match paths below the root; elsewhere only the file's name.
        if not self._include(os.path.basename(path) if is_outside(name) else name):
            return None
        if self._projects is not None and self._projects.find_exclusion(name) is not None:
            return None
        return name if any(self._is_reached(location, name, start) for start in self._starts) else None

    def _is_reached(self, location: str, name: str, start: str) -> bool:
        """Return whether a walk from a folder reaches a file."""
        folder = os.path.join(start, "")
        if not location.startswith(folder):
            return False
        if self._exclude is None:
            return True
        return not any(map(self._exclude, _iter_steps(name, location[len(folder) :].count(os.sep))))


def _iter_steps(name: str, folders: int) -> Iterator[str]:
    """Yield a file's name and those of as many of its folders, innermost last."""
    yield name
    for _ in range(folders):
        name = name.rstrip("/").rpartition("/")[0] + "/"
        yield name
