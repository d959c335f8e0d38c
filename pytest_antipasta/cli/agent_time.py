"""The last word on time: an agent's host gets an answer, whatever the check is waiting for."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from pytest_antipasta.git.time_budget import TimeBudget

# Seconds after the time budget: git and measuring keep to it by themselves, and say what was not checked.
_MARGIN = 0.5
# Seconds between two looks, as reading the settings changes the budget.
_LONGEST = 1.0


@contextmanager
def ending_in_time(budget: TimeBudget, file: int, text: str, code: int) -> Iterator[None]:
    """End the process if the block takes longer than a time budget.

    A walk over the files of a large tree, for example, has no limit of its own.

    Args:
        budget: the time budget.
        file: number of the open file to write to.
        text: what to write.
        code: the exit code.
    """
    done, lock = Event(), Lock()

    def watch() -> None:
        while (left := budget.deadline + _MARGIN - time.monotonic()) > 0:
            if done.wait(min(left, _LONGEST)):
                return
        with lock:
            if not done.is_set():
                os.write(file, text.encode())
                os._exit(code)

    Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            done.set()
