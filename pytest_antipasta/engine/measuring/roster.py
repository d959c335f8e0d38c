"""Record the processes that a run has started, and how many files were measured again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from pytest_antipasta.model import Process
from pytest_antipasta.processes import read_peak, read_usage

if TYPE_CHECKING:
    from pytest_antipasta.processes import Child


class Roster:
    """Records processes.

    Attributes:
        ended: processes that have ended.
        most: highest number of workers that were busy at the same time.
        retries: how many files were measured again after a process ended or a limit was exceeded.
    """

    def __init__(self) -> None:
        """Start without processes."""
        self.ended: list[Process] = []
        self.most = 0
        self.retries = 0

    def record_busy(self, number: int) -> None:
        """Record the number of busy workers."""
        self.most = max(self.most, number)

    def end(self, child: Child, kind: Literal["worker", "guard", "extension"]) -> int:
        """End a process, and record its use of resources; return its exit code."""
        # Read before the process ends, while the system still has its figures.
        usage, peak = read_usage(child.pid), read_peak(child.pid)
        seconds = time.monotonic() - child.began
        self.ended.append(Process(child.pid, kind, seconds, usage and usage.seconds, peak))
        return child.end()
