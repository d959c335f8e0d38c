"""List the files of the index and of commits, and read their contents."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from pytest_antipasta.git.modes import EXECUTABLE
from pytest_antipasta.git.process import DIED, GitRunner, RefusalError, decode
from pytest_antipasta.runtime.scripts import HEAD_SIZE, has_no_suffix, names_python

# Regular files; links, submodules and folders have other modes.
FILE_MODES = frozenset({"100644", EXECUTABLE})
_FOLDER = "040000 "
# Maximum length of paths in one command: Windows allows 32,767 characters, including git and its options.
_LONGEST_ARGUMENTS = 24_000
# Bytes of contents that are read at a time to find scripts among them.
_MOST_BYTES = 16_000_000
# Bytes of contents that are kept: settings and changed files are read again for another side of a change.
_MOST_KEPT = 4_000_000
# Of an object, by SHA-1 or SHA-256.
_WHOLE_NAME = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_Key = TypeVar("_Key")


class TreeEntry(NamedTuple):
    """An entry of the index or of a commit.

    Attributes:
        blob: object name.
        is_file: whether it is a regular file.
        may_be_script: whether it is an executable file without a suffix.
    """

    blob: str
    is_file: bool
    may_be_script: bool = False


class Objects:
    """The objects of one repository.

    Every method raises :class:`GitError` if git fails.
    """

    def __init__(self, runner: GitRunner) -> None:
        self._runner = runner
        self._listed: tuple[str, dict[str, TreeEntry]] | None = None
        self._are_python: dict[str, bool] = {}
        self._contents: dict[str, bytes] = {}
        self._kept = 0

    def list_index(self) -> dict[str, TreeEntry]:
        """Return the entries of the index by path."""
        return dict(_parse_listing(self._runner.run("ls-files", "--stage", "-z")))

    def list_staged(self, paths: Iterable[str]) -> dict[str, TreeEntry]:
        """Return the entries of some paths in the index, without those that ``git add -N`` adds.

        Such an entry has no content, and is not part of the next commit.
        """
        staged: dict[str, list[TreeEntry]] = {}
        for asked in _divide(_take_literally(paths)):
            listed = self._runner.run("ls-files", "--full-name", "--stage", "-z", "--", *asked)
            for path, entry in _parse_listing(listed):
                staged.setdefault(path, []).append(entry)
        # Several stages mean an unresolved conflict.
        found = {path: entries[0] for path, entries in staged.items() if len(entries) == 1}
        for path in self._find_intended(found):
            del found[path]
        return found

    def _find_intended(self, entries: Mapping[str, TreeEntry]) -> set[str]:
        """Return the paths of those entries of the index that the next commit does not have."""
        empty = {path for path, entry in entries.items() if entry.blob == name_blob(b"", len(entry.blob))}
        if not empty:
            return empty
        command = ("diff", "--cached", "--ita-invisible-in-index", "--name-only", "--no-renames", "-z")
        options = (*command, "-O/dev/null", "--end-of-options", self.empty_tree(), "--")
        listed = (self._runner.run_for_text(*options, *asked) for asked in _divide(_take_literally(empty)))
        return empty.difference(*(answer.split("\0") for answer in listed))

    def list_committed(self, commit: str, paths: Iterable[str]) -> dict[str, TreeEntry]:
        """Return the entries of some paths in a commit, as :meth:`list_index` does."""
        found: dict[str, TreeEntry] = {}
        for asked in _divide(paths):
            options = ("-z", "--full-tree", "--end-of-options", commit, "--")
            found |= _parse_listing(self._runner.run("ls-tree", *options, *asked))
        return found

    def list_tracked(self, paths: Iterable[str]) -> set[str]:
        """Return those of some paths that git tracks, also with unresolved conflicts."""
        return self._list_all(_take_literally(paths), "--cached")

    def list_known(self, paths: Iterable[str]) -> set[str]:
        """Return those of some paths that git tracks, or does not ignore if they are in the working tree."""
        return self._list_all(_take_literally(paths), "--cached", "--others", "--exclude-standard")

    def list_names(self, names: Iterable[str]) -> set[str]:
        """Return the paths in the index of files with some names, in any folder."""
        return self._list_all(f":(top,glob)**/{name}" for name in names)

    def _list_all(self, pathspecs: Iterable[str], *options: str) -> set[str]:
        command = ("ls-files", "--full-name", *options, "-z", "--")
        listed = (self._runner.run_for_text(*command, *asked) for asked in _divide(pathspecs))
        return set[str]().union(*(answer.split("\0") for answer in listed)) - {""}

    def list_sparse(self) -> set[str]:
        """Return the paths in the index that a sparse checkout leaves out of the working tree."""
        listed = self._runner.run_for_text("ls-files", "-t", "-z").split("\0")
        return {line[2:] for line in listed if line.startswith("S ")}

    def list_commit(self, commit: str) -> dict[str, TreeEntry]:
        """Return the entries of a commit by path; those of the last commit are kept."""
        if self._listed is not None and self._listed[0] == commit:
            return self._listed[1]
        listed = self._runner.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit)
        found = dict(_parse_listing(listed))
        if _WHOLE_NAME.fullmatch(commit):  # a branch may name another commit the next time
            self._listed = commit, found
        return found

    def list_sizes(self, names: Iterable[str]) -> dict[str, int]:
        """Return the sizes of objects by name, without missing ones."""
        asked = "".join(f"{name}\n" for name in dict.fromkeys(names)).encode()
        command = ("cat-file", "--batch-check=%(objectname) %(objectsize)")
        try:
            listed = self._runner.run_for_text(*command, asked=asked)
        except RefusalError:
            # Before 2.44, git stops at the first object that a partial clone does not have.
            listed = self._runner.run_for_text(*command, "--batch-all-objects", "--unordered")
        # A missing name is followed by the word "missing".
        sizes = (line.split(" ") for line in listed.splitlines())
        wanted = frozenset(asked.decode().split())
        return {name: int(size) for name, size in sizes if name in wanted and size.isdecimal()}

    def read_blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of blobs by name, without missing ones."""
        wanted = dict.fromkeys(names)
        asked = "".join(f"{name}\n" for name in wanted if name not in self._contents).encode()
        found = {name: self._contents[name] for name in wanted if name in self._contents}
        if asked:
            # Git may stop at a damaged or missing content; those before are valid.
            output = self._runner.begin("cat-file", "--batch", asked=asked).read((0, DIED))
            for name, content in _parse_batch(output):
                found[name] = content
                if self._kept + len(content) <= _MOST_KEPT:
                    self._contents[name] = content
                    self._kept += len(content)
        return found

    def find_scripts(self, entries: Mapping[str, TreeEntry]) -> set[str]:
        """Return the paths of Python scripts among entries, with those whose content git does not have."""
        found = {path: entry.blob for path, entry in entries.items() if entry.may_be_script}
        known = self.find_python(found.values())
        return {path for path, blob in found.items() if known.get(blob, True)}

    def find_python(self, blobs: Iterable[str]) -> dict[str, bool]:
        """Return whether the first line of each blob names Python, without missing blobs."""
        asked = dict.fromkeys(blobs)
        unknown = [blob for blob in asked if blob not in self._are_python]
        sizes = self.list_sizes(unknown) if unknown else {}
        for part in split_by_size(sizes.items(), _MOST_BYTES):
            contents = self.read_blobs(part).items()
            self._are_python |= {blob: names_python(data[:HEAD_SIZE]) for blob, data in contents}
        return {blob: self._are_python[blob] for blob in asked if blob in self._are_python}

    def empty_tree(self) -> str:
        """Return the name of a tree without files, which depends on the repository's hash."""
        return self._runner.run_for_text("hash-object", "-t", "tree", os.devnull).strip()


def _take_literally(paths: Iterable[str]) -> Iterator[str]:
    """Yield pathspecs for paths from the top."""
    return (f":(top,literal){path}" for path in paths)


def _divide(arguments: Iterable[str]) -> Iterator[list[str]]:
    """Yield arguments in parts that fit into a command line on any system; nothing without arguments."""
    # Each has quotes and a space.
    return split_by_size(((argument, len(argument) + 3) for argument in arguments), _LONGEST_ARGUMENTS)


def split_by_size(sizes: Iterable[tuple[_Key, int]], most: float) -> Iterator[list[_Key]]:
    """Yield keys with sizes in parts whose sum is not above a maximum, unless one size alone is."""
    part: list[_Key] = []
    total = 0
    for key, size in sizes:
        if part and total + size > most:
            yield part
            part, total = [], 0
        part.append(key)
        total += size
    if part:
        yield part


def _parse_listing(output: bytes) -> Iterator[tuple[str, TreeEntry]]:
    """Yield paths and entries from the output of ``ls-files`` or ``ls-tree``, without folders."""
    for line in decode(output).split("\0"):
        if line and not line.startswith(_FOLDER):
            head, path = line.split("\t", 1)
            mode, *words = head.split(" ")
            # Both have three words: the index ends with a stage, and a tree begins with mode and kind.
            may_be_script = mode == EXECUTABLE and has_no_suffix(path)
            yield path, TreeEntry(max(words, key=len), mode in FILE_MODES, may_be_script)


def _parse_batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents from ``git cat-file --batch``."""
    place = 0
    while place < len(output):
        end = output.index(b"\n", place)
        head = output[place:end].decode().split(" ")
        place = end + 1
        if len(head) == 3:
            content = output[place : place + int(head[2])]
            if len(content) == int(head[2]):  # git stops within a damaged object
                yield head[0], content
            place += len(content) + 1


def name_blob(data: bytes, length: int) -> str:
    """Return git's name of a content without conversion, of 40 or 64 digits."""
    # It identifies contents, and protects nothing.
    algorithm = hashlib.sha1 if length == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
