"""Main loop of a worker process, which measures contents or judges files, one after the other.

The parent process enforces the limits. If the parent dies, one limit remains: the operating system ends the
worker when a file takes too much processor time, even inside C code.
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

import msgspec

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.rules import decode_orders
from pytest_antipasta.engine.sources import decode_tasks
from pytest_antipasta.processes import HEAD, MARK, read_frame, write_frame
from pytest_antipasta.runtime import trusted_first

_encode = msgspec.msgpack.encode
_Answer: TypeAlias = Callable[[bytes], Iterator[bytes]]


def serve() -> None:
    """Measure contents, or judge files."""
    answer_requests(_prepare)


def answer_requests(prepare: Callable[[bytes], _Answer], *, is_noisy: bool = False) -> None:
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


def _prepare(orders: bytes) -> _Answer:
    """Return the function that answers requests, with all its imports done."""
    with trusted_first():
        from pytest_antipasta.engine.measuring.measurement import measure
    measure(b"")
    if not orders:
        return lambda request: iter([_encode(measure(request))])
    rules, cache_dir = decode_orders(orders)
    measurer = open_measurer(rules.settings, cache_dir, is_watched=True, makes_store=False)
    # Imports would otherwise count as time of the first file.
    judge = FileJudge(rules, measurer, follows=False)
    return lambda request: (_encode(judge.run(task)) for task in decode_tasks(request))


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
