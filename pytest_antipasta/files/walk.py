"""Walk a working tree for source files; no other module does."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pytest_antipasta.files.locations import display_path, name_below
from pytest_antipasta.files.reading import open_file, sign
from pytest_antipasta.files.repositories import (
    Git,
    Ignored,
    NothingIgnored,
    OtherRepositories,
    begin_to_find_ignored,
)
from pytest_antipasta.files.source import Source
from pytest_antipasta.git.modes import FileModes
from pytest_antipasta.messages import name_path
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.runtime.fileio import is_junction
from pytest_antipasta.runtime.scripts import HEAD_SIZE, has_no_suffix, names_python
from pytest_antipasta.settings.patterns import Match, compile_file_patterns, compile_patterns, is_outside
from pytest_antipasta.settings.values import NOTEBOOKS, Settings

# Git's own folder never contains source files of the project.
_REPOSITORY_MARK = ".git"


class Search:
    """Searches for source files below some paths, and skips nested repositories.

    Links are not followed. A path that is a file is always included.

    Attributes:
        warnings: what went wrong with git.
        others: the nested repositories.
        notebooks: the notebooks that are not source files, if the settings leave them open.
    """

    def __init__(
        self,
        settings: Settings,
        paths: Iterable[str],
        asked_for: Iterable[str] = (),
        exclude: Match | None = None,
    ) -> None:
        """Start asking git what it ignores below the first path; it works until the search begins.

        Args:
            settings: settings of the root.
            paths: where to begin, relative to the root.
            asked_for: requested locations, absolute; repositories that contain them are not skipped.
            exclude: whether a file or a folder is left out; ``None`` for the patterns of the settings.
        """
        self._settings, self._root = settings, settings.root
        self._include = compile_file_patterns(settings.source_patterns)
        self._exclude = exclude or compile_patterns(settings.exclude)
        self.warnings: list[str] = []
        self.notebooks: list[Source] = []
        self._files: list[Source] = []
        self._git = Git(self.warnings.append)
        self._starts = list(dict.fromkeys(os.path.normpath(self._root / path) for path in paths))
        self.others = OtherRepositories(self._root, self._starts, asked_for, self._git)
        # Only one process at a time, as there may be many paths.
        self._begun = [self._begin(start) for start in self._starts[:1]]

    def find_files(self) -> list[Source]:
        """Return the source files, each once, sorted by name.

        The notebooks that are not among them are in :attr:`notebooks` afterwards.
        """
        for find in chain(self._begun, map(self._begin, self._starts[1:])):
            find()
        files = {file.path: file for file in self._files}
        notebooks = {file.path: file for file in self.notebooks if file.path not in files}
        self.notebooks = [*notebooks.values()]
        return [files[path] for path in sorted(files)]

    def stop(self) -> None:
        """Stop asking git, as the files are not needed."""
        self._git.close()

    def _begin(self, start: str) -> Callable[[], None]:
        """Return a function that adds what a path leads to."""
        if not os.path.isdir(start):
            return lambda: self._files.append(name_file(self._root, start))
        top = _prefix(self._root, start)
        asks_git = self._settings.use_gitignore
        find_ignored = begin_to_find_ignored(self._root, top, self._git) if asks_git else NothingIgnored
        return lambda: self._walk(top, find_ignored())

    def _walk(self, top: str, ignored: Ignored) -> None:
        """Add the files of each folder; a folder that can't be listed is added itself."""
        modes = FileModes(self._root / top)
        stack = [(top, os.path.normpath(os.path.join(self._root, top)), ignored)]
        while stack:
            prefix, location, outer = stack.pop()
            entries = _list_folder(location)
            if entries is None:
                self._files.append(name_file(self._root, location))
                continue
            names = {entry.name for entry in entries}
            if prefix != top and self.others.leave_out(location, names):
                continue
            ignored = self.others.enter(outer, prefix, location, names)
            if _REPOSITORY_MARK in names:
                # A file in a submodule or a linked worktree, otherwise a folder.
                entries = [entry for entry in entries if entry.name != _REPOSITORY_MARK]
            folder = _Folder(prefix, entries, ignored, prefix.count("/") - top.count("/"))
            stack += self._iter_folders(folder)
            self._add_files(folder, modes, len(top))

    def _iter_folders(self, folder: _Folder) -> Iterator[tuple[str, str, Ignored]]:
        """Yield the folders to enter: their paths, which end with a slash, their locations, and the rules."""
        prefix, entries, ignored, _ = folder
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and not _is_junction(entry):
                path = f"{prefix}{entry.name}/"
                if not ignored(path) and not self._exclude(path):
                    yield path, entry.path, ignored

    def _add_files(self, folder: _Folder, modes: FileModes, top: int) -> None:
        """Add the files of a folder; ``top`` is the length of the path of the walk's start."""
        self._files += self._find_sources(folder)
        others = self._find_others(folder)
        if others and self._settings.include is None:
            self._files += filter(read_is_script, _iter_executable(folder, others, modes, top))
        if others and self._settings.notebooks is None:
            self.notebooks += _iter_notebooks(folder, others, self._include)

    def _find_sources(self, folder: _Folder) -> list[Source]:
        """Return the files that are sources by name; at once, as a tree may have a hundred thousand files."""
        start, (prefix, entries, ignored, depth) = folder.start, folder
        include, exclude = self._include, self._exclude
        return [
            _read_entry(name_path(path), entry, depth)
            for entry in entries
            if include(start + entry.name)
            and entry.is_file(follow_symlinks=False)
            and not ignored(path := prefix + entry.name)
            and not exclude(path)
        ]

    def _find_others(self, folder: _Folder) -> list[_Other]:
        """Return the files without a suffix, and the notebooks."""
        # Of all names, few are left: those without a dot, with one at the start, and those of notebooks.
        named = [
            entry
            for entry in folder.entries
            if "." not in (name := entry.name) or name[0] == "." or name.endswith(NOTEBOOK)
        ]
        return [
            (entry, path)
            for entry in named
            if entry.is_file(follow_symlinks=False)
            and not folder.ignored(path := folder.prefix + entry.name)
            and not self._exclude(path)
        ]


def name_file(root: Path, location: str) -> Source:
    """Return a file named by the user, whatever it is."""
    return Source(display_path(root, location), location)


def find_file(root: Path, location: str) -> Source:
    """Return a file named by the user, with its status if a walk would include it."""
    named = name_file(root, location)
    with suppress(OSError):  # reading it will report the error
        status = os.lstat(location)
        if stat.S_ISREG(status.st_mode):
            return _make_source(named.path, location, status, 0)
    return named


def find_regular(root: Path, path: str) -> Source | None:
    """Return a regular file at a path relative to a root, as a walk would find it; otherwise ``None``.

    Raises:
        OSError: its folder can't be read.
    """
    location = os.path.join(root, path)
    try:
        status = os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return _make_source(name_path(path), location, status, path.count("/"))


def read_is_script(file: Source) -> bool:
    """Return whether the first line of a file names Python; false if it can't be read."""
    try:
        with open_file(file.location, file.place) as opened:
            return stat.S_ISREG(os.fstat(opened.fileno()).st_mode) and names_python(opened.read(HEAD_SIZE))
    except (OSError, ValueError):
        return False


_Other: TypeAlias = "tuple[os.DirEntry[str], str]"
"""An entry of a folder with its path."""


class _Folder(NamedTuple):
    """A folder of a walk.

    Attributes:
        prefix: what paths of its files start with.
        entries: its entries.
        ignored: the ignore rules in it.
        depth: number of folders between it and the start.
    """

    prefix: str
    entries: Sequence[os.DirEntry[str]]
    ignored: Ignored
    depth: int

    @property
    def start(self) -> str:
        """What patterns see of the prefix: they match paths below the root; elsewhere only the name."""
        return "" if is_outside(self.prefix) else self.prefix


def _iter_executable(
    folder: _Folder, others: Iterable[_Other], modes: FileModes, top: int
) -> Iterator[Source]:
    """Yield the executable files without a suffix."""
    for entry, path in others:
        status = _find_status(entry) if has_no_suffix(path) else None
        if status is not None and modes.is_executable(path[top:], status.st_mode):
            yield _make_source(name_path(path), entry.path, status, folder.depth)


def _iter_notebooks(folder: _Folder, others: Iterable[_Other], include: Match) -> Iterator[Source]:
    """Yield the notebooks that are not source files."""
    is_notebook = compile_file_patterns(NOTEBOOKS)
    for entry, path in others:
        name = folder.start + entry.name
        if is_notebook(name) and not include(name):
            yield Source(name_path(path), entry.path)


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a junction, which a listing of Windows tells; other systems have none."""
    return sys.platform == "win32" and is_junction(_find_status(entry))


def _find_status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _read_entry(path: str, entry: os.DirEntry[str], depth: int) -> Source:
    if (status := _find_status(entry)) is None:
        # Deleted, or its folder may not be entered: reading it reports the error.
        return Source(path, entry.path, place=(0, 0, depth))
    return _make_source(path, entry.path, status, depth)


def _make_source(path: str, location: str, status: os.stat_result, depth: int) -> Source:
    signature = sign(status)
    place = status.st_dev, status.st_ino, depth
    return Source(path, location, None, signature[0], None, place, signature)


def _list_folder(folder: str) -> list[os.DirEntry[str]] | None:
    try:
        with os.scandir(folder) as listing:
            return list(listing)
    except OSError:
        return None


def _prefix(root: Path, folder: str) -> str:
    """Return the prefix of paths below a folder: empty for the root itself."""
    inside = name_below(root, folder)
    return "" if inside == "." else inside + "/"
