"""The orders that a worker process starts with: rules and store, encoded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from pytest_antipasta.engine.rules import Rules

SERVER = "pytest_antipasta.engine.worker"
"""The module that answers in a process of our own."""
COGNITIVE = b"cognitive"
"""The orders to count nothing of contents but their cognitive complexity."""


class Orders(msgspec.Struct, frozen=True):
    """How a worker process works.

    Attributes:
        rules: what files are judged by.
        cache_dir: the folder of the store to look measurements up in.
    """

    rules: Rules
    cache_dir: Path | None

    def encode(self) -> bytes:
        """Return them as bytes."""
        return msgspec.msgpack.encode(self, enc_hook=_encode_path)


def decode_orders(data: bytes) -> Orders:
    """Return what was encoded."""
    return msgspec.msgpack.decode(data, type=Orders, dec_hook=_decode_path)


def _encode_path(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"{type(value).__name__} in what a process is begun with")


def _decode_path(kind: type, value: Any) -> Any:
    return kind(os.fsdecode(value))
