"""Which line gives which cyclomatic points."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest
from hypothesis import given, settings

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.nodes import DECISIONS
from pytest_antipasta.metrics.points import DECISION_POINTS, find_module_points, find_points
from pytest_antipasta.metrics.source import decode_source, parse_source
from pytest_antipasta.metrics.walk import walk_scopes
from tests import programs
from tests.metrics.test_parity import PROFILE


def points_of(text: str) -> dict[str, dict[int, int]]:
    found = find_points(walk_scopes(parse_source(text)), text.split("\n"))
    return {name: dict(sorted(points.items())) for name, points in found.items()}


@pytest.mark.parametrize(
    ("body", "points"),
    [
        pytest.param(
            "while x:\n  s = '''\n else '''\n  # else\n\n else:\n  @d\n  def g(): pass",
            {2: 1, 7: 1},
            id="an else behind a string, a comment and a blank line, before a decorator",
        ),
        pytest.param(
            "for x in y:\n  pass\n  if x: pass\n  else: pass\n else: pass",
            {2: 1, 4: 1, 6: 1},
            id="an else of the loop behind one of its last statement",
        ),
        pytest.param(
            "try: pass\n except A: pass\n except B:\n  if x: pass\n  else: pass\n else: pass",
            {3: 1, 4: 1, 5: 1, 7: 1},
            id="an else of a try behind one in its last handler",
        ),
        pytest.param(
            "return (a\n  if b\n  else c)", {3: 1}, id="a conditional expression on its test's line"
        ),
        pytest.param(
            "return [x\n  for x in y\n  if x\n  if y\n  for z in x]",
            {3: 1, 4: 1, 5: 1, 6: 1},
            id="each for and each if of a comprehension",
        ),
        pytest.param(
            "match x:\n  case y if a: pass\n  case z: pass",
            {3: 1},
            id="of two cases that test nothing the last is free",
        ),
    ],
)
def test_the_points_of_a_function(body: str, points: Mapping[int, int]) -> None:
    assert points_of(f"def f():\n {body}\n")["f"] == {1: 1, **points}


def test_each_block_has_its_own_points() -> None:
    source = (
        "@deco(1 if a else 2)\n"
        "def f(x=1 if a else 2):\n"
        " def g():\n"
        "  if a: pass\n"
        " if b: pass\n"
        "class A:\n"
        " if c: pass\n"
        " def m(self):\n"
        "  if d: pass\n"
        " class B:\n"
        "  def m(self): pass\n"
    )
    assert points_of(source) == {
        "f": {2: 1, 5: 1},
        "f.g": {3: 1, 4: 1},
        "A": {6: 1, 7: 1, 8: 1, 9: 1},
        "A.m": {8: 1, 9: 1},
        "A.B": {10: 1, 11: 1},
        "A.B.m": {11: 1},
    }


def test_what_is_in_no_block_has_points() -> None:
    source = "if a:\n  x = 1\ndef f():\n  if b: pass\ny = a or b\n"
    assert find_module_points(ast.parse(source), source.split("\n")) == {1: 1, 5: 1}


def test_every_decision_has_a_line() -> None:
    assert set(DECISION_POINTS) == set(DECISIONS)


@settings(PROFILE, max_examples=20)
@given(programs.files())
def test_points_add_up_on_drawn_programs(data: bytes) -> None:
    """In any layout, and each of them within its block."""
    measurement = measure(data)
    if measurement.error is not None:
        return
    points = points_of(decode_source(data))
    for block in measurement.blocks:
        own = points[block.qualified_name]
        assert set(own) <= set(range(block.line, block.end_line + 1))
        if block.kind != "class":
            assert sum(own.values()) == block.cyclomatic_complexity, block.qualified_name
