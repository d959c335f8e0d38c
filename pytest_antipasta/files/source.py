"""Sources: what is measured and judged, wherever its content comes from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pytest_antipasta.files.notebooks import find_source
from pytest_antipasta.files.reading import (
    Content,
    UnreadableError,
    describe_too_large,
    read_file,
)
from pytest_antipasta.model.measured import Measured, Signature
from pytest_antipasta.runtime.fileio import FilePlace

if TYPE_CHECKING:
    from pytest_antipasta.metrics.following.file_version import FileVersion


class Source(NamedTuple):
    """A file, or a content in memory: of git, of standard input, or of an editor.

    Attributes:
        path: path in reports: posix, relative to the root, or absolute outside it.
        location: location to open the file; empty for a content.
        digest: digest of the content, if known without reading.
        size: size in bytes when the file was found; 0 if unknown.
        data: the content in memory; ``None`` for a file.
        place: device, inode and depth at which a walk found the file; ``None`` for a named file, which may be
            a link.
        signature: status of the file when it was found; ``None`` if it must be read in any case.
        code: the source in ``data``, if that is known: of a notebook, the code of its cells.
    """

    path: str
    location: str = ""
    digest: bytes | None = None
    size: int = 0
    data: bytes | None = None
    place: FilePlace | None = None
    signature: Signature | None = None
    code: bytes | None = None

    def read(self, max_size: float) -> Content:
        """Return the source and the file's status; of a notebook, the code of its cells.

        ``max_size`` is the largest size to read, in bytes.

        Raises:
            UnreadableError: the content can't be read, or is too large.
        """
        if self.data is None:
            data, signature = read_file(self.location, max_size, self.place)
            return Content(find_source(self.path, data), signature)
        if len(self.data) > max_size:
            raise UnreadableError(describe_too_large(len(self.data), max_size))
        return Content(find_source(self.path, self.data) if self.code is None else self.code, None)

    def reread(self) -> bytes | None:
        """Return the source after it was judged; ``None`` if it can't be read any more."""
        try:
            return self.read(float("inf")).data
        except UnreadableError:
            return None

    def make_version(self, known: Measured, data: bytes | None = None) -> FileVersion:
        """Return the source with its values, for the bodies of its blocks, which are read when needed.

        ``data`` is the source, if it was read.
        """
        from pytest_antipasta.metrics.following.file_version import FileVersion  # most roots have no baseline

        return FileVersion(self.path, lambda: data or self.reread() or b"", lambda: known)


def encode_sources(sources: Iterable[Source]) -> bytes:
    """Return sources as bytes, for another process, which needs no status."""
    # The name of a file may not be valid text.
    return msgspec.msgpack.encode(
        [
            (source.path, os.fsencode(source.location), source.digest, source.size, source.data, source.place)
            for source in sources
        ]
    )


def decode_sources(data: bytes) -> Iterator[Source]:
    """Yield the sources from bytes."""
    for path, location, *others in msgspec.msgpack.decode(data):
        yield Source(path, os.fsdecode(location), *others)
