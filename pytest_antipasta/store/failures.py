"""What goes wrong with a database: damage, or trouble with the machine around it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pytest_antipasta.store.database import load_core
from pytest_antipasta.store.protocol import EntryError, StoreError

# How SQLite's OperationalErrors begin that say nothing against the database. Error codes would be better
# and come with CPython 3.11.
_TROUBLE = (
    "database is locked", "database table is locked", "database schema is locked", "attempt to write",
    "unable to open", "disk I/O error", "database or disk is full", "interrupted", "locking protocol",
    "large file support", "out of memory",
)  # fmt: skip
# What says nothing against the database either: locks that a file system does not have, a mistake of ours.
_NO_DAMAGE = (OSError, MemoryError, NotImplementedError, EntryError, StoreError, sqlite3.ProgrammingError)


def is_damage(error: Exception) -> bool:
    """Whether the database is broken, so that only a new one helps.

    diskcache stumbles in ways of its own over tables that are not as it made them.
    """
    if isinstance(error, sqlite3.OperationalError):
        return not str(error).startswith(_TROUBLE)
    return not isinstance(error, (*_NO_DAMAGE, load_core().Timeout))


def describe(error: Exception, directory: Path) -> str:
    """Return what is wrong, where, and what to do if it is known."""
    if isinstance(error, (TimeoutError, load_core().Timeout)) or "is locked" in str(error):
        return f"locked by another process ({directory})"
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return f"{_find_file(directory)} is no folder; remove it, or name another folder with cache_dir"
    if isinstance(error, PermissionError):
        return f"no permission ({directory}); change it, or name another folder with cache_dir"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({directory})"
    return f"{error} ({directory})"


def _find_file(directory: Path) -> Path:
    """Return what stands in the way of a folder."""
    return next((path for path in (directory, *directory.parents) if path.is_file()), directory)
