"""The orders that a worker process starts with: rules and store, encoded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from pytest_antipasta.engine.rules import Rules

SERVER = "pytest_antipasta.engine.workers.worker"
"""The module that answers in a process of our own."""
COGNITIVE = b"cognitive"
"""The orders to count nothing of contents but their cognitive complexity."""


def encode_orders(rules: Rules, cache_dir: Path | None) -> bytes:
    """Return the orders to judge files by rules, with the store in a folder to look measurements up in."""
    return msgspec.msgpack.encode((rules, cache_dir), enc_hook=_encode_path)


def decode_orders(data: bytes) -> tuple[Rules, Path | None]:
    """Return what was encoded."""
    return msgspec.msgpack.decode(data, type=tuple[Rules, Path | None], dec_hook=_decode_path)


def _encode_path(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"{type(value).__name__} in what a process is begun with")


def _decode_path(kind: type, value: Any) -> Any:
    # It is asked about what may be any object, too.
    return kind(os.fsdecode(value)) if issubclass(kind, Path) else value
