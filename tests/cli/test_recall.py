"""A run that finds everything leaves numbers to the store, and reports have them all the same."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.storage import storage
from pytest_antipasta.store.protocol import DAY
from pytest_antipasta.store.records import decode_record
from tests.plugin.conftest import FAILING, PASSING, SETTINGS

COMMENTED = FAILING.replace("):", "):  # antipasta: ignore", 1)
LONG_AGO = 1_000_000_000


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The records that were decoded since the list was emptied."""
    records: list[bytes] = []
    decode = decode_record

    def note(record: bytes) -> Any:
        records.append(record)
        return decode(record)

    monkeypatch.setattr(storage, "decode_record", note)
    return records


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[bytes]) -> Path:
    """Six files that the store knows: four that pass, one of them by a comment, and two that fail."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    for number in range(3):
        write(tmp_path / f"a{number}.py", f"{PASSING}x = {number}\n")
    write(tmp_path / "commented.py", COMMENTED)
    write(tmp_path / "f.py", FAILING)
    write(tmp_path / "g.py", f"{FAILING}x = 1\n")
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    decoded.clear()
    return tmp_path


def write(path: Path, content: str) -> None:
    """Write a file that is old enough to be taken at its word."""
    path.write_text(content)
    os.utime(path, (LONG_AGO, LONG_AGO))


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are older than the clock of a file system is coarse."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 10**10)


def report(*arguments: str) -> dict[str, Any]:
    """Return the report of a run, without what may differ between two."""
    main(["check", "--format", "json", "--output", "report.json", *arguments])
    told: dict[str, Any] = json.loads(Path("report.json").read_bytes())
    del told["run"]
    return told


def test_text_and_exit_code_are_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes, told = [], []
    for arguments in ((), ("--no-cache",)):
        capsys.readouterr()
        codes.append(main(["check", "--all", *arguments]))
        told.append(
            [line for line in capsys.readouterr().out.splitlines() if not line.startswith("checked ")]
        )
    assert codes == [1, 1]
    assert told[0] == told[1]


def test_a_report_has_all_numbers(project: Path, decoded: list[bytes]) -> None:
    known = report()
    assert known == report("--no-cache")
    assert len(known["files"]) == 6
    assert len(decoded) == 3 + 6


@pytest.mark.parametrize(("limit", "code"), [(1, 1), (2, 1), (99, 0)])
def test_another_limit_holds_for_what_was_known(project: Path, limit: int, code: int) -> None:
    arguments = ("--limit", f"cyclomatic_complexity={limit}", "--limit", "cognitive_complexity=off")
    assert main(["check", *arguments]) == code
    assert report(*arguments) == report("--no-cache", *arguments)


def test_numbers_that_the_store_has_lost_are_measured_again(
    project: Path, decoded: list[bytes], cache_dir: Path
) -> None:
    expected = report("--no-cache")
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database, database:
        database.execute("DELETE FROM Cache WHERE length(key) = 40 AND length(CAST(key AS BLOB)) = 40")
    assert report() == expected


def test_use_is_noted_once_a_day(
    project: Path, decoded: list[bytes], cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    for days, expected in ((0.5, 3), (1.5, 6), (1.6, 3)):
        monkeypatch.setattr(time, "time", lambda days=days: now() + days * DAY)
        decoded.clear()
        main(["check", "--quiet"])
        assert len(decoded) == expected
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database:
        rows = database.execute("SELECT min(access_time) FROM Cache WHERE length(key) = 40").fetchone()
    assert rows[0] > now() + DAY


def test_what_was_measured_is_left_to_the_store_as_well(
    project: Path, decoded: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    main(["check", "--quiet", "--cache-dir", str(tmp_path_factory.mktemp("empty"))])
    assert decoded == []
    first = report("--cache-dir", str(tmp_path_factory.mktemp("empty")))
    assert len(decoded) == 6
    assert first == report("--no-cache")


@pytest.mark.parametrize("name", ["a0.py", "f.py", "commented.py"])
def test_a_file_that_the_store_knows_is_too_large_for_a_lower_limit(project: Path, name: str) -> None:
    size = (project / name).stat().st_size
    lower = "[tool.pytest-antipasta]\nmax_file_size_mb = "
    (project / "pyproject.toml").write_text(f"{lower}{(size - 1) / 1e6:f}\n")
    assert main(["check", name]) == main(["check", "--no-cache", name]) == 3
    (project / "pyproject.toml").write_text(f"{lower}{size / 1e6:f}\n")
    assert main(["check", name]) == main(["check", "--no-cache", name]) != 3
