"""Walk a working tree for source files, and read them; no other module does either."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias

from pytest_antipasta.files.locations import display_path, name_below
from pytest_antipasta.files.repositories import (
    Git,
    Ignored,
    NothingIgnored,
    OtherRepositories,
    begin_to_find_ignored,
)
from pytest_antipasta.git import FileModes
from pytest_antipasta.messages import name_path
from pytest_antipasta.model import NOTEBOOK, FileError, Signature
from pytest_antipasta.runtime import (
    HEAD_SIZE,
    FilePlace,
    has_no_suffix,
    names_python,
    open_found,
    open_without_waiting,
)
from pytest_antipasta.settings import NOTEBOOKS, Match, compile_file_patterns, is_outside

# The coarsest clock of a common file system is FAT's, with 2 seconds.
_RACY_NANOSECONDS = 2_000_000_000
_HAS_INODES = sys.platform != "win32"
# The error number for a link; FreeBSD has its own.
_IS_LINK = (errno.ELOOP, errno.EMLINK)
# Git's own folder never contains source files of the project.
_REPOSITORY_MARK = ".git"


class UnreadableError(Exception):
    """A file's content can't be read; ``error`` says why."""

    def __init__(self, error: FileError) -> None:
        """Store the error for reports."""
        super().__init__(error.message)
        self.error = error


class FoundFile(NamedTuple):
    """A file to measure.

    Attributes:
        path: path in reports: posix, relative to the root, or absolute outside it.
        location: location to open.
        signature: its status when it was found; ``None`` if it must be read in any case.
        place: folder and name where the walk found it; ``None`` for a named file, which may be a link.
    """

    path: str
    location: str
    signature: Signature | None
    place: FilePlace | None = None


class SourceRules(NamedTuple):
    """The rules that decide which files below a root are source files.

    Attributes:
        include: whether the name of a file makes it a source file.
        exclude: whether a file or a folder is left out.
        use_gitignore: whether files that git ignores are left out.
        takes_scripts: whether executable Python scripts without a suffix are source files too.
        lists_notebooks: whether to list the notebooks that are not source files.
    """

    include: Match
    exclude: Match
    use_gitignore: bool
    takes_scripts: bool = False
    lists_notebooks: bool = False


class FoundFiles(NamedTuple):
    """The files that a search finds.

    Attributes:
        files: the source files.
        scripts: executable files without a suffix, which are source files if their first lines name Python.
        notebooks: notebooks that are not source files, if they are listed.
    """

    files: list[FoundFile]
    scripts: list[FoundFile]
    notebooks: list[FoundFile]


IsScript: TypeAlias = Callable[[FoundFile], bool]
"""Returns whether the first line of an executable file without a suffix names Python."""


class Content(NamedTuple):
    """The content of a file, and its status; ``None`` if it may change without a change of status."""

    data: bytes
    signature: Signature | None


class Search:
    """Searches for source files below some paths, and skips nested repositories.

    Links are not followed. A path that is a file is always included.

    Attributes:
        warnings: what went wrong with git.
        others: the nested repositories.
        notebooks: the notebooks that are not source files, if the rules list them.
    """

    def __init__(
        self, root: Path, paths: Iterable[str], rules: SourceRules, asked_for: Iterable[str] = ()
    ) -> None:
        """Start asking git what it ignores below the first path; it works until the search begins.

        Paths are relative to the root. Requested locations are absolute; repositories that contain them are
        not skipped.
        """
        self._root = root
        self._rules = rules
        self.warnings: list[str] = []
        self.notebooks: list[FoundFile] = []
        self._git = Git(self.warnings.append)
        self._starts = list(dict.fromkeys(os.path.normpath(root / path) for path in paths))
        self.others = OtherRepositories(root, self._starts, asked_for, self._git)
        # Only one process at a time, as there may be many paths.
        self._begun = [self._begin(start) for start in self._starts[:1]]

    def find_files(self, is_script: IsScript | None = None) -> list[FoundFile]:
        """Return the source files, each once, sorted by name.

        The notebooks that are not among them are in :attr:`notebooks` afterwards.

        Args:
            is_script: tells scripts from other executable files; ``None`` to read them.
        """
        found = FoundFiles([], [], [])
        for find in chain(self._begun, map(self._begin, self._starts[1:])):
            find(found)
        scripts = filter(is_script or read_is_script, found.scripts)
        files = {file.path: file for file in chain(found.files, scripts)}
        notebooks = {file.path: file for file in found.notebooks if file.path not in files}
        self.notebooks = [*notebooks.values()]
        return [files[path] for path in sorted(files)]

    def stop(self) -> None:
        """Stop asking git, as the files are not needed."""
        self._git.close()

    def _begin(self, start: str) -> Callable[[FoundFiles], None]:
        """Return a function that adds what a path leads to."""
        if not os.path.isdir(start):
            return lambda found: found.files.append(name_file(self._root, start))
        top = _prefix(self._root, start)
        asks_git = self._rules.use_gitignore
        find_ignored = begin_to_find_ignored(self._root, top, self._git) if asks_git else NothingIgnored
        return lambda found: _walk(self._root, top, find_ignored(), self._rules, self.others, found)


def name_file(root: Path, location: str) -> FoundFile:
    """Return a file named by the user, whatever it is."""
    return FoundFile(display_path(root, location), location, None)


def find_file(root: Path, location: str) -> FoundFile:
    """Return a file named by the user, with its status if a walk would include it."""
    try:
        status = os.lstat(location)
    except OSError:
        return name_file(root, location)  # reading it will report the error
    if not stat.S_ISREG(status.st_mode):
        return name_file(root, location)
    return FoundFile(display_path(root, location), location, sign(status), _find_place(status, 0))


def find_regular(root: Path, path: str) -> FoundFile | None:
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
    return FoundFile(name_path(path), location, sign(status), _find_place(status, path.count("/")))


def read_is_script(file: FoundFile) -> bool:
    """Return whether the first line of a file names Python; false if it can't be read."""
    return read_script(file)[0]


def read_script(file: FoundFile) -> tuple[bool, Signature | None]:
    """Return whether the first line of a file names Python, and its status as in :class:`Content`.

    A file that can't be read is not a script.
    """
    now = time.time_ns()
    try:
        with open_file(file.location, file.place, buffering=0) as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                return False, None
            head = opened.read(HEAD_SIZE)
    except (OSError, ValueError):
        return False, None
    signature = sign(status)
    return names_python(head), None if is_racy(signature, now) else signature


def open_file(location: str, place: FilePlace | None = None, buffering: int = -1) -> IO[bytes]:
    """Open a file without blocking, and without following a link if a walk has found it.

    Raises:
        OSError: the file can't be opened.
    """
    opener = open_without_waiting if place is None else partial(open_found, place=place)
    return open(location, "rb", buffering=buffering, opener=opener)


def read_file(location: str, max_size: float, place: FilePlace | None = None) -> Content:
    """Return the content of a regular file up to a maximum size, opened as by :func:`open_file`.

    Raises:
        UnreadableError: of kind ``missing``, ``not_a_file``, ``too_large`` or ``unreadable``.
    """
    now = time.time_ns()
    try:
        with open_file(location, place, buffering=0) as file:
            before = os.fstat(file.fileno())
            _check_status(before, max_size)
            data = file.read()
            after = os.fstat(file.fileno())
    except IsADirectoryError as error:
        raise _not_a_file() from error
    except FileNotFoundError as error:
        raise UnreadableError(FileError("missing", "file not found (deleted?)")) from error
    except (OSError, ValueError) as error:
        if place is not None and getattr(error, "errno", None) in _IS_LINK:
            replaced = (
                "the file or a parent folder was replaced by a symlink during the run; symlinks "
                "are not followed"
            )
            raise UnreadableError(FileError("not_a_file", replaced)) from error
        if getattr(error, "errno", None) == errno.ENXIO:  # a socket, or a device that does not exist
            raise _not_a_file() from error
        raise UnreadableError(FileError("unreadable", _describe_unreadable(location, error))) from error
    signature = sign(before)
    settled = signature == sign(after) and not is_racy(signature, now)
    return Content(data, signature if settled else None)


def _describe_unreadable(location: str, error: OSError | ValueError) -> str:
    """Return why a file, or a folder that a walk could not enter, can't be read."""
    what = "folder" if os.path.isdir(location) else "file"
    return f"the {what} can't be read: {getattr(error, 'strerror', None) or error}"


def reread(location: str, depth: int) -> bytes | None:
    """Return the content of a file known to git, or ``None`` if it is gone.

    Neither the file nor the given number of its folders may be links.
    """
    try:
        return read_file(location, float("inf"), (0, 0, depth)).data
    except UnreadableError:
        return None


def describe_too_large(size: int, max_size: float) -> FileError:
    """Return the error for a file that is too large."""
    limit = f"max_file_size_mb = {max_size / 1e6:.4g}"
    message = f"{size / 1e6:.4g} MB is over {limit}; raise max_file_size_mb or exclude the file"
    return FileError("too_large", message, size=size)


def sign(status: os.stat_result) -> Signature:
    """Return the status that is unchanged while the content is unchanged.

    On Windows, folder listings have no inodes, so the status has none.
    """
    inode = status.st_ino if _HAS_INODES else 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, inode


def is_racy(signature: Signature, now: int) -> bool:
    """Return whether the file may change after ``now`` (ns since the epoch) and keep its times.

    A file written twice within the resolution of the file system's clock keeps its times, and may keep its
    size. The status of such a recent file is not trusted, as in git's index.
    """
    _, modified, changed, _ = signature
    return max(modified, changed) > now - _RACY_NANOSECONDS


def _check_status(status: os.stat_result, max_size: float) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _not_a_file()
    if status.st_size > max_size:
        raise UnreadableError(describe_too_large(status.st_size, max_size))


def _not_a_file() -> UnreadableError:
    return UnreadableError(FileError("not_a_file", "not a regular file"))


def _walk(
    root: Path,
    top: str,
    ignored: Ignored,
    rules: SourceRules,
    others: OtherRepositories,
    found: FoundFiles,
) -> None:
    """Add the files of each folder; a folder that can't be listed is added itself."""
    modes = FileModes(root / top)
    stack = [(top, os.path.normpath(os.path.join(root, top)), ignored)]
    while stack:
        prefix, location, outer = stack.pop()
        entries = _list_folder(location)
        if entries is None:
            found.files.append(name_file(root, location))
            continue
        names = {entry.name for entry in entries}
        if prefix == top or not others.leave_out(location, names):
            ignored = others.enter(outer, prefix, location, names)
            if _REPOSITORY_MARK in names:
                entries = _drop_repository(entries)
            stack += _iter_folders(prefix, entries, ignored, rules)
            folder = _Folder(prefix, entries, ignored, prefix.count("/") - top.count("/"))
            _add_files(folder, rules, modes, len(top), found)


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


def _drop_repository(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Remove git's own entry: a file in a submodule or a linked worktree, otherwise a folder."""
    return [entry for entry in entries if entry.name != _REPOSITORY_MARK]


def _iter_folders(
    prefix: str, entries: Iterable[os.DirEntry[str]], ignored: Ignored, rules: SourceRules
) -> Iterator[tuple[str, str, Ignored]]:
    """Yield the folders to enter: their paths, with a slash at the end, their locations, and the rules."""
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            path = f"{prefix}{entry.name}/"
            if not ignored(path) and not rules.exclude(path):
                yield path, entry.path, ignored


def _find_sources(folder: _Folder, rules: SourceRules) -> list[FoundFile]:
    """Return the files that are sources by name; at once, as a tree may have a hundred thousand files."""
    start, (prefix, entries, ignored, depth) = folder.start, folder
    include, exclude = rules.include, rules.exclude
    return [
        FoundFile(name_path(path), entry.path, *_sign_entry(entry, depth))
        for entry in entries
        if include(start + entry.name)
        and entry.is_file(follow_symlinks=False)
        and not ignored(path := prefix + entry.name)
        and not exclude(path)
    ]


def _add_files(folder: _Folder, rules: SourceRules, modes: FileModes, top: int, found: FoundFiles) -> None:
    """Add the files of a folder; ``top`` is the length of the path of the walk's start."""
    found.files.extend(_find_sources(folder, rules))
    others = _find_others(folder, rules)
    if others and rules.takes_scripts:
        found.scripts.extend(_iter_scripts(folder, others, modes, top))
    if others and rules.lists_notebooks:
        found.notebooks.extend(_iter_notebooks(folder, others, rules.include))


def _find_others(folder: _Folder, rules: SourceRules) -> list[_Other]:
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
        and not rules.exclude(path)
    ]


def _iter_scripts(
    folder: _Folder, others: Iterable[_Other], modes: FileModes, top: int
) -> Iterator[FoundFile]:
    """Yield the executable files without a suffix."""
    for entry, path in others:
        status = _find_status(entry) if has_no_suffix(path) else None
        if status is not None and modes.is_executable(path[top:], status.st_mode):
            yield FoundFile(name_path(path), entry.path, sign(status), _find_place(status, folder.depth))


def _iter_notebooks(folder: _Folder, others: Iterable[_Other], include: Match) -> Iterator[FoundFile]:
    """Yield the notebooks that are not source files."""
    is_notebook = compile_file_patterns(NOTEBOOKS)
    for entry, path in others:
        name = folder.start + entry.name
        if is_notebook(name) and not include(name):
            yield FoundFile(name_path(path), entry.path, None)


def _find_status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _sign_entry(entry: os.DirEntry[str], depth: int) -> tuple[Signature | None, FilePlace]:
    if (status := _find_status(entry)) is None:
        # Deleted, or its folder may not be entered: reading it reports the error.
        return None, (0, 0, depth)
    return sign(status), _find_place(status, depth)


def _find_place(status: os.stat_result, depth: int) -> FilePlace:
    return status.st_dev, status.st_ino, depth


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
