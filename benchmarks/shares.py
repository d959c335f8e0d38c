"""What a file's measurement is made of, in one process with the collector off, as shares of ``ast.parse``."""

from __future__ import annotations

import ast
import gc
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from pytest_antipasta.metrics import measure
from pytest_antipasta.metrics.blocks import sum_scopes
from pytest_antipasta.metrics.cognitive import measure_cognitive
from pytest_antipasta.metrics.raw import RawCountError, count_lines
from pytest_antipasta.metrics.walk import walk_scopes
from pytest_antipasta.source import SourceError, decode_source
from pytest_antipasta.store.records import decode_record, encode_record


def measure_shares(paths: Iterable[Path], rounds: int) -> dict[str, float]:
    """Return seconds for all files together by part, the medians of several rounds.

    ``ast.parse`` is the floor, ``measure`` all that the engine does with a file that nobody knows.
    """
    sources = list(_read_parsable(paths))
    texts = [decode_source(data) for data in sources]
    records = [encode_record(measure(data)) for data in sources]
    parts: dict[str, Callable[[], Any]] = {
        "ast.parse": lambda: _for_all(ast.parse, texts),
        "measure": lambda: _for_all(measure, sources),
        "decode": lambda: _for_all(decode_source, sources),
        "parse and walk": lambda: _for_all(_walk, texts),
        "scan": lambda: _for_all(_scan, texts),
        "complexipy": lambda: _for_all(measure_cognitive, texts),
        "record to measurement": lambda: _for_all(decode_record, records),
    }
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    enabled = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(rounds):
                for name, part in parts.items():
                    started = time.perf_counter()
                    part()
                    seconds[name].append(time.perf_counter() - started)
    finally:
        if enabled:
            gc.enable()
    return {name: median(values) for name, values in seconds.items()}


def _for_all(function: Callable[[Any], object], values: Iterable[Any]) -> None:
    for value in values:
        function(value)


def _walk(text: str) -> None:
    sum_scopes(walk_scopes(ast.parse(text)), None)


def _scan(text: str) -> None:
    with suppress(RawCountError):
        count_lines(text)


def _read_parsable(paths: Iterable[Path]) -> Iterable[bytes]:
    for path in paths:
        data = path.read_bytes()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(decode_source(data))
        except (SourceError, SyntaxError, ValueError):
            continue
        yield data
