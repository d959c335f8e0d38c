"""Read a notebook: its code cells and its language; outputs and other data are not decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

# Names of Python kernels; a version may follow.
_PYTHON = ("python", "ipython", "pyspark", "xpython")


class _Named(Struct):
    """A kernel or its language, by all names that it may have."""

    language: Any = None
    name: Any = None


class _Metadata(Struct):
    kernelspec: _Named | None = None
    language_info: _Named | None = None


class _Editor(Struct):
    language: str | None = msgspec.field(default=None, name="languageId")


class _CellMetadata(Struct):
    vscode: _Editor | None = None


class _Cell(Struct):
    """A cell of nbformat 4, or of nbformat 3, which has its code in ``input``."""

    cell_type: str
    source: str | list[str] = ""
    input: str | list[str] = ""
    language: str | None = None
    metadata: _CellMetadata | None = None


class _Worksheet(Struct):
    cells: list[_Cell] = []


class _Document(Struct):
    cells: list[_Cell] | None = None
    worksheets: list[_Worksheet] | None = None
    metadata: _Metadata | None = None
    nbformat: object = 4


class NotebookCode(NamedTuple):
    """The measured part of a notebook.

    Attributes:
        language: language of its kernel; ``None`` for Python.
        cells: the code cells: their numbers among all cells, 1-based, and their sources.
    """

    language: str | None
    cells: list[tuple[int, str]]


_decode = msgspec.json.Decoder(_Document).decode


def read_document(data: bytes) -> NotebookCode:
    """Return the cells of a notebook of nbformat 3 or 4.

    Raises:
        ValueError: the data is not a notebook, or of an older format.
    """
    document = _decode(data)
    cells = document.cells
    if cells is None:
        if document.worksheets is None:
            raise ValueError("it has no cells")
        if document.nbformat == 2:  # the lines of its cells have no line breaks
            raise ValueError(
                "its cells are those of nbformat 2; "
                "`jupyter nbconvert --to notebook --inplace FILE` converts it"
            )
        cells = [cell for sheet in document.worksheets for cell in sheet.cells]
    return NotebookCode(_find_other_language(document.metadata), list(_iter_code(cells)))


def _iter_code(cells: list[_Cell]) -> Iterator[tuple[int, str]]:
    for number, cell in enumerate(cells, 1):
        if cell.cell_type == "code" and _is_of_python(cell):
            source = cell.source or cell.input
            yield number, source if isinstance(source, str) else "".join(source)


def _is_of_python(cell: _Cell) -> bool:
    """Return whether a cell is in Python: some editors allow another language for each cell."""
    editor = cell.metadata.vscode if cell.metadata else None
    named = (cell.language, editor.language if editor else None)
    return all(name is None or name.lower().startswith(_PYTHON) for name in named)


def _find_other_language(metadata: _Metadata | None) -> str | None:
    if metadata is None:
        return None
    kernel, language = metadata.kernelspec or _Named(), metadata.language_info or _Named()
    names = [name for name in (language.name, kernel.language, kernel.name) if name and isinstance(name, str)]
    if not names or any(name.lower().startswith(_PYTHON) for name in names):
        return None
    return names[0]
