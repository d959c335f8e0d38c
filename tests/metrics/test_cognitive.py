"""Cognitive complexity: complexipy's points, and which block gets them."""

from __future__ import annotations

import ast
from textwrap import dedent

import complexipy
import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics import cognitive
from pytest_antipasta.metrics.cognitive import (
    CognitiveComplexity,
    FunctionPoints,
    SafeChange,
    find_plans,
    measure_cognitive,
    trace_cognitive,
)
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
    """The rows are complexipy's doing; a file that it refuses is measured without these numbers."""
    found = measure(dedent(source).encode())
    assert found.error is None
    assert found.metrics.total_cognitive_complexity == total
    assert {block.qualified_name: block.cognitive_complexity for block in found.blocks} == points
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


def test_an_elif_chain_of_any_length_has_points() -> None:
    """Where `ast.parse` gives up, complexipy still measures."""
    length = 50_000
    found = measure(("if a: pass\n" + "elif a: pass\n" * length).encode())
    assert found.metrics.total_cognitive_complexity == length + 1
    assert found.error is None or found.error.kind == "too_deep"


NESTED = "    if a:\n        if a:\n            if a:\n                pass\n"
PAIR = "    if a:\n        if a:\n            pass\n"
LOOP = "    for x in a:\n        if x:\n            if a: f(x)\n            else: g(x)\n"
MANY = "    if a and b or c and d or e and f: pass\n"


@pytest.mark.parametrize(
    ("text", "points", "found"),
    [
        pytest.param(f"def f(a):\n{NESTED}", {1: 6}, {1: [(2, 5, "C007", 4)]}, id="nested conditions"),
        pytest.param(f"def f(a):\n{LOOP}", {1: 8}, {1: [(2, 5, "C002", 1)]}, id="the body of a loop"),
        pytest.param(
            f"def f(a):\n{PAIR * 2}", {1: 6}, {1: [(2, 4, "C007", 1), (5, 7, "C007", 1)]}, id="several"
        ),
        pytest.param(
            f"@d\n@e\ndef f(a):\n{PAIR}", {3: 3}, {3: [(4, 6, "C007", 1)]}, id="a function with decorators"
        ),
        pytest.param(
            f"def f(a):\n{PAIR}def g(a):\n{PAIR}", {5: 3}, {5: [(6, 8, "C007", 1)]}, id="the second function"
        ),
        pytest.param(
            f"class A:\n    def m(self): pass\ndef f(a):\n{PAIR}class B:\n    def n(self): pass\n",
            {3: 3, 8: 0},
            {3: [(4, 6, "C007", 1)], 8: []},
            id="a function between methods",
        ),
        pytest.param(
            f"def f(a):\n{MANY}", {1: 5}, {1: []}, id="what complexipy marks as safe and does not write"
        ),
        pytest.param("def f(a):\n    if a: pass\n", {1: 1}, {1: []}, id="nothing that could be merged"),
        pytest.param(f"def f(a):\n{PAIR}", {}, {}, id="no function asked for"),
        pytest.param(f"def f(a):\n{PAIR}", {1: 4}, {}, id="a function with other points"),
        pytest.param(f"a = 1\ndef f(a):\n{PAIR}b = 1\n", {1: 0, 6: 0}, {}, id="lines of no function"),
        pytest.param("def f(:\n", {1: 1}, {}, id="what is no Python"),
    ],
)
def test_plans(text: str, points: dict[int, int], found: dict[int, list[tuple[int, int, str, int]]]) -> None:
    plans = find_plans(text, points)
    assert {
        line: [(plan.first_line, plan.last_line, plan.rule, plan.reduction) for plan in of_line]
        for line, of_line in plans.items()
    } == found


def test_a_plan_says_what_complexipy_says() -> None:
    ((plan,),) = find_plans(f"def f(a):\n{NESTED}", {1: 6}).values()
    how = "Merge nested if statements into a single if with combined conditions"
    assert plan == SafeChange(2, 5, "Merge 3 nested if statements", 4, True, "C007", how)


def test_plans_are_made_only_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def note(text: str, *, with_plans: bool, **options: bool) -> complexipy.CodeComplexity:
        asked.append(with_plans)
        return complexipy.code_complexity(text, with_plans=with_plans, **options)

    monkeypatch.setattr(cognitive, "_load_complexipy", lambda: note)
    source = f"def f(a):\n{PAIR}"
    measure(source.encode())
    trace_cognitive(source)
    find_plans(source, {1: 3})
    assert asked == [False, False, True]


@pytest.mark.parametrize(
    ("def_lines", "points"),
    [
        pytest.param([2], {2: 7}, id="a def without decorators"),
        pytest.param([3, 9], {3: 7}, id="a def behind its decorator"),
        pytest.param([1, 4], {4: 7}, id="a def behind another one"),
        pytest.param([1], {}, id="no def"),
    ],
)
def test_points_come_to_the_def(def_lines: list[int], points: dict[int, int]) -> None:
    assert CognitiveComplexity(7, {2: 7}).at_def_lines(def_lines) == points


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
    assert trace_cognitive(source) == {
        None: FunctionPoints("<module>", 1, 1, {1: 1}),
        2: FunctionPoints("f", 2, 2, {3: 2}),
        6: FunctionPoints("A::m", 6, 3, {8: 1, 9: 2}),
    }


def test_without_numbers_no_line_gives_any() -> None:
    assert trace_cognitive("def f(:\n") == {}
