"""The names of a block's decorators, as they are written."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.notebook.joining import join_notebook
from pytest_antipasta.report.records import make_measurements
from pytest_antipasta.store.records import decode_record, encode_record
from tests.metrics.notebook.making import make_notebook

FUNCTION = "def f(a): pass\n"
ROWS = [
    pytest.param("", (), id="none"),
    pytest.param("@cached", ("cached",), id="a name"),
    pytest.param("@functools.cache", ("functools.cache",), id="an attribute"),
    pytest.param("@a.b.c.d", ("a.b.c.d",), id="an attribute of an attribute"),
    pytest.param('@app.route("/x")', ("app.route",), id="a call with arguments"),
    pytest.param("@pytest.fixture(scope=(1, 2))", ("pytest.fixture",), id="a call with names of arguments"),
    pytest.param("@pytest.fixture()", ("pytest.fixture",), id="a call without arguments"),
    pytest.param("@(a.b)", ("a.b",), id="a name in brackets"),
    pytest.param("@a \\\n    . b(\n  1)", ("a.b",), id="a name over several lines"),
    pytest.param("@b\n@a(1)\n@b", ("b", "a", "b"), id="several, in order"),
    pytest.param("@ünïcode", ("ünïcode",), id="a name that is not ASCII"),
    pytest.param("@(lambda f: f)", (), id="a lambda"),
    pytest.param("@x[0]", (), id="an item"),
    pytest.param("@x[0].y", (), id="an attribute of an item"),
    pytest.param("@x().y", (), id="an attribute of a call"),
    pytest.param("@x()()", (), id="a call of a call"),
    pytest.param("@(y := x)", (), id="an assignment"),
    pytest.param("@'text'.join", (), id="an attribute of a constant"),
    pytest.param("@a\n@x[0]\n@b", ("a", "b"), id="only those with a name"),
]


@pytest.mark.parametrize(("lines", "names"), ROWS)
def test_decorators_have_their_names(lines: str, names: tuple[str, ...]) -> None:
    for definition in (FUNCTION, f"async {FUNCTION}", "class f: pass\n"):
        (block,) = measure(f"{lines}\n{definition}".encode()).blocks
        assert block.decorators == names, definition


def test_every_kind_of_block_has_its_own() -> None:
    source = dedent(
        """
        @a
        class A:
            @b.setter
            def m(self):
                @c(1)
                def inner(): pass

            def plain(self): pass
        """
    )
    measurement = measure(source.encode())
    expected = {"A": ("a",), "A.m": ("b.setter",), "A.m.inner": ("c",), "A.plain": ()}
    assert {block.qualified_name: block.decorators for block in measurement.blocks} == expected
    assert decode_record(encode_record(measurement)) == measurement


def test_functions_in_a_notebook_have_theirs_and_cells_have_none() -> None:
    data = join_notebook(make_notebook("x = 1", f"@a.b(1)\n{FUNCTION}").encode())
    found = {block.qualified_name: block.decorators for block in measure(data).blocks}
    assert found == {"code-cell#1": (), "code-cell#2": (), "f": ("a.b",)}


def test_no_report_shows_them() -> None:
    (file,) = make_measurements({"a.py": measure(f"# @generated\n@a\n{FUNCTION}".encode())})["files"]
    assert not {"decorators", "generated"} & {*file, *file["blocks"][0], *file["metrics"]}
