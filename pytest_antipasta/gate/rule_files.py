"""Read the settings and the baseline of a tree of git, as a change is judged by rules that its trees have."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.baseline.file import DEFAULT_NAME
from pytest_antipasta.files.locations import path_from
from pytest_antipasta.gate.trees import CommitTree, IndexTree, Tree, WorktreeTree
from pytest_antipasta.git.objects import TreeEntry, name_blob
from pytest_antipasta.git.process import LostContentError, decode
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import FETCH
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.rule_files import DISK, Disk
from pytest_antipasta.settings.values import SETTINGS_NAMES

_MOST_LINKS = 10


class DiskRuleFiles(Disk):
    """The settings files and baselines of a working tree, with the methods of :class:`TreeRuleFiles`."""

    sees_disk = True

    def __init__(self, tree: WorktreeTree) -> None:
        self._tree = tree
        self._top = tree.repository.top
        self._sparse: dict[str, bytes] = {}

    def read(self, path: Path) -> bytes | None:
        """Return the content of a regular file, or of one that a sparse checkout leaves out."""
        if (data := super().read(path)) is None and self._sparse:
            return self._sparse.get(path_from(self._top, os.path.realpath(path)))
        return data

    def is_link(self, path: Path) -> bool:
        """Return whether a file is a link."""
        return path.is_symlink()

    def look_up(self, names: Iterable[str]) -> None:
        """Read those of some files, by their paths from the top, that a sparse checkout leaves out."""
        if gone := {name for name in names if not os.path.lexists(self._top / name)}:
            left = self._tree.entries
            blobs = {name: left[name].blob for name in gone & left.keys() if left[name].is_file}
            self._sparse |= self._tree.read(blobs)

    def iter_notes(self) -> Iterator[str]:
        """Yield nothing, as no file differs from the one on disk."""
        yield from ()

    def is_only_on_disk(self, _: Path) -> bool:
        """Return that no file is, as the working tree itself is judged."""
        return False

    def name_places(self, text: str) -> str:
        """Return an error message unchanged."""
        return text


class _Found(NamedTuple):
    """A regular file of a tree: its path from the repository's top, and its blob."""

    name: str
    blob: str


class TreeRuleFiles:
    """The settings files and baselines of a tree.

    A file that git has in none of the trees of a change is read from disk, as a file of the user: one that
    git ignores, or one outside the repository.

    Attributes:
        sees_disk: whether such files are read.
    """

    def __init__(self, tree: Tree, start: Path, others: Sequence[Tree] | None) -> None:
        """Read nothing yet.

        Args:
            tree: the tree.
            start: the folder where the search for settings starts. Possible files there and above are looked
                up at once.
            others: the other trees that must not have a file that is read from disk; ``None`` to read nothing
                from disk.
        """
        self.sees_disk = others is not None
        self._tree = tree
        self._others = others
        self._top = tree.repository.top
        self._waiting = [
            folder / name for folder in (start, *start.parents) for name in (*SETTINGS_NAMES, DEFAULT_NAME)
        ]
        self._known: dict[str, TreeEntry | None] = {}
        self._loose: set[str] = set()
        self._contents: dict[str, bytes] = {}
        self._read: dict[Path, str] = {}
        self._differing: dict[Path, None] = {}
        self._find_prefixes = cache(self._list_prefixes)

    def read(self, path: Path) -> bytes | None:
        """Return the content of a regular file, or of the one that a link leads to; ``None`` without one.

        Raises:
            UsageError: the file is on disk and unreadable.
            LostContentError: git does not have the content.
        """
        self._look_up([*self._waiting, path])
        self._waiting = []
        found = self._follow(path)
        if not isinstance(found, _Found):
            return None if found is None else DISK.read(found)
        data = self._read_content(found)
        if data is None:  # git has lost what is staged
            if (data := DISK.read(path)) is None:
                raise self._make_error(found.name)
            return data
        self._read[path] = found.name
        if self.sees_disk and not _has(self._top / found.name, data):
            self._differing[path] = None
        return data

    def resolve(self, path: Path) -> Path:
        """Return the location of a file, or of the one that a link of the tree leads to."""
        self._look_up([path])
        found = self._follow(path)
        if isinstance(found, _Found):
            return self._top / found.name
        return DISK.resolve(path if found is None else found)

    def is_link(self, path: Path) -> bool:
        """Return whether a file of the tree is a link."""
        self._look_up([path])
        return any(
            entry is not None and not entry.is_file for entry in map(self._known.get, self._name(path))
        )

    def look_up(self, names: Iterable[str]) -> None:
        """Find files by their paths from the top, and read their contents, all at once."""
        self._look_up(self._top / name for name in names)
        found = self._known.items()
        files = {name: entry.blob for name, entry in found if entry is not None and entry.is_file}
        self._read_all({name: blob for name, blob in files.items() if name not in self._contents})

    def iter_notes(self) -> Iterator[str]:
        """Yield a message for each file that was read and differs from the one on disk."""
        what = "staged version" if isinstance(self._tree, IndexTree) else f"version of {self._tree.label}"
        for path in self._differing:
            yield f"{format_path(path)}: the {what} was used; the working tree differs"

    def is_only_on_disk(self, path: Path) -> bool:
        """Return whether a file in the repository, which git does not ignore, is in no tree of the change.

        Raises:
            GitError: git does not say whether it ignores the file.
        """
        names = self._name(path)
        is_loose = bool(names) and self._loose.issuperset(names) and path.is_file()
        return is_loose and not self._tree.repository.ignores(names[0])

    def name_places(self, text: str) -> str:
        """Return an error message in which files of a commit, and staged ones, are named as such."""
        for path, name in self._read.items():
            start = f"{format_path(path)}:"
            lines = text.split("\n")
            if isinstance(self._tree, CommitTree):
                named = f"{self._tree.label}:{name}:"
                text = "\n".join(
                    named + line.removeprefix(start) if line.startswith(start) else line for line in lines
                )
            elif isinstance(self._tree, IndexTree) and any(line.startswith(start) for line in lines):
                text += f"; the staged version was read: after a change, run `git add {start[:-1]}`"
        return text

    def _look_up(self, paths: Iterable[Path]) -> None:
        """Find the entries of paths in the tree, all at once."""
        names = {name for path in paths for name in self._name(path)} - self._known.keys()
        if names:
            found = self._tree.find(names)
            self._loose |= self._find_loose(names - found.keys())
            self._known |= {name: found.get(name) for name in names}

    def _find_loose(self, missing: set[str]) -> set[str]:
        """Return those of some paths that no tree of the change has, so that they may be read from disk."""
        if not self.sees_disk:
            return set()
        there = [name for name in missing if os.path.lexists(self._top / name)]
        found = (other.find(there) for other in self._others or ()) if there else ()
        return missing.difference(*found)

    def _follow(self, path: Path, links: int = _MOST_LINKS) -> _Found | Path | None:
        """Return the file of the tree that a path leads to, a location on disk, or ``None`` for none."""
        names = self._name(path)
        name = next((name for name in names if self._known[name] is not None), None)
        if name is None:  # also outside the repository, where there are no names
            return path if self.sees_disk and self._loose.issuperset(names) else None
        entry = self._known[name] or TreeEntry("", False)
        if entry.is_file:
            return _Found(name, entry.blob)
        target = self._find_target(name, entry.blob)
        if target is None or not links:  # a submodule, or links that lead round
            return None
        self._look_up([target])
        return self._follow(target, links - 1)

    def _find_target(self, name: str, blob: str) -> Path | None:
        """Return where a link leads to; ``None`` if its content is not a path."""
        target = self._tree.read({name: blob}).get(name, b"\0")
        if b"\0" in target:
            return None
        folder = os.path.dirname(self._top / name)
        return Path(os.path.normpath(os.path.join(folder, decode(target))))

    def _read_content(self, found: _Found) -> bytes | None:
        """Return the content of a file; ``None`` if the one that is staged is lost."""
        name, blob = found
        if name not in self._contents:
            self._read_all({name: blob})
        if name not in self._contents and not isinstance(self._tree, IndexTree):
            raise self._make_error(name)
        return self._contents.get(name)

    def _make_error(self, name: str) -> LostContentError:
        return LostContentError(f"can't read {name} in {self._tree.label}; {FETCH}")

    def _read_all(self, blobs: Mapping[str, str]) -> None:
        """Read contents: from disk if they are the same there, as git needs a process for its own."""
        same = {name: self._read_same(name, blob) for name, blob in blobs.items()}
        self._contents |= {name: data for name, data in same.items() if data is not None}
        self._contents |= self._tree.read({name: blob for name, blob in blobs.items() if same[name] is None})

    def _read_same(self, name: str, blob: str) -> bytes | None:
        """Return the content of a file on disk if git's is the same."""
        try:
            data = read_regular(self._top / name)
        except OSError:
            return None
        return data if name_blob(data, len(blob)) == blob else None

    def _name(self, path: Path) -> list[str]:
        """Return the paths from the top that a location may have in the tree; none outside the repository."""
        return [f"{prefix}{path.name}" for prefix in self._find_prefixes(path.parent)]

    def _list_prefixes(self, folder: Path) -> list[str]:
        """Return what the paths from the top of files in a folder begin with; none outside the repository."""
        names = (path_from(self._top, place) for place in (os.path.abspath(folder), os.path.realpath(folder)))
        inside = (name for name in names if name.partition("/")[0] != ".." and not os.path.isabs(name))
        return list(dict.fromkeys("" if name == "." else f"{name}/" for name in inside))


def _has(path: Path, data: bytes) -> bool:
    """Return whether a file on disk has a content. Line ends are ignored, as git may convert them."""
    try:
        return _unify(read_regular(path)) == _unify(data)
    except OSError:
        return False


def _unify(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
