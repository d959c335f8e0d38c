"""Find which files git ignores: by asking git in a repository, by ``.gitignore`` files elsewhere."""

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
    """Decides which files and folders are ignored, during a walk downwards."""

    def __call__(self, path: str) -> bool:
        """Return whether a path relative to the root is ignored; folders end with a slash."""

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Return the rules inside a folder with entries of these names."""


class NothingIgnored:
    """Ignores nothing, for a walk that does not ask git."""

    def __call__(self, path: str) -> bool:
        """Return false."""
        return False

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Return the same rules for every folder."""
        return self


class Git:
    """Asks git, as long as it answers."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        """Ask git during one walk; ``warn`` is called when git fails."""
        self.warn = warn
        self._is_silent = False
        self._process: GitProcess | None = None

    def ask(self, root: Path, prefix: str) -> GitProcess | None:
        """Start asking what git ignores below a folder; ``None`` if that is not possible."""
        if self._is_silent:
            return None
        try:
            self._process = ask_for_ignored(root / prefix)
        except GitError:
            return None
        return self._process

    def close(self) -> None:
        """Stop the pending request, if any."""
        if self._process is not None:
            self._process.end()

    def find_ignored(self, root: Path, prefix: str) -> IgnoredByGit | None:
        """Ask git and wait for the answer for a folder; ``None`` without an answer."""
        return self.wait_for(self.ask(root, prefix), root, prefix)

    def wait_for(self, process: GitProcess | None, root: Path, prefix: str) -> IgnoredByGit | None:
        """Return the answer for a folder; ``None`` without an answer."""
        if process is None:
            return None
        try:
            return IgnoredByGit(root, prefix, read_ignored(process), self)
        except GitTimeout as error:
            self._is_silent = True
            self.warn(f"{error}; only .gitignore files are used to find ignored files in this run")
        except GitError:
            pass
        return None


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
            return self._git.find_ignored(self._root, prefix) or self
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
                return None  # a folder with that name, or a pipe without end
            data = path.read_bytes()
        except OSError:
            return None  # a file that only its owner may read
        lines = data.removeprefix(_BOM).replace(b"\r\n", b"\n").split(b"\n")
        if len(lines) > MOST_PATTERNS:
            self._git.warn(
                f"{name_path(name)}: only the first {MOST_PATTERNS} of {len(lines)} lines are used"
            )
        # Git uses the text before a NUL.
        return Patterns(os.fsdecode(line.partition(b"\0")[0]) for line in lines[:MOST_PATTERNS])


def begin_to_find_ignored(root: Path, prefix: str, git: Git) -> Callable[[], Ignored]:
    """Start asking git about a folder below the root, and return a function that waits for the answer.

    ``.gitignore`` files are used if git has no answer: outside a worktree, without git, and in a folder that
    is itself ignored.
    """
    process = git.ask(root, prefix) if find_repository(root / prefix) else None
    return lambda: git.wait_for(process, root, prefix) or _read_files_above(root, prefix, git)


def is_ignored_by_files(root: Path, path: str) -> bool:
    """Return whether ``.gitignore`` files from the root on ignore a path, or one of its folders."""
    ignored: Ignored = IgnoredByFiles(root, Git(lambda _: None))
    for folder in reversed(PurePosixPath(path).parents):
        prefix = "" if folder == PurePosixPath() else f"{folder}/"
        if prefix and ignored(prefix):
            return True
        ignored = ignored.enter(prefix, (_FILE,))
    return ignored(path)


def _read_files_above(root: Path, prefix: str, git: Git) -> Ignored:
    """Return the rules of the files between the root and a folder below it."""
    ignored: Ignored = IgnoredByFiles(root, git)
    if os.path.isabs(prefix):
        return ignored
    for folder in reversed(PurePosixPath(prefix).parents):
        ignored = ignored.enter("" if folder == PurePosixPath() else f"{folder}/", (_FILE,))
    # A user who names an ignored folder wants it checked.
    return IgnoredByFiles(root, git) if prefix and ignored(prefix) else ignored
