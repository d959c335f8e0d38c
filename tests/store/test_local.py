"""The store on disk: what it keeps, refuses and survives."""

from __future__ import annotations

import gc
import os
import pickle
import re
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pytest_antipasta.store.local import LocalStore, leave_mark
from pytest_antipasta.store.protocol import EntryError, StoreError

KEY = b"k" * 40
MODE_PICKLE, MODE_BINARY = 4, 2

NEEDS_MODES = pytest.mark.skipif(sys.platform == "win32", reason="Windows has lists of who may do what")


@pytest.fixture
def folder(cache_dir: Path) -> Iterator[Path]:
    """The folder of a store that has one entry."""
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({KEY: b"value"})
    yield cache_dir / "v1"


def read(cache_dir: Path, key: bytes = KEY) -> bytes | None:
    with closing(LocalStore(cache_dir)) as store:
        return store.get(key)


def execute(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "cache.db")) as database, database:
        database.execute(statement, values)


def test_uses_are_noted_in_as_few_statements_as_possible(folder: Path, cache_dir: Path) -> None:
    statements: list[str] = []
    with closing(LocalStore(cache_dir, counts_uses=True)) as store:
        store.put_many({b"%040d" % number: b"" for number in range(400)})
        store.get_many([b"%040d" % number for number in range(400)])
        store.get(KEY)
        store.connection.set_trace_callback(statements.append)
        store.put_many({}, store.aging)
        # diskcache's triggers repeat it for each row.
        assert len({text for text in statements if text.startswith("UPDATE Cache")}) == 1
        store.connection.set_trace_callback(None)
    with closing(sqlite3.connect(folder / "cache.db")) as database:
        rows = database.execute("SELECT access_count, count(*) FROM Cache GROUP BY 1").fetchall()
    assert rows == [(1, 401)]


def test_what_is_put_is_found_by_the_next_process(folder: Path, cache_dir: Path) -> None:
    assert read(cache_dir) == b"value"
    assert read(cache_dir, b"another") is None


OF_WINDOWS = "%HOME%"


@pytest.mark.parametrize("name", ["$UNKNOWN", "~", "a PWD~", *[OF_WINDOWS] * (sys.platform != "win32")])
def test_the_name_of_its_folder_is_taken_as_it_is(name: str, tmp_path: Path) -> None:
    with closing(LocalStore(tmp_path / name / "store")) as store:
        store.put_many({KEY: b"value"})
    assert read(tmp_path / name / "store") == b"value"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    names = ["cache.db", *["create.lock"] * (sys.platform != "win32")]  # on Windows, it is deleted
    assert sorted(path.name for path in (tmp_path / name / "store" / "v1").iterdir()) == names


@pytest.mark.parametrize("name", ["$HOME", "${HOME}", "a $PWD~", *[OF_WINDOWS] * (sys.platform == "win32")])
def test_a_name_that_diskcache_would_change_is_an_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PWD", str(tmp_path))
    with pytest.raises(StoreError, match=r"would be read as a variable .* to another folder"):
        LocalStore(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_many_are_found_at_once(cache_dir: Path) -> None:
    items = {number.to_bytes(40, "big"): str(number).encode() for number in range(1201)}
    with closing(LocalStore(cache_dir)) as store:
        store.put_many(items)
        assert store.get_many([*items, b"another"]) == items
        assert store.get_many([]) == {}


def test_foreign_rows_are_empty_among_many(folder: Path, cache_dir: Path) -> None:
    execute(folder, "UPDATE Cache SET mode = ?, value = ?", MODE_PICKLE, pickle.dumps("value"))
    with closing(LocalStore(cache_dir)) as store:
        assert store.get_many([KEY]) == {KEY: b""}
        with pytest.raises(EntryError):
            store.get(KEY)


def test_a_row_of_another_mode_is_empty_among_many(folder: Path, cache_dir: Path) -> None:
    """Though its value has the right checksum."""
    execute(folder, "UPDATE Cache SET mode = ?", MODE_PICKLE)
    with closing(LocalStore(cache_dir)) as store:
        assert store.get_many([KEY]) == {KEY: b""}


def test_what_is_deleted_is_gone(folder: Path, cache_dir: Path) -> None:
    with closing(LocalStore(cache_dir)) as store:
        store.delete_many([KEY, b"another"])
    assert read(cache_dir) is None


@pytest.mark.parametrize("size", [0, 1, 40_000, 3_000_000])
def test_values_of_every_size_stay_inside_the_database(cache_dir: Path, size: int) -> None:
    value = os.urandom(size)
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({KEY: value})
        assert store.get(KEY) == value
    assert not list(cache_dir.rglob("*.val"))


@NEEDS_MODES
def test_only_the_user_may_look_into_the_folder(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "item",
    [
        pytest.param({KEY: "text"}, id="a value that is text"),
        pytest.param({KEY: bytearray(b"x")}, id="a value that could change"),
        pytest.param({"key": b"x"}, id="a key that is text"),
        pytest.param({KEY: {"a": 1}}, id="a value that would be pickled"),
    ],
)
def test_only_bytes_are_kept(folder: Path, cache_dir: Path, item: dict[bytes, bytes]) -> None:
    with closing(LocalStore(cache_dir)) as store, pytest.raises(EntryError):
        store.put_many({b"first": b"1"} | item)
    assert read(cache_dir, b"first") is None


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_a_pickled_value_is_refused_and_never_unpickled(
    folder: Path, cache_dir: Path, tmp_path: Path
) -> None:
    bomb = tmp_path / "bomb"
    data = pickle.dumps(Bomb(bomb))
    execute(folder, "UPDATE Cache SET mode = ?, value = ?", MODE_PICKLE, data)
    with pytest.raises(EntryError, match="pickled"):
        read(cache_dir)
    assert not bomb.exists()
    pickle.loads(data)
    assert bomb.exists()


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        pytest.param("mode = 1, value = ?", "text", id="text"),
        pytest.param("mode = 1, value = ?", 1.5, id="a number"),
        pytest.param("mode = 1, value = ?", None, id="nothing"),
        pytest.param(f"mode = {MODE_BINARY}, filename = ?", "../outside", id="a file outside the store"),
        pytest.param("mode = ?", 77, id="a mode that nobody knows"),
    ],
)
def test_a_foreign_row_is_refused(folder: Path, cache_dir: Path, columns: str, value: object) -> None:
    (folder.parent / "outside").write_bytes(b"stolen")
    execute(folder, f"UPDATE Cache SET {columns}", value)
    with pytest.raises(EntryError):
        read(cache_dir)


def test_replacing_a_foreign_row_removes_no_file_that_it_names(folder: Path, cache_dir: Path) -> None:
    outside = folder.parent / "outside"
    outside.write_bytes(b"precious")
    execute(folder, "UPDATE Cache SET filename = ?", "../outside")
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({KEY: b"new"})
        assert store.get(KEY) == b"new"
        store.delete_many([KEY])
    assert outside.read_bytes() == b"precious"


def test_a_database_whose_schema_is_not_text_is_set_aside_and_replaced(folder: Path, cache_dir: Path) -> None:
    """SQLite says which part is wrong in a message that has the bytes in it, and Python can't decode that."""
    path = folder / "cache.db"
    broken = path.read_bytes().replace(b"CREATE TABLE Cache", b"CR\xf9ATE TABLE Cache")
    assert broken != path.read_bytes()
    path.write_bytes(broken)
    with closing(LocalStore(cache_dir)) as store:
        (note,) = store.notes
        assert note.startswith("the store was damaged (its schema is not text) and is recreated")
        store.put_many({KEY: b"again"})
    with closing(LocalStore(cache_dir)) as store:
        assert store.notes == ()
        assert store.get(KEY) == b"again"
    gc.collect()  # CPython 3.13 warns of what was left open, which Windows could not set aside


def test_a_pickled_key_is_never_unpickled(folder: Path, cache_dir: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    execute(folder, "UPDATE Cache SET key = ?, raw = 0", pickle.dumps(Bomb(bomb)))
    assert read(cache_dir) is None
    assert not bomb.exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no database" * 1000, id="something else"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 4000, id="a header and rubbish"),
    ],
)
def test_a_damaged_database_is_set_aside_and_replaced(folder: Path, cache_dir: Path, content: bytes) -> None:
    (folder / "cache.db").write_bytes(content)
    with closing(LocalStore(cache_dir)) as store:
        assert store.get(KEY) is None
        assert len(store.notes) == 1
        assert store.notes[0].startswith("the store was damaged (")
        store.put_many({KEY: b"again"})
    assert (folder / "damaged-cache.db").read_bytes() == content
    with closing(LocalStore(cache_dir)) as store:
        assert store.get(KEY) == b"again"
        assert store.notes == ()
    gc.collect()  # from CPython 3.13 on a connection that was left open is a warning, and fails


def test_an_emptied_database_is_an_empty_store(folder: Path, cache_dir: Path) -> None:
    (folder / "cache.db").write_bytes(b"")
    assert read(cache_dir) is None


def test_an_error_of_a_caller_is_not_an_error_of_the_store(folder: Path, cache_dir: Path) -> None:
    unknown: Any = object()
    with closing(LocalStore(cache_dir)) as store:
        with pytest.raises(TypeError):
            store.get_many(unknown)
        with pytest.raises(sqlite3.Error, match=r"bind|type"):
            store.put_many({}, used=[unknown])
        with pytest.raises(AttributeError), store.transaction():
            unknown.attribute  # noqa: B018
    assert not (folder / "damage").exists()
    assert read(cache_dir) == b"value"


@pytest.mark.parametrize(
    "insert",
    [
        pytest.param("INSERT INTO Settings VALUES ('count', 1), ('count', 2)", id="tables it can not use"),
        pytest.param("INSERT INTO Settings VALUES ('close', 1)", id="a setting that is none"),
    ],
)
def test_what_was_begun_by_somebody_else_is_set_aside(cache_dir: Path, insert: str) -> None:
    (cache_dir / "v1").mkdir(parents=True)
    execute(cache_dir / "v1", "CREATE TABLE Settings (key, value)")
    execute(cache_dir / "v1", insert)
    with closing(LocalStore(cache_dir)) as store:
        assert len(store.notes) == 1
        store.put_many({KEY: b"value"})
    assert read(cache_dir) == b"value"
    gc.collect()  # see above


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("sqlite_mmap_size", 2**26, id="a map that a cut would make a crash"),
        pytest.param("sqlite_query_only", 1, id="a pragma that is not ours"),
        pytest.param("sqlite_journal_mode", "off", id="no journal"),
        pytest.param("close", "text", id="an attribute of the cache"),
        pytest.param(b"close", 1, id="a name that is no text"),
    ],
)
def test_settings_that_were_planted_are_not_believed(
    folder: Path, cache_dir: Path, key: object, value: object
) -> None:
    execute(folder, "INSERT OR REPLACE INTO Settings VALUES (?, ?)", key, value)
    with closing(LocalStore(cache_dir)) as store:
        assert store.get(KEY) == b"value"
        with pytest.raises(StoreError, match="unexpected settings in the database"):
            store.put_many({KEY: b"new"})
    with closing(LocalStore(cache_dir)) as store:
        assert len(store.notes) == 1
        store.put_many({KEY: b"again"})
        assert store.get(KEY) == b"again"


def test_settings_that_were_planted_are_replaced_where_they_mean_nothing_yet(
    folder: Path, cache_dir: Path
) -> None:
    execute(folder, "UPDATE Settings SET value = 100 WHERE key IN ('cull_limit', 'size_limit')")
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({b"another": b"value"})
        assert store.get(KEY) == b"value"
        found = store.connection.execute("SELECT value FROM Settings WHERE key = 'cull_limit'").fetchone()
    assert found == (0,)


@pytest.mark.parametrize("state", ["marked", "broken", "gone"])
def test_a_worker_leaves_a_damaged_store_to_the_next_run(folder: Path, cache_dir: Path, state: str) -> None:
    with closing(LocalStore(cache_dir)) as store:
        leave_mark(folder, store.inode if state == "marked" else 0)
    if state == "gone":
        (folder / "cache.db").unlink()
    if state != "marked":
        (folder / "damage").unlink()
    if state == "broken":
        (folder / "cache.db").write_bytes(b"no database" * 1000)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(StoreError):
        LocalStore(cache_dir, is_made=False)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_damage_found_while_reading_is_repaired_by_the_next_process(cache_dir: Path) -> None:
    folder = cache_dir / "v1"
    keys = [bytes([number]) * 40 for number in range(200)]
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({key: key * 50 for key in keys})
    with (folder / "cache.db").open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(size // 4)
        file.write(b"\xff" * (size // 2))
    with closing(LocalStore(cache_dir)) as store:
        assert store.notes == ()
        with pytest.raises(StoreError):
            for key in keys:
                store.get(key)
    with closing(LocalStore(cache_dir)) as store:
        assert len(store.notes) == 1
        assert [store.get(key) for key in keys] == [None] * len(keys)
    assert not (folder / "damage").exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("value = x'00'", id="no checksum"),
        pytest.param("value = substr(value, 1, length(value) - 1)", id="a value that is cut off"),
        pytest.param("key = x'6f74686572'", id="the value of another key"),
    ],
)
def test_a_value_that_is_not_what_was_kept_under_its_key_is_refused(
    folder: Path, cache_dir: Path, change: str
) -> None:
    execute(folder, f"UPDATE Cache SET {change}")
    with pytest.raises(EntryError, match="checksum differs"):
        read(cache_dir, b"other" if change.startswith("key") else KEY)


def test_opening_and_reading_write_nothing(folder: Path, cache_dir: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with closing(LocalStore(cache_dir)) as store:
        assert store.get(KEY) == b"value"
        assert {path.name: path.stat().st_size for path in folder.glob("*-wal")} in ({}, {"cache.db-wal": 0})
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_opening_an_empty_store_takes_no_lock(cache_dir: Path) -> None:
    LocalStore(cache_dir).close()
    with FileLock(cache_dir / "v1" / "create.lock"):
        LocalStore(cache_dir).close()


def test_what_was_begun_and_not_completed_is_completed(cache_dir: Path) -> None:
    folder = cache_dir / "v1"
    folder.mkdir(parents=True)
    execute(folder, "CREATE TABLE Settings (key TEXT NOT NULL UNIQUE, value)")
    with closing(LocalStore(cache_dir)) as store:
        store.put_many({KEY: b"value"})
        assert store.notes == ()
    assert read(cache_dir) == b"value"


@NEEDS_MODES
def test_a_folder_that_others_can_look_into_is_closed_to_them(folder: Path, cache_dir: Path) -> None:
    folder.chmod(0o755)
    assert read(cache_dir) == b"value"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_of_another_program_is_left_alone(cache_dir: Path) -> None:
    """Settings of a repository may name any folder of the user's."""
    folder = cache_dir / "v1"
    folder.mkdir(parents=True, mode=0o755)
    (folder / "thesis.txt").write_bytes(b"")
    mode = folder.stat().st_mode
    with pytest.raises(StoreError, match=f"the folder has files of other programs .{re.escape(str(folder))}"):
        LocalStore(cache_dir)
    assert (os.listdir(folder), folder.stat().st_mode) == (["thesis.txt"], mode)


@pytest.mark.parametrize("left", [[], ["create.lock"], ["create.lock", "runs.jsonl"]])
def test_a_folder_of_ours_without_a_database_is_used_again(
    folder: Path, cache_dir: Path, left: list[str]
) -> None:
    for path in folder.iterdir():
        path.unlink()
    for name in left:
        (folder / name).write_bytes(b"")
    assert read(cache_dir) is None


def test_what_a_newer_version_made_is_left_alone(folder: Path, cache_dir: Path) -> None:
    execute(folder, "PRAGMA user_version = 2")
    before = (folder / "cache.db").read_bytes()
    with pytest.raises(StoreError, match="a newer version"):
        LocalStore(cache_dir)
    assert (folder / "cache.db").read_bytes() == before


def test_versions_with_other_layouts_take_turns(
    folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_antipasta.store.local.LAYOUT", "v2")
    with closing(LocalStore(cache_dir)) as newer:
        assert newer.get(KEY) is None
        newer.put_many({KEY: b"of the newer"})
        monkeypatch.setattr("pytest_antipasta.store.local.LAYOUT", "v1")
        assert read(cache_dir) == b"value"
    monkeypatch.setattr("pytest_antipasta.store.local.LAYOUT", "v2")
    assert read(cache_dir) == b"of the newer"


def test_a_mark_of_damage_that_another_process_has_repaired_means_nothing(
    folder: Path, cache_dir: Path
) -> None:
    (folder / "damage").write_text("1")
    with closing(LocalStore(cache_dir)) as store:
        assert (store.get(KEY), store.notes) == (b"value", ())
    assert not (folder / "damage").exists()


@pytest.mark.parametrize("is_empty", [True, False], ids=["empty", "with a file"])
def test_a_folder_where_the_mark_of_damage_would_be_is_in_nobodys_way(
    folder: Path, cache_dir: Path, is_empty: bool
) -> None:
    (folder / "damage").mkdir()
    if not is_empty:
        (folder / "damage" / "file").touch()
    assert read(cache_dir) == b"value"
    assert not (folder / "damage").exists()


def test_what_two_processes_find_damaged_is_set_aside_once(folder: Path, cache_dir: Path) -> None:
    def open_and_close() -> tuple[str, ...]:
        with closing(LocalStore(cache_dir)) as store:
            return store.notes

    (folder / "cache.db").write_bytes(b"no database" * 1000)
    with ThreadPoolExecutor(8) as pool, FileLock(folder / "create.lock"):
        waiting = [pool.submit(open_and_close) for _ in range(8)]
        wait(waiting, timeout=0.5)
        assert not any(future.done() for future in waiting)
    assert sum(len(future.result()) for future in waiting) == 1
    assert (folder / "damaged-cache.db").read_bytes() == b"no database" * 1000


@pytest.mark.parametrize(
    ("mode", "expected"), [("auto", "wal"), ("wal", "wal"), ("delete", "delete")], ids=str
)
def test_the_journal_is_as_the_settings_say(cache_dir: Path, mode: str, expected: str) -> None:
    for journal_mode in (mode, "auto"):
        with closing(LocalStore(cache_dir, journal_mode)) as store:
            store.put_many({KEY: b"value"})
            assert store.connection.execute("PRAGMA journal_mode").fetchone() == (expected,)
    assert read(cache_dir) == b"value"


def test_use_is_to_be_noted_after_a_day_and_where_the_clock_went_back(
    folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_time = time.time
    for days, is_aging in ((0, False), (0.9, False), (1.1, True), (-1.1, True)):
        monkeypatch.setattr(time, "time", lambda days=days: real_time() + days * 86400)
        with closing(LocalStore(cache_dir)) as store:
            store.get(KEY)
            assert store.aging == ({KEY} if is_aging else set()), days
    with closing(LocalStore(cache_dir)) as store:
        store.get(KEY)
        store.put_many({}, used=store.aging)
    with closing(LocalStore(cache_dir)) as store:
        assert (store.get(KEY), store.aging) == (b"value", set())
        assert store.connection.execute("SELECT access_count FROM Cache").fetchone() == (1,)


def test_no_home_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="home folder"):
        LocalStore(Path("~/.cache/pytest-antipasta"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give folders away")
def test_a_folder_of_another_user_is_not_used(folder: Path, cache_dir: Path) -> None:
    os.chown(folder, 12345, 12345)
    with pytest.raises(StoreError, match="owned by another user"):
        LocalStore(cache_dir)


@pytest.mark.parametrize("place", ["", "v1", "v1/cache.db"])
def test_a_folder_that_can_not_be_is_an_error_that_says_where(cache_dir: Path, place: str) -> None:
    blocked = cache_dir / place
    if place == "v1/cache.db":
        blocked.mkdir(parents=True)
    else:
        blocked.parent.mkdir(parents=True, exist_ok=True)
        blocked.write_bytes(b"")
    with pytest.raises(StoreError, match=re.escape(str(cache_dir))):
        LocalStore(cache_dir)


def test_many_can_open_a_new_store_at_once(cache_dir: Path) -> None:
    def use(number: int) -> bytes | None:
        with closing(LocalStore(cache_dir)) as store:
            store.put_many({b"%d" % number: b"%d" % number})
            return store.get(b"%d" % number)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(8))) == [b"%d" % number for number in range(8)]


def test_a_store_that_another_process_holds_is_an_error(
    folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_antipasta.store.local.LOCK_TIMEOUT", 0.1)
    with closing(LocalStore(cache_dir)) as store, closing(sqlite3.connect(folder / "cache.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.put_many({KEY: b"late"})
        assert store.get(KEY) == b"value"
