"""An explanation in words, where a number is not what its lines add up to."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.explanation import ExplainedBlock, Points, explain
from pytest_antipasta.report.explain.explanation import iter_notes, iter_source
from pytest_antipasta.report.terminal import Paint

SOURCE = "def f(a):\n    if a:\n        a()\n"
EXPLANATION = explain(SOURCE.encode(), measure(SOURCE.encode()))
BLOCK = EXPLANATION.blocks[0]


def show(block: ExplainedBlock) -> list[str]:
    return [*iter_source(EXPLANATION, block, Paint(False)), *iter_notes(EXPLANATION, block)]


def test_points_without_a_line_are_reported_and_summed_up() -> None:
    """Neither radon nor complexipy has any, and a later release may."""
    assert show(
        replace(BLOCK, cognitive=Points({2: 1}, rest=2), cyclomatic=Points({1: 1, 2: 1}, rest=-1))
    ) == [
        "cyclomatic  cognitive   line",
        "        +1                 1  def f(a):",
        "        +1         +1      2      if a:",
        "                           3          a()",
        "cyclomatic: -1 not attributed to a line",
        "cognitive: +2 not attributed to a line",
        "         1          3    sum",
    ]


def test_a_file_that_complexipy_refuses_has_no_points_of_its() -> None:
    assert show(replace(BLOCK, cognitive=None))[-2:] == [
        "         2          -    sum",
        "no cognitive_complexity: complexipy can't parse the file",
    ]
