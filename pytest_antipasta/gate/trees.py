"""The states of a repository that a change leads from or to: commits, the index, the working tree."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Protocol, TypeAlias

from pytest_antipasta.files import reread
from pytest_antipasta.git import RefusalError, Repository
from pytest_antipasta.settings import SETTINGS_NAMES

Entry: TypeAlias = tuple[str, bool]
"""The name of a blob, and whether it is a regular file."""


class Tree(Protocol):
    """All files of one state; paths are relative to the repository's top.

    Every method raises :class:`GitError` if git fails.
    """

    @property
    def repository(self) -> Repository:
        """The repository."""

    @property
    def label(self) -> str:
        """The name of the state in messages."""

    def list_all(self) -> Mapping[str, Entry]:
        """Return all files by path."""

    def find(self, paths: Iterable[str]) -> Mapping[str, Entry]:
        """Return those of some paths that exist; links in folders are not followed."""

    def list_settings(self) -> Collection[str]:
        """Return the paths of all files that are named like settings."""

    def read(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of files by path, without unreadable ones; git may name them by their blobs."""


class CommitTree:
    """The files of a commit."""

    def __init__(self, repository: Repository, commit: str, label: str | None = None) -> None:
        """Read nothing yet.

        Args:
            repository: the repository.
            commit: the id of the commit, or a name of it.
            label: the name of the commit in messages; ``None`` for the beginning of its id.
        """
        self.repository = repository
        self.commit = commit
        self.label = commit[:12] if label is None else label

    def list_all(self) -> Mapping[str, Entry]:
        """Return all files by path."""
        return self._all

    def find(self, paths: Iterable[str]) -> Mapping[str, Entry]:
        """Return those of some paths that exist."""
        if "_all" in self.__dict__:
            return {path: self._all[path] for path in paths if path in self._all}
        return self.repository.objects.list_committed(self.commit, paths)

    def list_settings(self) -> Collection[str]:
        """Return the paths of all files that are named like settings."""
        return [path for path in self._all if path.rpartition("/")[2] in SETTINGS_NAMES]

    def read(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of files by path."""
        return _read_blobs(self.repository, blobs)

    @cached_property
    def _all(self) -> Mapping[str, Entry]:
        return self.repository.objects.list_commit(self.commit)


class HeadTree(CommitTree):
    """The files of the commit that is checked out, if there is one."""

    def __init__(self, repository: Repository) -> None:
        """Read nothing yet."""
        super().__init__(repository, "HEAD")

    def find(self, paths: Iterable[str]) -> Mapping[str, Entry]:
        """Return those of some paths that exist; none without a commit."""
        try:
            return super().find(paths)
        except RefusalError:
            return {}


class IndexTree:
    """The staged files."""

    label = "the index"

    def __init__(self, repository: Repository) -> None:
        """Read nothing yet."""
        self.repository = repository

    def list_all(self) -> Mapping[str, Entry]:
        """Return all files by path."""
        return self._all

    def find(self, paths: Iterable[str]) -> Mapping[str, Entry]:
        """Return those of some paths that exist, without unresolved conflicts."""
        return self.repository.objects.list_staged(paths)

    def list_settings(self) -> Collection[str]:
        """Return the paths of all files that are named like settings."""
        return self.repository.objects.list_names(SETTINGS_NAMES)

    def read(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of files by path."""
        return _read_blobs(self.repository, blobs)

    @cached_property
    def _all(self) -> Mapping[str, Entry]:
        return self.repository.objects.list_index()


class WorktreeTree:
    """The files on disk that git tracks, and some that it does not track yet."""

    label = "the working tree"

    def __init__(self, repository: Repository, untracked: Collection[str] = ()) -> None:
        """Read nothing yet; ``untracked`` are the paths of files that belong to it, too."""
        self.repository = repository
        self._untracked = untracked

    def list_all(self) -> Mapping[str, Entry]:
        """Return all files by path, with the blobs of the index."""
        return self._all

    def find(self, paths: Iterable[str]) -> Mapping[str, Entry]:
        """Return those of some paths that exist, and that git does not ignore."""
        known = self.repository.objects.list_known(paths)
        return {path: ("", True) for path in known if os.path.lexists(self._locate(path))}

    def list_settings(self) -> Collection[str]:
        """Return the paths of all files that are named like settings."""
        untracked = {path for path in self._untracked if path.rpartition("/")[2] in SETTINGS_NAMES}
        return self.repository.objects.list_names(SETTINGS_NAMES) | untracked

    def read(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of files by path.

        Files that a sparse checkout leaves out of the working tree are read from the index.
        """
        contents = {path: reread(self._locate(path), path.count("/")) for path in blobs}
        found = {path: data for path, data in contents.items() if data is not None}
        sparse = {
            path: blob
            for path, blob in blobs.items()
            if path not in found and blob and not os.path.lexists(self._locate(path))
        }
        return found | _read_blobs(self.repository, sparse)

    def _locate(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.repository.top, path))

    @cached_property
    def _all(self) -> Mapping[str, Entry]:
        objects = self.repository.objects
        tracked = objects.list_index()
        places = {path: (blob, self._is_file(path)) for path, (blob, _) in tracked.items()}
        places |= {path: ("", self._is_file(path)) for path in self._untracked}
        there = {path: (blob, is_file) for path, (blob, is_file) in places.items() if is_file is not None}
        if len(there) < len(places):
            there |= {path: tracked[path] for path in objects.list_sparse() - there.keys()}
        return there

    def _is_file(self, path: str) -> bool | None:
        """Return whether there is a regular file; ``None`` if there is nothing."""
        try:
            return stat.S_ISREG(os.lstat(self._locate(path)).st_mode)
        except OSError:
            return None


def _read_blobs(repository: Repository, blobs: Mapping[str, str]) -> dict[str, bytes]:
    found = repository.objects.read_blobs(blobs.values())
    return {path: found[blob] for path, blob in blobs.items() if blob in found}
