"""The maintainability index: radon's ``mi_visit(code, multi=True)``, with its peculiarities."""

from __future__ import annotations

import math

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.maintainability import comment_percentage, find_terms
from tests.oracles import consult


def _index(volume: float, complexity: int, lloc: int, comments: float) -> float:
    """The formula, in radon's order of operations; it calls ``lloc`` what others call SLOC."""
    scaled = 171 - 5.2 * math.log(volume) - 0.23 * complexity - 16.2 * math.log(lloc)
    scaled += 50 * math.sin(math.sqrt(2.46 * math.radians(comments)))
    return min(max(0.0, scaled * 100 / 171.0), 100.0)


# Twenty sums, so that comments can raise the index without reaching 100.
SUMS = "a + b\n" * 20
VOLUME = 60 * math.log(3, 2)

ROWS = [
    pytest.param("", 100, id="an empty file has 100"),
    pytest.param("# c", 100, id="so has a file of comments"),
    pytest.param("x = f(1)\n" * 20, 100, id="so has one of volume 0"),
    pytest.param(SUMS, _index(VOLUME, 1, 20, 0), id="volume, complexity and logical lines count"),
    pytest.param(SUMS + "c", _index(VOLUME, 1, 21, 0), id="a line without operators counts"),
    pytest.param("(a +\n b)\n" * 20, _index(VOLUME, 1, 20, 0), id="it is logical lines, not source lines"),
    pytest.param("x: a + b\n" * 20, _index(VOLUME, 1, 40, 0), id="so a colon counts as a line"),
    pytest.param(SUMS + "if c: pass", _index(VOLUME, 2, 22, 0), id="decisions of the module count"),
    pytest.param(
        "# c\n" * 5 + SUMS, _index(VOLUME, 1, 20, 25), id="comments are percents of the source lines"
    ),
    pytest.param(SUMS.replace("\n", "# c\n"), _index(VOLUME, 1, 20, 100), id="those behind code, too"),
    pytest.param("# c\n" * 60 + SUMS, _index(VOLUME, 1, 20, 300), id="there may be more than 100 percent"),
    pytest.param('"""a\nb"""\n' + SUMS, _index(VOLUME, 1, 21, 10), id="lines of lone strings are comments"),
    pytest.param('"""a"""\n' + SUMS, _index(VOLUME, 1, 21, 0), id="a string in one line is no comment"),
    pytest.param(
        '"""a\n\nb"""\n' + SUMS, _index(VOLUME, 1, 21, 10), id="blank lines in such strings are not"
    ),
    pytest.param(
        'x = """a\nb"""\n' + SUMS, _index(VOLUME, 1, 21, 0), id="a string with a name is no comment"
    ),
    pytest.param(
        SUMS + "def f():\n if c: pass",
        _index(VOLUME, 2, 23, 0),
        id="a function adds its decisions, not its 1",
    ),
    pytest.param(
        SUMS + "class A:\n if c: pass\n def m(self):\n  if c: pass\n def n(self): pass",
        _index(VOLUME, 5, 28, 0),
        id="a class adds its body and its methods, each with its 1",
    ),
    pytest.param(
        SUMS + "class A:\n class B:\n  def m(self):\n   if c: pass",
        _index(VOLUME, 1, 25, 0),
        id="an inner class adds nothing",
    ),
    pytest.param(
        SUMS + "def f():\n def g():\n  if c: pass", _index(VOLUME, 1, 24, 0), id="a closure adds nothing"
    ),
    pytest.param(
        "x = 'a\u2028b'\n" + SUMS, _index(VOLUME, 1, 21, 0), id="where radon can't count lines, Python can"
    ),
    pytest.param("x = 'a\u2028b'", 100, id="there, too, one of volume 0 has 100"),
    pytest.param("if -a: pass\n" * 600, 0, id="it is never below 0"),
    pytest.param("# c\na + b", 100, id="nor above 100"),
]


@pytest.mark.parametrize(("source", "expected"), ROWS)
def test_maintainability_index(source: str, expected: float | None) -> None:
    """Each row says what goes into the formula, which is radon's doing."""
    found = measure(source.encode())
    assert found.error is None
    assert found.metrics.maintainability_index == expected
    assert consult(source.encode()).metrics["maintainability_index"] == expected


# 171 - 5.2 * ln(1.585 * 3) - 0.23 * 1 - 16.2 * ln(2), in percents of 171.
VALUE = 88.5574946685516


def test_value() -> None:
    """One index to the last bit."""
    source = b"def f(a, b):\n    return a + b\n"
    assert measure(source).metrics.maintainability_index == VALUE
    assert consult(source).metrics["maintainability_index"] == VALUE


@pytest.mark.parametrize(
    ("volume", "lines", "expected"),
    [
        pytest.param(0.0, 5, False, id="no operators"),
        pytest.param(8.0, 0, False, id="no logical lines"),
        pytest.param(0.5, 1, True, id="very little of either"),
        pytest.param(8.0, 5, True, id="some of both"),
    ],
)
def test_terms_need_something_to_take_a_logarithm_of(volume: float, lines: int, expected: bool) -> None:
    assert (find_terms(volume, 1, lines, 0.0) is not None) is expected


@pytest.mark.parametrize(
    ("comments", "lines", "expected"), [(3, 0, 0.0), (0, 4, 0.0), (3, 4, 75.0), (4, 2, 200.0)]
)
def test_comments_are_percents_of_the_lines_that_hold_code(
    comments: int, lines: int, expected: float
) -> None:
    assert comment_percentage(comments, lines) == expected
