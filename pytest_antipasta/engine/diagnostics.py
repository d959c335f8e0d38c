"""Report the progress of a run, and collect its warnings and processes until a report takes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pytest_antipasta.model.run import Process

if TYPE_CHECKING:
    from pytest_antipasta.processes.child import Child

ReportProgress: TypeAlias = Callable[[int, int], object]
"""Called with the number of finished items, and the number of all items."""
WarningKind: TypeAlias = Literal["other", "store off", "unreadable record"]


def ignore_progress(done: int, total: int) -> None:
    """Ignore progress."""


class RunWarning(NamedTuple):
    """A warning that the user should see.

    Attributes:
        text: one line.
        kind: the kind, if only one warning of this kind should be shown.
    """

    text: str
    kind: WarningKind = "other"


class Diagnostics:
    """Collects what one process has to report besides verdicts: warnings, and the processes it started.

    Attributes:
        ended: processes that have ended.
        most_busy: highest number of workers that were busy at the same time.
        retries: how many files were measured again after a process ended or a limit was exceeded.
    """

    def __init__(self) -> None:
        self._warnings: list[RunWarning] = []
        self.ended: list[Process] = []
        self.most_busy = 0
        self.retries = 0

    def warn(self, text: str, kind: WarningKind = "other") -> None:
        """Add a warning."""
        self._warnings.append(RunWarning(text, kind))

    def count_retry(self) -> None:
        """Count a file that is measured again."""
        self.retries += 1

    def count_busy(self, workers: int) -> None:
        """Record how many workers are busy now."""
        self.most_busy = max(self.most_busy, workers)

    def add_ended(self, processes: Iterable[Process]) -> None:
        """Add processes that others have started and ended."""
        self.ended += processes

    def take(self) -> tuple[RunWarning, ...]:
        """Return the warnings added since the last call, oldest first."""
        warnings = tuple(self._warnings)
        self._warnings.clear()
        return warnings

    def end(self, child: Child, kind: Literal["worker", "guard", "extension"]) -> None:
        """End a process, and record its use of resources."""
        from pytest_antipasta.processes.limits import read_peak, read_usage

        # Read before the process ends, while the system still has its figures.
        usage, peak = read_usage(child.pid), read_peak(child.pid)
        seconds = time.monotonic() - child.began
        self.ended.append(Process(child.pid, kind, seconds, usage and usage.seconds, peak))
        child.end()


def merge_warnings(warnings: Iterable[RunWarning]) -> list[str]:
    """Return the distinct warnings; of those about a broken store, only the first of the worst kind."""
    lines: dict[str, WarningKind] = {}
    for text, kind in warnings:
        lines.setdefault(text, kind)
    is_off = "store off" in lines.values()
    merged: list[str] = []
    seen: set[WarningKind] = {"unreadable record"} if is_off else set()
    for text, kind in lines.items():
        if kind == "other" or kind not in seen:
            merged.append(text)
        seen.add(kind)
    return merged
