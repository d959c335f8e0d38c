"""Halstead metrics: what radon takes for operators and operands, and what it makes of them."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from textwrap import dedent

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from tests.oracles import Silence, consult


@dataclass(frozen=True)
class Counts:
    """What the metrics are made of.

    Attributes:
        distinct_operators: h1.
        distinct_operands: h2.
        operators: N1.
        operands: N2.
    """

    distinct_operators: int
    distinct_operands: int
    operators: int
    operands: int

    @property
    def report(self) -> tuple[float, float, float]:
        """Volume, difficulty and effort, with radon's formulas; ``math.log2`` would round otherwise."""
        vocabulary = self.distinct_operators + self.distinct_operands
        volume = (self.operators + self.operands) * math.log(vocabulary, 2) if vocabulary else 0
        if not self.distinct_operands:
            return volume, 0, 0
        difficulty = (self.distinct_operators * self.operands) / (2 * self.distinct_operands)
        return volume, difficulty, difficulty * volume


NOTHING = Counts(0, 0, 0, 0)

# Distinct operators, distinct operands, operators, operands of the file.
FILES = [
    pytest.param("", NOTHING, id="an empty file has none"),
    pytest.param("a + b", Counts(1, 2, 1, 2), id="a binary operation is an operator with two operands"),
    pytest.param("a + b + c", Counts(1, 4, 2, 4), id="an operation as operand is one by itself"),
    pytest.param("a + b - c", Counts(2, 4, 2, 4), id="operators are told apart"),
    pytest.param("a + a", Counts(1, 1, 1, 2), id="equal names are one operand"),
    pytest.param("-a", Counts(1, 1, 1, 1), id="a unary operation is an operator with one operand"),
    pytest.param("-a - b", Counts(2, 3, 2, 3), id="minus and minus are two"),
    pytest.param("not a", Counts(1, 1, 1, 1), id="not is an operator"),
    pytest.param(
        "a and b and c", Counts(1, 3, 1, 3), id="a boolean chain is one operator whatever its length"
    ),
    pytest.param("a and b or c", Counts(2, 4, 2, 4), id="a mixed chain is two"),
    pytest.param("a += b", Counts(1, 2, 1, 2), id="an augmented assignment is an operator"),
    pytest.param("a += b + c", Counts(1, 4, 2, 4), id="and the same one as its binary operation"),
    pytest.param("a < b", Counts(1, 2, 1, 2), id="a comparison is an operator"),
    pytest.param("a < b < c", Counts(1, 3, 2, 3), id="a chained comparison is as many"),
    pytest.param("a is not b\na not in b", Counts(2, 2, 2, 4), id="operators of two words are one"),
    pytest.param("f(a, b)[c].d = e", NOTHING, id="calls, subscripts, attributes and assignments are none"),
    pytest.param("x = a if b else lambda: c", NOTHING, id="conditional expressions and lambdas are none"),
    pytest.param("(a := b)\n[*c]\nawait_(d)", NOTHING, id="walrus and star are none"),
    pytest.param("if a: return_(b)", NOTHING, id="statements are none"),
    pytest.param("f(a + b)", Counts(1, 2, 1, 2), id="what stands in a call counts"),
    pytest.param("[a for a in b if a < c]", Counts(1, 2, 1, 2), id="what stands in a comprehension counts"),
    pytest.param("f'{a + b:{c * d}}'", Counts(2, 4, 2, 4), id="what stands in an f-string counts"),
    pytest.param(
        "lambda a=b + c: d + e", Counts(1, 4, 2, 4), id="what stands in a lambda counts, defaults too"
    ),
    pytest.param("a: b + c = d + e", Counts(1, 4, 2, 4), id="a variable's annotation counts"),
    pytest.param("assert a + b, c + d", Counts(1, 4, 2, 4), id="what stands in an assert counts"),
]

OPERANDS = [
    pytest.param("x + 'x'", Counts(1, 1, 1, 2), id="a name and a string of the same text are one"),
    pytest.param("x + a.x", Counts(1, 1, 1, 2), id="a name and an attribute of the same text are one"),
    pytest.param("a.x + b.x", Counts(1, 1, 1, 2), id="attributes go by their last name"),
    pytest.param("x + b'x'", Counts(1, 2, 1, 2), id="a string and bytes are two"),
    pytest.param("1 + True", Counts(1, 1, 1, 2), id="1 and True are one"),
    pytest.param("1 + 1.0", Counts(1, 1, 1, 2), id="1 and 1.0 are one"),
    pytest.param("1 + (1+0j)", Counts(1, 3, 2, 4), id="a complex number is written as an operation"),
    pytest.param("0 + 0j", Counts(1, 1, 1, 2), id="0 and 0j are one"),
    pytest.param("0 + False", Counts(1, 1, 1, 2), id="0 and False are one"),
    pytest.param("1 + '1'", Counts(1, 2, 1, 2), id="a number and a string are two"),
    pytest.param("16 + 0x10", Counts(1, 1, 1, 2), id="numbers go by their value"),
    pytest.param("'a' 'b' + 'ab'", Counts(1, 1, 1, 2), id="strings go by their value"),
    pytest.param("None + ...", Counts(1, 2, 1, 2), id="None and an ellipsis are operands"),
    pytest.param("None is None", Counts(1, 1, 1, 2), id="None is equal to itself"),
    pytest.param("f() + f()", Counts(1, 2, 1, 2), id="equal calls are two, as all that is no name"),
    pytest.param("a[0] + a[0]", Counts(1, 2, 1, 2), id="equal subscripts are two"),
    pytest.param("f'a' + f'a'", Counts(1, 2, 1, 2), id="equal f-strings are two"),
    pytest.param("-1 + -1", Counts(2, 3, 3, 4), id="equal negative numbers are two operations on one"),
    pytest.param("() + ()", Counts(1, 2, 1, 2), id="empty tuples are two"),
    pytest.param("ﬁ + fi", Counts(1, 1, 1, 2), id="names are those that Python makes of them"),
]

FUNCTIONS = [
    pytest.param(
        "def f(): a() + b\ndef g(): a() + b",
        Counts(1, 4, 2, 4),
        id="a call is an operand of its own in each function",
    ),
    pytest.param("a + b\ndef f(): return a + b", Counts(1, 4, 2, 4), id="a function's operands are its own"),
    pytest.param(
        "def f(): return a + b\ndef g(): return a + b", Counts(1, 4, 2, 4), id="so they are in two functions"
    ),
    pytest.param(
        "def f(): return a + b\ndef f(): return a + b",
        Counts(1, 2, 2, 4),
        id="functions of one name have theirs together",
    ),
    pytest.param(
        "class A:\n def f(self): return a + b\nclass B:\n def f(self): return a + b",
        Counts(1, 2, 2, 4),
        id="methods of one name, too, whatever their classes",
    ),
    pytest.param(
        "def f():\n a + b\n def g(): return a + b", Counts(1, 4, 2, 4), id="a closure's operands are its own"
    ),
    pytest.param(
        "def f():\n a + b\n def f(): return a + b",
        Counts(1, 2, 2, 4),
        id="a closure of the same name shares them",
    ),
    pytest.param("class A:\n x = a + b\na + b", Counts(1, 2, 2, 4), id="a class has none of its own"),
    pytest.param("class A(b + c, d=e + g): pass", Counts(1, 4, 2, 4), id="a class's bases count"),
    pytest.param("@(a + b)\nclass A: pass", Counts(1, 2, 1, 2), id="a class's decorators count"),
    pytest.param("@(a + b)\ndef f(): pass", NOTHING, id="a function's decorators don't"),
    pytest.param("def f(a=b + c, *, d=e + g): pass", NOTHING, id="nor do defaults"),
    pytest.param("def f(a: b | c, *d: e | g) -> h | i: pass", NOTHING, id="nor do annotations"),
    pytest.param(
        "def f():\n @(a + b)\n class A(c + d): pass",
        Counts(1, 4, 2, 4),
        id="a class in a function counts there",
    ),
    pytest.param(
        "match a + b:\n case -1 if c > d: e + g", Counts(3, 7, 4, 7), id="a match counts, patterns too"
    ),
]

NEW_SYNTAX = [
    pytest.param("def f[T: a + b](): pass", NOTHING, id="a function's type parameters don't count"),
    pytest.param("class A[T: a + b]: pass", Counts(1, 2, 1, 2), id="a class's type parameters count"),
    pytest.param("type X[T: a + b] = c + d", Counts(1, 4, 2, 4), id="a type alias counts"),
]

ROWS = [*FILES, *OPERANDS, *FUNCTIONS, *(NEW_SYNTAX if sys.version_info >= (3, 12) else [])]


@pytest.mark.parametrize(("source", "expected"), ROWS)
def test_file(source: str, expected: Counts) -> None:
    """Each row says what is an operator, what an operand, and which operands are one, to radon, too."""
    found = measure(source.encode())
    metrics = found.metrics
    report = metrics.halstead_volume, metrics.halstead_difficulty, metrics.halstead_effort
    assert found.error is None
    assert report == expected.report
    oracle = consult(source.encode()).metrics
    assert tuple(oracle[name] for name in NAMES) == expected.report


BLOCKS = [
    pytest.param(
        "def f(): return a + b\na * b",
        {"f": Counts(1, 2, 1, 2)},
        id="a function has what stands in its body",
    ),
    pytest.param(
        """
        class A:
            x = a + b
            def f(self): return a + b
        """,
        {"A": None, "A.f": Counts(1, 2, 1, 2)},
        id="a class has none, its methods have",
    ),
    pytest.param(
        """
        def f():
            a + b
            def g(): return a + b
        """,
        {"f": Counts(1, 4, 2, 4), "f.g": Counts(1, 2, 1, 2)},
        id="a closure's operators count in the function, too",
    ),
    pytest.param(
        """
        def f():
            class A(a + b):
                x = c + d
                def m(self): return a + b
        """,
        {"f": Counts(1, 6, 3, 6), "f.A": None, "f.A.m": Counts(1, 2, 1, 2)},
        id="so does a class within the function",
    ),
    pytest.param(
        """
        def f(): return a + b
        def f(): return a + a
        """,
        {"f": Counts(1, 2, 1, 2), "f#2": Counts(1, 1, 1, 2)},
        id="functions of one name are measured each by itself",
    ),
    pytest.param(
        """
        @(a + b)
        def f(c=d + e) -> g + h: pass
        """,
        {"f": NOTHING},
        id="decorators, defaults and annotations are in no function",
    ),
    pytest.param(
        """
        def f():
            @(a + b)
            def g(c=d + e) -> h + i: pass
        """,
        {"f": NOTHING, "f.g": NOTHING},
        id="those of a closure neither",
    ),
    pytest.param(
        "async def f(): return await a + b", {"f": Counts(1, 2, 1, 2)}, id="an async function is a function"
    ),
]
NAMES = ("halstead_volume", "halstead_difficulty", "halstead_effort")
Reports = dict[str, "Counts | None"]


def _reports(expected: Reports) -> dict[str, object]:
    return {name: (None,) * 3 if counts is None else counts.report for name, counts in expected.items()}


@pytest.mark.parametrize(("source", "expected"), BLOCKS)
def test_block(source: str, expected: Reports) -> None:
    """Volume, difficulty and effort of each block, which are radon's doing."""
    found = {
        block.qualified_name: (block.halstead_volume, block.halstead_difficulty, block.halstead_effort)
        for block in measure(dedent(source).encode()).blocks
    }
    assert found == _reports(expected)
    blocks = consult(dedent(source).encode()).blocks
    assert {row["qualified_name"]: tuple(row[name] for name in NAMES) for row in blocks} == found


VALUES = {
    "halstead_volume": 4.754887502163469,
    "halstead_difficulty": 0.5,
    "halstead_effort": 2.3774437510817346,
    "halstead_time": 0.1320802083934297,
    "halstead_bugs": 0.0015849625007211565,
}


def read_all(source: bytes) -> list[dict[str, object]]:
    """Return all values of a file, ours and those of the oracle."""
    ours, theirs = measure(source).metrics, consult(source).metrics
    return [{name: getattr(ours, name) for name in VALUES}, {name: theirs[name] for name in VALUES}]


def test_values() -> None:
    """Time is effort in eighteenths, bugs are volume in three thousandths, to the last bit."""
    assert read_all(b"a + b") == [VALUES, VALUES]


def test_without_operators_all_of_them_are_nothing() -> None:
    assert read_all(b"a = f(b)") == 2 * [dict.fromkeys(VALUES, 0.0)]


CHAINS = [
    pytest.param("a" + " + a" * 1000, Counts(1, 1000, 1000, 2000), id="1,000 additions"),
]


@pytest.mark.parametrize(("source", "expected"), CHAINS)
def test_a_deep_tree_is_measured(source: str, expected: Counts) -> None:
    """Radon's visitors recurse and stop near 330 levels; there only our number exists."""
    metrics = measure(source.encode()).metrics
    report = metrics.halstead_volume, metrics.halstead_difficulty, metrics.halstead_effort
    assert report == expected.report
    assert consult(source.encode()).metrics["halstead_volume"] is Silence.NO_OPINION
