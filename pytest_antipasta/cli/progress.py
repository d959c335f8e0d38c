"""A progress line on standard error, which is removed at the end."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import TextIO

from pytest_antipasta.cli.stdout import drop
from pytest_antipasta.messages import count

# Seconds between two updates of the line.
_PERIOD = 0.1
# A pty without a user has no size.
_COLUMNS = 80
# Minimum share done before a rate is shown: workers start slowly, and with large files.
_ENOUGH = 0.02
# A terminal's echo of Ctrl-C, after the line.
_ECHO = len("^C")


class ProgressLine:
    """Redraws a line on a terminal, with only carriage returns and spaces, which any terminal supports."""

    def __init__(self, stream: TextIO, noun: Sequence[str], began: float, clock: Callable[[], float]) -> None:
        """Draw nothing yet.

        Args:
            stream: the terminal.
            noun: noun for what is counted; plural by ``s`` or a second form.
            began: start time, in seconds of the clock.
            clock: returns the time in seconds.
        """
        self._stream = stream
        self._noun = noun
        self._began = began
        self._clock = clock
        self._next = began
        self._length = 0

    def draw(self, done: int, total: int) -> None:
        """Draw how many are done, unless the line was updated a moment ago."""
        now = self._clock()
        if now >= self._next:
            self._next = now + _PERIOD
            self._put(format_progress(done, total, self._noun, now - self._began))

    def clear(self) -> None:
        """Clear the line."""
        self._put("")

    def _put(self, text: str) -> None:
        try:
            room = (os.get_terminal_size(self._stream.fileno()).columns or _COLUMNS) - 1
            old = " " * min(self._length + _ECHO, room)
            self._length = min(len(text), room)
            self._stream.write(f"\r{old}\r{text[:room]}")
            self._stream.flush()
        except OSError:  # the terminal is gone
            drop(self._stream)


def format_progress(done: int, total: int, noun: Sequence[str], seconds: float) -> str:
    """Return how many are done, the rate, and the remaining time at that rate."""
    text = f"{done} of {count(total, *noun)}"
    if done < total * _ENOUGH or not done or seconds <= 0:
        return text
    rate = done / seconds
    left = math.ceil((total - done) / rate)
    time_left = f"{left} s" if left < 120 else f"{left // 60} min"
    return f"{text}, {rate:.{0 if rate >= 10 else 1}f} per second, {time_left} left"
