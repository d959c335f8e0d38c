"""What is sent to a process of our own: how to work, and on which files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from pytest_antipasta.settings import Settings
from pytest_antipasta.sweep import Task


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
