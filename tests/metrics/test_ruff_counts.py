"""What ruff counts in functions, by its rules, and two numbers that are ours alone."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.measured import FUNCTION_METRICS, Block


def find(source: str, name: str = "f") -> Block:
    """Return the block of a name in a source."""
    measurement = measure(dedent(source).encode())
    assert measurement.error is None, measurement.error
    return next(block for block in measurement.blocks if block.name == name)


def inside(body: str) -> str:
    """Return the source of a function with this body."""
    return "def f():\n" + "".join(f"    {line}\n" for line in dedent(body).strip("\n").split("\n"))


# A body, its branches, statements and complexity.
BODIES = [
    pytest.param("pass", (0, 1, 1), id="nothing"),
    pytest.param('"""Doc."""', (0, 1, 1), id="a docstring is a statement"),
    pytest.param("return 1", (0, 0, 1), id="a return is none"),
    pytest.param("a = 1; b: int = 2; del a", (0, 3, 1), id="statements on one line"),
    pytest.param("if a: b", (1, 2, 2), id="if"),
    pytest.param("if a:\n    b\nelse:\n    c", (2, 4, 2), id="else"),
    pytest.param("if a:\n    b\nelif c:\n    d", (2, 4, 3), id="elif"),
    pytest.param("if a:\n    b\nelif c:\n    d\nelse:\n    e", (3, 6, 3), id="elif and else"),
    pytest.param("if a:\n    b\nelse:\n    if c:\n        d", (3, 5, 3), id="an if in an else"),
    pytest.param(
        "if a:\n    b\nelse:\n    if c:\n        d\n    e", (3, 6, 3), id="an if and more in an else"
    ),
    pytest.param(
        "if a:\n    b\nelse:\n    if c:\n        d\n    elif e:\n        g", (4, 7, 4), id="elif in else"
    ),
    pytest.param("for a in b: c", (1, 1, 2), id="for"),
    pytest.param("for a in b:\n    c\nelse:\n    d", (2, 2, 2), id="for with else"),
    pytest.param("while a: b", (1, 2, 2), id="while"),
    pytest.param("while a:\n    b\nelse:\n    c", (2, 3, 2), id="while with else"),
    pytest.param("with a: b", (0, 2, 1), id="with"),
    pytest.param("with a:\n    if b: c", (1, 3, 2), id="if in a with"),
    pytest.param("try:\n    a\nexcept b:\n    c", (1, 4, 2), id="except"),
    pytest.param("try:\n    a\nexcept b:\n    c\nexcept:\n    d", (2, 7, 3), id="two of them"),
    pytest.param("try:\n    a\nexcept b:\n    c\nelse:\n    d", (2, 6, 3), id="try with else"),
    pytest.param("try:\n    a\nfinally:\n    b", (1, 5, 1), id="finally"),
    pytest.param(
        "try:\n    a\nexcept b:\n    c\nelse:\n    d\nfinally:\n    e\n    g",
        (3, 10, 3),
        id="all parts of a try",
    ),
    pytest.param("match a:\n    case 1: b", (1, 3, 2), id="a case"),
    pytest.param("match a:\n    case 1: b\n    case _: c", (2, 5, 2), id="the last case takes all"),
    pytest.param("match a:\n    case 1: b\n    case c: d", (2, 5, 2), id="the last case is a name"),
    pytest.param("match a:\n    case 1: b\n    case c if c: d", (2, 5, 3), id="a name with a guard"),
    pytest.param("match a:\n    case 1: b\n    case 2 | _: d", (2, 5, 2), id="one of several takes all"),
    pytest.param("match a:\n    case 1: b\n    case (2 | c) as d: e", (2, 5, 2), id="all under a name"),
    pytest.param("match a:\n    case 1: b\n    case [_]: d", (2, 5, 3), id="a sequence does not take all"),
    pytest.param("match a:\n    case 1:\n        if b: c\n        d", (2, 5, 3), id="if in a case"),
    pytest.param("a = [b for b in c if b and d]", (0, 1, 1), id="a comprehension"),
    pytest.param("a = lambda: b if c else d", (0, 1, 1), id="a lambda, a condition"),
    pytest.param("assert a and b, c", (0, 1, 1), id="assert"),
    pytest.param("def g():\n    if a: b", (0, 3, 3), id="a function inside"),
    pytest.param("def g():\n    def h(): return\n    return", (0, 2, 3), id="functions inside one another"),
    pytest.param("class A:\n    b = 1\n    if c: d", (0, 1, 2), id="a class inside"),
    pytest.param("class A:\n    def g(self):\n        if a: b", (0, 1, 3), id="a method inside"),
    pytest.param(
        "def g():\n    class A:\n        def h(self): pass", (0, 2, 3), id="a method in a function inside"
    ),
    pytest.param(
        "@a(lambda: b)\ndef g(c=[d for d in e]): pass", (0, 2, 2), id="the head of a function inside"
    ),
    pytest.param("global a\nimport b\nraise c", (0, 3, 1), id="other statements"),
]


@pytest.mark.parametrize(("body", "numbers"), BODIES)
def test_branches_statements_and_complexity(body: str, numbers: tuple[int, int, int]) -> None:
    block = find(inside(body))
    assert (block.branches, block.statements, block.mccabe_complexity) == numbers


# A body, and how many returns it has.
RETURNS = [
    pytest.param("pass", 0, id="none"),
    pytest.param("if a: return\nelse: return 1\nreturn 2", 3, id="several"),
    pytest.param("try: return 1\nexcept a: return 2\nfinally: return 3", 3, id="in a try"),
    pytest.param("match a:\n    case _: return 1", 1, id="in a case"),
    pytest.param("def g(): return\nclass A:\n    def h(self): return\nreturn", 1, id="not of what is inside"),
]


@pytest.mark.parametrize(("body", "number"), RETURNS)
def test_returns(body: str, number: int) -> None:
    assert find(inside(body)).returns == number


# A body, and the most conditions that it joins.
CONDITIONS = [
    pytest.param("if a: b", 0, id="one condition is none"),
    pytest.param("if a and b: c", 2, id="and"),
    pytest.param("if a and (b or c) and not (d or e): g", 4, id="brackets count, and not those of a not"),
    pytest.param("if a: b\nelif c or d or e: g\nelse: h", 3, id="elif"),
    pytest.param("if a and b:\n    if c or d or e: g", 3, id="the most of several"),
    pytest.param("while a and b: c", 0, id="no other statement"),
    pytest.param("if any((a and b, c)): d", 0, id="not inside of another expression"),
    pytest.param("def g():\n    if a and b: c", 0, id="not of a function inside"),
    pytest.param("class A:\n    if a and b: c", 0, id="not of a class inside"),
]


@pytest.mark.parametrize(("body", "number"), CONDITIONS)
def test_boolean_expressions(body: str, number: int) -> None:
    assert find(inside(body)).boolean_expressions == number


TYPING = "from typing import overload, override\n"
# A source with one function `f`, its parameters, and how many of them can be given by position.
PARAMETERS = [
    pytest.param("def f(): pass", (0, 0), id="none"),
    pytest.param("def f(a, b=1, /, c=2, *d, e, g=3, **h): pass", (5, 3), id="all kinds"),
    pytest.param("def f(self, cls): pass", (2, 2), id="self of no method"),
    pytest.param("async def f(a): pass", (1, 1), id="an async function"),
    pytest.param("def f(a, _, __, _b, __c, _é, _0, *, _d_e): pass", (1, 1), id="unused ones"),
    pytest.param("def f(_a_, __b__, _é_, é_): pass", (4, 4), id="names that only look unused"),
    pytest.param("class A:\n    def f(self, a, *, b): pass", (2, 1), id="a method"),
    pytest.param("class A:\n    def f(): pass", (0, 0), id="a method without any"),
    pytest.param("class A:\n    def f(_self, a, b): pass", (1, 1), id="an unused self is left out twice"),
    pytest.param("class A:\n    def f(*, a, b): pass", (1, 0), id="a method without self"),
    pytest.param("class A:\n    def g(self):\n        def f(self): pass", (1, 1), id="a closure in a method"),
    pytest.param("class A:\n    if a:\n        def f(self, a): pass", (1, 1), id="a method in an if"),
    pytest.param(
        "class A:\n    def __new__(cls, a): pass\n    f = 1\n    def f(self): pass", (0, 0), id="self alone"
    ),
    pytest.param("class A:\n    @classmethod\n    def f(cls, a): pass", (1, 1), id="a class method"),
    pytest.param("class A:\n    @staticmethod\n    def f(a, b): pass", (2, 2), id="a static method"),
    pytest.param(
        "class A:\n    @staticmethod()\n    def f(a, b): pass", (2, 2), id="a static method, called"
    ),
    pytest.param("@staticmethod\ndef f(a, b): pass", (2, 2), id="a static function"),
    pytest.param(
        "import builtins\nclass A:\n    @builtins.staticmethod\n    def f(a): pass", (1, 1), id="builtins"
    ),
    pytest.param(
        "from abc import abstractstaticmethod\nclass A:\n    @abstractstaticmethod\n    def f(a): pass",
        (1, 1),
        id="abc's",
    ),
    pytest.param("class A:\n    @a.staticmethod\n    def f(a): pass", (0, 0), id="another one of the name"),
    pytest.param(
        "staticmethod = a\nclass A:\n    @staticmethod\n    def f(a): pass",
        (0, 0),
        id="the name stands for it",
    ),
    pytest.param(
        "class A:\n    @staticmethod\n    def f(a): pass\nstaticmethod = a",
        (1, 1),
        id="a name that changes later",
    ),
    pytest.param(
        "def g():\n    class A:\n        @staticmethod\n        def f(a): pass\nstaticmethod = a",
        (0, 0),
        id="a name that changes before a function is gone through",
    ),
    pytest.param(
        "class A:\n    def staticmethod(self): pass\n    @staticmethod\n    def f(a): pass",
        (0, 0),
        id="one of the class",
    ),
    pytest.param(
        "class B:\n    def staticmethod(self): pass\n"
        "    class A:\n        @staticmethod\n        def f(a): pass",
        (1, 1),
        id="not one of the class around",
    ),
    pytest.param(
        "def g(staticmethod):\n    class A:\n        @staticmethod\n        def f(a): pass",
        (0, 0),
        id="a parameter around",
    ),
    pytest.param(f"{TYPING}class A:\n    @override\n    def f(self, a): pass", (0, 0), id="override"),
    pytest.param(f"{TYPING}@overload\ndef f(a): pass", (0, 0), id="overload"),
    pytest.param(f"{TYPING}@overload()\ndef f(a): pass", (1, 1), id="overload, called"),
    pytest.param("import typing\n@typing.overload\ndef f(a): pass", (0, 0), id="by the module"),
    pytest.param(
        "import typing as t\n@t.overload\ndef f(a): pass", (0, 0), id="by a module under another name"
    ),
    pytest.param("import typing.overload as o\n@o\ndef f(a): pass", (0, 0), id="a module that there is not"),
    pytest.param("from typing import overload as o\n@o\ndef f(a): pass", (0, 0), id="under another name"),
    pytest.param(
        "from typing_extensions import override\n@override\ndef f(a): pass", (0, 0), id="typing_extensions"
    ),
    pytest.param("from a import override\n@override\ndef f(a): pass", (1, 1), id="another module's"),
    pytest.param("from .typing import override\n@override\ndef f(a): pass", (1, 1), id="a relative import"),
    pytest.param("from typing import *\n@override\ndef f(a): pass", (1, 1), id="imported with all names"),
    pytest.param("@override\ndef f(a): pass", (1, 1), id="not imported"),
    pytest.param(
        "try:\n    from typing import override\n"
        "except ImportError:\n    from typing_extensions import override\n"
        "@override\ndef f(a): pass",
        (0, 0),
        id="one of two modules",
    ),
    pytest.param(
        "try:\n    from typing import override\nexcept ImportError:\n    def override(g): return g\n"
        "@override\ndef f(a): pass",
        (1, 1),
        id="the later of two counts",
    ),
    pytest.param(
        "def g():\n    from typing import overload\n    @overload\n    def f(a): pass",
        (0, 0),
        id="imported in a function",
    ),
    pytest.param(
        "def g():\n    @overload\n    def f(a): pass\nfrom typing import overload",
        (0, 0),
        id="imported below a function",
    ),
    pytest.param("@overload\ndef f(a): pass\nfrom typing import overload", (1, 1), id="imported below"),
    pytest.param(
        f"{TYPING}overload: a\n@overload\ndef f(a): pass", (0, 0), id="an annotation alone binds nothing"
    ),
    pytest.param(
        f"{TYPING}for overload in a: pass\n@overload\ndef f(a): pass", (1, 1), id="the name of a loop"
    ),
    pytest.param(f"{TYPING}with a as (b, overload): pass\n@overload\ndef f(a): pass", (1, 1), id="of a with"),
    pytest.param(f"{TYPING}a = overload(b)\n@overload\ndef f(a): pass", (0, 0), id="used before"),
    pytest.param("import typing\n@a.typing.overload\ndef f(a): pass", (1, 1), id="of a longer name"),
    pytest.param(f"{TYPING}del overload\n@overload\ndef f(a): pass", (1, 1), id="deleted"),
    pytest.param(f"{TYPING}@a\n@overload\n@b\ndef f(a): pass", (0, 0), id="one of several decorators"),
    pytest.param(f"{TYPING}@a[overload]\n@b\ndef f(a): pass", (1, 1), id="decorators that are no names"),
]


@pytest.mark.parametrize(("source", "numbers"), PARAMETERS)
def test_parameters(source: str, numbers: tuple[int, int]) -> None:
    block = find(source)
    assert (block.parameters, block.positional_parameters) == numbers


# A body, and how deep its deepest block is.
DEPTHS = [
    pytest.param("return 1", 0, id="no block"),
    pytest.param("if a: b", 1, id="if"),
    pytest.param("if a: b\nelif c: d\nelif e: g\nelse: h", 1, id="elif is as deep as its if"),
    pytest.param("if a: b\nelse:\n    if c: d", 2, id="an if in an else"),
    pytest.param("if a: b\nelif c:\n    if d: e", 2, id="an if in an elif"),
    pytest.param("for a in b:\n    while c:\n        with d: e", 3, id="loops and with"),
    pytest.param("try: a\nexcept b:\n    if c: d", 2, id="in an except"),
    pytest.param("try: a\nfinally:\n    for b in c:\n        if d: e", 3, id="in a finally"),
    pytest.param("match a:\n    case 1:\n        if b: c", 2, id="a case is as deep as its match"),
    pytest.param("if a: b\nif c:\n    if d: e\nif g: h", 2, id="the deepest of several"),
    pytest.param("if a:\n    def g():\n        if b: c", 1, id="not of a function inside"),
    pytest.param("class A:\n    if a: b", 0, id="not of a class inside"),
    pytest.param("a = [b if c else d for b in e for g in h if i]", 0, id="expressions have none"),
]


@pytest.mark.parametrize(("body", "number"), DEPTHS)
def test_nesting_depth(body: str, number: int) -> None:
    assert find(inside(body)).nesting_depth == number


def test_the_length_is_in_lines_from_the_def_on() -> None:
    assert find("@a\n@b\ndef f(\n    a,\n):\n    if a:\n\n        b(\n        )\n\n\n# c\n").length == 7
    assert find("def f(): pass").length == 1


def test_blocks_that_are_not_functions_have_none() -> None:
    block = find("class A:\n    def f(self): pass", "A")
    assert [getattr(block, metric) for metric in FUNCTION_METRICS] == [None] * len(FUNCTION_METRICS)


def test_except_star_counts_as_except() -> None:
    block = find(inside("try:\n    a\nexcept* b:\n    if c: d"))
    assert (block.branches, block.statements, block.mccabe_complexity, block.nesting_depth) == (2, 5, 3, 2)


def test_deep_trees_are_measured() -> None:
    source = inside("".join(f"{'el' if number else ''}if a and b: c\n" for number in range(200)))
    assert find(source).branches == 200
