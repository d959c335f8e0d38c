"""diskcache's serialization without pickle."""

from __future__ import annotations

from typing import Any

from pytest_antipasta.store import EntryError
from pytest_antipasta.store.core import load_core

_core = load_core()


class ForeignRowError(EntryError):
    """A row that this store would never write."""


class BytesDisk(_core.Disk):  # type: ignore[misc,name-defined]
    """Keeps bytes under bytes, in the database itself.

    diskcache's own ``Disk`` unpickles whatever a row tells it to, so that who can write to the folder
    can run code in the reader (CVE-2025-69872). This one refuses to read or write anything else.
    """

    def put(self, key: object) -> tuple[Any, bool]:
        """Return the key as diskcache stores it."""
        return super().put(only_bytes(key))  # type: ignore[no-any-return]

    def get(self, key: object, raw: object) -> bytes:
        """Return the key of a row."""
        if not raw:
            raise ForeignRowError("a pickled key")
        return only_bytes(key)

    def store(self, value: object, read: object, key: object = _core.UNKNOWN) -> tuple[Any, ...]:
        """Return the columns of a row; never a file of its own."""
        return 0, _core.MODE_RAW, None, only_bytes(value)

    def fetch(self, mode: int, filename: object, value: object, read: object) -> bytes:
        """Return the value of a row."""
        if mode != _core.MODE_RAW:
            raise ForeignRowError("a value that is pickled or stands outside the database")
        return only_bytes(value)

    def remove(self, file_path: object) -> None:
        """Leave the file alone that a replaced row names: this store has none, so the row was foreign."""


def only_bytes(value: object) -> bytes:
    """Return bytes as they are.

    Raises:
        ForeignRowError: it is anything else.
    """
    if type(value) is not bytes:
        raise ForeignRowError(f"{type(value).__name__} where only bytes belong")
    return value
