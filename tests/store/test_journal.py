"""The journal of runs beside the database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_antipasta.store.journal import NAME, PastRun, find_hit_rate, read_runs, record_run
from pytest_antipasta.store.protocol import DAY
from tests.windows import NEEDS_FILE_LIMITS

RUN = PastRun(time.time(), "other", 3, 1, 2, 0.5)
# Notes runs and says so, as one of several processes at once.
NOTING = """\
import sys, time
from pathlib import Path
from pytest_antipasta.store.journal import PastRun, record_run
for number in range(200):
    record_run(Path(sys.argv[1]), PastRun(time.time(), "hook", int(sys.argv[2]), number))
"""
# The same where no file may have more bytes than some.
LIMITED = f"""\
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
{NOTING}"""


def test_what_is_noted_is_read_in_its_order(tmp_path: Path) -> None:
    runs = [PastRun(RUN.time + number, "ci", number, 0) for number in range(3)]
    for run in runs:
        record_run(tmp_path, run)
    assert read_runs(tmp_path) == runs
    assert os.listdir(tmp_path) == [NAME]


def test_without_any_there_is_none(tmp_path: Path) -> None:
    assert read_runs(tmp_path) == []
    assert find_hit_rate([]) is None


def test_the_rate_is_that_of_all_files_together() -> None:
    assert find_hit_rate([RUN, PastRun(RUN.time, "ci", 0, 4), PastRun(RUN.time, "ci", 0, 0)]) == 3 / 8


@pytest.mark.parametrize(
    "damage",
    [
        b"\n{",
        b"\n\xff\xfe",
        b"\n[]",
        b'\n{"time": "x"}',
        b"\n" + b"[" * 5000,
        b"\n" * 50,
        b'\n{"time": 1e999}',
    ],
)
def test_what_is_damaged_costs_no_other_run(tmp_path: Path, damage: bytes) -> None:
    record_run(tmp_path, RUN)
    with open(tmp_path / NAME, "ab") as file:
        file.write(damage)
    record_run(tmp_path, RUN)
    assert read_runs(tmp_path) == [RUN, RUN]


def test_runs_of_long_ago_and_of_a_wrong_clock_do_not_count(tmp_path: Path) -> None:
    for days in (-31, -29, 0, 2):
        record_run(tmp_path, PastRun(RUN.time + days * DAY, "other", days + 40, 0))
    assert [run.hits for run in read_runs(tmp_path)] == [11, 40]


def test_it_has_a_bound_and_keeps_the_last_runs(tmp_path: Path) -> None:
    largest = 0
    for number in range(6000):
        record_run(tmp_path, PastRun(RUN.time, "hook", number, 100))
        largest = max(largest, (tmp_path / NAME).stat().st_size)
    assert largest <= 400_200
    found = [run.hits for run in read_runs(tmp_path)]
    assert len(found) > 1000
    assert found == list(range(6000 - len(found), 6000))


@pytest.mark.skipif(sys.platform == "win32", reason="runs that end at once may lose a line there")
def test_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    lines = [[sys.executable, "-c", NOTING, str(tmp_path), str(number)] for number in range(3)]
    for process in [subprocess.Popen(line) for line in lines]:
        assert process.wait() == 0
    runs = read_runs(tmp_path)
    for number in range(3):
        assert [run.misses for run in runs if run.hits == number] == list(range(200))


@NEEDS_FILE_LIMITS
def test_a_full_disk_costs_what_there_is_no_room_for(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), "1"], capture_output=True, check=True
    )
    assert done.stderr == b""
    before = len(read_runs(tmp_path))
    assert 5 < before < 20
    record_run(tmp_path, RUN)
    assert len(read_runs(tmp_path)) == before + 1


@pytest.mark.parametrize("kind", ["a folder", "no folder", "a closed folder"])
def test_where_nothing_can_be_written_nothing_happens(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "store"
    if kind == "a folder":
        (folder / NAME).mkdir(parents=True)
    elif kind == "a closed folder":
        folder.mkdir(mode=0o500)
    record_run(folder, RUN)
    is_open = not hasattr(os, "geteuid") or os.geteuid() == 0
    assert len(read_runs(folder)) <= (kind == "a closed folder" and is_open)
