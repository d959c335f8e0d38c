"""What git ignores: its own answer in a repository, its files read by pathspec elsewhere."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pytest_antipasta.git import GitError, find_repository, list_ignored
from pytest_antipasta.patterns import make_spec

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_FILE = ".gitignore"
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


class IgnoredByGit:
    """Git's answer for a whole repository, asked for once."""

    def __init__(self, root: Path, prefix: str) -> None:
        """Ask git for all below a folder.

        Raises:
            GitError: it has no answer.
        """
        self._root = root
        self._prefix_length = len(prefix)
        self._ignored = list_ignored(root / prefix)

    def __call__(self, path: str) -> bool:
        """Whether git names the path."""
        return path[self._prefix_length :] in self._ignored

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Ask anew where another repository begins."""
        if _REPOSITORY_MARK in names and len(prefix) != self._prefix_length:
            return _ask_git(self._root, prefix) or self
        return self


class IgnoredByFiles:
    """What ``.gitignore`` files say where git has no answer; the innermost that speaks of a path decides."""

    def __init__(self, root: Path, specs: tuple[tuple[int, GitIgnoreSpec], ...] = ()) -> None:
        """Take the files read so far, each with the length of its folder's prefix, innermost first."""
        self._root = root
        self._specs = specs

    def __call__(self, path: str) -> bool:
        """Whether the innermost file that speaks of the path ignores it."""
        for prefix_length, spec in self._specs:
            include = spec.check_file(path[prefix_length:]).include
            if include is not None:
                return include
        return False

    def enter(self, prefix: str, names: Container[str]) -> Ignored:
        """Read the folder's own file; ask git where a repository begins."""
        if _REPOSITORY_MARK in names and (answer := _ask_git(self._root, prefix)):
            return answer
        if _FILE not in names:
            return self
        lines = (self._root / prefix / _FILE).read_text("utf-8", "replace").splitlines()
        return IgnoredByFiles(self._root, ((len(prefix), make_spec(lines)), *self._specs))


def find_ignored(root: Path, prefix: str) -> Ignored:
    """Return git's answer for a folder below the root, or that of the files where git has none.

    Git has none outside a worktree, where it is not installed, and in a folder that is ignored itself.
    """
    answer = _ask_git(root, prefix) if find_repository(root / prefix) else None
    return answer or IgnoredByFiles(root)


def _ask_git(root: Path, prefix: str) -> IgnoredByGit | None:
    try:
        return IgnoredByGit(root, prefix)
    except GitError:
        return None
