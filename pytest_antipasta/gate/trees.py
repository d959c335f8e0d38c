"""The states of a repository that a change leads from or to: commits, the index, the working tree."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

from pytest_antipasta.files.reading import reread
from pytest_antipasta.git.modes import FileModes
from pytest_antipasta.git.objects import TreeEntry
from pytest_antipasta.git.process import RefusalError
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.runtime.scripts import has_no_suffix, starts_as_script
from pytest_antipasta.settings.values import SETTINGS_NAMES, select_settings


class CommitTree:
    """The files of a commit; none if it does not exist, as ``HEAD`` before the first commit."""

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
        self._listed: Mapping[str, TreeEntry] | None = None

    def find(self, paths: Iterable[str]) -> Mapping[str, TreeEntry]:
        """Return those of some paths that exist."""
        if (listed := self._listed) is not None:
            return {path: listed[path] for path in paths if path in listed}
        return self._ask(lambda: self.repository.objects.list_committed(self.commit, paths))

    def list_settings(self) -> Collection[str]:
        """Return the paths of all files that are named like settings."""
        return [*select_settings(self.entries)]

    def list_scripts(self) -> Collection[str]:
        """Return the paths of all Python scripts."""
        return self.repository.objects.find_scripts(self.entries)

    def read(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of files by path."""
        return _read_blobs(self.repository, blobs)

    @property
    def entries(self) -> Mapping[str, TreeEntry]:
        """All files by path."""
        if self._listed is None:
            self._listed = self._ask(lambda: self.repository.objects.list_commit(self.commit))
        return self._listed

    def _ask(self, question: Callable[[], Mapping[str, TreeEntry]]) -> Mapping[str, TreeEntry]:
        try:
            return question()
        except RefusalError:
            if self.repository.history.knows(self.commit):
                raise
            return {}


class RemovedTree(CommitTree):
    """The files of ``HEAD``, where only those are found that the next commit removes."""

    def __init__(self, repository: Repository) -> None:
        super().__init__(repository, "HEAD")

    def find(self, paths: Iterable[str]) -> Mapping[str, TreeEntry]:
        """Return those of some paths that the index lacks, without those with unresolved conflicts."""
        found = super().find(paths)
        kept = self.repository.objects.list_tracked(found)
        return {path: entry for path, entry in found.items() if path not in kept}


class IndexTree:
    """The staged files."""

    label = "the index"

    def __init__(self, repository: Repository) -> None:
        self.repository = repository

    def find(self, paths: Iterable[str]) -> Mapping[str, TreeEntry]:
        """Return those of some paths that exist, without unresolved conflicts."""
        return self.repository.objects.list_staged(paths)

    def list_settings(self) -> Collection[str]:
        """Return the paths of all files that are named like settings."""
        return self.repository.objects.list_names(SETTINGS_NAMES)

    def list_scripts(self) -> Collection[str]:
        """Return the paths of all Python scripts."""
        return self.repository.objects.find_scripts(self.entries)

    def read(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of files by path."""
        return _read_blobs(self.repository, blobs)

    @cached_property
    def entries(self) -> Mapping[str, TreeEntry]:
        """All files by path."""
        return self.repository.objects.list_index()


class WorktreeTree:
    """The files on disk that git tracks, and some that it does not track yet."""

    label = "the working tree"

    def __init__(self, repository: Repository, untracked: Collection[str] = ()) -> None:
        """Read nothing yet; ``untracked`` are the paths of files that belong to it, too."""
        self.repository = repository
        self._untracked = untracked
        self._modes = FileModes(repository.top)

    def find(self, paths: Iterable[str]) -> Mapping[str, TreeEntry]:
        """Return those of some paths that exist, and that git does not ignore."""
        known = self.repository.objects.list_known(paths)
        return {path: TreeEntry("", True) for path in known if os.path.lexists(self._locate(path))}

    def list_settings(self) -> Collection[str]:
        """Return the paths of all files that are named like settings."""
        return self.repository.objects.list_names(SETTINGS_NAMES).union(select_settings(self._untracked))

    def list_scripts(self) -> Collection[str]:
        """Return the paths of all Python scripts, by the files on disk."""
        named = (path for path, entry in self.entries.items() if entry.is_file and has_no_suffix(path))
        # Only those that a sparse checkout leaves out have an entry of the index.
        return {*filter(self._is_script, named), *self.repository.objects.find_scripts(self.entries)}

    def _is_script(self, path: str) -> bool:
        status = self._find_status(path)
        if status is None or not self._modes.is_executable(path, status.st_mode):
            return False
        return starts_as_script(self._locate(path))

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
    def entries(self) -> Mapping[str, TreeEntry]:
        """All files by path, with the blobs of the index."""
        objects = self.repository.objects
        tracked = objects.list_index()
        blobs = {path: entry.blob for path, entry in tracked.items()} | dict.fromkeys(self._untracked, "")
        there = {
            path: TreeEntry(blob, stat.S_ISREG(status.st_mode))
            for path, blob in blobs.items()
            if (status := self._find_status(path)) is not None
        }
        if len(there) < len(blobs):
            there |= {path: tracked[path] for path in objects.list_sparse() - there.keys()}
        return there

    def _find_status(self, path: str) -> os.stat_result | None:
        """Return the status of a file or a link; ``None`` if there is nothing."""
        try:
            return os.lstat(self._locate(path))
        except OSError:
            return None


Tree: TypeAlias = CommitTree | IndexTree | WorktreeTree
"""All files of one state, by their paths from the repository's top.

Every method raises :class:`GitError` if git fails. Reading leaves unreadable files out.
"""


def _read_blobs(repository: Repository, blobs: Mapping[str, str]) -> dict[str, bytes]:
    found = repository.objects.read_blobs(blobs.values())
    return {path: found[blob] for path, blob in blobs.items() if blob in found}
