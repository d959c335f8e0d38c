"""What is fuzzed: each takes bytes and raises where something is not as it is promised to be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from pytest_antipasta.baseline.text import BaselineError, parse_baseline
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.storage.stat_index import decode_index, encode_index
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.store.protocol import EntryError
from pytest_antipasta.store.records import decode_record, encode_record

_KINDS = ("syntax", "encoding", "too_deep")
_NAMES = ("pyproject.toml", ".antipasta.yaml")
_TABLE = b"[tool.pytest-antipasta]\n"


def fuzz_source(data: bytes) -> None:
    """Measure a source file."""
    measured = measure(data)
    assert measured.error is None or measured.error.kind in _KINDS


def fuzz_settings(data: bytes) -> None:
    """Read settings, TOML or YAML by their first byte."""
    name = _NAMES[data[:1] < b"\x80"]
    text = data[1:] if name == _NAMES[1] else _TABLE + data[1:]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / ".git").mkdir()
        (root / name).write_bytes(text)
        try:
            load_settings(root)
        except UsageError as error:
            assert all(name in line for line in str(error).split("\n"))


def fuzz_record(data: bytes) -> None:
    """Read a record of the store, and an index."""
    decode_index(encode_index(decode_index(data, b"print")), b"print")
    try:
        measurement = decode_record(data)
    except EntryError:
        return
    assert repr(decode_record(encode_record(measurement))) == repr(measurement)  # nan is not nan


def fuzz_baseline(data: bytes) -> None:
    """Read a baseline."""
    try:
        list(parse_baseline(data.decode("utf-8", "replace")))
    except BaselineError:
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    "source": fuzz_source,
    "settings": fuzz_settings,
    "record": fuzz_record,
    "baseline": fuzz_baseline,
}
