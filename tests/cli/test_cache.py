"""``pytest-antipasta cache``."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.store.fingerprint import make_fingerprint
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.location import locate_history_dir
from pytest_antipasta.store.records import encode_record
from tests.commits import commit_all
from tests.conftest import Program, Repository

SOURCE = "def f{0}(a):\n    return a if a else {0}\n"
Capture = pytest.CaptureFixture[str]
# Files that are within all limits by their worst numbers are not.
LOOKED_UP = "[tool.pytest-antipasta]\nhints = false\nthresholds = { cyclomatic_complexity = 0 }\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three files, old enough to be trusted; the current one."""
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(3):
        (folder / f"f{number}.py").write_text(SOURCE.format(number))
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10**10)
    monkeypatch.chdir(folder)
    return folder


def ask(program: Program, *args: str, code: int = 0) -> dict[str, Any]:
    """Return the JSON of a command."""
    answer: dict[str, Any] = json.loads(program("cache", *args, "--format", "json", code=code).out)
    assert answer["schema_version"] == 1
    return answer


def tell(program: Program, *args: str, code: int = 0) -> list[str]:
    """Return the lines of a command."""
    return program("cache", *args, code=code).out.splitlines()


def execute(cache_dir: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database, database:
        database.execute(statement, values)


def test_where_there_is_no_store_none_is_made(project: Path, cache_dir: Path, program: Program) -> None:
    for action in ("status", "verify", "prune", "clear", "inspect f0.py"):
        assert tell(program, *action.split()) == [f"no store yet in {cache_dir}"]
        assert ask(program, *action.split())["exists"] is False
        assert not cache_dir.exists()


def test_warm_measures_what_is_missing_and_judges_nothing(project: Path, program: Program) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\n")
    assert tell(program, "warm", "f0.py") == ["1 file: 0 already stored, 1 measured"]
    assert tell(program, "warm") == ["3 files: 1 already stored, 2 measured"]
    assert ask(program, "warm", "--jobs", "2") == {
        "schema_version": 1, "files": 3, "known": 3, "measured": 0, "copies": 0, "errors": 0, "notes": []
    }  # fmt: skip
    assert main(["check"]) == 1
    (project / "bad.py").write_text("def f(:\n")
    assert tell(program, "warm", code=3) == ["4 files: 3 already stored, 0 measured, 1 could not be measured"]


def test_warm_without_a_store_is_pointless(project: Path, cache_dir: Path, program: Program) -> None:
    """Which is known without a look at the words of messages: they can be anybody's."""
    (project / ".antipasta.yaml").write_text(
        "languages: [{name: python, metrics: []}, {name: the store is off}]\n"
    )
    assert tell(program, "warm")[-1] == "3 files: 0 already stored, 3 measured"
    shutil.rmtree(cache_dir)
    cache_dir.write_text("a file")
    assert tell(program, "warm", code=2) == []


def test_status_tells_what_there_is(project: Path, cache_dir: Path, program: Program) -> None:
    main(["check"])
    (project / "f3.py").write_text(SOURCE.format(3))
    main(["check"])
    status = ask(program, "status")
    expected = {
        "location": str(cache_dir), "exists": True, "measurements": 4, "usable_measurements": 4, "roots": 1,
        "fingerprint": make_fingerprint().hex(), "journal_mode": "wal", "eviction": "least-recently-used",
        "max_size": 100e6, "max_age": 30 * 86400, "max_entries": None, "notes": [],
    }  # fmt: skip
    assert {name: status[name] for name in expected} == expected
    assert status["size"] == sum(path.stat().st_size for path in (cache_dir / "v1").glob("cache.db"))
    assert {name: status["last_run"][name] for name in ("hits", "misses", "hit_rate")} == {
        "hits": 3, "misses": 1, "hit_rate": 0.75
    }  # fmt: skip
    assert 0 <= status["longest_unused"] <= status["age"] < 600
    assert set(status["versions"]) > {"python", "radon", "complexipy", "sqlite", "layout", "records"}
    lines = tell(program, "status")
    assert lines[0] == f"location: {cache_dir}"
    assert lines[1] == f"entries: {status['entries']} (4 measurements, 4 of this version; index of 1 root)"
    assert lines[3].endswith(", longest unused: less than a day")
    assert lines[4].startswith("last run: 75.0 % found (3 hits, 1 missing), ")


def test_entries_are_the_same_everywhere(project: Path, program: Program) -> None:
    main(["check"])
    status = ask(program, "status")
    assert status["entries"] > status["measurements"] == 3  # there is an index
    assert ask(program, "verify")["entries"] == ask(program, "prune")["entries"] == status["entries"]
    (project / "pyproject.toml").write_text(
        f"[tool.pytest-antipasta]\ncache_max_entries = {status['entries'] - 1}\n"
    )
    assert ask(program, "prune")["removed"] > 0
    assert ask(program, "status")["entries"] < status["entries"]
    assert ask(program, "clear")["entries"] == ask(program, "status")["entries"] == 0


def test_status_tells_what_this_version_can_not_use(project: Path, cache_dir: Path, program: Program) -> None:
    main(["cache", "warm"])
    execute(
        cache_dir,
        "UPDATE Cache SET key = CAST(substr(key, 1, 32) || x'0011223344556677' AS BLOB) WHERE rowid = 1",
    )
    status = ask(program, "status")
    assert (status["measurements"], status["usable_measurements"]) == (3, 2)


def test_inspect_shows_what_is_stored_for_a_content(project: Path, cache_dir: Path, program: Program) -> None:
    main(["cache", "warm"])
    (project / "copy.py").write_bytes((project / "f1.py").read_bytes())
    shown = ask(program, "inspect", "copy.py")
    assert (shown["stored"], shown["compressed"], shown["uses"]) == (True, False, 0)
    assert shown["file"]["path"] == "copy.py"
    assert [block["name"] for block in shown["file"]["blocks"]] == ["f1"]
    lines = tell(program, "inspect", "copy.py")
    assert lines[:2] == ["copy.py: stored", f"key: {shown['key']}"]
    assert lines[3].endswith(" ago, last used less than a day ago"), "uses are noted once a day"
    assert "  1: function f1: cyclomatic 2, cognitive 1" in lines
    (project / "copy.py").write_text("x = 1\n")
    assert tell(program, "inspect", "copy.py")[0] == "copy.py: not stored"
    assert ask(program, "inspect", "copy.py")["stored"] is False


def test_verify_reads_all_and_measures_again(project: Path, cache_dir: Path, program: Program) -> None:
    main(["cache", "warm"])
    assert tell(program, "verify") == ["5 entries read, 3 measured again: no problems"]
    execute(cache_dir, "UPDATE Cache SET value = x'00' WHERE rowid = 1")
    lines = tell(program, "verify", code=1)
    assert lines[0].endswith(": checksum differs")
    assert lines[1].endswith("1 bad, to remove, run `pytest-antipasta cache verify --repair`")
    assert len(ask(program, "verify", "--repair")["bad"]) == 1
    assert ask(program, "verify")["bad"] == []
    assert tell(program, "warm") == ["3 files: 2 already stored, 1 measured"]


def test_verify_finds_numbers_that_are_not_those_of_the_content(
    project: Path, cache_dir: Path, program: Program
) -> None:
    main(["cache", "warm"])
    key = hashlib.sha256((project / "f0.py").read_bytes()).digest() + make_fingerprint()
    with closing(LocalStore(cache_dir)) as store:
        # What a version with a mistake would have left.
        store.put_many({key: encode_record(measure(b"x = 1\n"))})
    facts = ask(program, "verify", code=1)
    assert [entry["reason"] for entry in facts["bad"]] == ["different values when measured again"]
    assert ask(program, "verify", "--repair")["repaired"] is True
    assert ask(program, "verify")["bad"] == []


def test_a_damaged_database_is_replaced_by_repair(project: Path, cache_dir: Path, program: Program) -> None:
    for number in range(200):
        (project / f"g{number}.py").write_text(SOURCE.format(number))
    main(["cache", "warm"])
    with (cache_dir / "v1" / "cache.db").open("r+b") as file:
        file.seek(file.seek(0, os.SEEK_END) // 2)
        file.write(b"\xff" * 8192)
    assert "damaged" in tell(program, "verify", code=1)[0]
    with closing(LocalStore(locate_history_dir(cache_dir))) as store:
        store.put_many({b"k" * 32 + make_fingerprint(): b"no record"})
    assert tell(program, "verify", code=1)[2].startswith(f"bad: {b'k'.hex() * 32}")
    assert "damage" in ask(program, "verify", "--repair")
    assert "recreated" in tell(program, "warm")[0]
    assert tell(program, "verify")[0].endswith("no problems")


def test_prune_keeps_to_the_settings(project: Path, cache_dir: Path, program: Program) -> None:
    main(["cache", "warm"])
    execute(cache_dir, "UPDATE Cache SET access_time = access_time - 10 * 86400")
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\ncache_max_age_days = 7\n")
    assert ask(program, "prune")["removed"] == 4


def test_prune_forgets_files_by_their_content(project: Path, cache_dir: Path, program: Program) -> None:
    (project / "sub").mkdir()
    (project / "sub/same.py").write_text(SOURCE.format(0))
    (project / "sub/other.py").write_text(SOURCE.format(7))
    (project / "sub/bad.py").write_bytes(b"\0")
    main(["cache", "warm", "f0.py", "f1.py", "f2.py", "sub/same.py", "sub/other.py"])
    other = "UPDATE Cache SET key = CAST(substr(key, 1, 32) || x'0011223344556677' AS BLOB) WHERE rowid = 1"
    execute(cache_dir, other)
    assert tell(program, "prune", "sub", "--days", "9")[0].startswith("0 entries removed, ")
    assert tell(program, "prune", "sub")[0].startswith("2 entries removed, ")
    assert tell(program, "warm", code=3) == [
        "6 files: 2 already stored, 2 measured, 1 copy of other files, 1 could not be measured"
    ]
    assert tell(program, "prune", "f1.py")[0].startswith("1 entry removed, ")
    assert main(["cache", "prune", "gone.py"]) == 2


def test_prune_done_again_removes_nothing(project: Path, program: Program) -> None:
    """The note of the last upkeep is no entry that ages: it would be removed, and made anew, each time."""
    main(["cache", "warm"])
    assert tell(program, "prune", "--days", "0") == ["4 entries removed, 1 left"]
    assert tell(program, "prune", "--days", "0") == ["0 entries removed, 1 left"]


def test_a_store_that_was_full_has_room_after_prune(project: Path, program: Program) -> None:
    with (project / "pyproject.toml").open("a") as settings:
        settings.write("[tool.pytest-antipasta]\ncache_max_entries = 6\n")
    for number in range(9):
        (project / f"f{number}.py").write_text(SOURCE.format(number))
    assert "the store is too small" in program("check", "--all", code=None).out
    main(["cache", "prune", "--days", "0"])
    for number in range(3, 9):
        (project / f"f{number}.py").unlink()
    program("check", "--all", code=None)
    assert ask(program, "status")["measurements"] == 3


@pytest.mark.parametrize("args", [("prune", "--days", "9"), ("prune", "f1.py"), ("clear",)], ids=" ".join)
def test_a_dry_run_says_the_same_and_removes_nothing(
    project: Path, cache_dir: Path, program: Program, args: tuple[str, ...]
) -> None:
    tell(program, "warm")
    execute(cache_dir, "UPDATE Cache SET access_time = access_time - 10 * 86400 WHERE rowid < 3")
    before = ask(program, "status")["entries"]
    (dry,) = tell(program, *args, "--dry-run")
    assert ask(program, *args, "--dry-run")["dry_run"] is True
    assert ask(program, "status")["entries"] == before
    (done,) = tell(program, *args)
    assert dry.replace("would be removed", "removed") == done
    assert not done.startswith("0 ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["status", "--no-cache"], "error: this command works on the store; remove --no-cache\n"),
        (["warm", "gone.py"], "error: no such file or folder: gone.py\n"),
        (["inspect", "."], "error: .: not a regular file\n"),
    ],
)
def test_an_error_is_reported_in_a_line(
    project: Path, args: list[str], message: str, program: Program
) -> None:
    program("cache", "warm")
    assert program("cache", *args, code=2).err == message


@pytest.mark.parametrize("days", ["-1", "many", "nan", "inf"])
def test_wrong_days_are_reported_by_the_parser(days: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["cache", "prune", "--days", days])
    assert f"expected a number of days >= 0, got '{days}'" in capsys.readouterr().err


def test_a_store_that_can_not_be_used_is_reported(project: Path, cache_dir: Path, program: Program) -> None:
    main(["cache", "warm"])
    execute(cache_dir, "PRAGMA user_version = 9")
    for action in ("status", "verify", "prune", "clear", "warm"):
        assert "created by a newer version of pytest-antipasta" in program("cache", action, code=2).err


def test_use_is_noted_by_the_process_that_writes(
    project: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["cache", "warm"])
    for number in range(50):
        (project / f"g{number}.py").write_text(SOURCE.format(number + 10))
    before = time.time() + 3 * 86400
    monkeypatch.setattr(time, "time", lambda: before)
    main(["check", "--quiet", "--jobs", "2"])
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database:
        rows = database.execute("SELECT access_time, access_count FROM Cache WHERE rowid <= 3").fetchall()
    assert [uses for _, uses in rows] == [1, 1, 1]
    assert all(used >= before for used, _ in rows)


LEAST_USED = 'cache_eviction = "least-frequently-used"\n'


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("eviction", "uses"), [(LEAST_USED, 3), ("", 0)], ids=["counted", "not counted"])
def test_each_run_counts_as_a_use_where_that_decides(
    project: Path, program: Program, jobs: str, eviction: str, uses: int
) -> None:
    """Also of files that pass by their worst values, which are looked up only once a day otherwise."""
    for number in range(40):
        (project / f"g{number}.py").write_text(SOURCE.format(number + 10))
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{eviction}")
    for _ in range(4):
        main(["check", "--quiet", "--jobs", jobs])
    assert [ask(program, "inspect", name)["uses"] for name in ("f0.py", "g39.py")] == [uses, uses]


def test_a_memo_is_not_used_where_each_run_counts(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows nothing of the files that pass."""
    monkeypatch.setattr("pytest_antipasta.engine.memo_keeping.SMALLEST_INDEX", 0)
    repository = Repository(project)
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{LEAST_USED}")
    commit_all(repository.path, "all")
    for _ in range(4):
        main(["check", "--quiet"])
    assert ask(program, "inspect", "f0.py")["uses"] == 3


OTHER_VERSION = (
    "UPDATE Cache SET key = CAST(substr(key, 1, 32) || x'0011223344556677' || substr(key, 41) AS BLOB)"
    " WHERE length(key) IN (40, 41)"
)


def test_prune_removes_measurements_of_other_versions(
    project: Path, cache_dir: Path, capsys: Capture, program: Program
) -> None:
    main(["cache", "warm"])
    assert tell(program, "prune", "--other-versions") == ["0 entries removed, 5 left"]
    execute(cache_dir, OTHER_VERSION)
    (project / "f0.py").write_text(SOURCE.format(3))
    main(["cache", "warm", "f0.py"])
    assert tell(program, "prune", "--other-versions", "--dry-run") == ["3 entries would be removed, 3 left"]
    assert tell(program, "prune") == ["0 entries removed, 6 left"]
    assert tell(program, "prune", "--other-versions") == ["3 entries removed, 3 left"]
    assert tell(program, "warm") == ["3 files: 1 already stored, 2 measured"]
    assert main(["cache", "prune", "--other-versions", "f0.py"]) == 2
    assert "--other-versions can't be used with files; omit one of them" in capsys.readouterr().err


def test_a_tree_that_does_not_fit_is_found_in_part_every_time_and_reported(
    project: Path, cache_dir: Path, program: Program
) -> None:
    for number in range(60):
        (project / f"g{number}.py").write_text(SOURCE.format(number + 10))
    (project / "pyproject.toml").write_text(f"{LOOKED_UP}cache_max_entries = 30\n")
    found, stored = [], []
    for _ in range(3):
        lines = program("check", code=1).out.splitlines()
        told = (
            "the store is too small for the files in use and keeps only part of them; set "
            "cache_max_entries = 78"
        )
        assert lines.count(told) == 1
        found.append(ask(program, "status")["last_run"]["hits"])
        with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database:
            stored.append(database.execute("SELECT rowid, key FROM Cache WHERE length(key) = 40").fetchall())
    assert found == [0, 25, 25]
    assert stored[0] == stored[1] == stored[2]
    (project / "pyproject.toml").write_text(f"{LOOKED_UP}cache_max_entries = 78\n")
    assert "too small" not in program("check", code=1).out
    main(["check"])
    assert ask(program, "status")["last_run"]["misses"] == 0


def test_verify_refuses_what_the_store_never_wrote(project: Path, cache_dir: Path, program: Program) -> None:
    main(["cache", "warm"])
    execute(cache_dir, "UPDATE Cache SET mode = 4 WHERE rowid = 1")
    assert "not written by this store" in tell(program, "verify", code=1)[0]
