"""Classifying a database's errors: damage, or a problem with the machine around it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

# How SQLite's OperationalErrors begin that say nothing against the database. Error codes would be better
# and come with CPython 3.11.
_TROUBLE = (
    "database is locked", "database table is locked", "database schema is locked", "attempt to write",
    "unable to open", "disk I/O error", "database or disk is full", "interrupted", "locking protocol",
    "large file support", "out of memory",
)  # fmt: skip
# What a machine, its file systems (NotImplementedError: without locks) and its databases can do to a store.
_EXPECTED = (OSError, MemoryError, NotImplementedError, sqlite3.DatabaseError)


def is_expected(error: Exception) -> bool:
    """Whether it came from outside; all else is a mistake of ours, or says already what it has to."""
    return isinstance(error, _EXPECTED) and not isinstance(error, sqlite3.ProgrammingError)


def is_damage(error: Exception) -> bool:
    """Whether the database is broken, so that only a new one helps."""
    if isinstance(error, sqlite3.OperationalError):
        return not str(error).startswith(_TROUBLE)
    return type(error) in (sqlite3.DatabaseError, sqlite3.IntegrityError)


def describe(error: Exception, directory: Path) -> str:
    """Return what is wrong, where, and what to do if it is known."""
    if isinstance(error, TimeoutError) or "is locked" in str(error):
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
