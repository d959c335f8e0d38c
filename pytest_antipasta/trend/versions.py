"""Compare neighbouring commits of a history, to follow blocks from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.files.notebooks import find_source
from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.metrics.following.comparison import BlockComparison
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.metrics.source import SourceError, decode_source
from pytest_antipasta.model.measured import Measured, Measurement
from pytest_antipasta.trend.contents import MISSING, Contents, OldFile

Pair: TypeAlias = "tuple[OldFile | None, OldFile | None]"
"""A file before and after a change; ``None`` if it does not exist."""
# Maximum bytes of contents, and number of measurements, kept in memory for the next commits.
_BYTES, _MEASUREMENTS = 16e6, 500


class PartialFile(NamedTuple):
    """A content without some of its blocks.

    Attributes:
        file: the content.
        without: qualified names of blocks to ignore.
    """

    file: OldFile
    without: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.file.path


class Versions:
    """Compares commits. Contents are read and measured when needed, in batches.

    Attributes:
        unread: contents with stored values that git does not have, so that they can't be compared.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._measured: dict[bytes, Measurement] = {}
        self._data: dict[str, bytes] = {}
        self._size = 0
        self._missing: set[str] = set()
        self.unread: set[bytes] = set()

    def pair(self, change: Sequence[FileDiff]) -> list[Pair]:
        """Return the old and new contents of the source files of a change."""
        return [
            (_find_old(diff), None if diff.path is None else OldFile(diff.blob, diff.path)) for diff in change
        ]

    def find_pair(self, change: Sequence[FileDiff], path: str) -> tuple[OldFile | None, OldFile] | None:
        """Return the old and new content of a file of the new side; ``None`` if it is unchanged."""
        found = ((_find_old(diff), OldFile(diff.blob, path)) for diff in change if diff.path == path)
        return next(found, None)

    def has_numbers(self, file: OldFile) -> bool:
        """Return whether a content is measured without an error."""
        return not self.find_error(file)

    def find_error(self, file: OldFile) -> str:
        """Return the kind of error of a content; empty for none."""
        error = self._look_up(file, [file]).measurement.error
        return "" if error is None else error.kind

    def compare(self, pairs: Iterable[tuple[OldFile | None, PartialFile | None]]) -> BlockComparison:
        """Return both sides of a change, from pairs of files before and after it."""
        known = list(pairs)
        before = self._make_versions([PartialFile(old) for old, _ in known if old is not None])
        after = self._make_versions([new for _, new in known if new is not None])
        origins = {new.path: old.path for old, new in known if old is not None and new is not None}
        return BlockComparison(before, after, origins)

    def pass_over(self, old: OldFile | None, new: OldFile | None) -> PartialFile | None:
        """Return the content used for a file after a change; ``None`` if the file does not exist.

        For a content without values, this is the old content, without blocks whose text is missing: these may
        have moved to another file.
        """
        if new is None or self.has_numbers(new):
            return new and PartialFile(new)
        if old is None or not self.has_numbers(old):
            return old and PartialFile(new)
        version, broken = self.open(old), self.open(new)
        gone = {name for name in version.blocks if not broken.has_lines(version.block_lines(name))}
        return PartialFile(OldFile(old.blob, new.path), frozenset(gone))

    def open(self, file: OldFile) -> FileVersion:
        """Return a version of a file with one content."""
        return self._make_version(PartialFile(file), [file])

    def read(self, file: OldFile) -> str:
        """Return the text of a content; empty if it is missing or can't be decoded."""
        try:
            return decode_source(self._read(file))
        except SourceError:
            return ""

    def read_ahead(self, files: Iterable[OldFile]) -> None:
        """Read contents that will be needed in one batch."""
        self._read_all(file.blob for file in files)

    def keep_bodies(self, comparison: BlockComparison) -> None:
        """Store the computed digests of bodies, as the next commit and the next run need them again."""
        for version in chain(comparison.before.versions.values(), comparison.after.versions.values()):
            if (bodies := version.find_news()) and (digest := version.known.digest) is not None:
                self._measured[digest] = replace(version.measurement, bodies=bodies)
                self._contents.keep(digest, self._measured[digest])

    def prefetch(self, files: Iterable[OldFile]) -> None:
        """Measure and read contents that will be needed in one batch."""
        wanted = {self._contents.digest(file): file for file in files}
        missing = {digest: file for digest, file in wanted.items() if digest not in self._measured}
        if len(self._measured) + len(missing) > _MEASUREMENTS:
            self._measured.clear()
            missing = wanted
        self._measured.update(self._contents.find(missing))
        blobs = [file.blob for file in wanted.values()]
        self._read_all(blobs[:_MEASUREMENTS])
        self._missing |= self._contents.find_missing(blobs[_MEASUREMENTS:])

    def _make_versions(self, parts: Sequence[PartialFile]) -> list[FileVersion]:
        """Return versions of one side, which are all measured in one batch on first use."""
        files = [part.file for part in parts]
        return [self._make_version(part, files) for part in parts]

    def _make_version(self, part: PartialFile, files: Sequence[OldFile]) -> FileVersion:
        def measure() -> Measured:
            known = self._measure(part.file, files)
            if not part.without:
                return known
            blocks = [block for block in known.measurement.blocks if block.qualified_name not in part.without]
            # Nothing computed for a part is stored, as it would replace that of the whole.
            return Measured(replace(known.measurement, blocks=tuple(blocks)))

        return FileVersion(part.path, partial(self._read, part.file), measure)

    def _measure(self, file: OldFile, files: Sequence[OldFile]) -> Measured:
        known = self._look_up(file, files)
        if (
            known.measurement is MISSING
            and known.digest is not None
            and self._measured[known.digest].error is None
        ):
            self.unread.add(known.digest)
        return known

    def _look_up(self, file: OldFile, files: Sequence[OldFile]) -> Measured:
        digest = self._contents.digest(file)
        if digest not in self._measured:
            self.prefetch(files)
        measurement = self._measured[digest]
        is_unread = file.blob in self._missing and measurement.error is None
        return Measured(MISSING if is_unread else measurement, digest)

    def _read(self, file: OldFile) -> bytes:
        if file.blob not in self._data:
            self._read_all([file.blob])
        with suppress(UnreadableError):  # a notebook that was invalid then
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
        """Return the contents left out of git's answer, which may stop at one of them."""
        gone = self._contents.find_missing(blobs)
        found = self._contents.read(blobs - gone)
        for blob in blobs - gone - found.keys():
            found |= self._contents.read([blob])
        self._missing |= blobs - found.keys()
        return found


def _find_old(diff: FileDiff) -> OldFile | None:
    return None if diff.old_path is None else OldFile(diff.old_blob, diff.old_path)
