"""An explanation in words, where a number is not what its lines add up to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.explanation import ExplainedBlock, LinePoints, explain
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.report.explain.explanation import Explained, iter_explanation, iter_notes
from pytest_antipasta.report.explain.limits import Limit
from pytest_antipasta.report.explain.source import iter_source
from pytest_antipasta.report.terminal import Paint
from tests.steps import measure_growth

SOURCE = "def f(a):\n    if a:\n        a()\n"
EXPLANATION = explain(SOURCE.encode(), measure(SOURCE.encode()))
BLOCK = EXPLANATION.blocks[0]


def show(block: ExplainedBlock) -> list[str]:
    return [*iter_source(EXPLANATION, block, Paint(False)), *iter_notes(EXPLANATION, block)]


def test_points_without_a_line_are_reported_and_summed_up() -> None:
    """Neither radon nor complexipy has any, and a later release may."""
    assert show(
        replace(BLOCK, cognitive=LinePoints({2: 1}, rest=2), cyclomatic=LinePoints({1: 1, 2: 1}, rest=-1))
    ) == [
        "cyc cog  line",
        " +1         1  def f(a):  \N{LEFTWARDS ARROW} function",
        " +1  +1     2      if a:  \N{LEFTWARDS ARROW} if",
        "            3          a()",
        "cyclomatic: -1 not attributed to a line",
        "cognitive: +2 not attributed to a line",
        "  1   3   sum",
    ]


def test_a_file_that_complexipy_refuses_has_no_points_of_its() -> None:
    assert show(replace(BLOCK, cognitive=None))[-2:] == [
        "  2   -   sum",
        "no cognitive_complexity: complexipy can't parse the file",
    ]


LONG = """\
def f(items, limit):
    total = 0
    for item in items:
        if item.price > limit and item.is_new and item.is_in_stock:
            total += item.price
            total += item.tax
            total += item.shipping
    return total
"""


def test_a_terminal_has_lines_of_its_width() -> None:
    """Source is cut, and a reason without room behind its line stands below it."""
    parts = explain(LONG.encode(), measure(LONG.encode()))
    lines = [*iter_source(parts, parts.blocks[0], Paint(False), 48, is_folded=True)]
    assert lines == [
        "cyc cog  line",
        " +1         1  def f(items, limit):  \N{LEFTWARDS ARROW} function",
        "            2      total = 0",
        " +1  +1     3      for item in items:  \N{LEFTWARDS ARROW} for",
        " +3  +3     4          if item.price > limit an\N{HORIZONTAL ELLIPSIS}",
        "                       \N{UPWARDS ARROW} if, nested 1, and",
        "            \N{HORIZONTAL ELLIPSIS}  4 lines without points",
        "  5   4   sum",
    ]
    narrow = [*iter_source(parts, parts.blocks[0], Paint(False), 36)]
    assert f"{' ' * 17}\N{UPWARDS ARROW} if, nested 1, and" in narrow, "further left, so that it is whole"
    whole = [*iter_source(parts, parts.blocks[0], Paint(False))]
    assert [line[8:13].strip() for line in whole[1:-1]] == [*"12345678"]


def test_columns_of_wide_characters_count_as_two() -> None:
    source = "def f(a):\n    if a == '合計':\n        pass\n".encode()
    parts = explain(source, measure(source))
    line = " +1  +1     2      if a == '合計':"
    for width, reason in ((40, "  \N{LEFTWARDS ARROW} if"), (39, "")):
        assert [*iter_source(parts, parts.blocks[0], Paint(False), width)][2] == line + reason


NESTED = """\
def f(items):
    count = 0
    total = 0
    rest = 0

    def add(item):
        if item:
            total.append(item)
    return total
"""


def test_a_folded_function_has_the_heads_of_functions_in_it() -> None:
    parts = explain(NESTED.encode(), measure(NESTED.encode()))
    lines = [*iter_source(parts, parts.blocks[0], Paint(False), 60, is_folded=True)]
    assert lines[2:5] == [
        "            \N{HORIZONTAL ELLIPSIS}  4 lines without points",
        "            6      def add(item):",
        "     +2     7          if item:  \N{LEFTWARDS ARROW} if, nested 1",
    ]


@pytest.mark.parametrize("is_inside", [False, True], ids=["functions", "closures of one"])
def test_twice_the_functions_take_twice_the_work(is_inside: bool) -> None:
    indent, head = ("    ", "def outer():\n") if is_inside else ("", "")
    branches = f"{indent}    if a: return a\n" * (20 * is_inside)

    def prepare(size: int) -> Callable[[], object]:
        functions = (f"{indent}def f{number}(a):\n{branches}{indent}    return a\n" for number in range(size))
        source = f"{head}{''.join(functions)}".encode()
        measurement = measure(source)
        parts = explain(source, measurement)
        limits: dict[str | None, tuple[Limit, ...]] = dict.fromkeys(parts.by_name, ())
        chosen = parts.blocks[:1] if is_inside else parts.blocks
        explained = Explained(Verdict("a.py", measurement), parts, limits, chosen, has_file=False)
        return lambda: [*iter_explanation(explained, Paint(False))]

    assert measure_growth(prepare, 60) < 2.1
