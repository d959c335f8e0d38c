"""Real terminals for programs and functions to print on; Windows has none."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Iterator


def open_terminal(columns: int, lines: int = 40) -> tuple[int, int]:
    """Return two file descriptors: where to read what a terminal is sent, and the terminal."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    return controller, terminal


def iter_sent(controller: int) -> Iterator[bytes]:
    """Yield what a terminal is sent until everybody has closed it."""
    try:
        while more := os.read(controller, 65536):
            yield more
    except OSError:  # as Linux ends it
        return
