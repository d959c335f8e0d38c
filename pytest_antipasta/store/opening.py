"""Open the database, set a damaged one aside, and create a new one under a lock."""

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

# Left by a process that finds damage inside a database that others may have open, for the next process that
# opens it. It contains the inode of the damaged file.
_DAMAGE_MARK = "damage"
_LOCK = "create.lock"
# Each of our folders has one of these, even if other files were removed.
_OURS = {NAME, _LOCK}


def open_database(
    directory: Path, journal_mode: str, *, is_made: bool = True
) -> tuple[Database, tuple[str, ...]]:
    """Return the database in a folder, and warnings for the user.

    Args:
        directory: the folder.
        journal_mode: journal mode of a new database.
        is_made: whether a missing or damaged database is created.

    Raises:
        StoreError: the folder must not be used, or has no readable database.
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
    """Request that the next process which opens the database sets it aside."""
    with suppress(OSError):
        write_regular(directory / _DAMAGE_MARK, str(inode).encode())


def _is_ours(directory: Path) -> bool:
    """Return whether the folder exists, belongs to this user, and is closed to others.

    Raises:
        StoreError: it belongs to another user, or contains other files.
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
    """Create a database, also in place of a damaged one."""
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
                # Another process may have created it while this one waited.
                return open_complete(directory) or create(directory, mode), ()
        except Exception as error:
            if not is_damage(error):
                raise
            # SQLite's message quotes the schema; if it can't be decoded, CPython 3.10 has no message.
            is_text = str(error) and not isinstance(error, UnicodeDecodeError)
            reason = str(error) if is_text else "its schema is not text"
        note = _set_aside(directory, reason)
        return create(directory, mode), (note,)


def _read_mark(directory: Path) -> str:
    """Return why the database must be set aside, if an earlier run requested this."""
    mark = directory / _DAMAGE_MARK
    try:
        text = read_regular(mark)
    except FileNotFoundError:
        return ""
    except OSError:
        text = b""  # something else is at its place
        if mark.is_dir():  # which can't be removed as a file can
            mark.replace(mark.with_name(f"damaged-{_DAMAGE_MARK}"))
            return ""
    with suppress(FileNotFoundError):
        if text.isdigit() and int(text) == os.stat(directory / NAME).st_ino:
            return "found by another run"
        mark.unlink()  # for a database that was set aside already
    return ""


def _set_aside(directory: Path, reason: str) -> str:
    """Rename a damaged database and its files, and return the warning."""
    for suffix in PARTS:
        path = directory / f"{NAME}{suffix}"
        if path.exists():
            path.replace(path.with_name(f"damaged-{path.name}"))
    (directory / _DAMAGE_MARK).unlink(missing_ok=True)
    aside = directory / f"damaged-{NAME}"
    return f"the store was damaged ({reason}) and is recreated; the old one is kept as {aside}"
