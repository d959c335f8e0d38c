"""Neighbouring commits of a history side by side, so that blocks can be followed from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain

from msgspec.structs import replace

from pytest_antipasta.engine import Measured
from pytest_antipasta.files import UnreadableError, find_source
from pytest_antipasta.git import FileDiff
from pytest_antipasta.metrics import BlockComparison, FileVersion, SourceError, decode_source
from pytest_antipasta.model import Measurement
from pytest_antipasta.trend.contents import MISSING, Contents, OldFile

# Bytes of contents, and measurements, that are in memory for the next commits.
_BYTES, _MEASUREMENTS = 16e6, 500


class Versions:
    """Compares commits. What that takes is read and measured when it is needed, for many files at once.

    Attributes:
        unread: contents that have numbers in the store, and are not here to be compared.
    """

    def __init__(self, contents: Contents, find: Callable[[str | None], str | None]) -> None:
        """Take contents; ``find`` gives the path that a file of git's is reported under, if it is."""
        self._contents = contents
        self._find = find
        self._measured: dict[bytes, Measurement] = {}
        self._data: dict[str, bytes] = {}
        self._size = 0
        self._missing: set[str] = set()
        self.unread: set[bytes] = set()

    def list_files(self, change: Sequence[FileDiff]) -> list[OldFile]:
        """Return the source files of a change as they were and as they are."""
        before = ((diff.old_blob, diff.old_path) for diff in change)
        after = ((diff.blob, diff.path) for diff in change)
        named = ((blob, self._find(path)) for blob, path in chain(before, after))
        return [OldFile(blob, path) for blob, path in named if path is not None]

    def find_pair(self, change: Sequence[FileDiff], path: str) -> tuple[OldFile | None, OldFile] | None:
        """Return a file of the later side as it was and as it is; ``None`` where it is the same."""
        for diff in change:
            if self._find(diff.path) == path:
                old = self._find(diff.old_path)
                return (OldFile(diff.old_blob, old) if old else None), OldFile(diff.blob, path)
        return None

    def compare(self, change: Sequence[FileDiff], held: Mapping[str, str] = {}) -> BlockComparison:
        """Return both sides of a change, renames found.

        Args:
            change: of a commit.
            held: contents to take for some files in place of those that the commit has, by path.
        """
        find = self._find
        named = [(find(diff.old_path), find(diff.path), diff) for diff in change]
        before = [OldFile(diff.old_blob, old) for old, _, diff in named if old is not None]
        after = [OldFile(held.get(path, diff.blob), path) for _, path, diff in named if path is not None]
        origins = {path: old for old, path, _ in named if path is not None and old is not None}
        return BlockComparison(self._make_versions(before), self._make_versions(after), origins)

    def open(self, file: OldFile) -> FileVersion:
        """Return one content of a file."""
        return self._make_versions([file])[0]

    def read(self, file: OldFile) -> str:
        """Return the text of a content, nothing where it is none."""
        try:
            return decode_source(self._read(file))
        except SourceError:
            return ""

    def read_ahead(self, files: Iterable[OldFile]) -> None:
        """Read at once what will be asked for."""
        self._read_all(file.blob for file in files)

    def keep_bodies(self, comparison: BlockComparison) -> None:
        """Keep what comparing took to work out, as the next commit and the next run ask for it again."""
        for version in chain(comparison.before.versions.values(), comparison.after.versions.values()):
            if (bodies := version.find_news()) and (digest := version.known.digest) is not None:
                self._measured[digest] = replace(version.measurement, bodies=bodies)
                self._contents.keep(digest, self._measured[digest])

    def prefetch(self, files: Iterable[OldFile]) -> None:
        """Measure and read at once what will be asked for."""
        wanted = {self._contents.digest(file): file for file in files}
        missing = {digest: file for digest, file in wanted.items() if digest not in self._measured}
        if len(self._measured) + len(missing) > _MEASUREMENTS:
            self._measured.clear()
            missing = wanted
        self._measured.update(self._contents.find(missing))
        blobs = [file.blob for file in wanted.values()]
        self._read_all(blobs[:_MEASUREMENTS])
        self._missing |= self._contents.find_missing(blobs[_MEASUREMENTS:])

    def _make_versions(self, files: Sequence[OldFile]) -> list[FileVersion]:
        """Return contents of one side, which are measured all at once when one of them has to be."""
        return [
            FileVersion(file.path, partial(self._read, file), partial(self._measure, file, files))
            for file in files
        ]

    def _measure(self, file: OldFile, files: Sequence[OldFile]) -> Measured:
        digest = self._contents.digest(file)
        if digest not in self._measured:
            self.prefetch(files)
        measurement = self._measured[digest]
        if file.blob in self._missing and measurement.error is None:
            self.unread.add(digest)
            return Measured(MISSING, digest)
        return Measured(measurement, digest)

    def _read(self, file: OldFile) -> bytes:
        if file.blob not in self._data:
            self._read_all([file.blob])
        with suppress(UnreadableError):  # a notebook that was none then
            return find_source(file.path, self._data.get(file.blob, b""))
        return b""

    def _read_all(self, blobs: Iterable[str]) -> None:
        missing = [blob for blob in blobs if blob not in self._data]
        if self._size > _BYTES:
            self._data.clear()
            self._size = 0
        found = self._contents.read(missing)
        if len(found) < len(missing):
            found |= self._read_rest(set(missing) - found.keys())
        for blob, data in found.items():
            self._data[blob] = data
            self._size += len(data)

    def _read_rest(self, blobs: set[str]) -> dict[str, bytes]:
        """Return those contents of a question that git has not answered to its end: it may stop at one."""
        gone = self._contents.find_missing(blobs)
        found = self._contents.read(blobs - gone)
        for blob in blobs - gone - found.keys():
            found |= self._contents.read([blob])
        self._missing |= blobs - found.keys()
        return found
