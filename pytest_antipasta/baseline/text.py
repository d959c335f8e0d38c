"""The text of a baseline: JSON with one line for each entry, so that git merges independent entries.

The last item is ``null``, so that all entries' lines end with a comma, and a new last entry changes no other
line. Any JSON layout can be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from posixpath import normpath

import msgspec
from msgspec import Struct

from pytest_antipasta.extension.metrics import is_missing, judged_metrics
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.model.measured import BLOCK_METRICS, FILE_METRICS, FOREIGN, is_finite
from pytest_antipasta.settings.patterns import is_outside

SCHEMA_VERSION = 1
_OF_BLOCKS_ALONE = set(BLOCK_METRICS) - set(FILE_METRICS)
_CONFLICT = re.compile(r"^(<{7,}|={7,}|>{7,}|\|{7,})(\s|$)", re.MULTILINE)
_ITEM = re.compile(r" - at `\$\.entries\[(\d+)\]")


class BaselineError(Exception):
    """A text is not a valid baseline.

    Attributes:
        line: line of the error, 1-based; ``None`` if unknown.
        is_damaged: whether it must be restored; otherwise the message says what to do.
    """

    def __init__(self, message: str, line: int | None = None, *, is_damaged: bool = True) -> None:
        super().__init__(message)
        self.line = line
        self.is_damaged = is_damaged


class _Head(Struct):
    schema_version: int


class _File(Struct, forbid_unknown_fields=True):
    schema_version: int
    entries: list[BaselineEntry | None]


def parse_baseline(text: str) -> list[BaselineEntry]:
    """Return the entries in a baseline's text, in order.

    Raises:
        BaselineError: it is not a baseline, is damaged, or has a later version.
    """
    data = text.encode()
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.DecodeError as error:
        with suppress(msgspec.DecodeError, RecursionError):
            _check_version(msgspec.json.decode(data, type=_Head).schema_version)
        raise _explain(text, error) from None
    _check_version(file.schema_version)
    for index, entry in enumerate(file.entries):
        if entry is not None and (wrong := _find_fault(entry)):
            # An extension that was upgraded may have dropped a metric or given it another name.
            is_damaged = FOREIGN not in entry.metric
            remedy = "" if is_damaged else "; rename it in all its lines, or remove them"
            raise BaselineError(f"{wrong}{remedy}", _find_line(text, index), is_damaged=is_damaged)
    return [entry for entry in file.entries if entry is not None]


def format_baseline(entries: Iterable[BaselineEntry], old: bytes | None = None) -> bytes:
    """Return the text of a baseline, with entries sorted by path, name and metric.

    It has the line ends of the old text, which are those of Windows with ``core.autocrlf``.
    """
    ordered = sorted(entries, key=lambda entry: (entry.path, entry.qualified_name or "", entry.metric))
    lines = (f"{msgspec.json.format(msgspec.json.encode(entry).decode(), indent=0)},\n" for entry in ordered)
    text = f'{{\n"schema_version": {SCHEMA_VERSION},\n"entries": [\n{"".join(lines)}null\n]\n}}\n'
    return text.replace("\n", "\r\n" if old is not None and b"\r\n" in old else "\n").encode()


def _check_version(version: int) -> None:
    if version > SCHEMA_VERSION:
        raise BaselineError(
            (
                f"has schema version {version}, but this pytest-antipasta supports {SCHEMA_VERSION}; "
                "upgrade pytest-antipasta"
            ),
            is_damaged=False,
        )
    if version < 1:
        raise BaselineError(f"invalid schema version {version}")


def _find_fault(entry: BaselineEntry) -> str | None:
    if not entry.path:
        return 'the "path" is empty'
    if entry.qualified_name == "":
        return 'the "qualified_name" is empty'
    if is_outside(entry.path) or normpath(entry.path) != entry.path:
        return f'the "path" is not relative to the root, or not in its shortest form: "{entry.path}"'
    if entry.metric not in judged_metrics() and not is_missing(entry.metric):
        from pytest_antipasta.messages import suggest

        return f'unknown metric "{entry.metric}"; {suggest(entry.metric, judged_metrics())}'
    if entry.qualified_name is None and entry.metric in _OF_BLOCKS_ALONE:
        return f'"{entry.metric}" is measured per function or class, but the entry has no "qualified_name"'
    return None if is_finite(entry.value) else "the value is not a finite number"


def _explain(text: str, error: msgspec.DecodeError) -> BaselineError:
    """Return the error in words about the file."""
    if conflict := _CONFLICT.search(text):
        return BaselineError(
            (
                "has merge conflict markers; keep the lines of both sides, remove the markers, and run "
                "`pytest-antipasta baseline prune`"
            ),
            _line_at(text, conflict.start()),
            is_damaged=False,
        )
    message = str(error)
    if item := _ITEM.search(message):
        index = int(item[1])
        what = re.sub(r"`\$\.entries\[\d+\]\.?", "`", message).replace(" - at ``", "").replace("$.", "")
        return BaselineError(what, _find_line(text, index))
    if isinstance(error, msgspec.ValidationError):
        return BaselineError(message.replace("$.", ""))
    return _explain_syntax(text)


def _explain_syntax(text: str) -> BaselineError:
    if not text.strip():
        return BaselineError("is empty")
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        what = getattr(error, "msg", "nested too deeply")
        return BaselineError(f"not valid JSON: {what}", getattr(error, "lineno", None))
    return BaselineError("not valid JSON")


def _find_line(text: str, index: int) -> int | None:
    """Return the line of an entry, by its index in the list."""
    found = re.search(r'"entries"\s*:\s*\[\s*', text)
    offset = found.end() if found else 0
    decoder = json.JSONDecoder()
    separator = re.compile(r"\s*,?\s*")
    try:
        for _ in range(index):
            _, offset = decoder.raw_decode(text, offset)
            offset = separator.match(text, offset).end()  # type: ignore[union-attr]
    except ValueError:
        return None
    return _line_at(text, offset)


def _line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
