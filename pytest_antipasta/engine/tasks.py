"""What is sent to a process of our own: how to work, and on which files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from pytest_antipasta.model import Signature, Verdict
from pytest_antipasta.settings import Settings

SERVER = "pytest_antipasta.engine.worker"
"""The module that answers in a process of our own."""


class Orders(msgspec.Struct, frozen=True):
    """How it is to work.

    Attributes:
        settings: what files are judged by.
        cache_dir: the folder of the store to look measurements up in.
    """

    settings: Settings
    cache_dir: Path | None

    def encode(self) -> bytes:
        """Return them as bytes."""
        return msgspec.msgpack.encode(self, enc_hook=_encode_path)


def decode_orders(data: bytes) -> Orders:
    """Return what was encoded."""
    return msgspec.msgpack.decode(data, type=Orders, dec_hook=_decode_path)


def encode_tasks(tasks: Iterable[Task]) -> bytes:
    """Return files as bytes."""
    # The name of a file may be no text.
    return msgspec.msgpack.encode([(*task[:1], os.fsencode(task.location), *task[2:]) for task in tasks])


def decode_tasks(data: bytes) -> Iterator[Task]:
    """Yield the files that were encoded."""
    for path, location, *others in msgspec.msgpack.decode(data):
        yield Task(path, os.fsdecode(location), *others)


def _encode_path(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"{type(value).__name__} in what a process is begun with")


def _decode_path(kind: type, value: Any) -> Any:
    return kind(os.fsdecode(value))


class Task(NamedTuple):
    """One file to judge, as plain data that can go to another process.

    Attributes:
        path: to report it under.
        location: to open it by.
        digest: of its content, when that is known without reading.
        size: in bytes, when it was found; 0 where that is not known.
    """

    path: str
    location: str
    digest: bytes | None = None
    size: int = 0


class Result(Struct, frozen=True):
    """What came of a task.

    Attributes:
        verdict: the numbers and what is thought of them.
        digest: of the content; ``None`` when it could not be read.
        signature: the file's status, when digest and status belong together from now on.
        record: what the store should keep.
        warnings: what the user should know of the store.
        is_aging: whether the store should note that what it has of the content is in use.
        seconds: of the wall clock, that it took.
    """

    verdict: Verdict
    digest: bytes | None = None
    signature: Signature | None = None
    record: bytes | None = None
    warnings: tuple[str, ...] = ()
    is_aging: bool = False
    seconds: float = 0.0


class Judge(Protocol):
    """What gives results, whether it has them already or not."""

    def run(self, task: Task) -> Result:
        """Return what came of one file; nothing that is wrong with it raises."""

    def is_known(self, task: Task) -> bool:
        """Whether there is nothing to measure for it."""


class KnownResults:
    """Hands out results that are there already."""

    def __init__(self, results: Iterable[Result]) -> None:
        """Take the results."""
        self._results = {result.verdict.path: result for result in results}

    def run(self, task: Task) -> Result:
        """Return the file's result."""
        return self._results[task.path]

    def is_known(self, task: Task) -> bool:
        """Whether there is one."""
        return task.path in self._results
