"""Cognitive complexity: complexipy's points, and which block gets them."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.cognitive import (
    CognitiveComplexity,
    FunctionPoints,
    measure_cognitive,
    trace_cognitive,
)
from pytest_antipasta.model import BriefPlan
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


NESTED = "    if a:\n        if a:\n            if a:\n                pass\n"
ONE_IF = "    if a: pass\n"
PAIR = "    if a:\n        if a:\n            pass\n"


@pytest.mark.parametrize(
    ("body", "points", "lines"),
    [
        pytest.param(NESTED, 6, [2], id="nested conditions"),
        pytest.param(NESTED * 3, 18, [2, 6, 10], id="one for each place"),
        pytest.param(NESTED * 5, 30, [2, 6, 10], id="but the best three only"),
        pytest.param(PAIR + 2 * ONE_IF, 5, [2], id="five points are worth a plan"),
        pytest.param(PAIR + ONE_IF, 4, [], id="four are not"),
        pytest.param(6 * ONE_IF, 6, [], id="nothing that could be merged"),
    ],
)
def test_plans(body: str, points: int, lines: list[int]) -> None:
    found = measure_cognitive(f"def f(a):\n{body}")
    assert found is not None
    assert found.by_line == {1: points}
    assert [plan.first_line for plan in found.plans.get(1, ())] == lines


def test_a_plan_says_what_complexipy_says() -> None:
    found = measure_cognitive(f"def f(a):\n{NESTED}")
    assert found is not None
    assert found.plans[1] == (BriefPlan(1, 2, 5, "Merge 3 nested if statements", 4),)
    assert measure_cognitive(f"def f(a):\n{NESTED}", has_plans=False) == found._replace(plans={})


PLAN = BriefPlan(2, 4, 5, "Merge", 1)


@pytest.mark.parametrize(
    ("def_lines", "points", "plans"),
    [
        pytest.param([2], {2: 7}, (PLAN,), id="a def without decorators"),
        pytest.param([3, 9], {3: 7}, (replace(PLAN, line=3),), id="a def behind its decorator"),
        pytest.param([1, 4], {4: 7}, (replace(PLAN, line=4),), id="a def behind another one"),
        pytest.param([1], {}, (), id="no def"),
    ],
)
def test_points_come_to_the_def(
    def_lines: list[int], points: dict[int, int], plans: tuple[BriefPlan, ...]
) -> None:
    found = CognitiveComplexity(7, {2: 7}, {2: (PLAN,)}).at_def_lines(def_lines)
    assert found == (points, plans)


NUL = "def f(a):\n if a: pass # \0\n"


@pytest.mark.parametrize(
    ("text", "total"),
    [
        pytest.param(NUL, 1, id="a NUL in a comment"),
        pytest.param(NUL + "#" * 1_000_000, None, id="one in a long text, which would take much memory"),
        pytest.param("if a: pass\n" + "#" * 1_000_000, 1, id="a long text without any"),
        pytest.param("a = \0\n", None, id="a NUL in code"),
        pytest.param("def f(:\n", None, id="what is no Python"),
    ],
)
def test_what_complexipy_refuses_has_no_points(text: str, total: int | None) -> None:
    found = measure_cognitive(text)
    assert (None if found is None else found.total) == total


def test_each_line_gives_its_points() -> None:
    source = (
        "if a: pass\n"
        "def f():  # complexipy: ignore\n"
        " if a and b: pass\n"
        " c\n"
        "class A:\n"
        " @d\n"
        " def m(self):\n"
        "  if a:\n"
        "   if b: pass\n"
    )
    traced = trace_cognitive(source)
    assert {line: function._replace(plans=()) for line, function in traced.items()} == {
        None: FunctionPoints("<module>", 1, 9, 1, {1: 1}, ()),
        2: FunctionPoints("f", 2, 4, 2, {3: 2}, ()),
        6: FunctionPoints("A::m", 6, 9, 3, {8: 1, 9: 2}, ()),
    }
    (plan,) = traced[6].plans
    assert (plan.first_line, plan.last_line, plan.title) == (8, 9, "Merge nested if statements")
    assert plan.help.startswith("Merge the nested if statements into a single `if <outer> and <inner>:`")
    assert not traced[2].plans


def test_without_numbers_no_line_gives_any() -> None:
    assert trace_cognitive("def f(:\n") == {}


def test_methods_before_a_function_keep_their_points() -> None:
    found = measure(b"class A:\n @d\n def m(self):\n  if a: pass\n@d\ndef f():\n if a:\n  if b: pass\n")
    assert {block.qualified_name: block.cognitive_complexity for block in found.blocks} == {
        "A": None,
        "A.m": 1,
        "f": 3,
    }
