"""The cyclic garbage collector, kept from going again and again through what has no cycles."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Objects that are frozen from the start: CPython 3.12 has some hundred.
_OF_PYTHON = 1000


@contextmanager
def paused() -> Iterator[None]:
    """Keep it off for a block in which much comes to be that has no cycles, such as a syntax tree.

    It would go through all of that whenever there is a quarter more of it, and find nothing, for 10 to 15 %
    of the time of measuring.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def settle() -> Callable[[], None]:
    """Let it pass over all that there is by now; return what takes that back.

    It is for a process that runs nobody's tests.
    """
    if gc.get_freeze_count() > _OF_PYTHON:
        return lambda: None  # somebody else has done so, and knows for how long
    gc.freeze()
    return gc.unfreeze
