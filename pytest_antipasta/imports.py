"""Importing what we stand on, and nothing of the user's that has the same name."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

TRUSTED = (os.path.dirname(os.__file__), str(Path(msgspec.__file__).parent.parent))
"""Where the standard library is, and where our own dependencies are."""


@contextmanager
def trusted_first() -> Iterator[None]:
    """Look for modules in the standard library and beside our dependencies before anywhere else.

    pytest puts the folders of ``conftest.py`` files at the head of ``sys.path``, and Python the current
    one: a ``git.py`` or a ``socket.py`` there would be imported, which is to say executed, in place of what
    we mean.
    """
    path = sys.path[:]
    sys.path[:] = sorted(path, key=lambda entry: not entry.startswith(TRUSTED))
    try:
        yield
    finally:
        sys.path[:] = path
