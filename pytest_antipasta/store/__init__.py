"""Measurements by content, kept between runs: a key and bytes, and nothing about files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol


class StoreError(Exception):
    """The store can't be used; the message says why. A run goes on without it."""


class EntryError(ValueError):
    """One entry of the store can't be used; the message says why. It counts as missing."""


class Store(Protocol):
    """What the engine asks of a store. Every method may raise :class:`StoreError`."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or ``None`` where there is none.

        Raises:
            EntryError: what is there was not written by this store.
        """

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that have one that this store has written."""

    def put_many(self, items: Mapping[bytes, bytes]) -> None:
        """Keep all items, or none where that fails."""

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Forget the keys that are there."""

    def close(self) -> None:
        """Let go of files; further calls are an error of the caller."""
