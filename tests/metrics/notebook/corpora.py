"""Notebooks of the package index: our numbers are those of what jupytext makes of them, by both oracles.

``python -m tests.metrics.notebook.corpora`` compares all of them, 310; the test suite some of them a day.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import complexipy
import jupytext
import nbformat
from msgspec.structs import replace
from radon.visitors import ComplexityVisitor

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.notebook.joining import join_notebook
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.model.measured import Measurement
from tests.corpora import SDISTS, notebooks
from tests.oracles import consult, find_differences

_MARKER = re.compile(r"^# %%(?: .*)?\n", re.MULTILINE)
_FOREIGN = re.compile(r"\s*%%(?!capture|time|timeit|prun)\w+")


def join_by_jupytext(path: Path) -> str:
    """Return the code of a notebook's cells, but for those of other languages, one behind the other."""
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that Python does not know, and of what notebooks lack
        return _compare(path)


def _compare(path: Path) -> list[object]:
    joined = join_notebook(path.read_bytes())
    ours, expected = measure(joined), consult(join_by_jupytext(path).encode())
    if ours.foreign is not None:
        return []
    functions = tuple(block for block in ours.blocks if block.kind != "cell")
    differences: list[object] = [*find_differences(path.name, replace(ours, blocks=functions), expected)]
    return differences + ([] if ours.error else [*find_wrong_cells(decode_source(joined), ours)])


def main() -> int:
    """Compare all of them; exit code 1 on any difference."""
    paths = [path for name in SDISTS for path in notebooks(name)]
    found = {path.name: differences for path in paths if (differences := compare(path))}
    sys.stdout.write(f"{len(paths)} notebooks, {len(found)} with differences\n")
    sys.stdout.writelines(f"{name}: {differences}\n" for name, differences in found.items())
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
