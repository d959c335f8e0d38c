"""What counts as damage: a database is set aside for that, and for nothing else."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.store.local import describe_store_failure, is_damage
from pytest_antipasta.store.protocol import EntryError, StoreError


def fail(path: Path, *statements: str) -> sqlite3.Error:
    """Return what SQLite raises."""
    with closing(sqlite3.connect(path)) as database, pytest.raises(sqlite3.Error) as caught:
        for statement in statements:
            database.execute(statement)
    return caught.value


@pytest.mark.parametrize(
    ("content", "statement"),
    [
        pytest.param(b"no database" * 1000, "SELECT 1 FROM Cache", id="something else"),
        pytest.param(b"", "SELECT 1 FROM Cache", id="a table that is missing"),
    ],
)
def test_a_database_that_is_broken_is_damage(tmp_path: Path, content: bytes, statement: str) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(content)
    assert is_damage(fail(path, statement))


def test_a_row_against_the_rules_of_its_table_is_damage(tmp_path: Path) -> None:
    insert = "INSERT INTO Cache VALUES (1)"
    assert is_damage(fail(tmp_path / "cache.db", "CREATE TABLE Cache (key UNIQUE)", insert, insert))


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(AttributeError("no such attribute"), id="a mistake of ours"),
        pytest.param(TypeError("no such argument"), id="another"),
        pytest.param(ValueError("too many values to unpack"), id="and another"),
        pytest.param(sqlite3.ProgrammingError("Cannot operate on a closed database."), id="misuse of SQLite"),
        pytest.param(sqlite3.InterfaceError("bad parameter or other API misuse"), id="more of it"),
        pytest.param(sqlite3.DataError("string or blob too big"), id="more than SQLite takes"),
        pytest.param(OSError(errno.EIO, "Input/output error"), id="a disk that fails"),
        pytest.param(EntryError("checksum differs"), id="one entry"),
        pytest.param(StoreError("a newer version made it"), id="another version"),
    ],
)
def test_what_says_nothing_against_the_database_is_not(error: Exception) -> None:
    assert not is_damage(error)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(("ATTACH 'no/such/folder/x' AS x",), id="a file that can't be opened"),
        pytest.param(("PRAGMA query_only = 1", "CREATE TABLE x (y)"), id="a database that is only read"),
        pytest.param(("PRAGMA max_page_count = 1", "CREATE TABLE x (y)"), id="a full disk"),
    ],
)
def test_what_a_machine_refuses_is_no_damage(tmp_path: Path, statements: tuple[str, ...]) -> None:
    assert not is_damage(fail(tmp_path / "cache.db", *statements))


def test_another_process_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not is_damage(fail(path, "PRAGMA busy_timeout = 0", "CREATE TABLE x (y)"))


ELSEWHERE = "set PYTEST_ANTIPASTA_CACHE_DIR to another folder"
FULL, ONLY_READ = (
    ("PRAGMA max_page_count = 1", "CREATE TABLE x (y)"),
    ("PRAGMA query_only = 1", "CREATE TABLE x (y)"),
)


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        pytest.param(PermissionError(errno.EACCES, "denied"), "make the folder writable", id="rights"),
        pytest.param(OSError(errno.EROFS, "Read-only file system"), "make the folder writable", id="a mount"),
        pytest.param(ONLY_READ, "make the folder writable", id="a database that is only read"),
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), "free some space", id="a full disk"),
        pytest.param(FULL, "free some space", id="a database on a full disk"),
    ],
)
def test_a_reason_comes_with_advice(tmp_path: Path, cause: Exception | tuple[str, ...], advice: str) -> None:
    error = cause if isinstance(cause, Exception) else fail(tmp_path / "cache.db", *cause)
    assert describe_store_failure(error, tmp_path).endswith(f" ({tmp_path}); {advice}, or {ELSEWHERE}")
