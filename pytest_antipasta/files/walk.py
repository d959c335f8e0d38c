"""Walking a worktree for source files, and reading them: the only place that does either."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

from pytest_antipasta.files.gitignore import Git, Ignored, NothingIgnored, begin_to_find_ignored
from pytest_antipasta.files.locations import display_path, name_below
from pytest_antipasta.files.repositories import OtherRepositories
from pytest_antipasta.messages import name_path
from pytest_antipasta.model import FileError, Signature
from pytest_antipasta.runtime import Place, open_found, open_without_waiting
from pytest_antipasta.settings import Match, is_outside

# The coarsest clock of a file system in use is FAT's, with 2 seconds.
_RACY_NANOSECONDS = 2_000_000_000
_HAS_INODES = sys.platform != "win32"
# What a link is refused with; FreeBSD has its own.
_IS_LINK = (errno.ELOOP, errno.EMLINK)
# Git's own folder is never the project's source.
_REPOSITORY_MARK = ".git"


class UnreadableError(Exception):
    """A file's content can't be had; ``error`` says why."""

    def __init__(self, error: FileError) -> None:
        """Keep the value that reports show."""
        super().__init__(error.message)
        self.error = error


class FoundFile(NamedTuple):
    """A file to measure.

    Attributes:
        path: to report it under: posix, relative to the root, or absolute outside it.
        location: to open it by.
        signature: its status when it was found; ``None`` when it has to be read in any case.
        place: where it was found; ``None`` for a file that was named, which may be a link.
    """

    path: str
    location: str
    signature: Signature | None
    place: Place | None = None


class SourceRules(NamedTuple):
    """Which files below a root are source files."""

    include: Match
    exclude: Match
    use_gitignore: bool


class Content(NamedTuple):
    """What was read of a file, and its status; ``None`` when it may change without its status telling."""

    data: bytes
    signature: Signature | None


class Search:
    """Looks for the source files below some paths, and leaves out other repositories.

    Links are not followed. A path that is a file itself is taken as it is. Where git did not answer, there
    are warnings.
    """

    def __init__(
        self, root: Path, paths: Iterable[str], rules: SourceRules, asked_for: Iterable[str] = ()
    ) -> None:
        """Ask git what it ignores below the first path; it thinks until the files are looked for.

        Paths are relative to the root. What is asked for are absolute locations: repositories that they are
        in are not left out.
        """
        self._root = root
        self._rules = rules
        self.warnings: list[str] = []
        self._git = Git(self.warnings.append)
        self._starts = list(dict.fromkeys(os.path.normpath(root / path) for path in paths))
        self.others = OtherRepositories(root, self._starts, asked_for)
        # No more than one process at a time: there may be many paths.
        self._begun = [self._begin(start) for start in self._starts[:1]]

    def find_files(self) -> list[FoundFile]:
        """Return the source files, each once, in the order of their names."""
        found: dict[str, FoundFile] = {}
        for find in chain(self._begun, map(self._begin, self._starts[1:])):
            for file in chain.from_iterable(find()):
                found[file.path] = file
        return [found[path] for path in sorted(found)]

    def __enter__(self) -> None:
        """Begin something that is done while git thinks."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Where it fails, end what git was asked: the files are not looked for any more."""
        if kind is not None:
            self._git.close()

    def _begin(self, start: str) -> Callable[[], Iterable[list[FoundFile]]]:
        if not os.path.isdir(start):
            return lambda: [[name_file(self._root, start)]]
        top = _prefix(self._root, start)
        asks_git = self._rules.use_gitignore
        find_ignored = begin_to_find_ignored(self._root, top, self._git) if asks_git else NothingIgnored
        return lambda: _walk(self._root, top, find_ignored(), self._rules, self.others)


def name_file(root: Path, location: str) -> FoundFile:
    """Return a file that was named by hand, whatever it is."""
    return FoundFile(display_path(root, location), location, None)


def find_file(root: Path, location: str) -> FoundFile:
    """Return a file that was named by hand, with its status where a walk would take it."""
    try:
        status = os.lstat(location)
    except OSError:
        return name_file(root, location)  # reading it will say
    if not stat.S_ISREG(status.st_mode):
        return name_file(root, location)
    return FoundFile(display_path(root, location), location, sign(status), _find_place(status, 0))


def find_regular(root: Path, path: str) -> FoundFile | None:
    """Return a regular file at a path relative to a root, as a walk would find it; ``None`` for nothing else.

    Raises:
        OSError: its folder can't be looked into.
    """
    location = os.path.join(root, path)
    try:
        status = os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return FoundFile(name_path(path), location, sign(status), _find_place(status, path.count("/")))


def open_file(location: str, place: Place | None = None, buffering: int = -1) -> IO[bytes]:
    """Open a file without waiting, and without following a link if a walk has found it at a place.

    Raises:
        OSError: it can't be opened.
    """
    opener = open_without_waiting if place is None else partial(open_found, place=place)
    return open(location, "rb", buffering=buffering, opener=opener)


def read_file(location: str, max_size: float, place: Place | None = None) -> Content:
    """Return the content of a regular file of at most so many bytes, as :func:`open_file` opens it.

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
        if getattr(error, "errno", None) == errno.ENXIO:  # a socket, or a device that is not there
            raise _not_a_file() from error
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableError(FileError("unreadable", f"the file can't be read: {reason}")) from error
    signature = sign(before)
    settled = signature == sign(after) and not is_racy(signature, now)
    return Content(data, signature if settled else None)


def reread(location: str, depth: int) -> bytes | None:
    """Return the content of a file that git knows, or ``None`` when it is gone.

    Neither it nor one of as many folders above it may be a link.
    """
    try:
        return read_file(location, float("inf"), (0, 0, depth)).data
    except UnreadableError:
        return None


def describe_too_large(size: int, max_size: float) -> FileError:
    """Return the error of a file that has too many bytes."""
    limit = f"max_file_size_mb = {max_size / 1e6:.4g}"
    message = f"{size / 1e6:.4g} MB is over {limit}; raise max_file_size_mb or exclude the file"
    return FileError("too_large", message, size=size)


def sign(status: os.stat_result) -> Signature:
    """Return what must be unchanged for content to be unchanged.

    On Windows a listing of a folder has no inodes, and neither has this.
    """
    inode = status.st_ino if _HAS_INODES else 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, inode


def is_racy(signature: Signature, now: int) -> bool:
    """Whether the file may change after ``now``, in nanoseconds since the epoch, without its times telling.

    A file that is written twice within the resolution of the file system's clock keeps its times,
    and may keep its size. As git does with its index, a file that young is not taken at its word.
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
    root: Path, top: str, ignored: Ignored, rules: SourceRules, others: OtherRepositories
) -> Iterator[list[FoundFile]]:
    """Yield the source files of each folder from one on; a folder that can't be listed is yielded itself."""
    stack = [(top, os.path.normpath(os.path.join(root, top)), ignored)]
    while stack:
        prefix, folder, outer = stack.pop()
        entries = _list_folder(folder)
        if entries is None:
            yield [name_file(root, folder)]
            continue
        names = {entry.name for entry in entries}
        if prefix == top or not others.leave_out(folder, names):
            ignored = others.enter(outer, prefix, folder, names)
            if _REPOSITORY_MARK in names:
                entries = _drop_repository(entries)
            stack += [
                (path, location, ignored) for path, location in _iter_folders(prefix, entries, ignored, rules)
            ]
            depth = prefix.count("/") - top.count("/")
            yield _find_sources(prefix, entries, ignored, rules, depth)


def _drop_repository(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Leave out git's own: a file in a submodule or a linked worktree, else a folder."""
    return [entry for entry in entries if entry.name != _REPOSITORY_MARK]


def _iter_folders(
    prefix: str, entries: Iterable[os.DirEntry[str]], ignored: Ignored, rules: SourceRules
) -> Iterator[tuple[str, str]]:
    """Yield the folders to go into: their paths, with a slash at the end, and their locations."""
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            path = f"{prefix}{entry.name}/"
            if not ignored(path) and not rules.exclude(path):
                yield path, entry.path


def _find_sources(
    prefix: str, entries: Iterable[os.DirEntry[str]], ignored: Ignored, rules: SourceRules, depth: int
) -> list[FoundFile]:
    """Return the source files of a folder; in one go, as a tree may have a hundred thousand of them."""
    # Patterns speak of what is below the root; elsewhere a file's name has to do.
    start = "" if is_outside(prefix) else prefix
    include, exclude = rules.include, rules.exclude
    return [
        FoundFile(name_path(path), entry.path, *_sign_entry(entry, depth))
        for entry in entries
        if include(start + entry.name)
        and entry.is_file(follow_symlinks=False)
        and not ignored(path := prefix + entry.name)
        and not exclude(path)
    ]


def _sign_entry(entry: os.DirEntry[str], depth: int) -> tuple[Signature | None, Place]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # gone, or in a folder that may be listed but not entered: reading it will say
        return None, (0, 0, depth)
    return sign(status), _find_place(status, depth)


def _find_place(status: os.stat_result, depth: int) -> Place:
    return status.st_dev, status.st_ino, depth


def _list_folder(folder: str) -> list[os.DirEntry[str]] | None:
    try:
        with os.scandir(folder) as listing:
            return list(listing)
    except OSError:
        return None


def _prefix(root: Path, folder: str) -> str:
    """Return what paths below a folder start with: nothing for the root itself."""
    inside = name_below(root, folder)
    return "" if inside == "." else inside + "/"
