"""What a run takes from the store, what it leaves there, and what it does when the store is broken."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.forked import ForkedPython
from tests.plugin.conftest import FAILING, PASSING, SETTINGS, Project, outcomes, told

FILES = {"a.py": FAILING, "pkg/b.py": PASSING, "pkg/c.py": "x = 1\n"}
EXPECTED = {"a.py::antipasta": "failed", "pkg/b.py::antipasta": "passed", "pkg/c.py::antipasta": "passed"}
WITHOUT_SPIES = "[tool.pytest-antipasta]\nexclude = ['spies/']\n"

# A plugin that needs the three phases of each item, and takes the numbers of all files from them.
TAKE_NUMBERS = """\
import json
def pytest_runtest_makereport(item, call):
    if call.when == "call":
        with open("numbers", "a") as file:
            file.write(json.dumps([item.location[2], item.user_properties]) + "\\n")
"""

# A plugin that gives a file another content when pytest has collected it.
WRITE_BETWEEN = """\
def pytest_collection_finish():
    with open("pkg/c.py", "w") as file:
        file.write("x = 2\\ny = 2\\n")
"""

# Notes which source files are opened, in all processes. Files count as old enough to be trusted.
SPY = """\
import os, sys, time
real_time = time.time_ns
time.time_ns = lambda: real_time() + 10**10
def spy(event, args):
    if event == "open" and str(args[0]).endswith(".py") and os.sep + "pkg" in str(args[0]):
        with os.fdopen(os.open(os.environ["OPENED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT), "a") as log:
            log.write(os.path.basename(args[0]) + "\\n")
sys.addaudithook(spy)
"""


class Watched(Project):
    """A project whose runs tell which files they have opened."""

    def opened(self, *args: str) -> set[str]:
        """Run pytest; return the names of the files in ``pkg`` that were opened."""
        log = self.path / "opened"
        log.unlink(missing_ok=True)
        self.last = self.run("--antipasta-only", "--antipasta-debug", "-p", "spy", *args)
        return set(log.read_text().split()) if log.exists() else set()

    def hits(self) -> str:
        """Return what the last run said of the store."""
        (line,) = [line for line in told(self.last) if line.startswith("store: ")]
        return line.partition(", in ")[0]


@pytest.fixture
def watched(
    pytester: pytest.Pytester, forked_python: ForkedPython, monkeypatch: pytest.MonkeyPatch
) -> Watched:
    """Three files, two of them in a folder that is watched."""
    project = Watched(pytester, forked_python.run)
    project.write(FILES | {"spies/spy.py": SPY})
    project.write({"pyproject.toml": WITHOUT_SPIES + SETTINGS})
    monkeypatch.setenv("PYTHONPATH", str(project.path / "spies"), prepend=os.pathsep)
    monkeypatch.setenv("OPENED", str(project.path / "opened"))
    return project


def rows(cache_dir: Path) -> Iterator[tuple[bytes, bytes]]:
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database:
        yield from database.execute("SELECT key, value FROM Cache")


def execute(cache_dir: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database, database:
        database.execute(statement, values)


def test_a_second_run_finds_everything_and_reads_nothing(watched: Watched, workers: list[str]) -> None:
    assert watched.opened(*workers) == {"b.py", "c.py"}
    assert watched.hits() == "store: 0 hits, 3 misses"
    assert watched.opened("--tb=no", *workers) == set()
    assert watched.hits() == "store: 3 hits, 0 misses"
    assert outcomes(watched.last) == EXPECTED


def test_a_run_that_looks_nothing_up_has_all_parts(watched: Watched) -> None:
    watched.write({"a.py": PASSING})
    report = watched.path / "report.json"
    for _ in range(2):
        watched.opened(f"--antipasta-report=json={report}")
    run = json.loads(report.read_bytes())["run"]
    assert (run["hits"], run["misses"], run["phases"]["judge"]) == (3, 0, 0.0)


@pytest.mark.slow
def test_plugins_have_the_numbers_of_what_was_not_looked_up(watched: Watched, cache_dir: Path) -> None:
    watched.write({"spies/take_numbers.py": TAKE_NUMBERS})

    def take(*args: str) -> list[str]:
        watched.opened("-p", "take_numbers", *args)
        return (watched.path / "numbers").read_text().splitlines()

    lines = take()
    assert len(lines) == 3
    assert all('["source_lines_of_code", ' in line for line in lines)
    assert take("--junitxml=junit.xml") == lines * 2
    assert take() == lines * 3
    assert watched.hits() == "store: 3 hits, 0 misses"
    execute(cache_dir, "DELETE FROM Cache WHERE length(key) = 40")  # but not the index
    assert take() == lines * 4


def test_numbers_are_those_of_the_content_that_was_judged(watched: Watched, cache_dir: Path) -> None:
    watched.write({"spies/take_numbers.py": TAKE_NUMBERS, "spies/write_between.py": WRITE_BETWEEN})
    watched.opened("-p", "take_numbers")
    execute(cache_dir, "DELETE FROM Cache WHERE length(key) = 40")  # but not the index
    report = watched.path / "report.json"
    watched.opened("-p", "take_numbers", "-p", "write_between", f"--antipasta-report=json={report}")
    taken = dict(map(json.loads, (watched.path / "numbers").read_text().splitlines()))
    assert taken["pkg/c.py"] == []
    (told,) = [file for file in json.loads(report.read_bytes())["files"] if file["path"] == "pkg/c.py"]
    assert told["error"]["message"] == "the file changed or was deleted during the run"


def test_comments_are_known_without_reading(watched: Watched) -> None:
    watched.write({"pkg/b.py": f"# antipasta: ignore\n{FILES['a.py']}"})
    watched.opened()
    for option, outcome in (("-q", "passed"), ("--antipasta-no-ignore", "failed")):
        assert watched.opened("--tb=no", option) == set()
        assert outcomes(watched.last)["pkg/b.py::antipasta"] == outcome


def test_a_renamed_file_and_a_copy_are_known(watched: Watched) -> None:
    watched.opened()
    (watched.path / "pkg" / "b.py").rename(watched.path / "pkg" / "renamed.py")
    shutil.copy(watched.path / "pkg" / "c.py", watched.path / "pkg" / "copy.py")
    assert watched.opened() == {"renamed.py", "copy.py"}
    assert watched.hits() == "store: 4 hits, 0 misses"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells only the times that it can restore")
def test_a_file_rewritten_with_the_same_size_and_time_is_noticed(watched: Watched) -> None:
    path = watched.path / "pkg" / "b.py"
    watched.opened()
    before = path.stat()
    path.write_text(PASSING.replace("a + b", "b + a"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert watched.opened() == {"b.py"}
    assert watched.hits() == "store: 2 hits, 1 miss"


def test_without_the_store_nothing_is_made(watched: Watched, cache_dir: Path) -> None:
    watched.opened("--antipasta-no-cache", "-n", "1")
    assert outcomes(watched.last) == EXPECTED
    assert any(line.startswith("3 files read without the store, in ") for line in told(watched.last))
    assert not cache_dir.exists()


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


UNREADABLE = "a stored measurement is corrupt ({}); measured again"


def test_a_planted_pickle_is_refused(watched: Watched, cache_dir: Path) -> None:
    bomb = watched.path / "bomb"
    watched.opened()
    execute(cache_dir, "UPDATE Cache SET mode = 4, value = ?", pickle.dumps(Bomb(bomb)))
    watched.opened()
    assert not bomb.exists()
    assert outcomes(watched.last) == EXPECTED
    reason = "a value that is pickled or stored outside the database"
    assert told(watched.last).count(UNREADABLE.format(reason)) == 1
    watched.opened()
    assert watched.hits() == "store: 3 hits, 0 misses"


def test_a_damaged_database_is_replaced_and_reported(
    watched: Watched, cache_dir: Path, workers: list[str]
) -> None:
    watched.opened()
    (cache_dir / "v1" / "cache.db").write_bytes(os.urandom(20_000))
    watched.opened(*workers)
    assert outcomes(watched.last) == EXPECTED
    note = (
        "the store was damaged (file is not a database) and is recreated; the old one is kept as "
        f"{cache_dir / 'v1' / 'damaged-cache.db'}"
    )
    assert told(watched.last).count(note) == 1
    assert watched.opened(*workers) == set()
    assert watched.hits() == "store: 3 hits, 0 misses"


def test_a_folder_that_can_not_be_written_costs_a_line(watched: Watched, cache_dir: Path) -> None:
    cache_dir.write_bytes(b"")
    watched.opened("-n", "2")
    assert outcomes(watched.last) == EXPECTED
    (line,) = (line for line in told(watched.last) if str(cache_dir) in line and "debug: " not in line)
    assert line.startswith("store disabled for this run: ")
    assert "Traceback" not in watched.last.stdout.str() + watched.last.stderr.str()


ELSEWHERE = """\
import os
from pathlib import Path
from pytest_antipasta.plugin import worker_judge

worker, open_measurer = os.environ.get("PYTEST_XDIST_WORKER"), worker_judge.open_measurer
if worker is not None:
    worker_judge.open_measurer = lambda settings, folder, **_: open_measurer(
        settings, Path(f"{folder}-{worker}")
    )
"""


COUNT_BATCHES = """\
import os
from pathlib import Path
from pytest_antipasta.engine.storage.storage import Storage
load = Storage.load
def count_batch(storage, digests):
    with open("batches", "a") as log:
        log.write(os.environ.get("PYTEST_XDIST_WORKER", "controller") + "\\n")
    load(storage, digests)
Storage.load = count_batch
def pytest_collection_modifyitems(items):
    if Path("reversed").exists():
        items.reverse()
"""


@pytest.mark.parametrize("order", ["collected", "reversed"])
def test_a_worker_reads_records_ahead_or_one_by_one(watched: Watched, order: str) -> None:
    """Not a batch for each file, as nothing follows where a plugin changes the order."""
    project = {f"pkg/m{number}.py": f"x = {number}\n" for number in range(12)}
    watched.write(project | {"conftest.py": COUNT_BATCHES, order: ""})
    for _ in range(2):
        (watched.path / "batches").unlink(missing_ok=True)
        watched.opened("-n", "2")
    batches = (watched.path / "batches").read_text().split()
    assert watched.hits() == "store: 16 hits, 0 misses"
    assert {name: batches.count(name) for name in ("gw0", "gw1")} == {"gw0": 1, "gw1": 1}


def test_only_the_controller_writes_records(project: Project, cache_dir: Path) -> None:
    project.write(FILES | {"conftest.py": ELSEWHERE})
    project.run("--antipasta-only", "-n", "2")
    stores = sorted(cache_dir.parent.glob(f"{cache_dir.name}-gw*"))
    assert [len(list(rows(store))) for store in stores] == [0, 0]
    assert len([key for key, _ in rows(cache_dir) if len(key) == 40]) == 4


@pytest.mark.slow
def test_nothing_is_left_open(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    for args in ([], ["-x"]):
        watched.opened("-W", "error", *args)
        assert watched.last.stderr.str() == ""
        assert watched.last.ret in (0, 1)


def test_records_name_no_file(watched: Watched, cache_dir: Path) -> None:
    watched.opened()
    records = [(key, value) for key, value in rows(cache_dir) if len(key) == 40]
    assert len(records) == 3
    for name in ("a.py", "pkg", watched.path.name):
        assert not [key for key, value in records if name.encode() in key + value]
