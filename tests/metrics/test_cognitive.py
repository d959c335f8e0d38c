"""Cognitive complexity: complexipy's points, and which block gets them."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from pytest_antipasta.engine import measure
from tests.oracles import consult

Points = dict[str, "int | None"]

# The points of the file, then those of each block.
ROWS = [
    pytest.param("", 0, {}, id="an empty file has 0"),
    pytest.param("def f(): pass", 0, {"f": 0}, id="a function without decisions has 0"),
    pytest.param("def f():\n if a: pass", 1, {"f": 1}, id="an if is 1"),
    pytest.param("def f():\n if a:\n  if b: pass", 3, {"f": 3}, id="one within another is 2"),
    pytest.param(
        "def f():\n if a: pass\n elif b: pass\n else: pass", 3, {"f": 3}, id="elif and else are 1 each"
    ),
    pytest.param("if a: pass", 1, {}, id="code of the module counts in the file"),
    pytest.param("if a: pass\ndef f():\n if b: pass", 2, {"f": 1}, id="beside that of functions"),
    pytest.param(
        """
        class A:
            if a: pass
            def f(self):
                if b: pass
        """,
        1,
        {"A": None, "A.f": 1},
        id="code of a class counts nowhere, and a class has no points",
    ),
    pytest.param(
        """
        def f():
            if a: pass
            def g():
                if b: pass
        """,
        3,
        {"f": 3, "f.g": None},
        id="a closure's points are in the function's, one level deeper",
    ),
    pytest.param(
        """
        def f():
            def g():
                def h():
                    if a: pass
        """,
        3,
        {"f": 3, "f.g": None, "f.g.h": None},
        id="a closure of a closure's, two levels",
    ),
    pytest.param(
        """
        def f():
            class A:
                def m(self):
                    if a: pass
        """,
        1,
        {"f": 1, "f.A": None, "f.A.m": None},
        id="methods of a function's class have none of their own",
    ),
    pytest.param(
        """
        class A:
            class B:
                def m(self):
                    if a: pass
        """,
        1,
        {"A": None, "A.B": None, "A.B.m": 1},
        id="methods of inner classes have their own",
    ),
    pytest.param(
        """
        class A:
            @property
            def x(self):
                if a: pass
            @x.setter
            @(
                b
            )
            def x(self, y):
                if a:
                    if b: pass
        class A:
            def x(self): pass
        """,
        4,
        {"A": None, "A.x": 1, "A.x#2": 3, "A#2": None, "A#2.x": 0},
        id="each of several of one name has its own, decorated or not",
    ),
    pytest.param(
        """
        if a:
            def f():
                if b: pass
        else:
            try:
                def f():
                    while c: pass
            finally:
                class A:
                    with d:
                        def f(self): pass
        """,
        4,
        {"f": 1, "f#2": 1, "A": None, "A.f": 0},
        id="functions under other statements have their own",
    ),
    pytest.param(
        "def f():  # complexipy: ignore\n if a: pass", 1, {"f": 1}, id="its ignore comment is not heard"
    ),
    pytest.param("def f():  # noqa: complexipy\n if a: pass", 1, {"f": 1}, id="nor is the other one"),
    pytest.param(
        "def f():\n if a: pass \\\n  ;\n",
        1,
        {"f": 1},
        id="a last semicolon in a line of its own ends the function for Python alone",
    ),
    pytest.param(
        "async def f():\n async for a in b: pass", 1, {"f": 1}, id="an async function is a function"
    ),
    pytest.param("def ﬁ():\n if a: pass", 1, {"fi": 1}, id="names are those that Python makes of them"),
    pytest.param("\ufeffdef f():\n if a: pass", 1, {"f": 1}, id="a byte order mark is none of its business"),
    pytest.param("def f():\r if a: pass\r", 1, {"f": 1}, id="any newline is a newline"),
    pytest.param("\fdef f():\n if a: pass", 1, {"f": 1}, id="a form feed is no newline"),
    pytest.param(
        "if a: pass\nraise;\ndef f(): pass", None, {"f": None}, id="it refuses a raise with a semicolon"
    ),
    pytest.param(
        "a; match = 1\ndef f(): pass", None, {"f": None}, id="it refuses a name match behind a semicolon"
    ),
]


@pytest.mark.parametrize(("source", "total", "points"), ROWS)
def test_cognitive_complexity(source: str, total: int | None, points: Points) -> None:
    """A file that complexipy refuses and Python doesn't is measured without these numbers."""
    found = measure(dedent(source).encode())
    assert found.error is None
    assert found.metrics.total_cognitive_complexity == total
    assert {block.qualified_name: block.cognitive_complexity for block in found.blocks} == points


@pytest.mark.parametrize(("source", "total", "points"), ROWS)
def test_complexipy_agrees(source: str, total: int | None, points: Points) -> None:
    """The rows are complexipy's doing, not ours."""
    expected = consult(dedent(source).encode())
    assert expected.metrics["total_cognitive_complexity"] == total
    assert {row["qualified_name"]: row["cognitive_complexity"] for row in expected.blocks} == points


BROKEN = [
    pytest.param(b"def f(:\n if a: pass", "syntax", None, id="neither parses what is not Python"),
    pytest.param(b"if a: pass\n\0", "syntax", None, id="neither parses a NUL"),
    pytest.param(b"(" * 5000 + b")" * 5000, None, None, id="neither parses 5,000 parentheses"),
    pytest.param(b"\xff", "encoding", None, id="what can't be decoded has no points"),
    pytest.param(b"# coding: nonsense\nif a: pass", "encoding", None, id="an unknown encoding neither"),
]


@pytest.mark.parametrize(("data", "kind", "total"), BROKEN)
def test_a_broken_file_is_an_error(data: bytes, kind: str | None, total: int | None) -> None:
    """What complexipy can still say is said; a kind of none means that Pythons differ on it."""
    found = measure(data)
    expected = consult(data)
    assert found.error is not None
    assert found.error.kind in expected.errors
    assert kind is None or found.error.kind == kind
    assert found.metrics.total_cognitive_complexity == total
    assert expected.metrics["total_cognitive_complexity"] == total


# Python of 3.13 at most takes neither; complexipy's parser is newer than any.
NEWER = "try: pass\nexcept A, B:\n if a: pass"


def test_syntax_newer_than_this_python_has_points() -> None:
    """Complexipy measures it on any Python, so the error item shows its number."""
    found = measure(NEWER.encode())
    try:
        ast.parse(NEWER)
    except SyntaxError:
        assert found.error is not None
        assert found.error.kind == "syntax"
    assert found.metrics.total_cognitive_complexity == 3
    assert consult(NEWER.encode()).metrics["total_cognitive_complexity"] == 3


@pytest.mark.parametrize("length", [1000, 50_000])
def test_an_elif_chain_of_any_length_has_points(length: int) -> None:
    """Where `ast.parse` gives up, complexipy still measures."""
    found = measure(("if a: pass\n" + "elif a: pass\n" * length).encode())
    assert found.metrics.total_cognitive_complexity == length + 1
    assert found.error is None or found.error.kind == "too_deep"


@pytest.mark.parametrize("length", [1000, 50_000])
def test_a_sum_of_any_length_has_points(length: int) -> None:
    """Where `ast.parse` gives up, complexipy still measures."""
    found = measure(("if a: pass\na" + " + a" * length).encode())
    assert found.metrics.total_cognitive_complexity == 1
    assert found.error is None or found.error.kind == "too_deep"
