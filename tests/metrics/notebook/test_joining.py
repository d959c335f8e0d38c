"""Reading notebooks of all formats and states, and joining their cells."""

from __future__ import annotations

import ast
import json
import tracemalloc
from codecs import BOM_UTF8
from typing import Any

import nbformat
import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.notebook.cells import split_cells
from pytest_antipasta.metrics.notebook.joining import join_notebook
from pytest_antipasta.metrics.source import Cell, SourceError, find_cells, find_kernel, strip_head
from tests.metrics.notebook.making import make_notebook
from tests.metrics.test_source import LFS_POINTER


def join(text: str) -> tuple[str, list[tuple[int, ...]]]:
    """Return the code of a notebook, and its cells: number, first and last line."""
    data = join_notebook(text.encode())
    return strip_head(data).decode(), [tuple(cell) for cell in find_cells(data)]


def test_cells_are_numbered_among_all_and_empty_ones_have_no_code() -> None:
    text = make_notebook("md:# Title", "x = 1\ny = 2", "", "%%bash\nls", "z = 3\n")
    assert join(text) == ("x = 1\ny = 2\nz = 3\n\n", [(2, 1, 2), (5, 3, 4)])


def test_a_source_may_be_a_string_or_a_list_with_any_line_ends() -> None:
    for source in ("a\r\nb\rc", ["a\r\n", "b\n", "c"]):
        cell = {"cell_type": "code", "source": source}
        assert join(json.dumps({"cells": [cell], "nbformat": 4})) == ("a\nb\nc\n", [(1, 1, 3)])


def test_a_notebook_of_nbformat_3_has_the_same_code() -> None:
    text = make_notebook("md:text", "x = 1\ny = 2", "z = 3")
    formats: Any = nbformat  # which has types of some functions alone
    old = formats.v3.writes_json(formats.convert(formats.reads(text, 4), 3))
    assert '"worksheets"' in old
    assert join(old) == join(text)


def test_a_notebook_of_nbformat_2_is_not_joined_without_its_line_breaks() -> None:
    formats: Any = nbformat
    new = formats.reads(make_notebook("x = 1\ny = 2"), 4)
    old = formats.v2.writes_json(formats.v3.downgrade(formats.convert(new, 3)))
    with pytest.raises(SourceError) as failure:
        join_notebook(old.encode())
    assert failure.value.error.message == (
        "not a notebook: its cells are those of nbformat 2; "
        "`jupyter nbconvert --to notebook --inplace FILE` converts it"
    )


@pytest.mark.parametrize(
    "notebook",
    [{"cells": []}, {"worksheets": []}, {"cells": [{"cell_type": "markdown", "source": "a"}]}],
    ids=["none", "none of nbformat 3", "no code"],
)
def test_a_notebook_without_code_is_an_empty_source(notebook: object) -> None:
    measurement = measure(join_notebook(json.dumps(notebook).encode()))
    assert (measurement.error, measurement.blocks, measurement.metrics.lines_of_code) == (None, (), 0)


DAMAGED = {
    "nothing": (b"", "syntax", None),
    "another object": (b'{"a": 1}', "syntax", None),
    "a list": (b"[]", "syntax", None),
    "cut off": (b'{"cells": [\n{"cell_type": "code"', "syntax", None),
    "no JSON": (b'{"cells": [],\n oops}', "syntax", 2),
    "source that is a number": (b'{"cells": [{"cell_type": "code", "source": 3}]}', "syntax", None),
    "not UTF-8": (b'{"cells": [{"cell_type": "code", "source": "\xff"}]}', "encoding", None),
    "nested too deeply": (b'{"a": ' + b"[" * 100_000, "syntax", None),
    "UTF-16": ('{"cells": []}'.encode("utf-16"), "encoding", None),
    "UTF-16 without a mark": ('{"cells": []}'.encode("utf-16-le"), "encoding", None),
    "a pointer of Git LFS": (LFS_POINTER.encode(), "not_fetched", None),
    "a conflict": (
        b'{\n<<<<<<< HEAD\n"cells": [],\n=======\n"cells": [1],\n>>>>>>> other\n}',
        "unmerged",
        2,
    ),
}


@pytest.mark.parametrize(("data", "kind", "line"), DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_not_a_notebook_has_an_error(data: bytes, kind: str, line: int | None) -> None:
    with pytest.raises(SourceError) as failure:
        join_notebook(data)
    assert (failure.value.error.kind, failure.value.error.line) == (kind, line)


def test_a_byte_order_mark_is_skipped() -> None:
    text = make_notebook("x = 1")
    assert join_notebook(BOM_UTF8 + text.encode()) == join_notebook(text.encode())


def test_numbers_that_json_does_not_have_are_read_as_python_writes_them() -> None:
    text = make_notebook("x = 'NaN, \\'Infinity'", outputs=[{"y": [float("nan"), float("-inf")]}])
    assert "NaN" in text
    assert join(text)[0] == "x = 'NaN, \\'Infinity'\n"


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, None),
        ({"kernelspec": {"language": "python", "name": "my env"}}, None),
        ({"kernelspec": {"language": "", "name": "python3"}}, None),
        ({"kernelspec": None, "language_info": {"name": "ipython"}}, None),
        ({"kernelspec": {"language": "python"}, "language_info": {"name": "pyspark"}}, None),
        ({"kernelspec": {"language": "R", "name": "ir"}}, "R"),
        ({"language_info": {"name": "julia"}, "kernelspec": {"name": "julia-1.9"}}, "julia"),
    ],
)
def test_a_kernel_says_whether_it_is_python(metadata: object, expected: str | None) -> None:
    data = json.dumps({"cells": [], "metadata": metadata}).encode()
    assert find_kernel(join_notebook(data)) == expected


def test_cells_of_other_languages_are_left_out() -> None:
    cells = [
        {"cell_type": "code", "source": "SELECT 1", "metadata": {"vscode": {"languageId": "sql"}}},
        {"cell_type": "code", "source": "x", "metadata": {"vscode": {"languageId": "python"}}},
        {"cell_type": "code", "source": "var a", "language": "javascript"},
    ]
    assert join(json.dumps({"cells": cells})) == ("x\n", [(2, 1, 1)])


def test_outputs_are_not_decoded() -> None:
    data = make_notebook("x = 1", outputs=[{"data": {"image/png": "a" * 100_000_000}}]).encode()
    tracemalloc.start()
    try:
        joined = join_notebook(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert strip_head(joined) == b"x = 1\n"
    assert peak < 100_000


def test_a_comment_that_names_an_encoding_means_nothing() -> None:
    measurement = measure(join_notebook(make_notebook("# coding: latin-1\nx = 'é'").encode()))
    assert measurement.error is None


@pytest.mark.parametrize(
    ("cells", "cell", "line"),
    [
        (["x = 1", "y = (\n1", "z"], 2, 1),
        (["x = 1", "md:text", "y\n\nif:"], 3, 3),
        (["if x:\n    pass", "else:\n    pass"], 2, 1),
        (["@d", "def f(): pass"], 1, 1),
        (["x = '''", "'''"], 1, 1),
        (["x = (", "1)"], 1, 1),
        (["print 'a'"], 1, 1),
    ],
)
def test_a_cell_that_is_not_python_is_named(cells: list[str], cell: int, line: int) -> None:
    error = measure(join_notebook(make_notebook(*cells).encode())).error
    assert error is not None
    assert (error.kind, error.cell, error.line) == ("syntax", cell, line)


def test_a_statement_behind_all_cells_is_an_error() -> None:
    """A record of the store may be of other content, or changed."""
    with pytest.raises(SourceError, match="a statement is in no cell"):
        split_cells(ast.parse("x = 1\n\n\ny = 2\n"), [Cell(1, 1, 2)])
