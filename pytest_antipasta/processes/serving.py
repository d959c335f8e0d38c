"""Main loop of a child process that answers requests, one after the other.

The parent process enforces the limits. If the parent dies, one limit remains: the operating system ends the
process when an answer takes too much processor time, even inside C code.
"""

from __future__ import annotations

import math
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, TypeAlias

from pytest_antipasta.processes.child import HEAD, MARK, read_frame, write_frame

Answering: TypeAlias = Callable[[bytes], Iterator[bytes]]
"""Yields the answers to a request."""


def answer_requests(prepare: Callable[[bytes], Answering], *, is_noisy: bool = False) -> None:
    """Answer requests until the parent closes the pipe or ends.

    Args:
        prepare: takes the first message and returns the function that answers requests.
        is_noisy: whether code of others may write to standard error without limit, which the parent keeps.
    """
    source, sink = _take_pipes()
    with suppress(EOFError, BrokenPipeError):
        first = read_frame(source)
        (seconds,) = struct.unpack_from(HEAD, first)
        answer = prepare(first[struct.calcsize(HEAD) :])
        limit_next_file(seconds)
        if is_noisy:
            _send_nowhere(2)
        sink.write(MARK)
        write_frame(sink, b"")
        while True:
            for data in answer(read_frame(source)):
                write_frame(sink, data)
                limit_next_file(seconds)


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return the pipes to and from the parent, and drop what is printed."""
    sink = os.fdopen(os.dup(1), "wb")
    _send_nowhere(1)
    return sys.stdin.buffer, sink


def _send_nowhere(output: int) -> None:
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), output)


def limit_next_file(seconds: float) -> None:
    """Set the processor time after which the operating system ends this process, in whole seconds."""
    try:
        import resource
    except ImportError:
        return  # Windows does not have this limit
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    bound = math.ceil(time.process_time() + seconds) + 1
    with suppress(ValueError, OSError, OverflowError):  # a higher limit than the system can have is none
        resource.setrlimit(resource.RLIMIT_CPU, (bound if hard < 0 else min(bound, hard), hard))
