"""Run a function in a thread while other work is done, or while waiting for it."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

_Answer = TypeVar("_Answer")


def in_background(ask: Callable[[], _Answer]) -> Future[_Answer]:
    """Start a function in a thread; return the future of its result, or of its error.

    The thread is a daemon: an interrupt ends the run at once.

    Raises:
        RuntimeError: no thread can be started.
    """
    from concurrent.futures import Future  # imports `logging`

    answer: Future[_Answer] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:
            answer.set_exception(error)

    # Up to CPython 3.12, a Ctrl-C in `Thread.start` becomes a RuntimeError.
    _thread.start_new_thread(work, ())
    return answer
