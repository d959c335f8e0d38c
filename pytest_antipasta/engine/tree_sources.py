"""Which files of a commit's tree, and of the working tree, a walk over a root finds."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping, Set
from functools import partial
from pathlib import Path

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.repositories import OtherRepositories
from pytest_antipasta.files.source import Source
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.files.walk import find_regular, read_is_script
from pytest_antipasta.git.modes import FileModes
from pytest_antipasta.git.tree import TreeQuestions
from pytest_antipasta.runtime.scripts import has_no_suffix
from pytest_antipasta.settings.load import find_nearer


class TreeSources:
    """Finds source files by git's paths, for a root at the top of its repository.

    Whether a path of a tree is a script, only a walk can say: it is one if it is among known ``scripts``.

    Attributes:
        rules: rules of the root.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        settings = rules.settings
        self._root = settings.root
        top = Path(os.path.realpath(settings.root))
        self._paths = SourcePaths(settings, top)
        self._others = OtherRepositories(settings.root)
        self._modes = FileModes(top)

    def has(self, path: str, scripts: Container[str] = ()) -> bool:
        """Return whether a path is a source file, by its name or as one of some scripts."""
        is_script = path in scripts and has_no_suffix(path)
        return self._paths.find(path, is_script=is_script) is not None

    def select(self, paths: Iterable[str], scripts: Container[str]) -> list[str]:
        """Return those of many paths that are source files."""
        known = list(paths)
        return [*self._paths.select(known), *(path for path in known if path in scripts)]

    def list_tree(
        self, questions: TreeQuestions, tree: str, found: Mapping[str, Source], changed: Set[str]
    ) -> list[str] | None:
        """Return the source files of a tree; ``None`` if git may change contents on checkout.

        Args:
            questions: git's answers.
            tree: object name of the tree.
            found: the source files of the working tree.
            changed: the paths that differ in the working tree. Those without a suffix may be scripts.
        """
        # Runs report settings that they ignore, each by its current folder.
        if find_nearer(self.rules.settings, {os.path.dirname(file.location) for file in found.values()}):
            return None
        if (answer := questions.list_files(tree)) is None:
            return None
        files, converted = answer
        has = partial(self.has, scripts=found.keys() | changed)
        if any(map(has, converted)):
            return None
        of_tree = list(files)
        # Most of them are no source files; the texts of those that a walk has found are in memory already.
        sources = {path: path for path in (*self._paths.select(of_tree), *filter(has, changed), *found)}
        listed = [sources[path] for path in of_tree if path in sources]
        # Paths that are not UTF-8 have another form in reports.
        return listed if all(map(str.isprintable, listed)) else None

    def find(self, path: str) -> Source | None:
        """Return the file at a path of the working tree; ``None`` if it is not a source file.

        Raises:
            OSError: its folder can't be read.
        """
        if self.has(path):
            return self.find_known(path)
        if not self.has(path, (path,)) or (file := self.find_known(path)) is None:
            return None
        is_executable = self._modes.is_executable(path, os.lstat(file.location).st_mode)
        return file if is_executable and read_is_script(file) else None

    def find_known(self, path: str) -> Source | None:
        """Return the regular file at the path of a source file; ``None`` if there is none.

        Raises:
            OSError: its folder can't be read.
        """
        return None if self._others.is_in_environment(path) else find_regular(self._root, path)

    def is_repository(self, folder: str) -> bool:
        """Return whether a folder of the working tree is the top of a repository."""
        return os.path.lexists(self._root / folder / ".git")

    def has_notebook(self, paths: Iterable[str]) -> bool:
        """Return whether some paths are notebooks that a run names, as the settings leave them open."""
        return next(self._paths.select_unchecked(paths), None) is not None
