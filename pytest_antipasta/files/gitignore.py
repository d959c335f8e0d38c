"""Which files git ignores: by git's own answer in a repository, by its files elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from pathlib import Path, PurePosixPath
from typing import Protocol

from pytest_antipasta.git import (
    GitError,
    GitProcess,
    GitTimeout,
    ask_for_ignored,
    find_repository,
    read_ignored,
)
from pytest_antipasta.messages import name_path
from pytest_antipasta.settings import MOST_PATTERNS, Patterns

_FILE = ".gitignore"
_BOM = b"\xef\xbb\xbf"
_REPOSITORY_MARK = ".git"


class Ignored(Protocol):
    """Tells which files and folders are ignored, while a walk goes down."""

    def __call__(self, path: str) -> bool:
        """Whether a path relative to the root is ignored; a folder's ends with a slash."""

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Return what holds in a folder that has entries of these names."""


class NothingIgnored:
    """For a walk that does not ask git."""

    def __call__(self, path: str) -> bool:
        """Nothing is."""
        return False

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Nothing is, anywhere."""
        return self


class Git:
    """Git, as long as it answers."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Ask git for one walk; ``tell`` is called with a warning when it stops answering."""
        self.tell = tell
        self._is_silent = False
        self._process: GitProcess | None = None

    def ask(self, root: Path, prefix: str) -> GitProcess | None:
        """Begin to ask what it ignores below a folder; ``None`` where that can't be asked."""
        if self._is_silent:
            return None
        try:
            self._process = ask_for_ignored(root / prefix)
        except GitError:
            return None
        return self._process

    def close(self) -> None:
        """End what it was asked last and has not answered."""
        if self._process is not None:
            self._process.end()

    def find_ignored(self, root: Path, prefix: str) -> IgnoredByGit | None:
        """Ask, and wait for the answer for a folder; ``None`` where there is none."""
        return self.wait_for(self.ask(root, prefix), root, prefix)

    def wait_for(self, process: GitProcess | None, root: Path, prefix: str) -> IgnoredByGit | None:
        """Return the answer for a folder, ``None`` where there is none."""
        if process is None:
            return None
        try:
            return IgnoredByGit(root, prefix, read_ignored(process), self)
        except GitTimeout as error:
            self._is_silent = True
            self.tell(f"{error}; only .gitignore files are used to find ignored files in this run")
        except GitError:
            pass
        return None


class IgnoredByGit:
    """Git's answer for a whole repository, asked for once."""

    def __init__(self, root: Path, prefix: str, ignored: Container[str], git: Git) -> None:
        """Hold the paths that git ignores below a folder, relative to it.

        ``prefix`` leads from the root to the folder: empty, or with a slash at its end. Git is asked again
        where another repository begins.
        """
        self._git = git
        self._root = root
        self._prefix_length = len(prefix)
        self._ignored = ignored

    def __call__(self, path: str) -> bool:
        """Whether git names the path."""
        return path[self._prefix_length :] in self._ignored

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Ask anew where another repository begins."""
        if _REPOSITORY_MARK in names and len(prefix) != self._prefix_length:
            return self._git.find_ignored(self._root, prefix) or self
        return self


class IgnoredByFiles:
    """What ``.gitignore`` files say where git has no answer; the innermost that speaks of a path decides."""

    def __init__(self, root: Path, git: Git, files: tuple[tuple[int, Patterns], ...] = ()) -> None:
        """Decide by files, the innermost first, each with the length of its folder's prefix."""
        self._root = root
        self._git = git
        self._files = files

    def __call__(self, path: str) -> bool:
        """Whether the innermost file that speaks of the path ignores it."""
        for prefix_length, patterns in self._files:
            is_ignored = patterns.decide(path[prefix_length:])
            if is_ignored is not None:
                return is_ignored
        return False

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Read the folder's own file; ask git where a repository begins."""
        if _REPOSITORY_MARK in names:
            answer = self._git.find_ignored(self._root, prefix)
            if answer is not None:
                return answer
        patterns = self._read_patterns(f"{prefix}{_FILE}") if _FILE in names else None
        if patterns is None:
            return self
        return IgnoredByFiles(self._root, self._git, ((len(prefix), patterns), *self._files))

    def _read_patterns(self, name: str) -> Patterns | None:
        path = self._root / name
        try:
            if not path.is_file():
                return None  # a folder of that name, or a pipe, which may never end
            data = path.read_bytes()
        except OSError:
            return None  # a file that only git's owner may read
        lines = data.removeprefix(_BOM).replace(b"\r\n", b"\n").split(b"\n")
        if len(lines) > MOST_PATTERNS:
            self._git.tell(
                f"{name_path(name)}: only the first {MOST_PATTERNS} of {len(lines)} lines are used"
            )
        # Git takes what comes before a NUL.
        return Patterns(os.fsdecode(line.partition(b"\0")[0]) for line in lines[:MOST_PATTERNS])


def begin_to_find_ignored(root: Path, prefix: str, git: Git) -> Callable[[], Ignored]:
    """Ask git about a folder below the root, and return what waits for its answer.

    That is the answer of the files where git has none: outside a worktree, where it is not installed, and in
    a folder that is ignored itself.
    """
    process = git.ask(root, prefix) if find_repository(root / prefix) else None
    return lambda: git.wait_for(process, root, prefix) or _read_files_above(root, prefix, git)


def is_ignored_by_files(root: Path, path: str) -> bool:
    """Whether ``.gitignore`` files from the root on ignore a path in it, or a folder that leads there."""
    ignored: Ignored = IgnoredByFiles(root, Git(lambda _: None))
    for folder in reversed(PurePosixPath(path).parents):
        prefix = "" if folder == PurePosixPath() else f"{folder}/"
        if prefix and ignored(prefix):
            return True
        ignored = ignored.enter(prefix, (_FILE,))
    return ignored(path)


def _read_files_above(root: Path, prefix: str, git: Git) -> Ignored:
    """Return what the files say that stand between the root and a folder below it."""
    ignored: Ignored = IgnoredByFiles(root, git)
    if os.path.isabs(prefix):
        return ignored
    for folder in reversed(PurePosixPath(prefix).parents):
        ignored = ignored.enter("" if folder == PurePosixPath() else f"{folder}/", (_FILE,))
    # Who names a folder that is ignored wants it.
    return IgnoredByFiles(root, git) if prefix and ignored(prefix) else ignored
