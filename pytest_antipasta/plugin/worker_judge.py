"""Judge files in a worker of pytest-xdist."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pytest_antipasta.engine.digests import digest_content
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.outcome import Judge, Outcome, defer
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.files.source import Source
from pytest_antipasta.plugin import watching
from pytest_antipasta.plugin.pytest_internals import write_in_turn
from pytest_antipasta.plugin.xdist import Received

# Number of records read at once.
_AHEAD = 100
# The files of a worker are as near to each other, unless a plugin has changed their order.
_NEAR = 16


def open_worker_judge(received: Received) -> tuple[Judge, Measurer | None]:
    """Return the judge of a worker, and its measurer, if there is one."""
    if received.orders is None:
        return lambda source: defer(source, received.difference), None
    if received.outcomes is not None:
        by_path = {outcome.verdict.path: outcome for outcome in received.outcomes}
        return lambda source: by_path[source.path], None
    rules, cache_dir = received.orders
    measurer = open_measurer(rules.settings, cache_dir, is_made=False)
    judge = FileJudge(rules, measurer, follows=False).run_for_another
    if received.channel is not None:
        write_in_turn(received.channel.gateway)  # a separate thread answers whether the worker is alive
        return partial(
            _judge_copy, judge, rules.settings.languages, partial(_fetch, received.channel)
        ), measurer
    return _read_ahead(judge, measurer.storage, received.sources), measurer


def _read_ahead(judge: Judge, storage: Storage, sources: Sequence[Source]) -> Judge:
    """Return a judge that reads the records of the next files in one batch.

    A worker receives neighbours of these files, in the order of collection, so it does not need all records.
    Where a plugin changes the order, most records are read when they are needed.
    """
    indexes = {source.path: index for index, source in enumerate(sources)}
    before = -1

    def run(source: Source) -> Outcome:
        nonlocal before
        index = indexes[source.path]
        is_near, before = 0 < index - before <= _NEAR, index
        if is_near and source.digest is not None and storage.key(source.digest) not in storage.loaded:
            storage.load(each.digest for each in sources[index : index + _AHEAD] if each.digest)
        return judge(source)

    return run


def _judge_copy(
    judge: Judge, languages: tuple[str, ...], fetch: Callable[[str], bytes | None], source: Source
) -> Outcome:
    """Return the outcome of a copy in the current folder, or defer the file to the controller.

    A missing copy, or one with another content, is fetched. What the controller has stored, or judges by
    itself, has no digest.
    """
    if source.digest is None:
        return defer(source)
    for read in (_read_copy, fetch):
        code = read(source.path)
        if code is not None and digest_content(code, languages, source.path) == source.digest:
            return judge(source._replace(size=len(code), data=code, code=code))
    return defer(source)


def _read_copy(path: str) -> bytes | None:
    """Return the source in a copy; end the process if its disk does not answer, which nothing else does."""
    with open(os.devnull, "wb") as nowhere:
        faulthandler.dump_traceback_later(watching.PATIENCE, exit=True, file=nowhere)
        try:
            return Source(path, os.path.abspath(path)).reread()
        finally:
            faulthandler.cancel_dump_traceback_later()


def _fetch(files: Any, path: str) -> bytes | None:
    """Return the controller's content."""
    files.send(path)
    content: bytes | None = files.receive()
    return content
