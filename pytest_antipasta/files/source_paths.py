"""Map git's paths to paths of source files in reports."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import filterfalse
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.files.locations import display_path, path_from
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.runtime.scripts import has_no_suffix
from pytest_antipasta.settings.path_thresholds import Projects
from pytest_antipasta.settings.patterns import compile_file_patterns, compile_patterns, is_outside
from pytest_antipasta.settings.values import NOTEBOOKS, Settings


class SourcePaths:
    """Maps paths in a repository to paths of source files in reports.

    The rules are those of a walk over the root, except for those that need a working tree.

    Attributes:
        name: returns the path of a file in reports.
        find: returns the path of a file in reports; ``None`` if it is not a source file. Its keyword
            ``is_script`` says whether the file is executable, has no suffix, and begins as a Python script.
        takes_scripts: whether scripts are source files.
    """

    def __init__(self, settings: Settings, top: Path) -> None:
        self._settings = settings
        self.takes_scripts = settings.include is None
        self._top = os.fspath(top)
        self._root = Path(os.path.realpath(settings.root))
        self._starts = [os.path.normpath(self._root / start) for start in settings.paths]
        self._folders = tuple(os.path.join(start, "") for start in self._starts)
        self._include = compile_file_patterns(settings.source_patterns)
        self._exclude = compile_patterns(settings.exclude)
        self._projects = Projects(settings) if settings.projects else None
        # The same paths are requested for every side of a change.
        self.find = cache(self._find)
        self.name = cache(self._name)

    def select(self, paths: Iterable[str]) -> list[str]:
        """Return those of many paths that :attr:`find` finds, in a fraction of its time.

        Only for a root that is the top of its repository, without other ``paths`` and without settings below.
        """
        files = list(filter(self._include, paths))
        return list(filterfalse(self._exclude, files)) if self._settings.exclude else files

    def _name(self, path: str) -> str:
        return display_path(self._root, os.path.join(self._top, path))

    def find_new(self, diffs: Iterable[FileDiff]) -> dict[str, FileDiff]:
        """Return the differences whose new versions are source files, by their paths in reports."""
        named = ((self.find(diff.path, is_script=diff.is_script), diff) for diff in diffs if diff.path)
        return {path: diff for path, diff in named if path is not None}

    def find_old(self, diffs: Iterable[FileDiff]) -> dict[str, FileDiff]:
        """Return the differences whose old versions are source files, by their old paths in reports."""
        known = (diff for diff in diffs if diff.old_path)
        named = ((self.find(diff.old_path, is_script=diff.was_script), diff) for diff in known)
        return {path: diff for path, diff in named if path is not None}

    def has(self, name: str) -> bool:
        """Return whether a path in reports would be a source file of the repository.

        A file without a suffix would be one if it is a script, which only a version of it can tell.
        """
        path = path_from(self._top, os.fspath(self._root / name))
        return self.is_inside(name) and self.find(path, is_script=has_no_suffix(path)) is not None

    def is_inside(self, name: str) -> bool:
        """Return whether a path in reports is in the repository."""
        location = os.path.normpath(self._root / name)
        return Path(location).is_relative_to(self._top)

    def select_unchecked(self, paths: Iterable[str | None]) -> Iterator[str]:
        """Yield the notebooks that are not source files, if the settings leave that open."""
        if self._settings.notebooks is not None:
            return
        for path in filter(None, paths):
            if self._notebooks.find(path) is not None and self.find(path) is None:
                yield path

    @cached_property
    def _notebooks(self) -> SourcePaths:
        """The same rules for notebooks, as if these were the source files."""
        return SourcePaths(replace(self._settings, include=NOTEBOOKS, languages=()), Path(self._top))

    def _find(self, path: str, *, is_script: bool = False) -> str | None:
        name = self.name(path)
        location = os.path.normpath(os.path.join(self._top, path))
        if location in self._starts:
            # As in a run over all files: a file among the settings' paths is always included.
            return name
        # As in a run over all files: patterns match paths below the root; elsewhere only the file's name.
        shown = os.path.basename(path) if is_outside(name) else name
        if not (self._include(shown) or (is_script and self.takes_scripts)):
            return None
        if self._exclude(name):
            return None
        if self._projects is not None and self._projects.find_exclusion(name) is not None:
            return None
        return name if location.startswith(self._folders) else None
