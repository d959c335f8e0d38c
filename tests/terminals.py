"""Real terminals for programs and functions to print on; Windows has none."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest


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


def read_shown(act: Callable[[], object], columns: int, *streams: str) -> str:
    """Return what a terminal is sent that is standard output, or other streams, while something is done."""
    controller, terminal = open_terminal(columns)
    with ThreadPoolExecutor(1) as readers, pytest.MonkeyPatch.context() as patch:
        sent = readers.submit(lambda: b"".join(iter_sent(controller)))
        with open(terminal, "w", encoding="utf-8") as stream:
            for name in streams or ("stdout",):
                patch.setattr(sys, name, stream)
            act()
        text = sent.result(timeout=30).decode()
    os.close(controller)
    return text
