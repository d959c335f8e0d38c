"""Making the next part of a series in a thread while the one before it is used."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

_Key = TypeVar("_Key")
_Part = TypeVar("_Part")


def map_ahead(make: Callable[[_Key], _Part], keys: Iterable[_Key]) -> Generator[_Part]:
    """Yield what is made of each key, and have the next one made meanwhile: worth it where git is waited for.

    Raises:
        Exception: what making one raises, in its turn.
    """
    with ThreadPoolExecutor(1) as thread:
        waiting: list[Future[_Part]] = []
        for key in keys:
            # In a copy of the context, by which git's answers are noted in the trace of the run.
            waiting.append(thread.submit(copy_context().run, make, key))
            if len(waiting) > 1:
                yield waiting.pop(0).result()
        yield from (one.result() for one in waiting)
