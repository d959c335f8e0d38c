"""The files of an index or a commit as a tree, in which a baseline follows moved code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice

from pytest_antipasta.baseline import Source
from pytest_antipasta.engine import FileTree
from pytest_antipasta.files import SourcePaths
from pytest_antipasta.gate.change_sets import Listing
from pytest_antipasta.git import Repository
from pytest_antipasta.model import Verdict

# Files whose contents are in memory at a time.
_CHUNK = 100


class GitTree:
    """Files and blocks as git has them, each looked at only when it is needed."""

    def __init__(
        self,
        around: FileTree,
        paths: SourcePaths,
        repository: Repository,
        list_all: Listing,
    ) -> None:
        """Look at what git has in a place.

        Args:
            around: the worktree, for what is outside of the repository.
            paths: which files are source files.
            repository: that has the contents.
            list_all: gives all that git has in that place.
        """
        self._around = around
        self._paths = paths
        self._repository = repository
        self._list_all = list_all
        self._contents: dict[str, bytes] = {}

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""
        if path in self._blobs:
            return True
        return "\\" in path or (not self._paths.is_inside(path) and self._around.has_file(path))

    def find_version(self, path: str) -> tuple[Verdict, Source] | None:
        """Return the verdict on a file by its limits, and its content; ``None`` where it can't be had."""
        blob, is_file = self._blobs.get(path, ("", False))
        if is_file and blob not in self._contents:
            self._contents |= self._repository.objects.read_blobs([blob])
        data = self._contents.get(blob) if is_file else None
        if data is None:
            return None
        verdict, source = self._around.judge_content(path, data)
        return (verdict, source) if verdict.error is None else None

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read at once what will be asked for."""
        found = (self._blobs.get(path, ("", False)) for path in paths)
        self._contents |= self._repository.objects.read_blobs(blob for blob, is_file in found if is_file)

    def iter_versions(self) -> Iterator[tuple[Verdict, Source]]:
        """Yield those of all files."""
        named = ((self._paths.find(path), blob) for path, (blob, is_file) in self._listed.items() if is_file)
        sources = iter(sorted((path, blob) for path, blob in named if path is not None))
        while chunk := dict(islice(sources, _CHUNK)):
            contents = self._repository.objects.read_blobs(chunk.values())
            for path, blob in chunk.items():
                if blob in contents:
                    yield self._around.judge_content(path, contents[blob])

    @cached_property
    def _listed(self) -> Mapping[str, tuple[str, bool]]:
        return self._list_all()

    @cached_property
    def _blobs(self) -> dict[str, tuple[str, bool]]:
        return {self._paths.name(path): found for path, found in self._listed.items()}
