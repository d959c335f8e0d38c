"""Notebooks among source files: the code of their cells is measured."""

from __future__ import annotations

from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.model.measured import JOINED, NOTEBOOK, NULL_BYTES, FileError


def find_source(path: str, data: bytes) -> bytes:
    """Return the source of a file: its content, or the code of a notebook's cells.

    Raises:
        UnreadableError: a notebook is invalid, or another file looks like the code of a notebook.
    """
    if not path.endswith(NOTEBOOK):
        if data.startswith(JOINED):
            raise UnreadableError(FileError("syntax", NULL_BYTES, 1))
        return data
    from pytest_antipasta.metrics.notebook.joining import join_notebook
    from pytest_antipasta.metrics.source import SourceError

    try:
        return join_notebook(data)
    except SourceError as failure:
        raise UnreadableError(failure.error) from failure
