"""How far numbers are from their limits, and which functions are close to theirs."""

from __future__ import annotations

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Comparison, Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import Number
from pytest_antipasta.policy.headroom import HeadroomFinder, find_headroom

SOURCE = b"""\
def f(a):
    def g(b):
        return b if b and a else a
    return g


class C:
    def m(self, a):
        return [one for one in a if one or a] if a else self
"""


@pytest.mark.parametrize(
    ("value", "comparison", "limit", "expected"),
    [
        pytest.param(8, "<=", 10, 2, id="within"),
        pytest.param(10, "<=", 10, 0, id="at the limit"),
        pytest.param(12, "<", 10, -2, id="over"),
        pytest.param(63.25, ">=", 50, 13.25, id="more is better"),
        pytest.param(0.1 + 0.2, "<=", 1, 0.7, id="no more decimals than a baseline has"),
        pytest.param(40, ">", 50, -10, id="below the least"),
        pytest.param(3, "==", 3, None, id="no range"),
        pytest.param(3, "!=", 4, None, id="nor its opposite"),
        pytest.param(None, "<=", 4, None, id="no number"),
    ],
)
def test_headroom_is_what_is_left_to_the_limit(
    value: Number | None, comparison: Comparison, limit: Number, expected: Number | None
) -> None:
    assert find_headroom(value, Threshold("x", limit, comparison)) == expected


def test_each_number_with_a_limit_has_one() -> None:
    measurement = measure(SOURCE)
    thresholds = (
        Threshold("cyclomatic_complexity", 10, "<="),
        Threshold("halstead_volume", 1000, "<=", block_limit=100),
        Threshold("lines_of_code", 5, "<="),
    )
    finder = HeadroomFinder(PathLimits(thresholds))
    assert finder.find(measurement.metrics).keys() == {"halstead_volume", "lines_of_code"}
    assert finder.find(measurement.metrics)["lines_of_code"] == -4
    by_name = {block.qualified_name: finder.find(block) for block in measurement.blocks}
    assert by_name["C"] == {}
    assert by_name["f.g"]["cyclomatic_complexity"] == 7
    assert by_name["C.m"].keys() == {"cyclomatic_complexity", "halstead_volume"}


@pytest.mark.parametrize(
    ("ratio", "threshold", "nested", "names"),
    [
        (0.6, Threshold("cyclomatic_complexity", 5, "<="), True, ["f.g", "C.m"]),
        (0.6, Threshold("cyclomatic_complexity", 5, "<="), False, ["C.m"]),
        (0.7, Threshold("cyclomatic_complexity", 5, "<="), True, ["C.m"]),
        (0.7, Threshold("cyclomatic_complexity", 4, "<="), True, ["f.g"]),
        (0.1, Threshold("cyclomatic_complexity", 3, "=="), True, []),
        (1.0, Threshold("cyclomatic_complexity", 3, "<="), True, ["f.g"]),
        (0.1, Threshold("lines_of_code", 10, "<="), True, []),
    ],
)
def test_functions_within_a_limit_may_be_close_to_it(
    ratio: float, threshold: Threshold, nested: bool, names: list[str]
) -> None:
    finder = HeadroomFinder(PathLimits((threshold,)))
    near = finder.iter_near(measure(SOURCE), ratio, None, nested_blocks=nested)
    assert [one.qualified_name for one in near] == names
