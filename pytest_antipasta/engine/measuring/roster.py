"""The processes that a run has begun, and what they did more than once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from pytest_antipasta.model import Process
from pytest_antipasta.processes import read_peak, read_usage

if TYPE_CHECKING:
    from pytest_antipasta.processes import Child


class Roster:
    """Keeps account of processes.

    Attributes:
        ended: all that were begun, once they have ended.
        most: how many workers had something to do at once, at most.
        retries: how many files were measured once more, as that had ended a process or taken too much.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self.ended: list[Process] = []
        self.most = 0
        self.retries = 0

    def note_busy(self, number: int) -> None:
        """Note how many workers have something to do."""
        self.most = max(self.most, number)

    def end(self, child: Child, kind: Literal["worker", "guard", "extension"]) -> int:
        """End a process, and note what it has taken; return its exit code."""
        # While the system still knows of it.
        usage, peak = read_usage(child.pid), read_peak(child.pid)
        seconds = time.monotonic() - child.began
        self.ended.append(Process(child.pid, kind, seconds, usage and usage.seconds, peak))
        return child.end()
