"""The garbage collector: when it runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Disable the garbage collector for a block that creates many objects without cycles.

    The collector would visit all of them each time their number grows by a quarter, and find nothing. That
    takes 10 to 15 % of the time of measuring.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def gc_rarely() -> None:
    """Run the garbage collector less often, as our own process creates few cycles.

    Objects for each of a hundred thousand files would be visited several times while their number grows.
    """
    gc.set_threshold(1_000_000, 20, 100)


def gc_often() -> None:
    """Run the garbage collector as often as by default: in a long-running process, cycles add up."""
    gc.set_threshold(700, 10, 10)


def gc_freeze() -> None:
    """Freeze all objects so that the garbage collector skips them, in a process that is about to end.

    Python would visit all objects twice more, for a tenth of the time of a commit.
    """
    gc.freeze()
