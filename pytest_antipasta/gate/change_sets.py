"""Changes from git: the files that differ from one or several parents, and their contents."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from pytest_antipasta.files import reread
from pytest_antipasta.git import FileDiff, GitError, Repository
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Verdict

Listing: TypeAlias = Callable[[], Mapping[str, tuple[str, bool]]]
"""Gives all that git has in a place by path: the object's name, and whether it is a regular file."""


class ChangeSet(NamedTuple):
    """A change to judge.

    Attributes:
        parents: for each parent the files that differ from it.
        read: gives the contents of files afterwards, by path relative to the repository's top.
        list_all: lists the files after the change; ``None`` where that is the worktree.
        list_before: for each parent what gives all that is there.
        list_rules: lists the files of the commit whose settings count as those before the change, where that
            is not a parent.
    """

    parents: Sequence[Sequence[FileDiff]]
    read: Callable[[Iterable[FileDiff]], Mapping[str, bytes]]
    list_all: Listing | None = None
    list_before: Sequence[Listing] = ()
    list_rules: Listing | None = None


def staged_changes(repository: Repository) -> ChangeSet:
    """Return what the next commit would change.

    Raises:
        GitError: git refuses.
    """
    names = repository.history.commit_parents()
    parents = [repository.diffs.of_index(parent) for parent in names]
    before = _list_commits(repository, names)
    return ChangeSet(parents, partial(_read_blobs, repository), repository.objects.list_index, before)


def committed_changes(repository: Repository, base: str, commit: str) -> ChangeSet:
    """Return what a branch changes: a commit beside its common ancestor with another.

    Raises:
        GitError: a commit is not known, or git refuses.
    """
    ancestor = repository.history.merge_base(base, commit)
    return _make_committed(repository, [ancestor], commit)


def pushed_changes(
    repository: Repository, commit: str, known: Iterable[str], default: str | None = None
) -> ChangeSet:
    """Return what a commit brings to where some others are known already.

    What of those was merged into it counts as a parent, too, so that it blames no one. Beside nothing
    that is known, all is new.

    Args:
        repository: that has the commit.
        commit: what is pushed.
        known: what is there already.
        default: the commit whose settings count as those before the change, if nothing of what is known is in
            the history of what is pushed.

    Raises:
        GitError: the commit is not known, or git refuses.
    """
    if ancestors := repository.history.merge_bases(commit, known):
        return _make_committed(repository, ancestors, commit)
    changes = _make_committed(repository, [repository.objects.empty_tree()], commit)
    if default is None:
        return changes
    try:
        name = repository.history.resolve(default)
    except GitError:  # it is the first push
        return changes
    return changes._replace(list_rules=partial(repository.objects.list_commit, name))


def _make_committed(repository: Repository, ancestors: Sequence[str], commit: str) -> ChangeSet:
    parents = [repository.diffs.of_commit(ancestor, commit) for ancestor in ancestors]
    return ChangeSet(
        parents,
        partial(_read_blobs, repository),
        partial(repository.objects.list_commit, commit),
        _list_commits(repository, ancestors),
    )


def _list_commits(repository: Repository, names: Iterable[str]) -> list[Listing]:
    return [partial(repository.objects.list_commit, name) for name in names]


def worktree_changes(
    repository: Repository, base: str, keep_sources: Callable[[list[FileDiff]], list[FileDiff]]
) -> ChangeSet:
    """Return what the worktree changes beside the common ancestor of HEAD and another commit.

    Args:
        repository: that the worktree belongs to.
        base: the other commit.
        keep_sources: gives those of untracked files that count; git names links and virtual
            environments, too.

    Raises:
        GitError: a commit is not known, or git refuses.
    """
    ancestor = repository.history.merge_base(base, "HEAD")
    diffs = repository.diffs.of_worktree(ancestor) + keep_sources(repository.diffs.of_untracked())
    before = _list_commits(repository, [ancestor])
    return ChangeSet([diffs], partial(_read_worktree, repository), None, before)


def read_sources(change_set: ChangeSet, diffs: Mapping[str, FileDiff]) -> dict[str, bytes]:
    """Return what can be had of the contents of files after a change, by the paths to report them under."""
    contents = change_set.read(diffs.values())
    return {path: contents[diff.path] for path, diff in diffs.items() if diff.path and diff.path in contents}


def _read_blobs(repository: Repository, diffs: Iterable[FileDiff]) -> dict[str, bytes]:
    """Return contents from git, by path; those left out that git does not have."""
    names = {diff.path: diff.blob for diff in diffs if diff.path is not None}
    blobs = repository.objects.read_blobs(names.values())
    return {path: blobs[name] for path, name in names.items() if name in blobs}


def _read_worktree(repository: Repository, diffs: Iterable[FileDiff]) -> dict[str, bytes]:
    """Return contents as they are on disk, by path; those left out that can't be read."""
    named = {diff.path: diff for diff in diffs if diff.path is not None}
    places = {path: os.path.normpath(os.path.join(repository.top, path)) for path in named}
    contents = {path: reread(place, path.count("/")) for path, place in places.items()}
    found = {path: data for path, data in contents.items() if data is not None}
    # What a sparse checkout leaves out of the worktree counts there as the index has it.
    sparse = [diff for path, diff in named.items() if path not in found and not os.path.lexists(places[path])]
    return found | _read_blobs(repository, sparse)


def find_unmerged(diffs: Mapping[str, FileDiff], found: Container[str]) -> dict[str, Verdict]:
    """Return the verdicts on files that a merge has left with conflicts.

    Args:
        diffs: what differs, by the path to report it under.
        found: such paths of files with one content.
    """
    error = FileError("unmerged", "it has unresolved merge conflicts")
    unmerged = (path for path, diff in diffs.items() if diff.is_unmerged and path not in found)
    return {path: fail(path, error) for path in unmerged}


def fail(path: str, error: FileError) -> Verdict:
    """Return the verdict on a file that has no numbers."""
    return Verdict(path, Measurement(FileMetrics(), (), error), failed=True)
