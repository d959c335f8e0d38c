"""The git repositories that a walk meets: which of them it skips, and which files they ignore.

Repositories inside a repository, such as submodules and clones, are skipped, as are virtual environments. A
folder with files tracked by the outer repository belongs to that repository, as in git. In a repository, git
is asked which files it ignores; elsewhere ``.gitignore`` files say so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from pytest_antipasta.files.locations import display_path, rebase
from pytest_antipasta.git.ignored import ask_for_ignored, has_tracked_files, read_ignored
from pytest_antipasta.git.process import GitError, GitProcess, GitTimeout, decode
from pytest_antipasta.git.program import is_in_repository, is_other_repository
from pytest_antipasta.messages import list_names, name_path
from pytest_antipasta.settings.entries import MOST_PATTERNS
from pytest_antipasta.settings.patterns import Patterns

_ENVIRONMENT_MARK = "pyvenv.cfg"
_IGNORE_FILE = ".gitignore"
_BOM = b"\xef\xbb\xbf"
_REPOSITORY_MARK = ".git"
# What it means that git has no answer.
_ONLY_FILES = "only .gitignore files are used to find ignored files"
_NO_FOLDERS = "virtual environments and nested repositories are skipped, even if git tracks files in them"


class OtherRepositories:
    """Finds nested repositories and virtual environments during a walk."""

    def __init__(
        self,
        root: Path,
        starts: Container[str] = (),
        asked_for: Iterable[str] = (),
        git: Git | None = None,
    ) -> None:
        """Skip those that were not requested; ``starts`` and requested paths are absolute locations.

        A repository is included if it is among ``starts``, or contains the current folder or a requested
        path. Without ``git``, nobody is warned if git fails.
        """
        self._root = root
        self._starts = starts
        self._asked_for = asked_for
        self._left_out: set[str] = set()
        self._is_tracked = cache((git or Git(lambda _: None)).tracks)
        self._in_environment = {"": False}

    def leave_out(self, folder: str, names: Container[str]) -> bool:
        """Return whether to skip a folder with entries of these names; a skipped repository is recorded."""
        if _ENVIRONMENT_MARK in names and self.is_environment(folder):
            return True
        if ".git" not in names or not is_other_repository(folder):
            return False
        if folder in self._starts or any(Path(wanted).is_relative_to(folder) for wanted in self._wanted):
            return False
        if self._is_tracked(folder):
            return False
        self._left_out.add(folder)
        return True

    def enter(self, outer: Ignored, prefix: str, folder: str, names: Container[str]) -> Ignored:
        """Return the ignore rules in a folder; the outer repository's if it tracks files there."""
        if ".git" in names and is_other_repository(folder) and self._is_tracked(folder):
            return outer
        return outer.enter(prefix, names)

    def is_environment(self, folder: str) -> bool:
        """Return whether a folder is a virtual environment in which the outer repository tracks no files."""
        return os.path.lexists(os.path.join(folder, _ENVIRONMENT_MARK)) and not self._is_tracked(folder)

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


def _format(root: Path, folders: Sequence[str]) -> str:
    names = [display_path(root, folder) for folder in folders]
    return (
        f"skipped because they are separate git repositories: {list_names(names)}; to check one, add "
        "it to `paths`; to silence this message, add it to `exclude`"
    )


# Ignored files.


class NothingIgnored:
    """Ignores nothing, for a walk that does not ask git."""

    def __call__(self, path: str) -> bool:
        """Return false."""
        return False

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Return the same rules for every folder."""
        return self


class Git:
    """Asks git, as long as it answers in time; the first failure of a walk is a warning."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        """Ask git during one walk; ``warn`` is called with a warning."""
        self.warn = warn
        self._is_silent = self._has_failed = False
        self._process: GitProcess | None = None

    def begin(self, root: Path, prefix: str) -> Callable[[], IgnoredByGit | None]:
        """Start asking what git ignores below a folder; return what waits for the answer, if there is any."""
        if self._is_silent:
            return lambda: None
        try:
            process = self._process = ask_for_ignored(root / prefix)
        except GitError as error:
            self._note_failure(_ONLY_FILES, error, root, prefix)
            return lambda: None
        return lambda: self._wait_for(process, root, prefix)

    def close(self) -> None:
        """Stop the pending request, if any."""
        if self._process is not None:
            self._process.end()

    def _wait_for(self, process: GitProcess, root: Path, prefix: str) -> IgnoredByGit | None:
        try:
            return IgnoredByGit(root, prefix, read_ignored(process), self)
        except GitError as error:
            self._is_silent = isinstance(error, GitTimeout)
            self._note_failure(_ONLY_FILES, error, root, prefix)
        return None

    def tracks(self, folder: str) -> bool:
        """Return whether the outer repository tracks files in a folder; false without an answer."""
        above = Path(folder).parent
        if not is_in_repository(above):
            return False
        try:
            return has_tracked_files(folder)
        except GitError as error:
            self._note_failure(_NO_FOLDERS, error, above)
        return False

    def _note_failure(self, effect: str, error: GitError, root: Path, prefix: str = "") -> None:
        """Warn once, as what fails later mostly has the same cause; not outside a repository."""
        if not self._has_failed and is_in_repository(root / prefix):
            self._has_failed = True
            place = f" in {name_path(prefix)}" if prefix else ""
            self.warn(f"{effect}, as git failed{place}: {error}")


class IgnoredByGit:
    """Git's answer for a whole repository, requested once."""

    def __init__(self, root: Path, prefix: str, ignored: Container[str], git: Git) -> None:
        """Use the paths that git ignores below a folder, relative to it.

        ``prefix`` is the path from the root to the folder: empty, or with a slash at its end. Git is asked
        again for nested repositories.
        """
        self._git = git
        self._root = root
        self._prefix_length = len(prefix)
        self._ignored = ignored

    def __call__(self, path: str) -> bool:
        """Return whether git lists the path."""
        return path[self._prefix_length :] in self._ignored

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Ask git again for a nested repository."""
        if _REPOSITORY_MARK in names and len(prefix) != self._prefix_length:
            return self._git.begin(self._root, prefix)() or self
        return self


class IgnoredByFiles:
    """Applies ``.gitignore`` files where git has no answer; the innermost one that matches decides."""

    def __init__(self, root: Path, git: Git, files: tuple[tuple[int, Patterns], ...] = ()) -> None:
        """Apply files, innermost first, each with the length of its folder's prefix."""
        self._root = root
        self._git = git
        self._files = files

    def __call__(self, path: str) -> bool:
        """Return whether the innermost file that matches the path ignores it."""
        for prefix_length, patterns in self._files:
            is_ignored = patterns.decide(path[prefix_length:])
            if is_ignored is not None:
                return is_ignored
        return False

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Read the folder's own file; ask git for a nested repository."""
        if _REPOSITORY_MARK in names:
            answer = self._git.begin(self._root, prefix)()
            if answer is not None:
                return answer
        patterns = self._read_patterns(f"{prefix}{_IGNORE_FILE}") if _IGNORE_FILE in names else None
        if patterns is None:
            return self
        return IgnoredByFiles(self._root, self._git, ((len(prefix), patterns), *self._files))

    def _read_patterns(self, name: str) -> Patterns | None:
        path = self._root / name
        try:
            if not path.is_file():
                return None  # a folder with that name, or a pipe without end
            data = path.read_bytes()
        except OSError:
            return None  # a file that only its owner may read
        lines = data.removeprefix(_BOM).replace(b"\r\n", b"\n").split(b"\n")
        if len(lines) > MOST_PATTERNS:
            self._git.warn(
                f"{name_path(name)}: only the first {MOST_PATTERNS:,} of {len(lines):,} lines are used"
            )
        # Git uses the text before a NUL.
        return Patterns(decode(line.partition(b"\0")[0]) for line in lines[:MOST_PATTERNS])


Ignored: TypeAlias = NothingIgnored | IgnoredByGit | IgnoredByFiles
"""Decides which files and folders are ignored, during a walk downwards: it is called with a path relative to
the root, which ends with a slash for a folder, and :meth:`enter` returns what decides in a folder with
entries of some names."""


def begin_to_find_ignored(root: Path, prefix: str, git: Git) -> Callable[[], Ignored]:
    """Start asking git about a folder below the root, and return a function that waits for the answer.

    ``.gitignore`` files are used if git has no answer: outside a worktree, without git, and in a folder that
    is itself ignored.
    """
    find = git.begin(root, prefix) if is_in_repository(root / prefix) else lambda: None
    return lambda: find() or _read_files_above(root, prefix, git)


def is_ignored_by_files(root: Path, path: str) -> bool:
    """Return whether ``.gitignore`` files from the root on ignore a path, or one of its folders."""
    ignored: Ignored = IgnoredByFiles(root, Git(lambda _: None))
    for folder in reversed(PurePosixPath(path).parents):
        prefix = "" if folder == PurePosixPath() else f"{folder}/"
        if prefix and ignored(prefix):
            return True
        ignored = ignored.enter(prefix, (_IGNORE_FILE,))
    return ignored(path)


def _read_files_above(root: Path, prefix: str, git: Git) -> Ignored:
    """Return the rules of the files between the root and a folder below it."""
    ignored: Ignored = IgnoredByFiles(root, git)
    if os.path.isabs(prefix):
        return ignored
    for folder in reversed(PurePosixPath(prefix).parents):
        ignored = ignored.enter("" if folder == PurePosixPath() else f"{folder}/", (_IGNORE_FILE,))
    # A user who names an ignored folder wants it checked.
    return IgnoredByFiles(root, git) if prefix and ignored(prefix) else ignored
