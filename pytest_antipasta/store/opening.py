"""Opening the database, setting a damaged one aside, and creating a new one under a lock."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from pytest_antipasta.runtime import read_regular, trusted_first, write_regular
from pytest_antipasta.store.database import (
    LOCK_TIMEOUT,
    NAME,
    PARTS,
    Database,
    create,
    is_damage,
    open_complete,
)
from pytest_antipasta.store.protocol import StoreError

# Left by a process that meets damage inside a database that others may have open, for the next one that
# opens it. It holds the inode of the damaged file.
_DAMAGE_MARK = "damage"
_LOCK = "create.lock"
# Of these there is one in each folder of ours, whatever else has been removed from it.
_OURS = {NAME, _LOCK}


def open_database(
    directory: Path, journal_mode: str, *, is_made: bool = True
) -> tuple[Database, tuple[str, ...]]:
    """Return the database in a folder, and what the user should know of it.

    Args:
        directory: the folder.
        journal_mode: of a database that is made.
        is_made: whether one that is missing or damaged is made anew.

    Raises:
        StoreError: the folder is not to be used, or has no database that can be read.
    """
    if not directory.is_absolute():
        raise StoreError("home folder not found; set cache_dir")
    if _is_ours(directory) and not (directory / _DAMAGE_MARK).exists():
        try:
            database = open_complete(directory)
            if database is not None:
                return database, ()
        except Exception as error:
            if not (is_damage(error) and is_made):
                raise
    if not is_made:
        raise StoreError(f"damaged or removed ({directory})")
    return _begin(directory, journal_mode)


def leave_mark(directory: Path, inode: int) -> None:
    """Have a database set aside by the next process that opens it."""
    with suppress(OSError):
        write_regular(directory / _DAMAGE_MARK, str(inode).encode())


def _is_ours(directory: Path) -> bool:
    """Whether the folder is there, belongs to this user, and is closed to others.

    Raises:
        StoreError: it is somebody else's, or has something else in it.
    """
    try:
        status = os.stat(directory)
    except FileNotFoundError:
        return False
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise StoreError(f"owned by another user ({directory}); set cache_dir to another folder")
    if (found := os.listdir(directory)) and _OURS.isdisjoint(found):
        raise StoreError(
            f"the folder has files of other programs ({directory}); set cache_dir to another folder"
        )
    if status.st_mode & 0o077:
        directory.chmod(0o700)
    return True


def _begin(directory: Path, journal_mode: str) -> tuple[Database, tuple[str, ...]]:
    """Make a database, in place of a damaged one too."""
    with trusted_first():
        from filelock import FileLock
    from pytest_antipasta.store.filesystem import choose_journal_mode

    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    with FileLock(directory / _LOCK, timeout=LOCK_TIMEOUT):
        mode = choose_journal_mode(directory) if journal_mode == "auto" else journal_mode
        reason = _read_mark(directory)
        try:
            if not reason:
                # Another process may have been here while this one waited.
                return open_complete(directory) or create(directory, mode), ()
        except Exception as error:
            if not is_damage(error):
                raise
            # SQLite's message quotes a schema; of one that can't be decoded CPython 3.10 has nothing.
            is_text = str(error) and not isinstance(error, UnicodeDecodeError)
            reason = str(error) if is_text else "its schema is not text"
        note = _set_aside(directory, reason)
        return create(directory, mode), (note,)


def _read_mark(directory: Path) -> str:
    """Return why the database has to be set aside, if an earlier run said so of this one."""
    mark = directory / _DAMAGE_MARK
    try:
        text = read_regular(mark)
    except FileNotFoundError:
        return ""
    except OSError:
        text = b""  # something else is there
        if mark.is_dir():  # which can't be removed as a file can
            mark.replace(mark.with_name(f"damaged-{_DAMAGE_MARK}"))
            return ""
    with suppress(FileNotFoundError):
        if text.isdigit() and int(text) == os.stat(directory / NAME).st_ino:
            return "found by another run"
        mark.unlink()  # of one that is set aside already
    return ""


def _set_aside(directory: Path, reason: str) -> str:
    """Move a damaged database out of the way, with all that belongs to it, and return the warning."""
    for suffix in PARTS:
        path = directory / f"{NAME}{suffix}"
        if path.exists():
            path.replace(path.with_name(f"damaged-{path.name}"))
    (directory / _DAMAGE_MARK).unlink(missing_ok=True)
    aside = directory / f"damaged-{NAME}"
    return f"the store was damaged ({reason}) and is recreated; the old one is kept as {aside}"
