"""The commit gate: a change's files from git, measured, and judged by what the change does to them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from pytest_antipasta.changes import FileVersion, Parent
from pytest_antipasta.engine import Engine
from pytest_antipasta.memory import Memory
from pytest_antipasta.model import Measurement, Verdict
from pytest_antipasta.narrowing import Rules, narrow_verdicts
from pytest_antipasta.patterns import compile_patterns
from pytest_antipasta.revisions import FileDiff, Repository
from pytest_antipasta.settings import Settings
from pytest_antipasta.sweep import Sweep
from pytest_antipasta.worktree import display_path, reread


class ChangeSet(NamedTuple):
    """What is to be judged.

    Attributes:
        parents: for each parent the files that differ from it.
        read: gives the contents of files afterwards, by path relative to the repository's top.
    """

    parents: Sequence[Sequence[FileDiff]]
    read: Callable[[Iterable[FileDiff]], Mapping[str, bytes]]


class GateVerdict(Struct, frozen=True):
    """What came of it.

    Attributes:
        verdicts: of the changed files, in the order of their paths.
        left_out: files that there was no time for, or that came behind the first failure.
        unreadable: files whose content git does not have.
    """

    verdicts: tuple[Verdict, ...]
    left_out: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def staged_changes(repository: Repository) -> ChangeSet:
    """Return what the next commit would change.

    Raises:
        GitError: git refuses.
    """
    parents = [repository.diff_index(parent) for parent in repository.commit_parents()]
    return ChangeSet(parents, lambda diffs: _read_blobs(repository, diffs))


def committed_changes(repository: Repository, base: str, commit: str) -> ChangeSet:
    """Return what a branch changes: a commit beside its common ancestor with another.

    Raises:
        GitError: a commit is not known, or git refuses.
    """
    ancestor = repository.merge_base(base, commit)
    return ChangeSet(
        [repository.diff_commits(ancestor, commit)], lambda diffs: _read_blobs(repository, diffs)
    )


def worktree_changes(repository: Repository, base: str) -> ChangeSet:
    """Return what the worktree changes beside the common ancestor of HEAD and another commit.

    Raises:
        GitError: a commit is not known, or git refuses.
    """
    ancestor = repository.merge_base(base, "HEAD")
    return ChangeSet([repository.diff_worktree(ancestor)], lambda diffs: _read_worktree(repository, diffs))


class Gate:
    """Judges changes to the files of one root."""

    def __init__(self, settings: Settings, repository: Repository, engine: Engine, memory: Memory) -> None:
        """Take what applies, where versions are, and what measures and remembers."""
        self._settings = settings
        self._repository = repository
        self._engine = engine
        self._memory = memory
        self._sweep = Sweep(settings, engine)
        self._include = compile_patterns(settings.include)
        self._exclude = compile_patterns(settings.exclude)
        self._is_critical_path = compile_patterns(settings.critical_paths)
        self._root = os.path.realpath(settings.root)

    def judge(self, change_set: ChangeSet, only: Container[str] | None = None) -> GateVerdict:
        """Judge the source files that a change adds or modifies.

        Args:
            change_set: the change.
            only: paths relative to the repository's top to keep to; ``None`` for all.

        Raises:
            GitError: git refuses.
        """
        deadline = time.monotonic() + self._settings.time_budget
        diffs = self._find_candidates(change_set.parents, only)
        read = change_set.read(diffs.values())
        contents = {path: read[diff.path] for path, diff in diffs.items() if diff.path and diff.path in read}
        found = list(contents)
        found.sort(key=lambda path: (not self._is_critical_path(path), -len(contents[path]), path))
        versions = [FileVersion(path, contents[path], self._measure) for path in found]
        judged, left_out = self._judge_versions(versions, change_set.parents, deadline)
        return GateVerdict(
            verdicts=tuple(sorted(judged, key=lambda verdict: verdict.path)),
            left_out=tuple(sorted(left_out)),
            unreadable=tuple(sorted(set(diffs) - set(found))),
        )

    def _find_candidates(
        self, parents: Sequence[Sequence[FileDiff]], only: Container[str] | None
    ) -> dict[str, FileDiff]:
        """Return by its path under the root each source file that differs from every parent."""
        first, *others = ({diff.path: diff for diff in diffs if diff.path is not None} for diffs in parents)
        return {
            path: diff
            for name, diff in first.items()
            if all(name in other for other in others)
            and (only is None or name in only)
            and (path := self._find_path(name)) is not None
        }

    def _judge_versions(
        self, versions: Sequence[FileVersion], parents: Sequence[Sequence[FileDiff]], deadline: float
    ) -> tuple[list[Verdict], list[str]]:
        """Return the verdicts, and the paths of those that were not looked at any more."""

        @cache
        def compared() -> list[Parent]:
            # Only when a number is over its limit does anybody need the other sides.
            return [self._make_parent(diffs, versions) for diffs in parents]

        judged: list[Verdict] = []
        for place, version in enumerate(versions):
            if time.monotonic() > deadline:
                return self._narrow(judged, compared), [late.path for late in versions[place:]]
            judged.append(self._sweep.judge(version.path, version.measurement))
            if self._settings.fail_fast and self._narrow(judged[-1:], compared)[0].failed:
                return self._narrow(judged, compared), [late.path for late in versions[place + 1 :]]
        return self._narrow(judged, compared), []

    def _narrow(self, verdicts: Sequence[Verdict], parents: Callable[[], list[Parent]]) -> list[Verdict]:
        if self._settings.judge == "all" or not any(verdict.violations for verdict in verdicts):
            return list(verdicts)
        return narrow_verdicts(verdicts, parents(), Rules(self._settings.strict_files, self._is_critical))

    def _make_parent(self, diffs: Iterable[FileDiff], after: Sequence[FileVersion]) -> Parent:
        old = {diff.old_path: diff.old_blob for diff in diffs if diff.old_path is not None}
        blobs = self._repository.read_blobs(old[path] for path in old if self._find_path(path) is not None)
        before = [
            FileVersion(self._path_of(path), blobs[blob], self._measure)
            for path, blob in old.items()
            if blob in blobs
        ]
        origins = {
            self._path_of(diff.path): self._path_of(diff.old_path)
            for diff in diffs
            if diff.path is not None and diff.old_path is not None
        }
        return Parent(before, after, origins)

    def _measure(self, data: bytes) -> Measurement:
        measured = self._engine.measure(data)
        self._memory.keep(measured.digest, measured.record)
        return measured.measurement

    def _is_critical(self, path: str, name: str) -> bool:
        return any(
            fnmatchcase(f"{path}::{name}" if "::" in pattern else name, pattern)
            for pattern in self._settings.critical_functions
        )

    def _find_path(self, name: str) -> str | None:
        """Return the path under the root of a source file, by its name under the repository's top."""
        path = self._path_of(name)
        wanted = self._include(path) and not self._exclude(path) and self._is_below_paths(path)
        return path if wanted else None

    def _is_below_paths(self, path: str) -> bool:
        starts = (os.path.normpath(start).replace(os.sep, "/") for start in self._settings.paths)
        return any(start == "." or path == start or path.startswith(f"{start}/") for start in starts)

    def _path_of(self, name: str) -> str:
        return display_path(Path(self._root), os.path.join(self._repository.top, name))


def _read_blobs(repository: Repository, diffs: Iterable[FileDiff]) -> dict[str, bytes]:
    """Return contents from git, by path; those left out that git does not have."""
    names = {diff.path: diff.blob for diff in diffs if diff.path is not None}
    blobs = repository.read_blobs(names.values())
    return {path: blobs[name] for path, name in names.items() if name in blobs}


def _read_worktree(repository: Repository, diffs: Iterable[FileDiff]) -> dict[str, bytes]:
    """Return contents as they are on disk, by path; those left out that can't be read."""
    paths = [diff.path for diff in diffs if diff.path is not None]
    contents = {path: reread(os.path.join(repository.top, path)) for path in paths}
    return {path: data for path, data in contents.items() if data is not None}
