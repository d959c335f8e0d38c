"""A line on standard error that says how far a command is, and is taken back when it is done."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import TextIO

from pytest_antipasta.cli.stdout import drop
from pytest_antipasta.messages import count

# Seconds between two looks of the line.
_PERIOD = 0.1
# A pty of nobody in particular has no size.
_COLUMNS = 80
# Of all, from which on a rate says something: workers take a moment to begin, and begin with what is large.
_ENOUGH = 0.02
# What a terminal shows of a Ctrl-C, behind the line.
_ECHO = len("^C")


class ProgressLine:
    """Draws over itself on a terminal, by carriage returns and spaces alone, which any terminal knows."""

    def __init__(self, stream: TextIO, noun: Sequence[str], began: float, clock: Callable[[], float]) -> None:
        """Draw nothing yet.

        Args:
            stream: the terminal.
            noun: what is counted, for one and, where it is no more than an ``s``, for several.
            began: when that began, in the clock's seconds.
            clock: tells the time.
        """
        self._stream = stream
        self._noun = noun
        self._began = began
        self._clock = clock
        self._next = began
        self._length = 0

    def draw(self, done: int, total: int) -> None:
        """Say how many are done, unless that was said a moment ago."""
        now = self._clock()
        if now >= self._next:
            self._next = now + _PERIOD
            self._put(format_progress(done, total, self._noun, now - self._began))

    def clear(self) -> None:
        """Leave the line as it was."""
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
    """Return how many are done, how quickly, and how long the others will take at that rate."""
    text = f"{done} of {count(total, *noun)}"
    if done < total * _ENOUGH or not done or seconds <= 0:
        return text
    rate = done / seconds
    left = math.ceil((total - done) / rate)
    time_left = f"{left} s" if left < 120 else f"{left // 60} min"
    return f"{text}, {rate:.{0 if rate >= 10 else 1}f} per second, {time_left} left"
