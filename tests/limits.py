"""Contents that are hard to measure, and a look at processes."""

from __future__ import annotations

import os
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_antipasta.engine.executor.worker_count import count_processors

LARGE = b"x = 1\n'" + b"a" * 1_100_000 + b"'\n"
"""More than a megabyte, and soon measured."""
ODD = b"x: int; y = [\n" + b"1,\n" * 20_000 + b"]\n"
"""More for the tokenizer than is done here, and soon measured."""
LONG = b"# " + b"a" * 900_000 + b"\n"
"""Below a megabyte, and soon measured: four of them seem to be worth workers."""
SLOW = b"x: int; y = [\n" + b"1,\n" * 150_000 + b"]\n"
"""Valid, below a megabyte, and a second and a half in the tokenizer."""
HEAVY = b"x = [" + b"a, " * 400_000 + b"]\n"
"""Valid, a second and 400 MB."""
DEEP = b"x = " + b"(" * 1_100_000 + b"\n"
"""No Python, and three seconds in C."""

WITH_PROCESSORS = pytest.mark.skipif(count_processors() < 2, reason="a single processor is worth no workers")

NEEDS_PROC = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what another process uses")
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
"""The signal that ends a process at once; on Windows, any other than Ctrl-C does."""

# Rights by which root reads folders that other users can't.
_RIGHTS = "-dac_override,-dac_read_search"
WITHOUT_RIGHTS = ("setpriv", "--bounding-set", _RIGHTS, "--inh-caps", _RIGHTS)
"""What comes before a command that root runs with no more rights than other users have."""

# A kernel may be built without them.
_LISTS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")


class _Test:
    """When the test that runs has begun, in ticks since the system did."""

    began = 0


def note_begin() -> None:
    """Note that a test begins."""
    if sys.platform == "linux":
        _Test.began = int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))


def find_children(pid: int | None = None) -> list[int]:
    """Return the processes that one has begun and that have not ended.

    Without a process those that this one has begun in this test: an earlier one may have left some that take
    their time to end.
    """
    since = 0 if pid else _Test.began
    pid = pid or os.getpid()
    if sys.platform == "win32":
        return [child for child, parent in _list_processes().items() if parent == pid]
    found = []
    for name in _find_candidates(pid):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split(maxsplit=20)
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != b"Z" and int(fields[19]) >= since:
            found.append(int(name))
    return found


def _list_processes() -> dict[int, int]:
    """Return the parents of all processes, on Windows."""
    found: dict[int, int] = {}
    if sys.platform == "win32":
        import ctypes

        # PROCESSENTRY32W: nine numbers, the third and seventh of which are processes, and a name.
        layout = struct.Struct("@IIIPIIIiI520x4x")
        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateToolhelp32Snapshot.restype = ctypes.c_void_p
        snapshot = ctypes.c_void_p(kernel.CreateToolhelp32Snapshot(2, 0))
        entry = ctypes.create_string_buffer(struct.pack("I", layout.size), layout.size)
        is_there = kernel.Process32FirstW(snapshot, entry)
        while is_there:
            fields = layout.unpack(entry.raw)
            found[fields[2]] = fields[6]
            is_there = kernel.Process32NextW(snapshot, entry)
        kernel.CloseHandle(snapshot)
    return found


def _find_candidates(pid: int) -> list[str]:
    """Return processes among which are all children of one: in a loop of many tests, no Path is made."""
    if not _LISTS_CHILDREN:
        return [name for name in os.listdir("/proc") if name.isdecimal()]
    found: list[str] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += file.read().split()
    except OSError:  # the process is gone
        return []
    return found


def reads_locked_folders() -> bool:
    """Whether this process may read what nobody may."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0)
        return os.access(folder, os.R_OK)


def is_there(pid: int) -> bool:
    """Whether a process runs."""
    if sys.platform == "win32":
        return pid in _list_processes()
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def find_cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has had; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is the case, and fail when it never is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)
