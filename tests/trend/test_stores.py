"""Contents are measured once: what is kept of them, where, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.msgpack import encode

from pytest_antipasta.cli import main
from pytest_antipasta.policy.limits import Limits
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.records import seal
from tests.limits import wait_until
from tests.trend.conftest import Past, function

COMMAND = [sys.executable, "-m", "pytest_antipasta", "trend", "--format", "json", "--jobs", "1"]


def count_records(folder: Path) -> int:
    """Return how many contents a store has."""
    path = folder / "v1" / "cache.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as database:
        try:
            ((number,),) = database.execute("SELECT count(*) FROM Cache WHERE length(key) = 40").fetchall()
        except sqlite3.OperationalError:  # it is being made
            return 0
    return int(number)


def test_each_content_is_kept_once_and_apart(past: Past, cache_dir: Path) -> None:
    past.record({"a.py": function(2), "b.py": function(2), "lib/c.py": function(3), "d.txt": function(4)})
    past.record({"a.py": function(5)}, 1)
    past.record({"a.py": function(2), "lib/c.py": None, "e.py": function(3)}, 2)
    past.ask()
    assert count_records(cache_dir / "history") == 3
    assert count_records(cache_dir) == 0


def test_what_is_known_is_not_read_again(past: Past) -> None:
    for day in range(4):
        past.record({"a.py": function(day + 2)}, day)
    first = past.ask()
    for day in range(1, 4):
        past.blob_file(f"HEAD~{day}:a.py").unlink()
    assert past.ask() == first
    assert past.ask("--limit", "cyclomatic_complexity=1")["commits"][0]["violations"] == 1
    assert past.ask("--no-cache", code=3)["unmeasured"] == {"missing": 3}


def test_what_is_known_costs_one_key_each_and_limits_are_arranged_once(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(3):
        past.record({"a.py": function(day + 2), "b.py": function(day + 5)}, day)
    past.record({"c.py": "def f(:\n"}, 3)
    first = past.ask()
    asked: list[int] = []
    arranged: list[object] = []

    def get_many(store: LocalStore, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        asked.append(len(keys))
        return find(store, keys)

    def arrange(limits: Limits, *args: Any, **options: Any) -> None:
        arranged.append(limits)
        begin(limits, *args, **options)

    find, begin = LocalStore.get_many, Limits.__init__
    monkeypatch.setattr(LocalStore, "get_many", get_many)
    monkeypatch.setattr(Limits, "__init__", arrange)
    assert past.ask() == first
    assert asked == [7, 1, 1], "what can't be parsed adds nothing, and is looked up as an error, too"
    assert len(arranged) == 1


REAL = {
    f"{path.parent.name}/{path.name}": path.read_bytes()
    for path in (Path(__file__).parents[2] / "pytest_antipasta").glob("[mp]*/*.py")
}


def test_a_content_that_is_too_large_now_is_not_looked_up(past: Past) -> None:
    past.record({"a.py": function(2)})
    past.record({"a.py": function(9)}, 1)
    first = past.ask()
    settings = past.path / "pyproject.toml"
    usual = settings.read_text()
    size = len(function(9))
    settings.write_text(f"[tool.pytest-antipasta]\nmax_file_size_mb = {(size - 1) / 1e6:f}\n\n{usual}")
    assert past.ask(code=3)["unmeasured"] == {"too_large": 1}
    assert past.ask(code=3) == past.ask("--no-cache", code=3)
    assert past.run("a.py::f", code=2) == past.run("a.py::f", "--no-cache", code=2)
    settings.write_text(f"[tool.pytest-antipasta]\nmax_file_size_mb = {size / 1e6:f}\n\n{usual}")
    assert past.ask() == first


@pytest.mark.slow
def test_what_contents_add_is_the_same_when_it_was_kept(past: Past) -> None:
    past.record(REAL)
    past.record({"a.py": function(9), "metrics/raw.py": None}, 1)
    past.ask()
    for options in ([], ["--limit", "halstead_volume=50.5"], ["--metric", "cyclomatic_complexity"]):
        whole = past.ask("--no-cache", *options)
        assert past.ask(*options) == past.ask(*options) == whole
        assert whole["commits"][0]["violations"] > 0 or "--metric" in options


def test_a_limit_without_measure_is_worked_out_each_time(past: Past) -> None:
    past.record({"a.py": function(4)})
    (past.path / "pyproject.toml").write_text(
        "[tool.pytest-antipasta.thresholds]\nmaintainability_index = { limit = 1e30, comparison = '>=' }\n"
    )
    assert past.ask() == past.ask() == past.ask("--no-cache")


def test_who_uses_what_a_content_adds_uses_its_measurement(past: Past, cache_dir: Path) -> None:
    past.record({"a.py": function(4), "b.py": function(5)})
    past.ask()
    with closing(sqlite3.connect(cache_dir / "history/v1/cache.db")) as database, database:
        database.execute("UPDATE Cache SET access_time = access_time - 5 * 86400")
    past.ask()
    used = look(cache_dir, f"SELECT length(key) FROM Cache WHERE access_time > {time.time() - 86400}")
    assert sorted(used) == [(40,), (40,), (44,), (44,)]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(b"damaged", id="another shape", marks=pytest.mark.slow),
        pytest.param(b"\x91\x01", id="too short"),
        pytest.param(encode([-1, 1, b"", [], [], [], b""]), id="a negative count", marks=pytest.mark.slow),
    ],
)
def test_what_contents_add_is_worked_out_anew_where_it_is_damaged(
    past: Past, cache_dir: Path, damage: bytes
) -> None:
    past.record(REAL)
    first = past.ask()
    with closing(sqlite3.connect(cache_dir / "history/v1/cache.db")) as database, database:
        keys = database.execute("SELECT key FROM Cache WHERE length(key) = 44").fetchall()
        for (key,) in keys:
            database.execute("UPDATE Cache SET value = ? WHERE key = ?", (seal(key, damage), key))
    assert len(keys) == len(REAL)
    assert past.ask() == first


def test_what_the_worktree_has_is_looked_up_there(past: Past, cache_dir: Path) -> None:
    past.record({"a.py": function(4)})
    main(["check", "--quiet"])
    (path,) = (cache_dir / "v1").glob("cache.db")
    with closing(sqlite3.connect(path)) as database:
        ((uses,),) = database.execute("SELECT count(*) FROM Cache WHERE length(key) = 40").fetchall()
    past.ask()
    assert (uses, count_records(cache_dir), count_records(cache_dir / "history")) == (1, 1, 1)


def test_without_a_store_it_says_the_same_and_keeps_nothing(past: Past, cache_dir: Path) -> None:
    past.record({"a.py": function(4)})
    past.record({"a.py": function(5)}, 1)
    assert past.ask("--no-cache") == past.ask("--no-cache")
    assert not cache_dir.exists()
    assert past.ask() == past.ask("--no-cache")


def test_a_store_that_can_not_be_used_is_reported(past: Past, cache_dir: Path) -> None:
    past.record({"a.py": function(4)})
    expected = past.ask("--no-cache")
    cache_dir.mkdir()
    (cache_dir / "history").write_text("in the way")
    said = past.run("--format", "json")
    assert "warning: store disabled for this run" in said
    assert json.loads(said[said.index("\n{") :]) == expected


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.mark.slow
def test_a_run_that_was_killed_is_gone_on_with(past: Past, cache_dir: Path, temporary: Path) -> None:
    chance = random.Random(1)
    for day in range(3):
        files = {f"a{n}.py": function(9, f"f{n}", chance.randrange(10**6)) for n in range(400)}
        past.record(files, day)
    with subprocess.Popen(COMMAND, cwd=past.path, stdout=subprocess.DEVNULL, env=os.environ) as process:
        wait_until(lambda: count_records(cache_dir / "history") >= 500)
        process.send_signal(signal.SIGKILL)
    kept = count_records(cache_dir / "history")
    assert 500 <= kept < 1200
    assert list(temporary.iterdir()) == []
    ((before,),) = look(cache_dir, "SELECT max(rowid) FROM Cache")
    assert past.ask("--jobs", "1") == past.ask("--no-cache", "--jobs", "1")
    ((new,),) = look(cache_dir, f"SELECT count(*) FROM Cache WHERE length(key) = 40 AND rowid > {before}")
    assert new <= 1200 - kept + 10, "what was kept was not measured again"


def look(cache_dir: Path, question: str) -> list[Any]:
    """Return what the database of the history answers."""
    with closing(sqlite3.connect(cache_dir / "history/v1/cache.db")) as database:
        return database.execute(question).fetchall()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_keeps_what_was_measured(past: Past, cache_dir: Path, temporary: Path) -> None:
    files = {f"a{n}.py": function(20, f"f{n}", n) * 10 for n in range(1000)}
    past.record(files)
    with subprocess.Popen(COMMAND, cwd=past.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(lambda: count_records(cache_dir / "history") >= 500)
        time.sleep(0.3)  # for some that are not written yet
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err.splitlines()[-1]) == (130, b"", b"interrupted")
    assert 500 < count_records(cache_dir / "history") < 1000
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("name", ["a.py", "a.py::f"])
def test_what_a_store_says_when_it_is_closed_is_reported(past: Past, name: str, form: str) -> None:
    past.record({"a.py": function(4)})
    (past.path / "pyproject.toml").write_text("[tool.pytest-antipasta]\nhistory_max_size_mb = 0.001\n")
    assert "the store is too small" in past.run(name, "--format", form)
