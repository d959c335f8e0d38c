"""Sources to judge: a path for reports, and a content from a file, from git or from a pipe.

Files of the working tree, blobs of git and standard input are treated alike: find (``storage``) or measure
(``measuring``), compare with limits (``check``), store (``storage``).
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from pytest_antipasta.files import (
    Content,
    UnreadableError,
    describe_too_large,
    find_source,
    open_file,
    read_file,
)
from pytest_antipasta.model import FileError
from pytest_antipasta.runtime import FilePlace

if TYPE_CHECKING:
    from pytest_antipasta.extension import LoadedLanguage


class Source(Protocol):
    """A source to judge."""

    @property
    def path(self) -> str:
        """The path in reports."""

    @property
    def digest(self) -> bytes | None:
        """The digest of the content, if it is known without reading."""

    def read(self, max_size: float) -> Content:
        """Return the content; for a notebook, the code of its cells.

        Args:
            max_size: the largest size to read, in bytes.

        Raises:
            UnreadableError: the content can't be read, or is too large.
        """

    def open(self) -> IO[bytes]:
        """Return the content as an open binary file.

        Raises:
            OSError: the content can't be read.
        """


class HeldSource(NamedTuple):
    """Content in memory: of no file, or of a version in git.

    Attributes:
        path: the path in reports.
        data: the content.
        digest: digest of the content, if computed before.
        code: code to measure, if the content was read before.
    """

    path: str
    data: bytes
    digest: bytes | None = None
    code: bytes | None = None

    def read(self, max_size: float) -> Content:
        """Return the content, without a file status."""
        if len(self.data) > max_size:
            raise UnreadableError(describe_too_large(len(self.data), max_size))
        return Content(find_source(self.path, self.data) if self.code is None else self.code, None)

    def open(self) -> IO[bytes]:
        """Return the content as an open binary file."""
        return io.BytesIO(self.data)


class Task(NamedTuple):
    """A file of the working tree, or a content, as plain data that can be sent to another process.

    Attributes:
        path: the path in reports.
        location: location to open the file; empty for a content.
        digest: digest of the content, if known without reading.
        size: size in bytes when the file was found; 0 if unknown.
        data: a content that belongs to no file; ``None`` for the file's.
        place: entry of the walk that found the file; ``None`` for a named file, which may be a link.
    """

    path: str
    location: str
    digest: bytes | None = None
    size: int = 0
    data: bytes | None = None
    place: FilePlace | None = None

    def read(self, max_size: float) -> Content:
        """Return the file's content and status."""
        if self.data is not None:
            return HeldSource(self.path, self.data).read(max_size)
        data, signature = read_file(self.location, max_size, self.place)
        return Content(find_source(self.path, data), signature)

    def open(self) -> IO[bytes]:
        """Open the file."""
        if self.data is not None:
            return HeldSource(self.path, self.data).open()
        return open_file(self.location, self.place)


class CopiedSource(NamedTuple):
    """A file of another process, read from a copy here; missing or different contents are fetched.

    Attributes:
        path: the path in reports.
        digest: digest of the content to judge.
        read_copy: returns the content of the copy, up to a size in bytes.
        languages: languages of extensions, as settings name them.
        fetch: returns the content of a path; ``None`` if it can't be read.
    """

    path: str
    digest: bytes
    read_copy: Callable[[float], bytes]
    languages: tuple[str, ...]
    fetch: Callable[[str], bytes | None]

    def read(self, max_size: float) -> Content:
        """Return the content, without a file status, as the copy has another one."""
        with suppress(UnreadableError):
            data = find_source(self.path, self.read_copy(max_size))
            if self._is_right(data):
                return Content(data, None)
        fetched = self.fetch(self.path)
        if fetched is None or not self._is_right(fetched):
            raise UnreadableError(FileError("missing", "the file changed or was deleted during the run"))
        return Content(fetched, None)

    def open(self) -> IO[bytes]:
        """Return the content as an open binary file."""
        return io.BytesIO(self.read(float("inf")).data)

    def _is_right(self, data: bytes) -> bool:
        return digest_content(data, self.languages, self.path) == self.digest


def reread(source: Source) -> bytes | None:
    """Return the content of a source that was judged before, or ``None`` if it has changed or is gone."""
    try:
        return source.read(float("inf")).data
    except UnreadableError:
        return None


def encode_tasks(tasks: Iterable[Task]) -> bytes:
    """Return files as bytes, for another process."""
    # The name of a file may not be valid text.
    return msgspec.msgpack.encode([(*task[:1], os.fsencode(task.location), *task[2:]) for task in tasks])


def decode_tasks(data: bytes) -> Iterator[Task]:
    """Yield the files from bytes."""
    for path, location, *others in msgspec.msgpack.decode(data):
        yield Task(path, os.fsdecode(location), *others)


def find_language(languages: tuple[str, ...], path: str) -> LoadedLanguage | None:
    """Return the configured language that measures a file; ``None`` for Python and all others."""
    if not languages:
        return None
    from pytest_antipasta.extension import find_languages

    found = find_languages(languages).items()
    return next((language for ending, language in found if path.endswith(ending)), None)


def digest_content(data: bytes, languages: tuple[str, ...], path: str) -> bytes:
    """Return the key of a file's content in the store: its sha256.

    For a language of an extension, the versions are hashed too, so that an upgrade measures only contents of
    this language again. A NUL separates them, as no valid Python source contains one.
    """
    language = find_language(languages, path)
    salt = f"{language}\0".encode() if language else b""
    return hashlib.sha256(salt + data).digest()
