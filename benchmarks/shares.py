"""What a file's measurement is made of, in one process with the collector off, as shares of ``ast.parse``."""

from __future__ import annotations

import ast
import gc
import hashlib
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics import (
    RawCountError,
    SourceError,
    count_lines,
    decode_source,
    measure_cognitive,
)
from pytest_antipasta.metrics.blocks import sum_scopes
from pytest_antipasta.metrics.walk import walk_scopes
from pytest_antipasta.store import LocalStore, decode_record, encode_record

_encode_plainly = partial(encode_record, compress=False)

Shares: TypeAlias = dict[str, list[float]]
"""For each part the ratio of its time to that of ``ast.parse`` in every round."""


def measure_shares(paths: Iterable[Path], rounds: int) -> Shares:
    """Return what the parts of measuring take for all files together.

    ``measure`` is all that the engine does with a file that nobody knows.
    """
    sources = list(_read_parsable(paths))
    texts = [decode_source(data) for data in sources]
    measurements = [measure(data) for data in sources]
    records = [encode_record(measurement) for measurement in measurements]
    plain = [_encode_plainly(measurement) for measurement in measurements]
    keys = [hashlib.sha256(data).digest() for data in sources]
    parts: dict[str, Callable[[], Any]] = {
        "ast.parse": lambda: _for_all(ast.parse, texts),
        "measure": lambda: _for_all(measure, sources),
        "decode": lambda: _for_all(decode_source, sources),
        "parse and walk": lambda: _for_all(_walk, texts),
        "scan": lambda: _for_all(_scan, texts),
        "complexipy": lambda: _for_all(measure_cognitive, texts),
        "hash": lambda: _for_all(hashlib.sha256, sources),
        "measurement to record": lambda: _for_all(encode_record, measurements),
        "record to measurement": lambda: _for_all(decode_record, records),
        "measurement to record, not packed": lambda: _for_all(_encode_plainly, measurements),
        "record to measurement, not packed": lambda: _for_all(decode_record, plain),
        "store: put": lambda: store.put_many(dict(zip(keys, records, strict=True))),
        "store: get": lambda: store.get_many(keys),
    }
    with tempfile.TemporaryDirectory() as folder, closing(LocalStore(Path(folder))) as store:
        return _time_parts(parts, rounds)


class Weight(NamedTuple):
    """What the records of some files take.

    Attributes:
        files: how many.
        packed: bytes of all records, those packed where it pays.
        plain: bytes without that.
    """

    files: int
    packed: int
    plain: int


def weigh_records(paths: Iterable[Path]) -> Weight:
    """Return what the store has to keep for files."""
    measurements = [measure(data) for data in _read_parsable(paths)]
    packed = sum(len(encode_record(measurement)) for measurement in measurements)
    plain = sum(len(_encode_plainly(measurement)) for measurement in measurements)
    return Weight(len(measurements), packed, plain)


def _time_parts(parts: Mapping[str, Callable[[], Any]], rounds: int) -> Shares:
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
    floor = seconds["ast.parse"]
    return {
        name: [one / parse for one, parse in zip(values, floor, strict=True)]
        for name, values in seconds.items()
    }


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
