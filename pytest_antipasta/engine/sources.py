"""Sources that can be judged: a path for reports, and a content from a file, from git or from a pipe.

A file of the worktree, a blob of git's and standard input differ in nothing else, and go one way: find
(``storage``) or measure (``measuring``), compare with limits (``check``), keep (``storage``).
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
from pytest_antipasta.runtime import Place

if TYPE_CHECKING:
    from pytest_antipasta.extension import LoadedLanguage


class Source(Protocol):
    """Something to judge."""

    @property
    def path(self) -> str:
        """What it is reported under."""

    @property
    def digest(self) -> bytes | None:
        """What stands for the content, where that is known without reading."""

    def read(self, max_size: float) -> Content:
        """Return the content; of a notebook the code of its cells.

        Args:
            max_size: the largest size to read, in bytes.

        Raises:
            UnreadableError: it can't be had, or is too large.
        """

    def open(self) -> IO[bytes]:
        """Return the content to be read in parts.

        Raises:
            OSError: it can't be had.
        """


class HeldSource(NamedTuple):
    """Content that is in memory already, of no file or of a version that git has.

    Attributes:
        path: to report it under.
        data: the content.
        digest: that stands for the content, if somebody has looked.
        code: what there is to measure of the content, if it was read before.
    """

    path: str
    data: bytes
    digest: bytes | None = None
    code: bytes | None = None

    def read(self, max_size: float) -> Content:
        """Return the content, which has no status."""
        if len(self.data) > max_size:
            raise UnreadableError(describe_too_large(len(self.data), max_size))
        return Content(find_source(self.path, self.data) if self.code is None else self.code, None)

    def open(self) -> IO[bytes]:
        """Return the content as if it were a file's."""
        return io.BytesIO(self.data)


class Task(NamedTuple):
    """A file of the worktree, or a content, as plain data that can go to another process.

    Attributes:
        path: to report it under.
        location: to open the file by; empty for a content.
        digest: of its content, when that is known without reading.
        size: in bytes, when it was found; 0 where that is not known.
        data: the content, of no file; ``None`` for that of the file.
        place: where a walk has found the file; ``None`` for a file that was named, which may be a link.
    """

    path: str
    location: str
    digest: bytes | None = None
    size: int = 0
    data: bytes | None = None
    place: Place | None = None

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
    """A file of another process, read from a copy here; what the copy lacks or has otherwise is fetched.

    Attributes:
        path: to report it under.
        digest: of the content that is to be judged.
        read_copy: gives what the copy has, up to a size in bytes.
        languages: of extensions, as settings name them.
        fetch: gives the content of a path; ``None`` where it can't be had.
    """

    path: str
    digest: bytes
    read_copy: Callable[[float], bytes]
    languages: tuple[str, ...]
    fetch: Callable[[str], bytes | None]

    def read(self, max_size: float) -> Content:
        """Return the content, without a status: that of the copy says nothing of the file."""
        with suppress(UnreadableError):
            data = find_source(self.path, self.read_copy(max_size))
            if self._is_right(data):
                return Content(data, None)
        fetched = self.fetch(self.path)
        if fetched is None or not self._is_right(fetched):
            raise UnreadableError(FileError("missing", "the file changed or was deleted during the run"))
        return Content(fetched, None)

    def open(self) -> IO[bytes]:
        """Return the content as if it were a file's."""
        return io.BytesIO(self.read(float("inf")).data)

    def _is_right(self, data: bytes) -> bool:
        return digest_content(data, self.languages, self.path) == self.digest


def reread(source: Source) -> bytes | None:
    """Return the content of a source that was judged before, or ``None`` when it is gone."""
    try:
        return source.read(float("inf")).data
    except UnreadableError:
        return None


def encode_tasks(tasks: Iterable[Task]) -> bytes:
    """Return files as bytes, for another process."""
    # The name of a file may be no text.
    return msgspec.msgpack.encode([(*task[:1], os.fsencode(task.location), *task[2:]) for task in tasks])


def decode_tasks(data: bytes) -> Iterator[Task]:
    """Yield the files that were encoded."""
    for path, location, *others in msgspec.msgpack.decode(data):
        yield Task(path, os.fsdecode(location), *others)


def find_language(languages: tuple[str, ...], path: str) -> LoadedLanguage | None:
    """Return what measures a file, if it is one of the languages that settings name; Python is none."""
    if not languages:
        return None
    # Here, because hardly anybody has an extension.
    from pytest_antipasta.extension import find_languages

    return next((one for ending, one in find_languages(languages).items() if path.endswith(ending)), None)


def digest_content(data: bytes, languages: tuple[str, ...], path: str) -> bytes:
    """Return what stands for the content of a file in the store: its sha256.

    For a language it is one with its versions, so that an upgrade measures its contents anew, and no others.
    The NUL behind them is in no Python source that has numbers.
    """
    language = find_language(languages, path)
    salt = f"{language}\0".encode() if language else b""
    return hashlib.sha256(salt + data).digest()
