"""Notebooks of the package index: our numbers are radon's and complexipy's of what jupytext makes of them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import complexipy
import jupytext
import nbformat
import pytest
from msgspec.structs import replace
from radon.visitors import ComplexityVisitor

from pytest_antipasta.engine.measurement import measure
from pytest_antipasta.metrics import decode_source
from pytest_antipasta.model import Measurement
from pytest_antipasta.notebook import join_notebook
from tests.corpora import SDISTS, CorpusUnavailableError, notebooks
from tests.oracles import consult, find_differences

_MARKER = re.compile(r"^# %%(?: .*)?\n", re.MULTILINE)
_FOREIGN = re.compile(r"\s*%%(?!capture|time|timeit|prun)\w+")
# Of all five together.
NUMBER = 310


def join_by_jupytext(path: Path) -> str:
    """Return the code of a notebook's cells, but for those of other languages, one behind the other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of notebooks that lack what they should have
        formats: Any = nbformat  # which has types of some functions alone
        notebook = formats.read(path, 4)
    cells = [one for one in notebook.cells if one.cell_type == "code" and not _FOREIGN.match(one.source)]
    notebook.cells = [one for one in cells if one.source]
    notebook.metadata = {}
    for cell in notebook.cells:
        cell.metadata = {"lines_to_next_cell": 1}
    _, *parts = _MARKER.split(jupytext.writes(notebook, "py:percent"))
    return "".join(part.removesuffix("\n") for part in parts[:-1]) + "".join(parts[-1:])


def find_wrong_cells(text: str, measurement: Measurement) -> Iterator[object]:
    """Yield the cells whose numbers are not radon's and complexipy's of a module with their code alone."""
    lines = text.split("\n")
    for block in measurement.blocks:
        if block.kind == "cell":
            code = "\n".join(lines[block.line - 1 : block.end_line])
            functions = complexipy.code_complexity(code, check_script=True).functions
            module = sum(one.complexity for one in functions if one.name == "<module>")
            expected = (ComplexityVisitor.from_code(code).complexity, module)
            if (block.cyclomatic_complexity, block.cognitive_complexity) != expected:
                yield block, expected


def compare(path: Path) -> list[object]:
    """Return what differs."""
    joined = join_notebook(path.read_bytes())
    ours, expected = measure(joined), consult(join_by_jupytext(path).encode())
    if ours.foreign is not None:
        return []
    functions = tuple(block for block in ours.blocks if block.kind != "cell")
    differences: list[object] = [*find_differences(path.name, replace(ours, blocks=functions), expected)]
    return differences + ([] if ours.error else [*find_wrong_cells(decode_source(joined), ours)])


@pytest.mark.parametrize("name", SDISTS)
def test_every_number_of_a_notebook_equals_the_oracles(name: str) -> None:
    """Offline there is nothing to compare."""
    try:
        paths = notebooks(name)
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    assert {path.name: found for path in paths if (found := compare(path))} == {}
    assert len(paths) > NUMBER / 20
