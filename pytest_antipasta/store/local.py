"""The local store in the user's cache folder: diskcache's tables on SQLite, read over our own connection.

A damaged database is set aside, and a new one is created under a lock.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.logs.spans import Attributes, record_step
from pytest_antipasta.runtime.fileio import read_regular, replace_file
from pytest_antipasta.store.location import ELSEWHERE
from pytest_antipasta.store.protocol import DAY, UNDECODABLE, Bounds, EntryError, StoreError
from pytest_antipasta.store.records import iter_unsealed, seal, unseal

if TYPE_CHECKING:
    from pytest_antipasta.store.writer import Writer

NAME = "cache.db"
PARTS = ("", "-wal", "-shm", "-journal")
"""Suffixes of the files that SQLite puts beside a database."""
SQLITE_VERSION = sqlite3.sqlite_version
LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process."""
# In the database's header once all tables exist: a process killed while creating them leaves a database that
# the next one completes.
_COMPLETE = 1

# Left by a process that finds damage inside a database that others may have open, for the next process that
# opens it. It contains the inode of the damaged file.
_DAMAGE_MARK = "damage"
_LOCK = "create.lock"
# Each of our folders has one of these, even if other files were removed.
_OURS = {NAME, _LOCK}
# Layout of the database itself, and diskcache's settings in it. Each layout has its own folder, so that
# versions of this package can alternate.
LAYOUT = "v1"
_SELECT = "SELECT mode, value, access_time FROM Cache WHERE key = ? AND raw = 1"
# Before 3.32, SQLite allows 999 variables in a statement.
_KEYS_A_STATEMENT = 500
_SELECT_MANY = (
    "SELECT key, CASE mode WHEN 1 THEN value END, access_time FROM Cache WHERE raw = 1 AND key IN ({})"
)
_MODE_RAW = 1
UPKEEP_KEY = b"upkeep"
_NOTE_USE = "UPDATE Cache SET access_time = ?, access_count = access_count + 1 WHERE raw = 1 AND key IN ({})"


class LastUpkeep(Struct, frozen=True):
    """When upkeep last ran, and when it found that entries in use exceed the bounds.

    It also has the bounds of size and entries at that time, and the bounds that would have sufficed.
    """

    time: float = 0.0
    full: float = 0.0
    needed_bytes: int = 0
    needed_entries: int = 0
    bounds: tuple[float, int | None] = (0.0, None)


class LocalStore:
    """One database in one folder, for all roots and all processes of a user.

    All methods raise :class:`StoreError` for errors of the folder or the database.

    Attributes:
        directory: folder of the database.
        notes: warnings for the user: a damaged database was replaced.
        connection: connection for SQL, inside :meth:`reporting` or :meth:`transaction`.
        aging: keys that were found and whose use is to be noted: their last one is more than a day ago or in
            the future, or each run counts.
        inode: inode of the opened database.
        reads: duration of each read, in seconds.
        writes: duration of each write, in seconds.
    """

    def __init__(
        self,
        cache_dir: Path,
        journal_mode: str = "auto",
        *,
        is_made: bool = True,
        counts_uses: bool = False,
    ) -> None:
        """Open the store.

        Args:
            cache_dir: the folder that contains all layouts.
            journal_mode: ``wal``, ``delete``, or ``auto`` for a mode that the file system supports; an
                existing database keeps its mode.
            is_made: whether a missing or damaged store is created. Workers leave this to the process that
                started them, which also warns the user.
            counts_uses: whether each run counts as a use; otherwise one run a day does.
        """
        self.directory = cache_dir / LAYOUT
        self.aging: set[bytes] = set()
        self.reads: list[float] = []
        self.writes: list[float] = []
        now = time.time()
        # A clock that was set back must not keep entries forever.
        self._recent = (inf, inf) if counts_uses else (now - DAY, now + DAY)
        with self.reporting():
            self._database, self.notes = _open_database(self.directory, journal_mode, is_made=is_made)
            self.connection = self._database.connection
            self.inode = os.stat(self.directory / NAME).st_ino

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or ``None``.

        Raises:
            EntryError: the entry was not written by this store.
            StoreError: the store can't be read.
        """
        started = time.perf_counter()
        with self.reporting():
            row = self.connection.execute(_SELECT, (key,)).fetchone()
        self.reads.append(time.perf_counter() - started)
        if row is None:
            return None
        mode, value, used = row
        if not (isinstance(used, float) and self._recent[0] < used < self._recent[1]):
            self.aging.add(key)
        if mode != _MODE_RAW:
            raise EntryError("a value that is pickled or stored outside the database")
        return unseal(key, value)

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values of the keys that have one; empty where :meth:`get` would raise an error.

        diskcache has no such call, and one statement for each key takes several times as long.
        """
        values: dict[bytes, bytes] = {}
        after, before = self._recent
        started = time.perf_counter()
        with self.reporting():
            for start in range(0, len(keys), _KEYS_A_STATEMENT):
                some = keys[start : start + _KEYS_A_STATEMENT]
                statement = _SELECT_MANY.format(", ".join("?" * len(some)))
                found = self.connection.execute(statement, some).fetchall()
                values |= dict.fromkeys((key for key, _, _ in found), b"")
                for key, value, used in iter_unsealed(found):
                    values[key] = value
                    if not (isinstance(used, float) and after < used < before):
                        self.aging.add(key)
        self._note("read", self.reads, started, len(keys))
        return values

    def take_reads(self) -> tuple[float, ...]:
        """Return the duration of each read in seconds, since the last call."""
        reads, self.reads = tuple(self.reads), []
        return reads

    def put_many(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        """Store all items, or none on failure; then update the times of last use of other keys.

        Raises:
            EntryError: an item is not bytes.
            StoreError: the store can't be written.
        """
        started = time.perf_counter()
        if items:
            with self.reporting(), self._database.writer.writing() as writer:
                for key, value in items.items():
                    writer.set(key, seal(key, value))
        if keys := list(used):
            now = time.time()
            with self.transaction():
                for start in range(0, len(keys), _KEYS_A_STATEMENT):
                    some = keys[start : start + _KEYS_A_STATEMENT]
                    self.connection.execute(_NOTE_USE.format(", ".join("?" * len(some))), (now, *some))
        self._note("write", self.writes, started, len(items))

    def _note(self, name: str, spent: list[float], started: float, number: int) -> None:
        """Record the duration of one query."""
        spent.append(time.perf_counter() - started)
        known: Attributes = {"db.system.name": "sqlite", "db.operation.name": name}
        record_step(f"store {name}", started, {**known, "db.operation.batch.size": number})

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Remove the given keys, all or none."""
        with self.reporting(), self._database.writer.writing() as writer:
            for key in keys:
                writer.delete(key)

    def read_upkeep(self) -> LastUpkeep:
        """Return the record of the last upkeep."""
        with suppress(EntryError, *UNDECODABLE):
            value = self.get(UPKEEP_KEY)
            if value is not None:
                return msgspec.msgpack.decode(value, type=LastUpkeep)
        return LastUpkeep()

    def write_upkeep(self, upkeep: LastUpkeep) -> None:
        """Store the record of an upkeep."""
        self.put_many({UPKEEP_KEY: msgspec.msgpack.encode(upkeep)})

    def forget_full(self) -> None:
        """Forget that entries in use exceeded the bounds, as some were removed."""
        if (upkeep := self.read_upkeep()).full:
            self.write_upkeep(replace(upkeep, full=0.0))

    def has_room(self, bounds: Bounds) -> bool:
        """Return whether more can be stored without removing entries in use."""
        last = self.read_upkeep()
        is_known = 0 <= time.time() - last.full < DAY
        return not is_known or last.bounds != (bounds.max_bytes, bounds.max_entries)

    def close(self) -> None:
        """Close the database."""
        with self.reporting():
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all changes of the block to the store, or none."""
        with self.reporting(), self.connection:
            self.connection.execute("BEGIN IMMEDIATE")
            yield

    def copy_to(self, cache_dir: Path) -> None:
        """Copy the database, page by page, into a folder without a store."""
        with self.reporting():
            (cache_dir / LAYOUT).mkdir()
            with closing(sqlite3.connect(cache_dir / LAYOUT / NAME)) as copy:
                self.connection.backup(copy)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Convert errors of the file system or the database to StoreError, but not internal errors."""
        try:
            yield
        except Exception as error:
            # Errors without an external cause are bugs, or have a message already.
            if not isinstance(error, _EXPECTED) or isinstance(error, sqlite3.ProgrammingError):
                raise
            if is_damage(error):
                with suppress(AttributeError):  # unset until the database is open
                    leave_mark(self.directory, self.inode)
            raise StoreError(describe_store_failure(error, self.directory)) from error


class _Database:
    """An open database. Opening writes nothing, waits for a bounded time, and ignores settings in it.

    Its connection is for reading, and for operations that diskcache does not support.
    """

    def __init__(self, directory: Path, journal_mode: str = "wal") -> None:
        """Open the database in a folder, or an empty one; the journal mode is for a new database."""
        self._directory, self._journal_mode = directory, journal_mode
        self._writer: Writer | None = None
        self.connection = sqlite3.connect(directory / NAME, timeout=LOCK_TIMEOUT, isolation_level=None)
        try:
            # Triggers of a planted database can't call functions of SQLite.
            for pragma in ("synchronous = NORMAL", "cache_size = -16000", "trusted_schema = OFF"):
                self.connection.execute(f"PRAGMA {pragma}")
        except Exception:
            self.connection.close()
            raise

    @property
    def writer(self) -> Writer:
        """Diskcache's interface for writing; creates missing tables on first use."""
        if self._writer is None:
            from pytest_antipasta.store.writer import Writer

            self._writer = Writer(self._directory, self.connection, LOCK_TIMEOUT, self._journal_mode)
        return self._writer

    def close(self) -> None:
        """Close all connections."""
        if self._writer is not None:
            self._writer.close()
        self.connection.close()


def _open_database(
    directory: Path, journal_mode: str, *, is_made: bool = True
) -> tuple[_Database, tuple[str, ...]]:
    """Return the database in a folder, and warnings for the user; arguments are those of the store.

    Raises:
        StoreError: the folder must not be used, or has no readable database.
    """
    if not directory.is_absolute():
        raise StoreError(f"home folder not found; {ELSEWHERE}")
    if _is_ours(directory) and not (directory / _DAMAGE_MARK).exists():
        try:
            database = _open_complete(directory)
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
        replace_file(directory / _DAMAGE_MARK, [str(inode).encode()])


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
        raise StoreError(f"owned by another user ({directory}); {ELSEWHERE}")
    if (found := os.listdir(directory)) and _OURS.isdisjoint(found):
        raise StoreError(f"the folder has files of other programs ({directory}); {ELSEWHERE}")
    if status.st_mode & 0o077:
        directory.chmod(0o700)
    return True


def _begin(directory: Path, journal_mode: str) -> tuple[_Database, tuple[str, ...]]:
    """Create a database, also in place of a damaged one."""
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
                return _open_complete(directory) or _create(directory, mode), ()
        except Exception as error:
            if not is_damage(error):
                raise
            # SQLite's message quotes the schema, which Python may fail to decode.
            reason = "its schema is not text" if isinstance(error, UnicodeDecodeError) else str(error)
        note = _set_aside(directory, reason)
        return _create(directory, mode), (note,)


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


def _open_complete(directory: Path) -> _Database | None:
    """Return the database if it exists and is complete.

    Raises:
        StoreError: a newer version made it.
    """
    if not _is_there(directory):
        return None
    database = _Database(directory)
    try:
        ((version,),) = database.connection.execute("PRAGMA user_version").fetchall()
        if version > _COMPLETE:
            raise StoreError(f"created by a newer version of pytest-antipasta ({directory})")
    except Exception:
        database.close()
        raise
    if version == _COMPLETE:
        return database
    database.close()
    return None


def _is_there(directory: Path) -> bool:
    """Return whether there is a database.

    Raises:
        sqlite3.DatabaseError: the database or one of its files is a pipe or device: SQLite would wait
            forever.
    """
    for suffix in reversed(PARTS):
        is_there = False
        with suppress(FileNotFoundError):
            mode = os.stat(f"{directory / NAME}{suffix}").st_mode
            is_there = True
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise sqlite3.DatabaseError(f"{NAME}{suffix} is not a regular file")
    return is_there


def _create(directory: Path, journal_mode: str) -> _Database:
    """Return a new or completed database; the caller excludes other processes."""
    database = _Database(directory, journal_mode)
    try:
        _ = database.writer
        database.connection.execute(f"PRAGMA user_version = {_COMPLETE}")
    except Exception:
        database.close()
        raise
    return database


# Errors that a machine, its file systems (NotImplementedError: without locks) and its databases can cause.
# SQLite's messages quote a damaged schema, which may not be UTF-8; our own text is decoded elsewhere.
_EXPECTED = (OSError, MemoryError, NotImplementedError, sqlite3.DatabaseError, UnicodeDecodeError)


def is_damage(error: Exception) -> bool:
    """Return whether the database is damaged, so that only a new one helps."""
    if isinstance(error, sqlite3.OperationalError):
        # Locks, full disks and missing rights have codes of their own. The low byte is the primary code;
        # without a code, Python could not decode a text.
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF == sqlite3.SQLITE_ERROR
    return type(error) in (sqlite3.DatabaseError, sqlite3.IntegrityError, UnicodeDecodeError)


def describe_store_failure(error: Exception, directory: Path) -> str:
    """Return what is wrong, where, and what to do if known."""
    if isinstance(error, TimeoutError) or "is locked" in str(error):
        return f"locked by another process ({directory})"
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        # Not "remove it": that may be an invalid home folder, such as /dev/null.
        return f"a file is in the place of a folder ({directory}); {ELSEWHERE}"
    if isinstance(error, PermissionError):
        return f"permission denied ({directory}); make the folder writable, or {ELSEWHERE}"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{reason} ({directory}){_advise(error)}"


def _advise(error: Exception) -> str:
    """Return what to do about a failure of a disk; empty if unknown."""
    number = getattr(error, "errno", None)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if number == errno.ENOSPC or code == sqlite3.SQLITE_FULL:
        return f"; free some space, or {ELSEWHERE}"
    if code == sqlite3.SQLITE_IOERR:  # a full disk has no room for the file that processes share
        return f"; free some space if the disk is full, or {ELSEWHERE}"
    if number == errno.EROFS or code == sqlite3.SQLITE_READONLY:
        return f"; make the folder writable, or {ELSEWHERE}"
    return ""
