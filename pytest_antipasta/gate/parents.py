"""The parents of a change: the earlier versions of its files, read when a violation needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from pytest_antipasta.files import SourcePaths
from pytest_antipasta.gate.change_sets import ChangeSet
from pytest_antipasta.git import FileDiff, Repository
from pytest_antipasta.metrics import BlockComparison, FileVersion
from pytest_antipasta.model import FileError

# Of what can't be read as Python there is nothing to compare with, and nothing to wait for.
_OWN_FAULTS = frozenset({"syntax", "encoding"})


class Parents:
    """What a change is compared with; nothing is read before it is needed."""

    def __init__(
        self,
        change_set: ChangeSet,
        versions: Sequence[FileVersion],
        paths: SourcePaths,
        repository: Repository,
        make_version: Callable[[str, bytes], FileVersion],
    ) -> None:
        """Compare a change with its parents.

        Args:
            change_set: the change.
            versions: the files of it that are judged.
            paths: which files of the repository are source files.
            repository: where their earlier content is.
            make_version: makes a version of a path and a content.
        """
        self._change_set = change_set
        self._versions = versions
        self._paths = paths
        self._repository = repository
        self._make_version = make_version
        self._lost: set[str] = set()

    @cached_property
    def parents(self) -> list[BlockComparison]:
        """The other sides."""
        return [self._make_parent(diffs) for diffs in self._change_set.parents]

    @property
    def lost(self) -> frozenset[str]:
        """The files whose earlier content git does not have; it is not known how they changed."""
        return frozenset(self._lost) if self.parents else frozenset()

    def find_trouble(self, path: str) -> FileError | None:
        """Return why a file could not be measured as it was before, unless that was its own fault."""
        files = (parent.file_before(path) for parent in self.parents)
        errors = (file.measurement.error for file in files if file is not None)
        return next((error for error in errors if error is not None and error.kind not in _OWN_FAULTS), None)

    def is_introduced(self, key: tuple[str, str | None, str]) -> bool:
        """Whether the change brings a number, or makes it what it is; by path, qualified name and metric."""
        path, name, _ = key
        return bool(self.parents) and all(parent.is_introduced(path, name) for parent in self.parents)

    def _make_parent(self, diffs: Sequence[FileDiff]) -> BlockComparison:
        find = self._paths.find
        names = {path: diff.old_blob for diff in diffs if diff.old_path and (path := find(diff.old_path))}
        blobs = self._repository.objects.read_blobs(names.values())
        before = {path: blobs[blob] for path, blob in names.items() if blob in blobs}
        origins = self._find_origins(diffs)
        self._lost |= {path for path, origin in origins.items() if origin in names.keys() - before.keys()}
        versions = [self._make_version(path, data) for path, data in before.items()]
        return BlockComparison(versions, [*self._versions, *self._read_others(diffs)], origins)

    def _find_origins(self, diffs: Iterable[FileDiff]) -> dict[str, str]:
        name = self._paths.name
        return {name(diff.path): name(diff.old_path) for diff in diffs if diff.path and diff.old_path}

    def _read_others(self, diffs: Iterable[FileDiff]) -> list[FileVersion]:
        """Return the files that differ from a parent and are not judged.

        In a merge those that another parent has as they are; and those outside the paths that were asked
        for. A block that is there has not moved to where it is judged.
        """
        judged = {version.path for version in self._versions}
        others = {
            diff.path: (diff, path)
            for diff in diffs
            if diff.path and (path := self._paths.find(diff.path)) and path not in judged
        }
        contents = self._change_set.read(diff for diff, _ in others.values())
        return [self._make_version(others[name][1], data) for name, data in contents.items()]
