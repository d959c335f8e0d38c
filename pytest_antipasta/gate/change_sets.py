"""Read changes from git: the files that differ from one or several parents, and their contents."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from pytest_antipasta.files import reread
from pytest_antipasta.git import FileDiff, GitError, Repository, Untracked
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Verdict

ListFiles: TypeAlias = Callable[[], Mapping[str, tuple[str, bool]]]
"""Returns all files of a commit or the index by path: the blob's name, and whether it is a regular file."""


class ChangeSet(NamedTuple):
    """A change to judge.

    Attributes:
        parents: the files that differ from each parent.
        read: returns the contents of files after the change, by path relative to the repository's top.
        list_all: lists all files after the change; ``None`` for the working tree.
        list_before: lists all files of each parent.
        list_rules: lists all files of the commit that has the settings before the change; ``None`` if the
            parents have them.
        closed: folders that may contain changes and can't be opened, relative to the repository's top.
        is_commit: whether the files after the change are those of a commit, which has its own rules. The
            rules of staged changes are those of the index or the working tree.
    """

    parents: Sequence[Sequence[FileDiff]]
    read: Callable[[Iterable[FileDiff]], Mapping[str, bytes]]
    list_all: ListFiles | None = None
    list_before: Sequence[ListFiles] = ()
    list_rules: ListFiles | None = None
    closed: Sequence[str] = ()
    is_commit: bool = False

    def find_entry(self, path: str) -> tuple[str, bool] | None:
        """Return the entry of a file after the change; ``None`` if there is none, or in the working tree."""
        return None if self.list_all is None else self.list_all().get(path)


def staged_changes(repository: Repository) -> ChangeSet:
    """Return the staged changes: the index compared with the parents of the next commit.

    Raises:
        GitError: a git command failed.
    """
    names = repository.history.commit_parents()
    parents = [repository.diffs.of_index(parent) for parent in names]
    before = _list_commits(repository, names)
    return ChangeSet(parents, partial(_read_blobs, repository), repository.objects.list_index, before)


def committed_changes(repository: Repository, base: str, commit: str) -> ChangeSet:
    """Return the changes of a branch: a commit compared with its merge base with another commit.

    Raises:
        GitError: a commit is unknown, or a git command failed.
    """
    after = repository.history.resolve(commit)  # a branch may move during the run
    return _make_committed(repository, [repository.history.merge_base(base, after)], after)


def pushed_changes(
    repository: Repository, commit: str, known: Iterable[str], default: str | None = None
) -> ChangeSet:
    """Return the changes of a pushed commit, compared with commits that the remote already has.

    Each merge base with a known commit counts as a parent, so that merged code does not fail. Without a merge
    base, all files are new.

    Args:
        repository: the repository of the commit.
        commit: the pushed commit.
        known: the commits that the remote has.
        default: the commit that has the settings before the change, if there is no merge base.

    Raises:
        GitError: the commit is unknown, or a git command failed.
    """
    if ancestors := repository.history.merge_bases(commit, known):
        return _make_committed(repository, ancestors, commit)
    changes = _make_committed(repository, [repository.objects.empty_tree()], commit)
    if default is None:
        return changes
    try:
        name = repository.history.resolve(default)
    except GitError:  # the first push: the remote has no default branch yet
        return changes
    return changes._replace(list_rules=partial(repository.objects.list_commit, name))


def _make_committed(repository: Repository, ancestors: Sequence[str], commit: str) -> ChangeSet:
    parents = [repository.diffs.of_commit(ancestor, commit) for ancestor in ancestors]
    return ChangeSet(
        parents,
        partial(_read_blobs, repository),
        partial(repository.objects.list_commit, commit),
        _list_commits(repository, ancestors),
        is_commit=True,
    )


def _list_commits(repository: Repository, names: Iterable[str]) -> list[ListFiles]:
    return [partial(repository.objects.list_commit, name) for name in names]


def worktree_changes(
    repository: Repository, base: str, keep_sources: Callable[[Untracked], Untracked]
) -> ChangeSet:
    """Return the changes of the working tree, compared with the merge base of HEAD and another commit.

    Args:
        repository: the repository of the working tree.
        base: the other commit.
        keep_sources: returns the source files among untracked files, and the folders that a check of all
            files can't open. Git also lists links and virtual environments.

    Raises:
        GitError: a commit is unknown, or a git command failed.
    """
    ancestor = repository.history.merge_base(base, "HEAD")
    untracked = repository.diffs.of_untracked()
    hidden = tuple(f"{folder}/" for folder in untracked.closed)
    tracked = repository.diffs.of_worktree(ancestor)
    tracked = [diff for diff in tracked if diff.path or not (diff.old_path or "").startswith(hidden)]
    sources, closed = keep_sources(untracked)
    before = _list_commits(repository, [ancestor])
    read = partial(_read_worktree, repository)
    return ChangeSet([tracked + sources], read, None, before, closed=closed)


def read_sources(change_set: ChangeSet, diffs: Mapping[str, FileDiff]) -> dict[str, bytes]:
    """Return the readable contents of files after a change, by the paths that reports have."""
    contents = change_set.read(diffs.values())
    return {path: contents[diff.path] for path, diff in diffs.items() if diff.path and diff.path in contents}


def _read_blobs(repository: Repository, diffs: Iterable[FileDiff]) -> dict[str, bytes]:
    """Return contents from git, by path, without those that git does not have."""
    names = {diff.path: diff.blob for diff in diffs if diff.path is not None}
    blobs = repository.objects.read_blobs(names.values())
    return {path: blobs[name] for path, name in names.items() if name in blobs}


def _read_worktree(repository: Repository, diffs: Iterable[FileDiff]) -> dict[str, bytes]:
    """Return contents from disk, by path, without those that can't be read."""
    named = {diff.path: diff for diff in diffs if diff.path is not None}
    places = {path: os.path.normpath(os.path.join(repository.top, path)) for path in named}
    contents = {path: reread(place, path.count("/")) for path, place in places.items()}
    found = {path: data for path, data in contents.items() if data is not None}
    # Files that a sparse checkout leaves out of the working tree are read from the index.
    sparse = [diff for path, diff in named.items() if path not in found and not os.path.lexists(places[path])]
    return found | _read_blobs(repository, sparse)


def find_unmerged(diffs: Mapping[str, FileDiff], found: Container[str]) -> dict[str, Verdict]:
    """Return the verdicts on files with unresolved merge conflicts.

    Args:
        diffs: the files that differ, by the paths that reports have.
        found: the paths of files whose content was read.
    """
    error = FileError("unmerged", "it has unresolved merge conflicts")
    unmerged = (path for path, diff in diffs.items() if diff.is_unmerged and path not in found)
    return {path: fail(path, error) for path in unmerged}


def fail(path: str, error: FileError) -> Verdict:
    """Return the verdict on a file that could not be measured."""
    return Verdict(path, Measurement(FileMetrics(), (), error), failed=True)
