"""Standard output that takes nothing more."""

from __future__ import annotations

import errno
import os
import sys


def is_full(error: OSError) -> bool:
    """Whether it is about our output: what else is full has a name, or is told where it is written."""
    return error.errno == errno.ENOSPC and error.filename is None


def drop_output() -> None:
    """Write nothing more: the interpreter must not stumble over it again when it flushes at its end."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
