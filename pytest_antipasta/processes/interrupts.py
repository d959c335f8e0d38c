"""Interrupts: Ctrl-C, SIGTERM and SIGHUP in a program of our own.

Nothing here touches the signals of a process that runs a user's tests: only ``obey_signals`` installs
handlers, and only the command line calls it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(KeyboardInterrupt):
    """We were told to end, by this signal."""

    def __init__(self, number: int) -> None:
        """Say which signal it was, by its number."""
        super().__init__()
        self.signal = signal.Signals(number)


class _State:
    """How many things must not be broken off now, and what came meanwhile."""

    depth = 0
    pending: int | None = None


def obey_signals() -> None:
    """Raise :class:`Interrupted` for the signals that tell a program to end, from now on.

    Those that the program is to ignore stay ignored, as ``nohup`` has it.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no terminals that hang up
        if number is not None and signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
            signal.signal(number, _interrupt)


@contextmanager
def defer_signals() -> Iterator[None]:
    """Put off the first signal until the end of the block; a second one is obeyed at once.

    A signal outweighs whatever the block itself raises.
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


def _interrupt(number: int, _: FrameType | None) -> None:
    if _State.depth and _State.pending is None:
        _State.pending = number
        return
    _State.pending = None
    raise Interrupted(number)
