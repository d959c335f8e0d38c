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
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.blocks import sum_scopes
from pytest_antipasta.metrics.cognitive import measure_cognitive
from pytest_antipasta.metrics.raw import RawCountError, count_lines
from pytest_antipasta.metrics.source import SourceError, decode_source
from pytest_antipasta.metrics.walk import walk_scopes
from pytest_antipasta.store.local import LocalStore
from pytest_antipasta.store.records import decode_record, encode_record

_encode_plainly = partial(encode_record, compress=False)

Shares: TypeAlias = dict[str, list[float]]
"""For each part the ratio of its time to that of ``ast.parse`` in every round."""

Part: TypeAlias = Callable[[slice], object]
"""Does its part of measuring with some of the files."""

_FLOOR = "ast.parse"

# How often the parts take turns in a round: a machine's speed changes while one part goes through all files.
_TURNS = 20


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
    floor: dict[str, Part] = {_FLOOR: lambda some: _for_all(ast.parse, texts[some])}
    measuring: dict[str, Part] = {
        "measure": lambda some: _for_all(measure, sources[some]),
        "decode": lambda some: _for_all(decode_source, sources[some]),
        "parse and walk": lambda some: _for_all(_walk, texts[some]),
        "scan": lambda some: _for_all(_scan, texts[some]),
        "complexipy": lambda some: _for_all(measure_cognitive, texts[some]),
        "hash": lambda some: _for_all(hashlib.sha256, sources[some]),
        "measurement to record": lambda some: _for_all(encode_record, measurements[some]),
        "record to measurement": lambda some: _for_all(decode_record, records[some]),
        "measurement to record, not packed": lambda some: _for_all(_encode_plainly, measurements[some]),
        "record to measurement, not packed": lambda some: _for_all(decode_record, plain[some]),
    }
    storing: dict[str, Part] = {
        "store: put": lambda some: store.put_many(dict(zip(keys[some], records[some], strict=True))),
        "store: get": lambda some: store.get_many(keys[some]),
    }
    with tempfile.TemporaryDirectory() as folder, closing(LocalStore(Path(folder))) as store:
        shares = _time_parts(floor | measuring, rounds, _TURNS)
        return shares | _time_parts(floor | storing, rounds, 1)  # all at once, as at the end of a run


def _time_parts(parts: Mapping[str, Part], rounds: int, turns: int) -> Shares:
    seconds: dict[str, list[float]] = {name: [0.0] * rounds for name in parts}
    enabled = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, start in product(range(rounds), range(turns)):
                for name, part in parts.items():
                    started = time.perf_counter()
                    part(slice(start, None, turns))
                    seconds[name][number] += time.perf_counter() - started
    finally:
        if enabled:
            gc.enable()
    floor = seconds[_FLOOR]
    return {
        name: [one / parse for one, parse in zip(values, floor, strict=True)]
        for name, values in seconds.items()
    }


def _for_all(function: Callable[[Any], object], values: Iterable[Any]) -> None:
    for value in values:
        function(value)


def _walk(text: str) -> None:
    sum_scopes(walk_scopes(ast.parse(text)), None, text)


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
