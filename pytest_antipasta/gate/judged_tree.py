"""All files of a tree of git, judged by limits: the state of a project before or after a change."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from itertools import islice

from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.files.presence import is_named
from pytest_antipasta.gate.measuring import HeldFile
from pytest_antipasta.gate.snapshots import SideFiles
from pytest_antipasta.gate.trees import Tree
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.settings.patterns import make_path_filter

# Number of files whose contents are in memory at a time.
_CHUNK = 100


class JudgedTree:
    """All files before or after a change, judged by the rules of a side; read when needed.

    Attributes:
        settings: the settings of the root.
    """

    def __init__(self, files: SideFiles, tree: Tree, limit_judge: LimitJudge | None = None) -> None:
        """Use the files of a tree, and files on disk that are outside the repository.

        ``limit_judge`` judges them in place of the one that ``files`` has.
        """
        self.settings = files.settings
        self._side_files = files
        self._tree = tree
        self._open = partial(files.open, limit_judge=limit_judge)
        self._files = self._open({})

    def has_file(self, path: str) -> bool:
        """Return whether a file with that path exists; a link counts only if ``paths`` names it."""
        # Reports escape paths that are not UTF-8 with backslashes; escaped paths do not match files.
        if "\\" in path:
            return True
        if (name := self._names.get(path)) is not None:
            return self._tree.entries[name].is_file or is_named(self.settings, path)
        location = os.path.join(self.settings.root, path)
        return not self._side_files.paths.is_inside(path) and os.path.lexists(location)

    def leaves_out(self, path: str) -> bool:
        """Return ``False``: git has all files of a tree."""
        return False

    def has_any(self, path: str) -> bool:
        """Return whether a path is that of a file of the tree, or of a folder with files."""
        return any(map(make_path_filter((path,)), self._names))

    def find_versions(self, paths: Iterable[str]) -> Iterator[tuple[Verdict, HeldFile]]:
        """Yield the verdicts by limits, and the contents, of readable ones of some files, in order."""
        wanted = sorted(paths)
        self.prefetch(wanted)
        for path in filter(self._files.versions.__contains__, wanted):
            if (verdict := self._files.judge(path)).error is None:
                yield verdict, self._files.versions[path]

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read files in one batch before they are needed."""
        unread = [path for path in paths if path in self._names and path not in self._files.versions]
        if unread:
            self._files.add(self.read({path: self._names[path] for path in unread}))

    def iter_versions(self) -> Iterator[tuple[Verdict, HeldFile]]:
        """Yield the verdicts and contents of all source files."""
        named = iter(sorted(self.find_sources().items()))
        while chunk := dict(islice(named, _CHUNK)):
            files = self._open(self.read(chunk))
            files.measure()
            yield from ((files.judge(path), version) for path, version in files.versions.items())

    def find_sources(self) -> dict[str, str]:
        """Return the paths in git of all source files, by their paths in reports."""
        paths = self._side_files.paths
        scripts = self._tree.list_scripts() if paths.takes_scripts else ()
        found = ((paths.find(name, is_script=name in scripts), name) for name in self._tree.entries)
        return {path: name for path, name in found if path is not None}

    def read(self, names: Mapping[str, str]) -> dict[str, bytes]:
        """Return the contents of regular files by their paths in reports, given their paths in git."""
        listed = self._tree.entries
        contents = self._tree.read(
            {name: listed[name].blob for name in names.values() if listed[name].is_file}
        )
        return {path: contents[name] for path, name in names.items() if name in contents}

    @cached_property
    def _names(self) -> dict[str, str]:
        """The paths in git of all files, by their paths in reports."""
        return {self._side_files.paths.name(name): name for name in self._tree.entries}
