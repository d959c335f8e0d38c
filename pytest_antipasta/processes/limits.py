"""Limits of time and memory for measuring one file, and watching the use of a process.

Time is processor time and memory is resident memory, both read from another process: a process in a long C
call can't check itself. A limit of address space does not work, as importing complexipy alone reserves a
gigabyte.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Struct

from pytest_antipasta.model.measured import ErrorKind, FileError

_PROC = Path("/proc")
# Maximum seconds without processor time, for a process that is stopped or waits for an unreachable disk.
_SILENCE = 30.0
# Ratio of wall-clock time to processor time allowed for a file, on a busy machine.
_WAITING_FACTOR = 20.0
# Maximum seconds counted between two checks: more is a pause of this process, as by Ctrl-Z.
_LONGEST_TICK = 1.0
# Minimum of a measuring process: less does not suffice for its modules and a file of usual size.
_LEAST_MEGABYTES = 128.0
# Memory that processes, and this one, may use between two checks.
_RESERVE = 64.0

# The kind and the message of a file's error by the limit, and what the process did. Free memory differs from
# run to run.
_WORDS: dict[str, tuple[ErrorKind, str, str]] = {
    "cpu": (
        "timeout",
        "it used more than {:g} s of CPU time; raise file_timeout or exclude the file",
        "took more than {:g} s of CPU time (file_timeout)",
    ),
    "memory": (
        "memory",
        "it used more than {:g} MB of memory; raise memory_limit_mb or exclude the file",
        "used more than {:g} MB of memory (memory_limit_mb)",
    ),
    "free_memory": (
        "out_of_memory",
        "not enough free memory to measure it; free memory or exclude the file",
        "used more memory than is free",
    ),
    "silence": (
        "internal",
        "the process measuring the file did not respond for {:g} s; run it again, or exclude the file",
        "made no progress",
    ),
    "deadline": (
        "timeout",
        "the time budget ran out before this file; raise time_budget or exclude the file",
        "made no progress",
    ),
}


class ResourceLimits(Struct, frozen=True):
    """The processor time and the memory allowed for a file.

    Attributes:
        memory: what limits the memory: the settings, or the machine's free memory, if that is less.
    """

    seconds: float
    megabytes: float
    memory: Literal["memory", "free_memory"] = "memory"


class Excess(Struct, frozen=True):
    """The limit that a process exceeded.

    Attributes:
        kind: what was limited; ``deadline`` is the end of a time budget.
        amount: the limit in its unit, where the words have it.
    """

    kind: Literal["cpu", "memory", "free_memory", "silence", "deadline"]
    amount: float = 0

    @property
    def error(self) -> FileError:
        """Error of the file that the process was measuring."""
        kind, message, _ = _WORDS[self.kind]
        return FileError(kind, message.format(self.amount))

    @property
    def phrase(self) -> str:
        """What a process did that was doing something else than measuring a file."""
        return _WORDS[self.kind][2].format(self.amount)


class Usage(NamedTuple):
    """The processor time of a process since its start, and its resident memory."""

    seconds: float
    megabytes: float


def read_usage(pid: int) -> Usage | None:
    """Return the usage of a process; ``None`` without ``/proc``, or if there is no such process."""
    try:
        status = (_PROC / f"{pid}" / "stat").read_bytes()
        pages = int((_PROC / f"{pid}" / "statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return None
    # The second field is the program's name in parentheses, which may contain any characters.
    user, system = map(int, status.rpartition(b")")[2].split()[11:13])
    return Usage(
        (user + system) / os.sysconf("SC_CLK_TCK"),
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
    )


def read_peak(pid: int) -> int | None:
    """Return the peak resident memory of a process in bytes; ``None`` as in :func:`read_usage`.

    The operating system's own maximum for a child includes memory of its parent.
    """
    try:
        status = (_PROC / str(pid) / "status").read_bytes()
    except OSError:
        return None
    _, _, rest = status.partition(b"VmHWM:")
    return int(rest.split(maxsplit=1)[0]) * 1024 if rest else None


class Watch:
    """Compares a process with its limits while it measures one file."""

    def __init__(self, pid: int, deadline: float = float("inf")) -> None:
        """Start with the file; the deadline is on the clock of ``time.monotonic``."""
        self._pid = pid
        self._deadline = deadline
        usage = read_usage(pid)
        self._seconds_before = self._seconds_last = usage.seconds if usage else 0.0
        self._looked = time.monotonic()
        self._waited = self._silent = 0.0

    def find_excess(self, limits: ResourceLimits) -> Excess | None:
        """Return which of the current limits the file exceeds."""
        usage = read_usage(self._pid)
        if usage is not None and usage.megabytes > limits.megabytes:
            return Excess(limits.memory, limits.megabytes)
        now = time.monotonic()
        if now > self._deadline:
            return Excess("deadline")
        passed, self._looked = min(now - self._looked, _LONGEST_TICK), now
        self._waited += passed
        if usage is not None:
            if usage.seconds - self._seconds_before > limits.seconds:
                return Excess("cpu", limits.seconds)
            self._silent = self._silent + passed if usage.seconds == self._seconds_last else 0.0
            self._seconds_last = usage.seconds
            # With its own deadline, a process may wait for something else until then.
            if self._silent > _SILENCE and self._deadline == float("inf"):
                return Excess("silence", _SILENCE)
        # Without readable usage, the process's own limit applies, on systems with such limits.
        longest = limits.seconds * _WAITING_FACTOR + _SILENCE
        return Excess("silence", longest) if self._waited > longest else None


def compute_room(children: Iterable[int]) -> float:
    """Return the megabytes available to all children: their current use, and free memory."""
    from pytest_antipasta.processes.cgroups import read_free_memory  # few runs have children

    usages = map(read_usage, children)
    return read_free_memory() - _RESERVE + sum(usage.megabytes for usage in usages if usage)


def count_fitting(room: float, most: int) -> int:
    """Return how many children, up to a maximum, fit into some megabytes; at least one."""
    return max(1, int(min(most, room / _LEAST_MEGABYTES)))


def share_memory(limits: ResourceLimits, room: float, children: int) -> ResourceLimits:
    """Return the limits of each of several children that share so many megabytes."""
    share = max(_LEAST_MEGABYTES, room / children)
    return limits if limits.megabytes <= share else ResourceLimits(limits.seconds, share, "free_memory")
