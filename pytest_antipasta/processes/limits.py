"""Limits of time and memory for measuring one file, and watching what a process uses.

Time is that of the processor and memory is what is resident, both seen from outside: a process that is stuck
in C can't look at itself. A limit on address space would be the wrong tool, since importing complexipy alone
reserves a gigabyte of it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from pytest_antipasta.model import FileError

_PROC = Path("/proc")
# A process that waits for something else, such as a disk that is gone, uses no processor.
_WAITS = 30.0
_WAITING_FACTOR = 20.0
# Of a process that measures: less is not enough for its modules and a file of usual size.
_LEAST_MEGABYTES = 128.0


class Limits(Struct, frozen=True):
    """What a file may take.

    Attributes:
        seconds: of processor time.
        megabytes: of resident memory, for the process that measures it.
    """

    seconds: float = 5
    megabytes: float = 500


class Usage(NamedTuple):
    """What a process has taken since it began.

    Attributes:
        seconds: of processor time.
        megabytes: that are resident now.
    """

    seconds: float
    megabytes: float


def read_usage(pid: int) -> Usage | None:
    """Return what a process has taken; ``None`` where the system has no ``/proc``, or no such process."""
    try:
        status = (_PROC / f"{pid}" / "stat").read_bytes()
        pages = int((_PROC / f"{pid}" / "statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return None
    # The second field is the program's name in parentheses, which may hold anything.
    user, system = map(int, status.rpartition(b")")[2].split()[11:13])
    return Usage(
        (user + system) / os.sysconf("SC_CLK_TCK"),
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
    )


class Watch:
    """Looks after a process while it measures one file."""

    def __init__(self, pid: int, limits: Limits, deadline: float = float("inf")) -> None:
        """Begin with the file.

        Args:
            pid: of the process.
            limits: for the file.
            deadline: on the clock of ``time.monotonic``; when it has passed, the file has taken too long.
        """
        self._pid = pid
        self._limits = limits
        self._deadline = deadline
        usage = read_usage(pid)
        self._seconds_before = usage.seconds if usage else 0.0
        self._since = time.monotonic()

    def find_excess(self) -> FileError | None:
        """Return what the file has taken too much of, if anything."""
        usage = read_usage(self._pid)
        if usage is not None and usage.megabytes > self._limits.megabytes:
            return FileError("memory", _too_much("memory_limit_mb", self._limits.megabytes, "MB of memory"))
        now = time.monotonic()
        if now > self._deadline:
            message = "there was no more time for it; raise time_budget or exclude the file"
            return FileError("timeout", message)
        if self._is_late(usage, now - self._since):
            return timeout_error(self._limits)
        return None

    def _is_late(self, usage: Usage | None, waited: float) -> bool:
        if usage is not None and usage.seconds - self._seconds_before > self._limits.seconds:
            return True
        # Without a look at the process its own limit ends it, where the system has such limits.
        return waited > self._limits.seconds * _WAITING_FACTOR + _WAITS


def count_fitting(children: int) -> int:
    """Return how many of some children have room beside this process in its container; at least one."""
    from pytest_antipasta.processes.cgroups import find_memory  # here, because few runs have children

    room = find_memory() / _LEAST_MEGABYTES - 1
    return children if room >= children else max(1, int(room))


def share_memory(limits: Limits, children: int) -> Limits:
    """Return limits under which this process and some children fit into their container."""
    from pytest_antipasta.processes.cgroups import find_memory  # here, because few runs have children

    return Limits(limits.seconds, min(limits.megabytes, find_memory() / (children + 1)))


def timeout_error(limits: Limits) -> FileError:
    """Return what to say of a file that took too long."""
    return FileError("timeout", _too_much("file_timeout", limits.seconds, "s of processor time"))


def _too_much(setting: str, limit: float, unit: str) -> str:
    return f"it takes more than {limit:g} {unit}; raise {setting} or exclude the file"
