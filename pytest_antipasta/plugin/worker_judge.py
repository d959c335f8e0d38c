"""Judge files in a worker of pytest-xdist."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pytest_antipasta.engine import CopiedSource, FileJudge, Judge, Outcome, Source, Task, defer, hand_out
from pytest_antipasta.engine.measuring import Measurer, open_measurer
from pytest_antipasta.engine.storage import Storage
from pytest_antipasta.files import read_file
from pytest_antipasta.plugin import watching
from pytest_antipasta.plugin.pytest_internals import write_in_turn
from pytest_antipasta.plugin.xdist import Received

# Number of records read at once.
_AHEAD = 100


def open_worker_judge(received: Received) -> tuple[Judge, Measurer | None]:
    """Return the judge of a worker, and its measurer, if there is one."""
    if received.orders is None:
        return lambda source: defer(source, received.difference), None
    if received.outcomes is not None:
        return hand_out(received.outcomes), None
    rules, cache_dir = received.orders
    measurer = open_measurer(rules.settings, cache_dir, makes_store=False)
    judge = FileJudge(rules, measurer, follows=False).run_for_another
    if received.files is not None:
        write_in_turn(received.files.gateway)  # a separate thread answers whether the worker is alive
        return partial(
            _judge_copy, judge, rules.settings.languages, partial(_fetch, received.files)
        ), measurer
    return _ReadingAhead(judge, measurer.storage, received.tasks), measurer


class _ReadingAhead:
    """Judges files, and reads the records of the next files in one batch.

    A worker receives neighbouring files, and not all, so it does not need all records.
    """

    def __init__(self, judge: Judge, storage: Storage, tasks: Sequence[Task]) -> None:
        """Judge some of these files, which are in the order of collection in all workers."""
        self._judge = judge
        self._storage = storage
        self._tasks = tasks
        self._places = {task.path: place for place, task in enumerate(tasks)}

    def __call__(self, source: Source) -> Outcome:
        """Return the outcome of a file."""
        storage = self._storage
        if source.digest is not None and storage.key(source.digest) not in storage.loaded:
            place = self._places[source.path]
            some = self._tasks[place : place + _AHEAD]
            storage.load(task.digest for task in some if task.digest)
        return self._judge(source)


def _judge_copy(
    judge: Judge, languages: tuple[str, ...], fetch: Callable[[str], bytes | None], source: Source
) -> Outcome:
    """Return the outcome of a copy in the current folder, or defer the file to the controller."""
    if source.digest is None:
        return defer(source)
    read_copy = partial(_read_copy, os.path.abspath(source.path))
    return judge(CopiedSource(source.path, source.digest, read_copy, languages, fetch))


def _read_copy(location: str, max_size: float) -> bytes:
    """Return the content of a copy; end the process if its disk does not answer, as nothing else ends a read.

    Raises:
        UnreadableError: the copy can't be read, or is too large.
    """
    with open(os.devnull, "wb") as nowhere:
        faulthandler.dump_traceback_later(watching.PATIENCE, exit=True, file=nowhere)
        try:
            return read_file(location, max_size).data
        finally:
            faulthandler.cancel_dump_traceback_later()


def _fetch(files: Any, path: str) -> bytes | None:
    """Return the controller's content."""
    files.send(path)
    content: bytes | None = files.receive()
    return content
