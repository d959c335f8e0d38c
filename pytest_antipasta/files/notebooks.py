"""Notebooks among source files: what is measured of one is the code of its cells."""

from __future__ import annotations

from pytest_antipasta.files.walk import UnreadableError
from pytest_antipasta.model import JOINED, NOTEBOOK, FileError
from pytest_antipasta.runtime import trusted_first


def find_source(path: str, data: bytes) -> bytes:
    """Return the source that a file has: its content, of a notebook the code of its cells.

    Raises:
        UnreadableError: a notebook can't be read, or a file only looks like the code of one.
    """
    if not path.endswith(NOTEBOOK):
        if data.startswith(JOINED):
            raise UnreadableError(FileError("syntax", "source code can't contain null bytes", 1))
        return data
    # Here, because few roots have notebooks.
    with trusted_first():
        from pytest_antipasta.metrics import NotebookError, join_notebook

    try:
        return join_notebook(data)
    except NotebookError as failure:
        raise UnreadableError(failure.error) from failure
