"""Join the code of a notebook's cells to one Python source."""

from __future__ import annotations

import re
from codecs import BOM_UTF8

import msgspec

from pytest_antipasta.metrics.notebook.document import NotebookCode, read_document
from pytest_antipasta.metrics.notebook.magics import clean_cell
from pytest_antipasta.metrics.source import (
    SourceError,
    describe_other,
    encode_joined,
    encode_kernel,
    find_stand_in,
)
from pytest_antipasta.model.measured import FileError

# Strings are skipped.
_NO_NUMBER = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|(-?(?:NaN|Infinity)\b)', re.DOTALL)
_PLACE = re.compile(r"\(byte (\d+)\)")


def join_notebook(data: bytes) -> bytes:
    """Return the code of a notebook's cells, in order, as a source that can be measured.

    A byte order mark is skipped, as editors write one.
    Two notebooks with equal code have equal sources, whatever else they contain.

    Raises:
        SourceError: of kind ``syntax``, ``encoding``, ``unmerged`` or ``not_fetched``.
    """
    data = data.removeprefix(BOM_UTF8)
    try:
        document = _read(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SourceError(_explain(data, error)) from error
    if document.language is not None:
        return encode_kernel(document.language)
    cells: list[tuple[int, str]] = []
    for number, text in document.cells:
        code = clean_cell(text.replace("\r\n", "\n").replace("\r", "\n"))
        if code:
            cells.append((number, code))
    return encode_joined(cells)


def _read(data: bytes) -> NotebookCode:
    try:
        return read_document(data)
    except msgspec.DecodeError:
        # Constants such as NaN, which Python's json module writes although no JSON standard has them, as in
        # outputs of plots.
        if b"NaN" not in data and b"Infinity" not in data:
            raise
        return read_document(_NO_NUMBER.sub(lambda found: b"null" if found[1] else found[0], data))


def _explain(data: bytes, error: Exception) -> FileError:
    if (stand_in := find_stand_in(data.decode("utf-8", "replace"))) is not None:
        return stand_in
    other = describe_other(data)
    if other or not _is_utf8(data):
        return FileError("encoding", f"not a notebook: not UTF-8{other}; save it as UTF-8")
    place = _PLACE.search(str(error))
    line = data.count(b"\n", 0, int(place[1])) + 1 if place else None
    return FileError("syntax", f"not a notebook: {error}", line)


def _is_utf8(data: bytes) -> bool:
    # Which error msgspec raises for other bytes depends on its version, and on where they are.
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
