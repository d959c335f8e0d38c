"""Worker process of our own, which measures contents or judges files, one after the other."""

from __future__ import annotations

import msgspec

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.rules import decode_orders
from pytest_antipasta.files.source import decode_sources
from pytest_antipasta.processes.serving import Answering, answer_requests

_encode = msgspec.msgpack.encode


def serve() -> None:
    """Measure contents, or judge files."""
    answer_requests(_prepare)


def _prepare(orders: bytes) -> Answering:
    """Return the function that answers requests, with all its imports done."""
    from pytest_antipasta.engine.measuring.measurement import measure

    measure(b"")
    if not orders:
        return lambda request: iter([_encode(measure(request))])
    rules, cache_dir = decode_orders(orders)
    measurer = open_measurer(rules.settings, cache_dir, is_watched=True, is_made=False)
    # Imports would otherwise count as time of the first file.
    judge = FileJudge(rules, measurer, follows=False)
    return lambda request: (_encode(judge.run_for_another(source)) for source in decode_sources(request))
