"""Cyclomatic complexity: radon's numbers, and where they surprise."""

from __future__ import annotations

import ast
import sys
from textwrap import dedent

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from tests.oracles import Silence, consult

# What is expected is a number for each block, by its qualified name.
Numbers = dict[str, int]

DECISIONS = [
    pytest.param("def f(): pass", {"f": 1}, id="a function without decisions has 1"),
    pytest.param("def f():\n if a: pass", {"f": 2}, id="an if adds 1"),
    pytest.param(
        """
        def f():
            if a: pass
            elif b: pass
            else: pass
        """,
        {"f": 3},
        id="an elif adds 1 and an else of an if nothing",
    ),
    pytest.param("def f(): return 1 if a else 2", {"f": 2}, id="a conditional expression adds 1"),
    pytest.param("def f(): return a and b and c", {"f": 3}, id="a boolean chain adds its values less 1"),
    pytest.param("def f(): return a and b or c", {"f": 3}, id="each boolean chain of a mixed one counts"),
    pytest.param("def f(): return not a", {"f": 1}, id="not adds nothing"),
    pytest.param("def f(): return a < b < c", {"f": 1}, id="a chained comparison adds nothing"),
    pytest.param("def f():\n for i in a: pass", {"f": 2}, id="a for adds 1"),
    pytest.param("def f():\n for i in a: pass\n else: pass", {"f": 3}, id="the else of a for adds 1"),
    pytest.param("def f():\n while a: pass", {"f": 2}, id="a while adds 1"),
    pytest.param("def f():\n while a: pass\n else: pass", {"f": 3}, id="the else of a while adds 1"),
    pytest.param("async def f():\n async for i in a: pass", {"f": 2}, id="an async for adds 1"),
    pytest.param(
        "async def f():\n async for i in a: pass\n else: pass", {"f": 3}, id="the else of an async for adds 1"
    ),
    pytest.param("def f():\n try: pass\n finally: pass", {"f": 1}, id="try and finally add nothing"),
    pytest.param(
        """
        def f():
            try: pass
            except A: pass
            except B: pass
            else: pass
            finally: pass
        """,
        {"f": 4},
        id="a try adds its handlers and 1 for its else",
    ),
    pytest.param("def f():\n with a as b, c: pass", {"f": 1}, id="with adds nothing"),
    pytest.param("async def f():\n async with a: pass", {"f": 1}, id="async with adds nothing"),
    pytest.param("def f():\n with a:\n  if b: pass", {"f": 2}, id="what stands in a with counts"),
    pytest.param("def f(): assert a", {"f": 2}, id="an assert adds 1"),
    pytest.param(
        "def f(): assert a and b, c if d else [e for e in g]", {"f": 2}, id="nothing in an assert counts"
    ),
    pytest.param("def f(): return [a for a in b]", {"f": 2}, id="a list comprehension adds 1"),
    pytest.param("def f(): return {a for a in b}", {"f": 2}, id="a set comprehension adds 1"),
    pytest.param("def f(): return {a: c for a in b}", {"f": 2}, id="a dict comprehension adds 1"),
    pytest.param("def f(): return (a for a in b)", {"f": 2}, id="a generator adds 1"),
    pytest.param(
        "async def f(): return [a async for a in b]", {"f": 2}, id="async makes no difference there"
    ),
    pytest.param(
        "def f(): return [a for a in b if c if d]", {"f": 4}, id="each if of a comprehension adds 1"
    ),
    pytest.param(
        "def f(): return [a for b in c for a in b]", {"f": 3}, id="each for of a comprehension adds 1"
    ),
    pytest.param(
        "def f(): return [a for a in b if c and d]", {"f": 4}, id="what stands in such an if counts"
    ),
    pytest.param("def f(): return lambda: 1", {"f": 1}, id="a lambda adds nothing"),
    pytest.param(
        "def f(): return lambda: 1 if a else 2",
        {"f": 2},
        id="a lambda's body counts in the function around it",
    ),
    pytest.param(
        "def f(): return lambda a=b or c: 1",
        {"f": 2},
        id="a lambda's default counts in the function around it",
    ),
    pytest.param("def f(): return f'{a or b:{c or d}}'", {"f": 3}, id="what stands in an f-string counts"),
    pytest.param("def f():\n a: b or c = d or e", {"f": 3}, id="a variable's annotation counts"),
    pytest.param(
        "def f():\n try: pass\n except* A: pass\n except* B: pass\n else: pass",
        {"f": 1},
        id="a try with except* adds nothing",
    ),
    pytest.param(
        "def f():\n try:\n  if a: pass\n except* A:\n  if b: pass", {"f": 3}, id="what stands in one counts"
    ),
]

MATCHES = [
    pytest.param("case 1: pass", 2, id="a case adds 1"),
    pytest.param("case 1: pass\n  case 2: pass", 3, id="each case adds 1"),
    pytest.param("case 1: pass\n  case _: pass", 2, id="a wildcard adds nothing"),
    pytest.param("case 1: pass\n  case y: pass", 2, id="a bare capture adds nothing"),
    pytest.param("case 1: pass\n  case (y): pass", 2, id="nor does one in parentheses"),
    pytest.param("case y if a: pass\n  case _: pass", 2, id="of several bare captures one adds nothing"),
    pytest.param("case _: pass", 1, id="a wildcard alone adds nothing"),
    pytest.param("case 1 as y: pass", 2, id="a capture with a pattern adds 1"),
    pytest.param("case [_]: pass", 2, id="a wildcard within a sequence adds 1"),
    pytest.param("case {'a': _, **rest}: pass", 2, id="a wildcard within a mapping adds 1"),
    pytest.param("case A(y): pass", 2, id="a capture within a class adds 1"),
    pytest.param("case 1 | _: pass", 2, id="a wildcard within alternatives adds 1"),
    pytest.param("case 1 | 2 | 3: pass", 2, id="alternatives add nothing"),
    pytest.param("case [*_]: pass", 2, id="a starred wildcard adds 1"),
    pytest.param("case None: pass", 2, id="None is a pattern"),
    pytest.param("case True: pass\n  case [False]: pass", 3, id="True and False are patterns"),
    pytest.param("case 1 if a: pass", 2, id="a guard adds nothing"),
    pytest.param("case 1 if a or b: pass", 3, id="what stands in a guard counts"),
    pytest.param("case 1:\n   if a: pass", 3, id="what stands in a case counts"),
]

PLACES = [
    pytest.param(
        "@a(b or c)\n@(d if e else g)\ndef f(): pass", {"f": 1}, id="a function's decorators don't count"
    ),
    pytest.param("def f(a=b or c, *, d=e if g else h): pass", {"f": 1}, id="defaults don't count"),
    pytest.param("def f(a: b or c, *d: e or g) -> h or i: pass", {"f": 1}, id="annotations don't count"),
    pytest.param("class A(b or c, d=e or g): x = 1", {"A": 1}, id="a class's bases don't count"),
    pytest.param("@a(b or c)\nclass A: x = 1", {"A": 1}, id="a class's decorators don't count"),
    pytest.param(
        """
        def f():
            def g():
                if a: pass
            if b: pass
        """,
        {"f": 2, "f.g": 2},
        id="a closure's complexity is not its parent's",
    ),
    pytest.param(
        """
        def f():
            def g():
                def h():
                    if a: pass
        """,
        {"f": 1, "f.g": 1, "f.g.h": 2},
        id="a closure of a closure has its own",
    ),
    pytest.param(
        """
        def f():
            if a:
                def g(): return b or c
        """,
        {"f": 2, "f.g": 2},
        id="nor is that of a closure under an if",
    ),
    pytest.param(
        """
        def f():
            class A:
                if a: pass
                def g(self):
                    if b: pass
        """,
        {"f": 1, "f.A": 4, "f.A.g": 2},
        id="a class in a function is not part of the function",
    ),
    pytest.param("if a or b: pass\ndef f(): pass", {"f": 1}, id="code of the module is in no block"),
    pytest.param(
        """
        if a:
            def f(): return b or c
        else:
            class A: pass
        """,
        {"f": 2, "A": 1},
        id="definitions under an if are blocks",
    ),
]

CLASSES = [
    pytest.param("class A: pass", {"A": 1}, id="an empty class has 1"),
    pytest.param("class A:\n if a: pass\n x = [b for b in c]", {"A": 3}, id="a body without methods counts"),
    pytest.param(
        "class A:\n def m(self): pass", {"A": 2, "A.m": 1}, id="with one method: 1, its body and the method"
    ),
    pytest.param(
        """
        class A:
            def m(self):
                if a: pass
            def n(self): pass
        """,
        {"A": 3, "A.m": 2, "A.n": 1},
        id="with several methods: their mean, the 1 and the body shared, plus 1",
    ),
    pytest.param(
        """
        class A:
            if a or b: pass
            def m(self):
                if c and d: pass
            def n(self):
                for i in e: pass
            def o(self): pass
        """,
        {"A": 4, "A.m": 3, "A.n": 2, "A.o": 1},
        id="the mean is cut to an integer",
    ),
    pytest.param(
        """
        class A:
            def m(self):
                def g():
                    if a: pass
        """,
        {"A": 2, "A.m": 1, "A.m.g": 2},
        id="closures of methods don't count in the class",
    ),
    pytest.param(
        """
        class A:
            class B:
                if a: pass
                def m(self):
                    if b: pass
            def n(self): pass
        """,
        {"A": 2, "A.B": 4, "A.B.m": 2, "A.n": 1},
        id="an inner class doesn't count in the outer, and its methods are blocks",
    ),
    pytest.param(
        """
        class A:
            if a:
                def m(self): pass
            else:
                def m(self): pass
        """,
        {"A": 3, "A.m": 1, "A.m#2": 1},
        id="methods under an if are methods",
    ),
    pytest.param(
        "class A:\n f = lambda self: a or b\n assert c or d",
        {"A": 3},
        id="lambdas and asserts of a class body count",
    ),
]

NEW_SYNTAX = [
    pytest.param("def f[T: a or b](x: T): pass", {"f": 1}, id="type parameters don't count"),
    pytest.param("class A[T: a or b]: x = c or d", {"A": 2}, id="type parameters of classes don't count"),
    pytest.param("def f():\n type X = a or b", {"f": 2}, id="a type alias counts"),
]

ROWS = [*DECISIONS, *PLACES, *CLASSES, *(NEW_SYNTAX if sys.version_info >= (3, 12) else [])]


def _numbers(source: str) -> Numbers:
    found = measure(dedent(source).encode())
    assert found.error is None
    return {block.qualified_name: block.cyclomatic_complexity or 0 for block in found.blocks}


def _oracle(source: str) -> dict[str, object]:
    return {
        str(row["qualified_name"]): row["cyclomatic_complexity"]
        for row in consult(dedent(source).encode()).blocks
    }


@pytest.mark.parametrize(("source", "expected"), ROWS)
def test_cyclomatic_complexity(source: str, expected: Numbers) -> None:
    """Each row says what adds to a block and what does not, which is radon's doing."""
    assert _numbers(source) == expected
    assert _oracle(source) == expected


@pytest.mark.parametrize(("cases", "expected"), MATCHES)
def test_match(cases: str, expected: int) -> None:
    """The number of a function with nothing but a match."""
    source = f"def f():\n match x:\n  {cases}"
    assert _numbers(source) == {"f": expected}
    assert _oracle(source) == {"f": expected}


AVERAGES = [
    pytest.param("x = a or b", None, id="there is none without functions"),
    pytest.param("class A:\n if a: pass", None, id="a class is not part of it"),
    pytest.param("def f(): pass\ndef g(): return a or b", 1.5, id="functions are"),
    pytest.param("def f(): pass\nclass A:\n def m(self): return a or b", 1.5, id="methods are"),
    pytest.param("class A:\n class B:\n  def m(self): return a or b", 2.0, id="methods of inner classes are"),
    pytest.param("def f():\n def g(): return a or b", 1.0, id="closures are not"),
    pytest.param(
        "def f():\n class A:\n  def m(self): return a or b", 1.5, id="methods of a function's class are"
    ),
    pytest.param("def f(): pass\ndef g(): pass\ndef h(): return a or b", 4 / 3, id="it is not rounded"),
]


@pytest.mark.parametrize(("source", "expected"), AVERAGES)
def test_average(source: str, expected: float | None) -> None:
    """The mean over functions and methods, for the oracle that of radon's numbers."""
    assert measure(source.encode()).metrics.average_cyclomatic_complexity == expected
    assert consult(source.encode()).metrics["average_cyclomatic_complexity"] == expected


# Qualified name, kind, line and end line of each block.
BLOCKS = [
    pytest.param(
        """\
        def f():
            def g():
                class A:
                    def m(self): pass
        class A:
            class B:
                async def m(self):
                    lambda: 0
            def m(self): pass
        """,
        [
            ("f", "function", 1, 4),
            ("f.g", "closure", 2, 4),
            ("f.g.A", "class", 3, 4),
            ("f.g.A.m", "method", 4, 4),
            ("A", "class", 5, 9),
            ("A.B", "class", 6, 8),
            ("A.B.m", "method", 7, 8),
            ("A.m", "method", 9, 9),
        ],
        id="kinds go by the definition right around",
    ),
    pytest.param(
        """\
        class A:
            @property
            def x(self): pass
            @x.setter
            def x(self, y):
                def z(): pass
                def z(): pass
        class A:
            def x(self): pass
        def A(): pass
        """,
        [
            ("A", "class", 1, 7),
            ("A.x", "method", 3, 3),
            ("A.x#2", "method", 5, 7),
            ("A.x#2.z", "closure", 6, 6),
            ("A.x#2.z#2", "closure", 7, 7),
            ("A#2", "class", 8, 9),
            ("A#2.x", "method", 9, 9),
            ("A#3", "function", 10, 10),
        ],
        id="repeated names are numbered, also within numbered ones",
    ),
    pytest.param(
        """\
        @a
        @b(
            1,
        )
        def f(
            x,
        ):
            return [
                1,
            ]  # the end

        # not part of it
        """,
        [("f", "function", 5, 10)],
        id="a block runs from its keyword to its last token",
    ),
    pytest.param(
        """\
        try:
            def f(): pass
        except A:
            def g(): pass
        else:
            def h(): pass
        finally:
            for i in x:
                with y:
                    match z:
                        case 1:
                            def k(): pass
        """,
        [
            ("f", "function", 2, 2),
            ("g", "function", 4, 4),
            ("h", "function", 6, 6),
            ("k", "function", 12, 12),
        ],
        id="statements around a function don't change its kind",
    ),
    pytest.param("def ﬁ(): pass", [("fi", "function", 1, 1)], id="a name is the one that Python makes of it"),
    pytest.param("", [], id="an empty file has none"),
]
Places = list[tuple[str, str, int, int]]


@pytest.mark.parametrize(("source", "expected"), BLOCKS)
def test_blocks(source: str, expected: Places) -> None:
    """Every definition is a block, in the order of lines; the oracle finds them by another walk."""
    blocks = measure(dedent(source).encode()).blocks
    assert [(block.qualified_name, block.kind, block.line, block.end_line) for block in blocks] == expected
    assert [block.name for block in blocks] == [name.split(".")[-1].split("#")[0] for name, *_ in expected]
    rows = consult(dedent(source).encode()).blocks
    fields = ("qualified_name", "kind", "line", "end_line")
    assert [tuple(row[name] for name in fields) for row in rows] == expected


def _elif_chain(length: int) -> str:
    return f"def f():\n if x: pass\n{' elif x: pass' + chr(10)}" + " elif x: pass\n" * (length - 1)


def _sum(length: int) -> str:
    return "def f(): return a or b" + " + a" * length


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(_elif_chain(1000), {"f": 1002}, id="1,000 elifs"),
        pytest.param(_sum(1000), {"f": 2}, id="1,000 additions"),
    ],
)
def test_a_deep_tree_is_measured(source: str, expected: Numbers) -> None:
    """Radon's visitors recurse and stop near 330 levels; there only our number exists."""
    assert _numbers(source) == expected
    assert _oracle(source) == dict.fromkeys(expected, Silence.NO_OPINION)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(_elif_chain(50_000), {"f": 50_002}, id="50,000 elifs"),
        pytest.param(_sum(50_000), {"f": 2}, id="50,000 additions"),
    ],
)
def test_a_tree_too_deep_for_the_parser_is_an_error(source: str, expected: Numbers) -> None:
    """Where this Python parses it, there are numbers; else the error says what is wrong."""
    try:
        ast.parse(source)
    except (RecursionError, MemoryError):
        found = measure(source.encode())
        assert found.error is not None
        assert (found.error.kind, found.blocks) == ("too_deep", ())
    else:
        assert _numbers(source) == expected
