"""Judging files in worker processes, for ways in that have no pytest-xdist."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import msgspec

from pytest_antipasta.engine import open_engine
from pytest_antipasta.model import FileError, FileMetrics, Measurement, Verdict
from pytest_antipasta.settings import Settings
from pytest_antipasta.sweep import Result, Sweep, Task

# Files a chunk: few enough that no worker waits long for the last one, enough that sending costs nothing.
_CHUNK = 20
_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(list[Result]).decode
_sweep: Sweep | None = None
"""In a worker, what judges; made once by its initializer."""


def judge_in_pool(
    tasks: Sequence[Task], settings: Settings, cache_dir: Path | None, workers: int
) -> Iterator[Result]:
    """Yield the result of every task, in no particular order.

    A file over which a worker dies is judged once more in a process of its own, and is an error if
    that dies as well.

    Args:
        tasks: the files; the largest are begun first.
        settings: what applies.
        cache_dir: the store's folder, read by the workers and never written.
        workers: how many processes.
    """
    ordered = sorted(tasks, key=lambda task: -task.size)
    # Every chunk gets its share of the large files: chunk n has the files n, n + count, n + 2 * count …
    count = -(-len(ordered) // _CHUNK)
    chunks = [ordered[start::count] for start in range(count)]
    unfinished: list[Task] = []
    with _open_pool(workers, settings, cache_dir) as pool:
        futures: dict[Future[bytes], list[Task]] = {
            pool.submit(_judge_chunk, chunk): chunk for chunk in chunks
        }
        try:
            for future in as_completed(futures):
                try:
                    yield from _decode(future.result())
                except BrokenProcessPool:
                    unfinished += futures[future]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for task in unfinished:
        yield _judge_alone(task, settings, cache_dir)


def _judge_alone(task: Task, settings: Settings, cache_dir: Path | None) -> Result:
    with _open_pool(1, settings, cache_dir) as pool:
        try:
            return _decode(pool.submit(_judge_chunk, [task]).result())[0]
        except BrokenProcessPool:
            error = FileError(
                "internal", "the process that measured it died; exclude the file, and report it"
            )
            return Result(Verdict(task.path, Measurement(FileMetrics(), (), error), failed=True))


def _open_pool(workers: int, settings: Settings, cache_dir: Path | None) -> ProcessPoolExecutor:
    # Spawned and not forked: the same on every system, and no copy of an open database.
    context = get_context("spawn")
    return ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin_worker, initargs=(settings, cache_dir)
    )


def _begin_worker(settings: Settings, cache_dir: Path | None) -> None:
    global _sweep
    # Ctrl-C reaches the whole group of processes; the one that asked decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _sweep = Sweep(settings, open_engine(cache_dir))


def _judge_chunk(tasks: Sequence[Task]) -> bytes:
    if _sweep is None:
        raise RuntimeError("the worker was not begun")
    return _encode([_sweep.run(task) for task in tasks])
