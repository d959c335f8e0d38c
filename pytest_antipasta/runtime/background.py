"""Doing something in a thread while something else is done, or while it is waited for."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

_Answer = TypeVar("_Answer")


def in_background(ask: Callable[[], _Answer]) -> Future[_Answer]:
    """Begin to do something, and return what gives its answer, or raises what went wrong.

    Nobody waits for the thread unless asked to: an interrupt ends the run at once.

    Raises:
        RuntimeError: there can be no more threads.
    """
    from concurrent.futures import Future  # here, because it brings `logging` with it

    answer: Future[_Answer] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:
            answer.set_exception(error)

    # In `Thread.start` a Ctrl-C becomes a RuntimeError, up to CPython 3.12.
    _thread.start_new_thread(work, ())
    return answer
