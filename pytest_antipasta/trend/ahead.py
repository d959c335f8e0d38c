"""Making something in a thread while something else is done."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Made = TypeVar("_Made")


def begin(make: Callable[[], _Made]) -> Future[_Made]:
    """Begin to make something, and return what gives it, or raises what went wrong.

    Nobody waits for the thread unless asked to: an interrupt ends the run at once.
    """
    made: Future[_Made] = Future()

    def work() -> None:
        try:
            made.set_result(make())
        except Exception as error:
            made.set_exception(error)

    try:
        # In `Thread.start` a Ctrl-C becomes a RuntimeError, up to CPython 3.12.
        _thread.start_new_thread(work, ())
    except RuntimeError:  # there can be no more threads
        work()
    return made
