"""The file of a log: lines of several runs stay whole, it is moved aside when large, and it may fail."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.logs import file as log_file
from pytest_antipasta.logs.file import LogFile
from tests.windows import NEEDS_FILE_LIMITS, NEEDS_LINKS, NEEDS_PIPES

WRITERS, LINES = 4, 1500
# About 600 kB of all writers together, so that nothing is old enough to be deleted.
WRITER = """\
import logging, sys
from pathlib import Path
from pytest_antipasta.logs import file
file.LARGEST = 200_000
log = file.LogFile(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
for number in range(int(sys.argv[3])):
    log.emit(logging.makeLogRecord({"msg": f"<{sys.argv[2]} {number} {'x' * (number % 150)}>"}))
assert not log.trouble, log.trouble
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.log"


def write(path: Path, *lines: str) -> str:
    """Write lines to a log; return what is wrong with it."""
    log = LogFile(path)
    for line in lines:
        log.emit(logging.makeLogRecord({"msg": line}))
    log.close()
    return log.trouble


def test_lines_are_added_to_a_file_that_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "of" / "runs.log"
    assert [write(path, "a", "b"), write(path, "c")] == ["", ""]
    assert path.read_text() == "a\nb\nc\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no append in one step")
@pytest.mark.slow
def test_lines_of_processes_that_write_at_once_are_whole_and_all_there(path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [
        subprocess.Popen([*command, str(number), str(LINES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for number in range(WRITERS)
    ]
    assert [writer.stdout.readline() for writer in writers if writer.stdout] == [b"ready\n"] * WRITERS
    for writer in writers:
        if writer.stdin:
            writer.stdin.close()
    for writer in writers:
        with writer:
            assert writer.wait() == 0
    files = sorted(path.parent.iterdir())
    assert len(files) > 2
    written = [line for file in files for line in file.read_text().splitlines()]
    expected = [
        f"<{writer} {number} {'x' * (number % 150)}>" for writer in range(WRITERS) for number in range(LINES)
    ]
    assert sorted(written) == sorted(expected)


def test_a_large_file_is_moved_aside_and_three_of_those_stay(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 10)
    assert write(path, *(f"line {number}" for number in range(12))) == ""
    kept = {file.name: file.read_text() for file in path.parent.iterdir()}
    assert kept == {
        "runs.log": "line 10\nline 11\n",
        "runs.log.1": "line 8\nline 9\n",
        "runs.log.2": "line 6\nline 7\n",
        "runs.log.3": "line 4\nline 5\n",
    }


def test_where_it_can_not_be_moved_it_grows_and_that_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 10)
    (path.parent / "runs.log.3" / "a folder").mkdir(parents=True)
    (path.parent / "runs.log.2").touch()
    why = write(path, *"abcdefgh").removeprefix(f"can't rotate the log {path.as_posix()}: ")
    assert why == "Is a directory" if sys.platform != "win32" else why.startswith("Access ")
    assert path.read_text() == "a\nb\nc\nd\ne\nf\ng\nh\n"


def test_opening_it_adds_nothing_as_another_process_may_be_in_the_midst_of_a_line(path: Path) -> None:
    path.write_text("whole\nhal")
    log = LogFile(path)
    with path.open("a") as other:
        other.write("f\n")
    log.emit(logging.makeLogRecord({"msg": "next"}))
    log.close()
    assert path.read_text() == "whole\nhalf\nnext\n"


FULL = """\
import logging, resource, sys
from pathlib import Path
from pytest_antipasta.logs.file import LogFile
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))  # a write beyond it is cut off, as on a full disk
log = LogFile(Path(sys.argv[1]))
for line in ("whole", "next one", "more"):
    log.emit(logging.makeLogRecord({"msg": line}))
log.close()
print(log.trouble)
"""


@NEEDS_FILE_LIMITS
def test_a_full_disk_leaves_no_half_of_a_line(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, check=True, text=True)
    assert done.stdout == f"can't write the log {path}: File too large\n"
    assert path.read_text() == "whole\n"
    assert write(path, "later") == ""
    assert path.read_text() == "whole\nlater\n"


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("a folder", "Is a directory"),
        ("in a file", os.strerror(errno.ENOENT if sys.platform == "win32" else errno.ENOTDIR)),
        pytest.param("a pipe", "not a regular file", marks=NEEDS_PIPES),
        pytest.param("a link", "symlinks are not followed", marks=NEEDS_LINKS),
    ],
)
def test_what_can_not_be_written_is_one_line_of_trouble(tmp_path: Path, kind: str, why: str) -> None:
    path, other = tmp_path / "runs.log", tmp_path / "other"
    other.write_text("kept")
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a link":
        path.symlink_to(other)
    else:
        path = other / "runs.log"
    assert write(path, "a", "b") == f"can't write the log {path.as_posix()}: {why}"
    assert other.read_text() == "kept"
