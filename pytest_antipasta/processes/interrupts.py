"""Interrupts: Ctrl-C, SIGTERM and SIGHUP in our own program.

Signals of a process that runs a user's tests are not changed: only ``obey_signals`` installs handlers, and
only the command line calls it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(KeyboardInterrupt):
    """The program was told to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = signal.Signals(number)


class _State:
    """The number of blocks that must not be interrupted, the pending signal, and whether the program ends."""

    depth = 0
    pending: int | None = None
    is_ending = False


def obey_signals() -> None:
    """Raise :class:`Interrupted` for the signals that tell a program to end, from now on.

    Ignored signals stay ignored, as with ``nohup``.
    """
    _State.is_ending = False
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
            signal.signal(number, _interrupt)


@contextmanager
def defer_signals() -> Iterator[None]:
    """Delay the first signal until the end of the block; a second one interrupts at once.

    A signal takes precedence over errors raised by the block.
    """
    _State.depth += 1
    try:
        yield
    finally:
        _State.depth -= 1
        pending = _State.pending
        if pending is not None and not _State.depth:
            _State.pending = None
            raise Interrupted(pending)


def ignore_signals_once() -> None:
    """Ignore each signal once from now on: git sends its hooks the Ctrl-C that the terminal has sent, too.

    A further one ends the program at once.
    """
    _State.is_ending = True


def _interrupt(number: int, _: FrameType | None) -> None:
    if _State.is_ending:
        signal.signal(number, signal.SIG_DFL)
        return
    if _State.depth and _State.pending is None:
        _State.pending = number
        return
    _State.pending = None
    raise Interrupted(number)
