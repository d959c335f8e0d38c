"""Judging files in worker processes, for ways in that have no pytest-xdist."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import msgspec

from pytest_antipasta.engine import open_engine
from pytest_antipasta.imports import trusted_first
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
    with _away_from_the_project(), trusted_first():
        unfinished: list[list[Task]] = []
        yield from _judge_chunks(chunks, settings, cache_dir, workers, unfinished)
        # A worker that dies takes all chunks with it that were not done. Alone, only the one breaks that
        # killed it; of that one, only the file.
        for chunk in unfinished:
            broken: list[list[Task]] = []
            yield from _judge_chunks([chunk], settings, cache_dir, 1, broken)
            for task in [task for left in broken for task in left]:
                yield _judge_alone(task, settings, cache_dir)


def _judge_chunks(
    chunks: Sequence[list[Task]],
    settings: Settings,
    cache_dir: Path | None,
    workers: int,
    unfinished: list[list[Task]],
) -> Iterator[Result]:
    """Yield the results of chunks, and add those to ``unfinished`` that a worker's death left undone."""
    with _open_pool(workers, settings, cache_dir) as pool:
        futures: dict[Future[bytes], list[Task]] = {}
        try:
            for chunk in chunks:
                futures[pool.submit(_judge_chunk, chunk)] = chunk
        except BrokenProcessPool:
            unfinished += chunks[len(futures) :]
        try:
            for future in as_completed(futures):
                try:
                    results = _decode(future.result())
                except BrokenProcessPool:
                    unfinished.append(futures[future])
                else:
                    yield from results
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _judge_alone(task: Task, settings: Settings, cache_dir: Path | None) -> Result:
    broken: list[list[Task]] = []
    for result in _judge_chunks([[task]], settings, cache_dir, 1, broken):
        return result
    error = FileError("internal", "the process that measured it died; exclude the file, and report it")
    return Result(Verdict(task.path, Measurement(FileMetrics(), (), error), failed=True))


@contextmanager
def _away_from_the_project() -> Iterator[None]:
    """Start workers where no module of the user's is.

    A spawned process looks for modules in the current folder first: a ``socket.py`` there would be
    imported, which is to say executed, before anything of ours.
    """
    if sys.version_info >= (3, 11):
        name, value = "PYTHONSAFEPATH", "1"
        before = os.environ.get(name)
        os.environ[name] = value
        try:
            yield
        finally:
            os.environ.pop(name)
            if before is not None:
                os.environ[name] = before
        return
    folder = os.getcwd()
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(folder)


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
