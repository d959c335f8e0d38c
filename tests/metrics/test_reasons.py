"""What adds points to a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.explanation import Explanation, explain
from tests.corpora import CorpusUnavailableError, python_files

# One in so many files of Django.
EVERY = 16


def explain_lines(text: str) -> dict[int, str]:
    """Return the reasons of each line of a source with points, by line."""
    found = explain(text.encode(), measure(text.encode()))
    return dict(find_reasons(found))


def find_reasons(found: Explanation) -> list[tuple[int, str]]:
    """Return the lines of functions and classes with points, and the reasons."""
    reasons: list[tuple[int, str]] = []
    for item in found.blocks:
        cyclomatic, cognitive = item.cyclomatic.by_line, item.cognitive.by_line if item.cognitive else {}
        for line in sorted({*cyclomatic, *cognitive}):
            points = cyclomatic.get(line, 0), cognitive.get(line, 0)
            reason = found.reasons[line].explain(*points) if line in found.reasons else ""
            reasons.append((line, reason))
    return reasons


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        pytest.param(
            "if a: pass\n elif b: pass\n else: pass", {2: "if", 3: "elif", 4: "else"}, id="branches"
        ),
        pytest.param("for x in y:\n  if x: pass", {2: "for", 3: "if, nested 1"}, id="one level"),
        pytest.param(
            "while a:\n  for b in c:\n   try: d()\n   except E:\n    if b and c or a: pass",
            {2: "while", 3: "for, nested 1", 5: "except, nested 2", 6: "if, nested 3, or, and"},
            id="a try is no level",
        ),
        pytest.param("for x in y: pass\n else: pass", {2: "for", 3: "else"}, id="an else of a loop"),
        pytest.param(
            "try: pass\n except E: pass\n else: pass", {3: "except", 4: "else"}, id="an else of a try"
        ),
        pytest.param(
            "if a and (\n  b or\n  c): pass", {2: "if, and, or", 3: "and", 4: "or"}, id="lines of one"
        ),
        pytest.param("if a:\n  return b if c else d", {2: "if", 3: "if-else, nested 1"}, id="a conditional"),
        pytest.param("return [x for x in y if x]", {2: "comprehension, if"}, id="a comprehension"),
        pytest.param("match a:\n  case 1: pass\n  case _: pass", {2: "match", 3: "case"}, id="a match"),
        pytest.param("assert a", {2: "assert"}, id="an assertion"),
        pytest.param("return f(a)", {2: "recursion"}, id="a function that calls itself"),
        pytest.param("def g():\n  if a: pass", {2: "function", 3: "if, nested 1"}, id="a function in it"),
        pytest.param(
            "if a:\n  def g():\n   if a and b: pass",
            {2: "if", 3: "function", 4: "if, nested 1, and"},
            id="a function in a block of it",
        ),
        pytest.param(
            "with a:\n  def g():\n   if a: pass", {3: "function", 4: "if"}, id="a function in a with of it"
        ),
        pytest.param(
            "try:\n  pass\n except E:\n  def g():\n   def h():\n    if a: pass",
            {4: "except", 5: "function", 6: "function", 7: "if, nested 2"},
            id="a function in a function in a block",
        ),
        pytest.param(
            "def g():\n  if a: pass\n return g", {2: "function", 3: "if"}, id="a decorator, which is no level"
        ),
        pytest.param(
            "class A:\n  def g(self):\n   if a: pass",
            {2: "class", 3: "function", 4: "if"},
            id="a method of a class in it",
        ),
        pytest.param("é = 'é' if a else b; x = 1 if é else 2", {2: "if-else"}, id="two on a line"),
    ],
)
def test_lines_have_reasons(body: str, reasons: dict[int, str]) -> None:
    assert explain_lines(f"def f(a):\n {body}\n") == {1: "function", **reasons}


def test_levels_that_do_not_add_up_are_left_out() -> None:
    found = explain(source := b"def f(a):\n if a:\n  if a: pass\n", measure(source))
    assert [found.reasons[3].explain(1, points) for points in (1, 2, 3)] == ["if", "if, nested 1", "if"]


def test_real_code_has_reasons() -> None:
    """All lines but one in a thousand have some; offline without the corpus there is nothing to look at."""
    try:
        paths = python_files("django")[::EVERY]
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    reasons = [reason for path in paths for _, reason in read_reasons(path)]
    assert len(reasons) > len(paths)
    assert reasons.count("") <= len(reasons) / 1000


def read_reasons(path: Path) -> list[tuple[int, str]]:
    data = path.read_bytes()
    return find_reasons(explain(data, measure(data)))
